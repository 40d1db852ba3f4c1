"""How the cells of a file become the values that a signature asks for."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.entrypoints.cli.record_file import open_records

SIGNATURE = Signature(
    features=(
        FeatureSpec(name="budget", type="number"),
        FeatureSpec(name="spend", type="number", decimal_sign=","),
        FeatureSpec(name="created", type="date"),
        FeatureSpec(name="region", type="category", categories=("5", "north")),
        FeatureSpec(name="customer", type="boolean"),
    )
)


def features_of(path, signature=SIGNATURE):
    """Return the features of all records, or what is wrong with one."""
    return [record.problem or record.features for record in open_records(path, signature).rows]


@pytest.mark.parametrize(
    ("column", "cells", "values"),
    [
        ("budget", ["1.500", "2.000"], [1.5, 2.0]),
        ("budget", ["1.500", "0,5"], [1500.0, 0.5]),
        ("budget", ["1,500", "0.5"], [1500.0, 0.5]),
        ("spend", ["1.500", "2.000"], [1500.0, 2000.0]),
        ("spend", ["1.500", "0.5"], [1.5, 0.5]),
        ("spend", ["7", "8"], [7.0, 8.0]),
        ("created", ["31.12.2025", "2026-01-02"], ["2025-12-31T00:00:00+00:00", "2026-01-02T00:00:00+00:00"]),
        ("created", ["03/04/2026", "13/04/2026"], ["2026-04-03T00:00:00+00:00", "2026-04-13T00:00:00+00:00"]),
        ("created", ["03/04/2026", "04/13/2026"], ["2026-03-04T00:00:00+00:00", "2026-04-13T00:00:00+00:00"]),
        ("customer", ["yes", "-"], [True, None]),
    ],
)
def test_a_column_shows_how_its_cells_are_written(tmp_path, column, cells, values):
    """Numbers and dates are read as the whole column writes them; what its cells leave open, the training table decides."""
    (tmp_path / "x.tsv").write_text("\n".join([column, *cells]))
    assert [record[column] for record in features_of(tmp_path / "x.tsv")] == values


def test_a_date_that_could_be_two_is_none(tmp_path):
    """Where no date of the column has a day above 12, the record says so instead of guessing."""
    (tmp_path / "x.csv").write_text("created\n03/04/2026\n")
    assert features_of(tmp_path / "x.csv") == [
        "'created': expected a date in ISO 8601, for example 2026-03-31, got '03/04/2026' (text)"
    ]


def test_cells_of_parquet_become_what_the_signature_needs(tmp_path):
    """Decimals, dates, durations and codes have types of their own there."""
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = pyarrow.table(
        {
            "budget": [Decimal("1.50"), None],
            "spend": [timedelta(minutes=1), None],
            "created": [date(2026, 1, 2), None],
            "region": [5, 7],
            "customer": [1, 0],
        }
    )
    parquet.write_table(table, tmp_path / "x.parquet")
    assert features_of(tmp_path / "x.parquet") == [
        {"budget": 1.5, "spend": 60.0, "created": "2026-01-02", "region": "5", "customer": True},
        {"budget": None, "spend": None, "created": None, "region": "7", "customer": False},
    ]


def test_a_text_in_a_json_file_is_read_as_in_any_other(tmp_path):
    """The same records in CSV and in JSON lines are the same features, blanks and words for no value included."""
    (tmp_path / "x.jsonl").write_text('{"budget": "1500", "region": "north"}\n{"budget": " ", "region": "n/a"}\n')
    (tmp_path / "x.csv").write_text("budget,region\n1500,north\n ,n/a\n")
    assert features_of(tmp_path / "x.jsonl") == features_of(tmp_path / "x.csv")
    assert features_of(tmp_path / "x.csv") == [{"budget": 1500.0, "region": "north"}, {"budget": None, "region": None}]


def test_a_model_without_signature_takes_all_columns(tmp_path):
    """Texts that are numbers become numbers; blanks are missing."""
    (tmp_path / "x.csv").write_text("id,a,b\nL-1,1.5,x\nL-2,,007x\n")
    assert features_of(tmp_path / "x.csv", None) == [
        {"id": "L-1", "a": 1.5, "b": "x"},
        {"id": "L-2", "a": None, "b": "007x"},
    ]
