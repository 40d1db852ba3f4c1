"""A new model takes the champion's place only where it is better on the same held-out rows by more than chance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from hotcrm_ai import AI, Settings
from hotcrm_ai.assembly.promotion import _doubt
from hotcrm_ai.assembly.releases import promote_model
from hotcrm_ai.domain.errors import PromotionRefused
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
        seeing = [{**part, "calls": row["calls"]} for part, row in zip(blind, rows, strict=True)]
        better = ai.train("lead-scoring", seeing, target="won", promote=True, model_id="leads", keep=("calls",))
        kept = ai.registry.history("leads")
        champion = ai.registry.champion("lead-scoring")
    assert champion == "leads"
    assert (first.status, again.status, better.status) == ("active", "testing", "active")
    assert again.model_id != "leads"
    assert any("not promoted" in warning and "same 300 rows" in warning for warning in again.warnings)
    assert better.champion["promoted"] is True
    assert better.champion["lower"] > 0
    assert len(kept) == 2


def test_a_model_that_may_be_no_better_than_chance_is_not_promoted(tmp_path: Path) -> None:
    """Also where nothing else answers: the report says why, and a promotion by hand is refused until somebody insists."""
    random = np.random.default_rng(8)
    signal = random.normal(size=200)
    won = random.random(200) < 1 / (1 + np.exp(-0.25 * signal))
    rows = [{"signal": float(part), "won": int(win)} for part, win in zip(signal, won, strict=True)]
    with AI.open_sync(Settings(home=tmp_path)) as ai:
        report = ai.train("lead-scoring", rows, target="won", promote=True, model_id="weak")
        with pytest.raises(PromotionRefused):
            ai.run(promote_model, "weak", reason="a feeling")
        before = ai.registry.champion("lead-scoring")
        ai.run(promote_model, "weak", reason="a feeling", anyway=True)
        after = ai.registry.champion("lead-scoring")
    assert report.intervals["roc_auc"][0] <= 0.5
    assert report.status == "testing"
    assert any(
        warning.startswith("not promoted: ") and "`ai.registry.promote(ID, note=WHY)`" in warning
        for warning in report.warnings
    )
    assert (before, after) == ("lead-scoring-v1", "weak")


def test_the_refusal_names_the_interval_where_only_the_ranking_is_in_doubt() -> None:
    """A log loss a little below the base rate's does not speak for a model whose ROC-AUC may be one half."""
    trained = train_classifier(_rows(400, seed=1), feature_name="lead-scoring", target="won")
    assert _doubt(trained.manifest) is None
    weak = msgspec.structs.replace(trained.manifest, intervals={"roc_auc": (0.48, 0.66)})
    assert _doubt(weak) == "nearly no signal: its held-out ROC-AUC may be no better than chance (0.480 to 0.660)"


