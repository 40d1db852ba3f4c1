"""The rules of a training run: repeatable, order-free, honest about what it does not know, and nothing half-done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.local_models.manifest import read_manifest, verify_bundle
from hotcrm_ai.local_models.tabular import TabularModel
from hotcrm_ai.training.prepare import Prepared, prepare_rows
from hotcrm_ai.training.reading import read_table
from hotcrm_ai.training.recipe import Trained, train_classifier

ODD_NAMES = ('sa"y', "a[b]:c", "größe 😀", "=cmd", "__class__")


@dataclass
class SteppingClock:
    """A clock that goes on by a second whenever it is asked."""

    seconds: float = 0.0

    def monotonic(self) -> float:
        """Return the next second."""
        self.seconds += 1.0
        return self.seconds

    def now(self) -> datetime:
        """Return a fixed moment."""
        return datetime(2026, 1, 1, tzinfo=UTC)


def leads(count: int = 400, *, seed: int = 5, signal: float = 1.0) -> list[dict[str, Any]]:
    """Return closed leads whose outcome follows their activity and source."""
    drawn = np.random.default_rng(seed)
    rows = []
    for at in range(count):
        activity, source = float(drawn.normal()), str(drawn.choice(["Web", "Fair", "Referral"]))
        odds = -0.4 + signal * (1.6 * activity + (1.2 if source == "Referral" else 0.0))
        rows.append(
            {
                "id": f"LD-{at * 7919 % 100_003:06d}",
                "activity": round(activity, 3),
                "source": source,
                "budget": None if drawn.random() < 0.2 else round(float(drawn.lognormal(8, 1)), 2),
                "trial": bool(drawn.random() < 0.5),
                "won": "Yes" if drawn.random() < 1 / (1 + np.exp(-odds)) else "No",
            }
        )
    return rows


def train(source: Any, **options: Any) -> Trained:
    """Train lead scoring on a source whose target is ``won``."""
    given = {"feature_name": "lead-scoring", "target": "won", "clock": SteppingClock(), **options}
    return train_classifier(source, **given)


def prepare(source: Any, **options: Any) -> Prepared:
    """Prepare the rows of a source whose target is ``won``, without fitting."""
    return prepare_rows(read_table(source), target="won", **options)


@pytest.fixture(scope="module")
def trained() -> Trained:
    """One run on the plain leads."""
    return train(leads())


def test_a_run_gives_a_verified_bundle_with_its_metrics_signature_and_origin(trained: Trained) -> None:
    """The bundle is whole, its manifest says what it was measured at, and its model answers."""
    report = trained.report
    verify_bundle(trained.members, report.bundle_digest)
    manifest = read_manifest(trained.members, report.bundle_digest)
    assert [spec.name for spec in manifest.signature.features] == ["activity", "budget", "source", "trial"]
    assert set(manifest.signature.features[2].categories) == {"Web", "Fair", "Referral"}
    assert manifest.metrics == report.metrics
    assert manifest.metrics["roc_auc"] > 0.75
    assert manifest.metrics["log_loss"] < report.baselines["majority"]["log_loss"]
    assert set(report.intervals) == set(report.metrics)
    assert (manifest.origin["heldOutRows"], manifest.origin["trainingRows"], manifest.origin["rows"]) == (100, 300, 400)
    assert manifest.origin["dataFingerprint"] == report.data_fingerprint
    assert 0 < manifest.bands["warm"] < manifest.bands["hot"] < 1
    model = TabularModel.from_json(trained.members["model.json"])
    busy = model.predict_one({"activity": 2.0, "source": "Referral", "trial": True})
    idle = model.predict_one({"activity": -2.0, "source": "Web", "trial": True})
    assert idle < 0.3 < 0.7 < busy
    assert [one.column for one in report.excluded] == ["id"]
    assert report.seconds == 1.0


def test_the_same_data_and_seed_give_the_same_bundle_whatever_the_order_of_columns(trained: Trained) -> None:
    """Two runs agree byte for byte, also when the columns stand in another order."""
    shuffled = [dict(sorted(row.items(), key=lambda pair: pair[0][::-1])) for row in leads()]
    assert list(shuffled[0]) != list(leads()[0])
    assert train(shuffled).members == trained.members


def test_another_seed_measures_on_other_rows() -> None:
    """The seed decides which rows are held out."""
    first, second = prepare(leads()), prepare(leads(), seed=1)
    assert first.held_out.columns["activity"].cells.tolist() != second.held_out.columns["activity"].cells.tolist()


def test_a_column_equal_to_the_target_is_named_and_excluded() -> None:
    """A copy of the target is named, and the model learns from the same columns and rows as without it."""
    plain, copied = prepare(leads()), prepare([{**row, "converted_too": row["won"]} for row in leads()])
    assert {one.column: one.kind for one in copied.excluded} == {"id": "identifier", "converted_too": "target copy"}
    assert list(copied.training.columns) == list(plain.training.columns)
    assert copied.training_outcomes.tolist() == plain.training_outcomes.tolist()


def test_odd_column_names_work() -> None:
    """Quotes, brackets, colons, emoji, formulas and dunder names are only names."""
    renamed = dict(zip(("activity", "source", "budget", "trial", "id"), ODD_NAMES, strict=True))
    odd = train([{renamed.get(name, name): value for name, value in row.items()} for row in leads(150)])
    assert {spec.name for spec in odd.manifest.signature.features} == set(ODD_NAMES[:4])
    model = TabularModel.from_json(odd.members["model.json"])
    assert model.predict_one({ODD_NAMES[0]: 2.0, ODD_NAMES[1]: "Referral"}) > 0.7


def test_options_keep_and_exclude_overrule_the_guard() -> None:
    """A column left out as asked is listed so; one kept on purpose is used, and its evidence becomes a warning."""
    rows = prepare([{**row, "copy": row["won"]} for row in leads()], keep=["copy"], exclude=["budget"])
    assert {one.column: one.kind for one in rows.excluded} == {"id": "identifier", "budget": "option"}
    assert list(rows.training.columns) == ["activity", "copy", "source", "trial"]
    assert any(
        warning.startswith("copy is a copy or recoding") and "kept as asked" in warning for warning in rows.warnings
    )
    with pytest.raises(TrainingDataError, match="no column 'budgte'; did you mean 'budget'"):
        prepare(leads(), exclude=["budgte"])


def test_the_newest_rows_are_held_out_where_a_date_tells_them() -> None:
    """A creation date parts the rows and is no feature itself, unless it is kept."""
    dated = [{**row, "created_date": date(2025, 1, 1) + timedelta(days=at)} for at, row in enumerate(leads())]
    rows = prepare(dated)
    assert rows.split == "by time: the newest 25 % of the rows by 'created_date' (from 2025-10-28) were held out"
    assert {one.column: one.kind for one in rows.excluded} == {"id": "identifier", "created_date": "time"}
    assert "created_date" in prepare(dated, keep=["created_date"]).training.columns


def test_names_of_people_and_records_are_not_shown_in_the_report() -> None:
    """The table of columns shows values, but none that identify somebody."""
    mailed = [{**row, "email": f"someone{at}@example.net"} for at, row in enumerate(leads())]
    shown = {row["name"]: row["values"] for row in prepare(mailed).columns}
    assert (shown["email"], shown["id"]) == ("not shown", "not shown")
    assert "Referral" in shown["source"]


def test_refit_learns_from_all_rows_and_says_so() -> None:
    """With refit the measured model's twin is packed, which saw every closed row."""
    again = train(leads(100), refit=True)
    assert again.manifest.origin["trainingRows"] == 100
    assert again.manifest.extra["refit"] is True
    assert again.report.held_out_rows == 25


