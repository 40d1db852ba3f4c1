"""The picture of an explanation: what it shows, and the files it writes."""

from __future__ import annotations

import io
import sys

import pytest

from hotcrm_ai.domain.errors import ConfigError, MissingExtra
from hotcrm_ai.domain.explanation import Explanation, FeatureContribution
from hotcrm_ai.explainers import draw_waterfall
from hotcrm_ai.explainers.waterfall import plan_waterfall

TITLES = {"engagement_score": "Engagement Score", "budget": "Budget"}


def explanation(*parts: tuple[str, object, float], base: float, prediction: dict[str, object]) -> Explanation:
    """An explanation with the given contributions, largest first."""
    contributions = tuple(
        FeatureContribution(feature=name, value=value, contribution=size, importance=100 * abs(size))
        for name, value, size in parts
    )
    return Explanation(
        prediction=prediction,
        confidence=88.0,
        model_id="lead-scoring-v1",
        model_version="1.0.0",
        requested_model_id="lead-scoring-v1",
        base_value=base,
        feature_contributions=contributions,
        top_features=contributions[:5],
        explanation="",
        method="exact-shap",
        additivity_error=0.0,
    )


LEAD = explanation(
    ("engagement_score", 85, 0.35),
    ("budget", 10_000, -0.04),
    base=50.0,
    prediction={"score": 81.0, "class": "hot", "probability": 0.81},
)


def test_steps_lead_from_the_base_to_the_score():
    """Each step starts where the one before ended, in points of the score."""
    plan = plan_waterfall(LEAD, TITLES)
    assert plan.base == 50.0
    assert [(step.label, step.start, step.end) for step in plan.steps] == [
        ("Engagement Score: 85", 50.0, 85.0),
        ("Budget: 10,000", 85.0, 81.0),
    ]
    assert (plan.answer, plan.axis) == (81.0, "Score")


def test_probabilities_are_drawn_in_per_cent():
    """A probability of 0.2 with contributions on the 0-1 scale is drawn from 20 per cent on."""
    churn = explanation(("nps_score", None, 0.3), base=0.2, prediction={"risk": "medium", "probability": 0.5})
    plan = plan_waterfall(churn, {})
    assert (plan.base, plan.answer, plan.axis) == (20.0, 50.0, "Probability in %")
    assert plan.steps[0].label == "NPS Score: unknown"


def test_small_features_of_wide_records_become_one_step():
    """Of 30 features the eight largest have their own step, and all others share the ninth."""
    wide = explanation(
        *((f"f{number}", number, 0.01) for number in range(30)),
        base=20.0,
        prediction={"score": 50.0, "probability": 0.5},
    )
    plan = plan_waterfall(wide, {})
    assert len(plan.steps) == 9
    assert plan.steps[-1].label == "22 other features"
    assert plan.answer == pytest.approx(50.0)


def test_labels_hold_no_control_characters():
    """Control characters of a record are written out, and a long value is cut."""
    odd = explanation(("x", "a\x1b[2J" + "b" * 100, 0.1), base=0.0, prediction={"score": 10.0})
    label = plan_waterfall(odd, {}).steps[0].label
    assert label.startswith("X: a\\x1b[2Jbb")
    assert len(label) <= 46


def test_files_are_what_their_suffix_says(tmp_path):
    """The suffix chooses PNG or SVG, the same explanation gives the same bytes, and dollar signs are no formulas."""
    pytest.importorskip("matplotlib", reason="needs the train extra")
    odd = explanation(("$a_b$ $", "50 $", 0.31), base=50.0, prediction={"score": 81.0})
    for name in ("one.svg", "two.svg", "three.PNG"):
        draw_waterfall(odd, tmp_path / name, titles=TITLES)
    assert (tmp_path / "three.PNG").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "one.svg").read_bytes().startswith(b"<?xml")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_open_files_get_a_png():
    """A picture can go straight into an open file."""
    pytest.importorskip("matplotlib", reason="needs the train extra")
    file = io.BytesIO()
    draw_waterfall(LEAD, file)
    assert file.getvalue().startswith(b"\x89PNG")


def test_other_formats_are_refused(tmp_path):
    """A suffix that is neither is an error that names the two."""
    with pytest.raises(ConfigError, match=r"'gif'.*\.png or \.svg"):
        draw_waterfall(LEAD, tmp_path / "picture.gif")


def test_without_the_drawing_package_the_extra_is_named(tmp_path, monkeypatch):
    """Where matplotlib is not installed, the error says what to install."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match=r"hotcrm-ai\[train\]"):
        draw_waterfall(LEAD, tmp_path / "picture.png")