def test_a_champion_of_another_table_is_no_measure(tmp_path: Path) -> None:
    """Rows with none of the champion's features would be judged against a blind answer: people decide, and the champion stays."""
    with AI.open_sync(Settings(home=tmp_path)) as ai:
        ai.train("lead-scoring", _rows(600, seed=3), target="won", promote=True, model_id="leads")
        elsewhere = [{"visits": int(str(row["calls"])) // 3, "won": row["won"]} for row in _rows(600, seed=4)]
        other = ai.train("lead-scoring", elsewhere, target="won", promote=True, model_id="visitors")
        statuses = [ai.registry.get_model(name).status for name in ("leads", "visitors")]
    assert (other.status, statuses) == ("testing", ["active", "testing"])
    assert any("no field of the champion 'leads'" in warning for warning in other.warnings)


def _table(count: int, *, seed: int) -> list[dict[str, object]]:
    """Return the records with half of what ``calls`` says in a column of its own, begun one after the other, five on a day of 2026."""
    return [
        {**row, "half": int(str(row["calls"])) > 7, "created_date": f"2026-{1 + at // 140:02}-{1 + at % 140 // 5:02}"}
        for at, row in enumerate(_rows(count, seed=seed))
    ]


def _without(rows: list[dict[str, object]], *names: str) -> list[dict[str, object]]:
    return [{name: value for name, value in row.items() if name not in names} for row in rows]


KNOWING: dict[str, Any] = {"target": "won", "promote": True, "keep": ["calls"]}
BLIND: dict[str, Any] = {"target": "won", "promote": True, "exclude": ["calls"]}


def test_another_split_of_the_same_rows_leaves_out_what_the_champion_learned(tmp_path: Path) -> None:
    """With another seed three quarters of the held-out rows are the champion's training rows; only the others are compared on."""
    rows = _without(_table(1200, seed=2), "created_date")
    with AI.open_sync(Settings(home=tmp_path)) as ai:
        ai.train("lead-scoring", rows, model_id="leads", **BLIND)
        better = ai.train("lead-scoring", rows, model_id="leads", seed=7, **KNOWING)
        again = ai.train("lead-scoring", rows, model_id="leads", seed=7, **KNOWING)
    champion = better.champion
    assert (champion["rows"], champion["leftOut"], champion["clean"], champion["promoted"]) == (64, 236, True, True)
    assert (again.champion["rows"], again.champion["leftOut"], again.champion["clean"]) == (300, 0, True)


def test_a_champion_that_learned_every_row_cannot_be_compared_on_them(tmp_path: Path) -> None:
    """A model that learned again from all rows has none left; the new one stays in testing, and the report says why."""
    rows = _without(_table(600, seed=2), "created_date")
    with AI.open_sync(Settings(home=tmp_path)) as ai:
        ai.train("lead-scoring", rows, model_id="leads", refit=True, **BLIND)
        after = ai.train("lead-scoring", rows, model_id="leads", **KNOWING)
    assert (after.champion["rows"], after.champion["leftOut"], after.champion["loss"]) == (0, 150, None)
    assert after.status == "testing"
    assert any("has learned from 150, and 0 are too few to compare on (50 are needed)" in one for one in after.warnings)


def test_newer_records_are_compared_on_from_where_the_champion_stopped(tmp_path: Path) -> None:
    """Of a table that grew, held-out rows are clean that began after the newest one that the champion learned from."""
    grown = _table(1200, seed=3)
    with AI.open_sync(Settings(home=tmp_path)) as ai:
        ai.train("lead-scoring", grown[:800], model_id="leads", **BLIND)
        better = ai.train("lead-scoring", grown, model_id="leads", **KNOWING)
    assert better.split.startswith("by time")
    assert (better.champion["clean"], better.champion["leftOut"], better.champion["promoted"]) == (True, 0, True)


def test_a_comparison_that_may_favour_the_champion_says_so(tmp_path: Path) -> None:
    """Rows of another table without dates may be those that the champion learned from: they count, and it is said what is not known."""
    rows = _without(_table(1200, seed=2), "created_date")
    with AI.open_sync(Settings(home=tmp_path)) as ai:
        ai.train("lead-scoring", _without(rows, "noise"), model_id="leads", **BLIND)
        better = ai.train("lead-scoring", rows, model_id="leads", **KNOWING)
    assert (better.champion["clean"], better.champion["rows"], better.status) == (False, 300, "active")
    assert any("it is not known whether the champion has learned from them" in warning for warning in better.warnings)


def test_too_few_rows_decide_nothing() -> None:
    """Where rows had to be left out, 49 that are left give no figures and no promotion; 50 do."""
    trained = train_classifier(_rows(400, seed=1), feature_name="lead-scoring", target="won")
    assert trained.judged is not None
    champion = TabularModel.from_json(trained.members["model.json"])
    for count, decides in ((49, False), (50, True)):
        unlearned = np.arange(100) < count
        duel = compare_with_champion(trained.judged, champion, champion_id="old", seed=0, unlearned=unlearned)
        assert duel is not None
        assert (duel.rows, duel.left_out, duel.clean) == (count, 100 - count, True)
        assert (duel.lower is not None) is decides
        assert not duel.better