def test_without_signal_the_report_admits_it() -> None:
    """Noise is called nearly no signal, and nothing is hot."""
    report = train(leads(200, seed=9, signal=0.0)).report
    assert any(warning.startswith("nearly no signal") for warning in report.warnings)


def test_few_outcomes_are_no_wall_but_the_uncertainty_is_told() -> None:
    """A small table trains, and says how little is known."""
    report = train(leads(60)).report
    assert any(warning.startswith("few outcomes to measure on: the rarer one occurs") for warning in report.warnings)
    assert any(warning.startswith("few outcomes to learn from") for warning in report.warnings)


@pytest.mark.parametrize(
    "rows", [leads(1), [{**row, "won": "Yes"} for row in leads(50)], [{"won": row["won"]} for row in leads(50)]]
)
def test_tables_that_cannot_teach_are_refused(rows: list[dict[str, Any]]) -> None:
    """One row, one outcome, and no column but the target are clear errors."""
    with pytest.raises(TrainingDataError):
        train(rows)


def test_progress_is_told_in_order_and_ends_at_one() -> None:
    """Stages come with a share of the work that never goes back."""
    told: list[tuple[str, float]] = []
    train(leads(100), progress=lambda stage, share: told.append((stage, share)))
    shares = [share for _, share in told]
    assert (told[0], told[-1]) == (("reading the table", 0.0), ("packed", 1.0))
    assert shares == sorted(shares)


def test_an_interrupted_run_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupt goes through untouched, and no file was made on the way."""
    monkeypatch.chdir(tmp_path)

    def interrupt(stage: str, share: float) -> None:
        if share > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(leads(100), progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_every_row_is_accounted_for() -> None:
    """Open and used rows add up to the table, and the open ones are counted aloud."""
    rows = prepare([{**row, "won": "" if at % 10 == 0 else row["won"]} for at, row in enumerate(leads())])
    assert len(rows.training_outcomes) + len(rows.held_out_outcomes) == 360
    assert "40 of 400 rows have no outcome yet; they were left out as open records" in rows.warnings


def test_a_file_and_its_records_are_prepared_alike(tmp_path: Path) -> None:
    """A CSV file of the rows gives the same training rows as the records themselves."""
    lines = [
        ",".join(leads()[0]),
        *(",".join("" if cell is None else str(cell) for cell in row.values()) for row in leads()),
    ]
    path = tmp_path / "leads.csv"
    path.write_text("\n".join(lines) + "\n")
    filed, given = prepare(path), prepare(leads())
    for name, column in given.training.columns.items():
        assert str(list(filed.training.columns[name].cells)) == str(list(column.cells)), name
