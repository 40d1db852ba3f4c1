"""A new model takes the champion's place only where it is better on the same held-out rows by more than chance."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hotcrm_ai import AI, Settings
from hotcrm_ai.local_models.tabular import TabularModel
from hotcrm_ai.training.judged import JudgedRecords
from hotcrm_ai.training.promotion_gate import compare_with_champion
from hotcrm_ai.training.recipe import train_classifier


def _rows(count: int, *, seed: int) -> list[dict[str, object]]:
    """Return records whose chance is logistic in ``calls - 5`` and whose ``noise`` says nothing."""
    random = np.random.default_rng(seed)
    calls, noise = random.integers(0, 11, size=count), random.normal(size=count)
    won = random.random(count) < 1 / (1 + np.exp(5.0 - calls))
    return [
        {"calls": int(call), "noise": float(part), "won": "yes" if win else "no"}
        for call, part, win in zip(calls, noise, won, strict=True)
    ]


def test_a_model_is_no_better_than_itself() -> None:
    """The difference is 0 on every row, so its interval is too."""
    trained = train_classifier(_rows(400, seed=1), feature_name="lead-scoring", target="won")
    assert trained.judged is not None
    twin = TabularModel.from_json(trained.members["model.json"])
    duel = compare_with_champion(trained.judged, twin, champion_id="twin", seed=0)
    assert duel is not None
    assert abs(duel.lower) < 1e-9
    assert abs(duel.upper) < 1e-9
    assert not duel.better


def test_the_figures_are_those_of_the_rows() -> None:
    """Two records of known probabilities: the losses by hand, and the champion's feature that the rows lack is named."""
    trained = train_classifier(_rows(400, seed=1), feature_name="lead-scoring", target="won")
    champion = TabularModel.from_json(trained.members["model.json"])
    judged = JudgedRecords(
        cells={"calls": np.array([10.0, 0.0])},
        outcomes=np.array([1, 0], dtype=np.int8),
        probabilities=np.array([0.8, 0.2]),
    )
    duel = compare_with_champion(judged, champion, champion_id="old", seed=0)
    assert duel is not None
    assert round(duel.loss, 4) == 0.2231
    assert duel.missing == ("noise",)
    assert "'old'" in duel.words


def test_a_champion_is_replaced_only_by_a_better_model(tmp_path: Path) -> None:
    """The same model again is refused with the figures and leaves the champion as it was; one that knows more takes its place."""
    rows = _rows(1200, seed=2)
    blind = [{"noise": row["noise"], "half": int(str(row["calls"])) > 7, "won": row["won"]} for row in rows]
    with AI.open_sync(Settings(home=tmp_path)) as ai:
        first = ai.train("lead-scoring", blind, target="won", promote=True, model_id="leads")
        again = ai.train("lead-scoring", blind, target="won", promote=True, model_id="leads")
        better = ai.train("lead-scoring", rows, target="won", promote=True, model_id="leads")
        kept = ai.registry.history("leads")
    assert (first.status, again.status, better.status) == ("active", "testing", "active")
    assert again.model_id != "leads"
    assert any("not promoted" in warning and "same 300 rows" in warning for warning in again.warnings)
    assert better.champion["promoted"] is True
    assert better.champion["lower"] > 0
    assert len(kept) == 2
