"""The model of a forecast bundle: what it takes, refuses, reports as unused, and how its file is verified."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from hotcrm_ai.ai_features.revenue_forecast import FEATURE
from hotcrm_ai.domain.errors import ArtifactIntegrity, InvalidFeatures
from hotcrm_ai.local_models.forecast_model import Coverage, Driver, ForecastModel

HISTORY = [100.0 + 10.0 * math.sin(month * math.pi / 6.0) + month + (month * 7 % 5) for month in range(60)]


def test_the_answer_has_the_documented_shape_and_its_parts_add_up() -> None:
    """Twelve periods unless asked otherwise, numbered from 1, each the sum of its parts; the total is ``value``."""
    answer = FEATURE.answer(ForecastModel(period=12), {"historical_revenue": HISTORY}, bands={}).prediction
    assert [row["period"] for row in answer["forecast"]] == list(range(1, 13))
    assert set(answer["forecast"][0]) == {"period", "value", "lower", "upper"}
    for row, parts in zip(answer["forecast"], answer["parts"], strict=True):
        assert row["lower"] <= row["value"] <= row["upper"]
        assert parts["level"] + parts["trend"] + parts["season"] + parts["pipeline"] == pytest.approx(row["value"])
    assert answer["value"] == pytest.approx(sum(row["value"] for row in answer["forecast"]))
    json.dumps(answer, allow_nan=False)


@pytest.mark.parametrize("horizon", [0.0, 61.0, -1.0, 2.5])
def test_a_horizon_out_of_bounds_is_refused(horizon: float) -> None:
    """Whole numbers from 1 to 60 only; the message names the feature."""
    with pytest.raises(InvalidFeatures, match="from 1 to 60"):
        ForecastModel(period=12).answer({"historical_revenue": HISTORY, "horizon": horizon})


@pytest.mark.parametrize("horizon", [1.0, 60.0])
def test_the_shortest_and_the_longest_horizon_are_answered(horizon: float) -> None:
    """Both ends of the range belong to it."""
    assert len(ForecastModel(period=12).answer({"historical_revenue": HISTORY, "horizon": horizon}).value) == horizon


def test_a_request_needs_a_history_or_a_known_series() -> None:
    """Nothing, too little, an unknown series, or both at once are refused by name."""
    model = ForecastModel(period=12, histories={"north": HISTORY})
    for features, said in (
        ({}, "is required"),
        ({"historical_revenue": [1.0, 2.0]}, "at least 3"),
        ({"series": "south"}, "'north'"),
        ({"series": "north", "historical_revenue": HISTORY}, "one of them"),
    ):
        with pytest.raises(InvalidFeatures, match=said):
            model.answer(features)


def test_a_kept_series_is_forecast_like_its_values() -> None:
    """Asking by name or with the same numbers gives the same forecast."""
    model = ForecastModel(period=12, histories={"north": HISTORY})
    named, given = model.answer({"series": "north"}), model.answer({"historical_revenue": HISTORY})
    assert named.value.tolist() == given.value.tolist()


def test_confidence_is_measured_or_unknown() -> None:
    """A long history is back-tested, a short one says why it is not, a kept series takes what training measured."""
    model = ForecastModel(period=12, coverage=Coverage(inside=30, values=40), histories={"north": HISTORY})
    assert model.answer({"series": "north"}).confidence == 75.0
    tested = model.answer({"historical_revenue": HISTORY}).confidence
    assert tested is not None
    assert (tested * 24.0 / 100.0) == pytest.approx(round(tested * 24.0 / 100.0))
    short = model.answer({"historical_revenue": HISTORY[:20]})
    assert short.confidence is None
    assert any("confidence is unknown" in note for note in short.notes)


def test_what_showed_no_help_is_reported_as_unused() -> None:
    """Pipeline, growth and a quarter's name change nothing, and the notes say so."""
    model = ForecastModel(period=12)
    plain = model.answer({"historical_revenue": HISTORY})
    found = model.answer(
        {"historical_revenue": HISTORY, "pipeline_value": 5e6, "growth_rate": 0.4, "seasonality": "Q4"}
    )
    assert found.value.tolist() == plain.value.tolist()
    assert [note.split(" ")[0] for note in found.notes] == ["seasonality", "pipeline_value", "growth_rate"]


def test_a_pipeline_that_helped_moves_the_forecast_by_its_part() -> None:
    """A pipeline above the usual one adds, in the part of that name, and fades as trained."""
    driver = Driver(feature="pipeline_value", usual=0.0, weight=0.2, fading=0.5)
    model = ForecastModel(period=12, drivers=[driver])
    level = float(np.mean(HISTORY[-12:]))
    plain = model.answer({"historical_revenue": HISTORY})
    moved = model.answer({"historical_revenue": HISTORY, "pipeline_value": level * math.e})
    assert moved.value[0] / plain.value[0] == pytest.approx(math.exp(0.2))
    assert moved.value[1] / plain.value[1] == pytest.approx(math.exp(0.1))
    assert (moved.parts["pipeline"] > 0.0).all()


def test_no_season_is_used_where_none_is_wanted() -> None:
    """``seasonality`` none gives a forecast without seasonal parts."""
    found = ForecastModel(period=12).answer({"historical_revenue": HISTORY, "seasonality": "none"})
    assert found.parts["season"].tolist() == [0.0] * 12


def test_a_model_survives_its_file() -> None:
    """Reading what was written gives the same bytes again."""
    model = ForecastModel(
        period=4,
        widening=1.1,
        coverage=Coverage(inside=3, values=4),
        drivers=[Driver(feature="growth_rate", usual=0.1, weight=0.5, fading=0.6)],
        histories={"b": [1.0, None, 3.0], "a": [4.0, 5.0, 6.0]},
    )
    assert ForecastModel.from_json(model.to_json()).to_json() == model.to_json()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("period", 0),
        ("widening", -1.0),
        ("coverage", {"inside": 5, "values": 4}),
        ("format", "hotcrm-ai/forecast/9"),
        ("surprise", 1),
        ("histories", {"a": ["1"]}),
    ],
)
def test_a_malformed_file_is_refused(field: str, value: object) -> None:
    """Every damaged part is found on reading, before anything is forecast."""
    file = json.loads(ForecastModel(period=12).to_json())
    with pytest.raises(ArtifactIntegrity):
        ForecastModel.from_json(json.dumps({**file, field: value}).encode())
