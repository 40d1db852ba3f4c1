"""The sample CRM goes into a database whole, or not at all."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, inspect, select, text

from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.sample_crm import SAMPLE_CRM, SampleCRM, generate_sample_crm, write_sample_crm


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty SQLite database."""
    engine = create_engine(f"sqlite:///{tmp_path / 'crm.db'}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def small_crm() -> SampleCRM:
    """A small sample CRM."""
    return generate_sample_crm(seed=5, leads=60, accounts=20)


def test_what_is_written_is_what_was_generated(engine: Engine, small_crm: SampleCRM) -> None:
    """Every row of every table comes back as it was, values and types."""
    write_sample_crm(small_crm, engine, with_truth=True)
    with engine.connect() as connection:
        for name, rows in (small_crm.tables | small_crm.truth).items():
            found = [dict(row._mapping) for row in connection.execute(select(SAMPLE_CRM.tables[name]))]
            assert sorted(found, key=repr) == sorted(rows, key=repr), name
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []


def test_the_truth_is_written_only_when_asked_for(engine: Engine, small_crm: SampleCRM) -> None:
    """A user's view of the sample CRM holds no true probabilities."""
    write_sample_crm(small_crm, engine)
    names = inspect(engine).get_table_names()
    assert sorted(names) == [
        "accounts",
        "contacts",
        "emails",
        "leads",
        "monthly_revenue",
        "products",
        "purchases",
        "revenue_series",
        "tickets",
    ]


def test_leads_are_indexed_by_what_is_asked_of_them(engine: Engine, small_crm: SampleCRM) -> None:
    """Leads are found by id, account, day and status without reading the table."""
    write_sample_crm(small_crm, engine)
    indexed = {column for index in inspect(engine).get_indexes("leads") for column in index["column_names"]}
    assert indexed == {"account_id", "created_date", "status"}
    assert inspect(engine).get_pk_constraint("leads")["constrained_columns"] == ["id"]


def test_a_second_write_is_refused_and_changes_nothing(engine: Engine, small_crm: SampleCRM) -> None:
    """Where one of the tables exists, the error names it and no other table is made."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE leads (id TEXT)"))
        connection.execute(text("INSERT INTO leads VALUES ('mine')"))
    with pytest.raises(StorageError, match=r"already has the tables \['leads'\]"):
        write_sample_crm(small_crm, engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT id FROM leads")).scalars().all() == ["mine"]
    assert inspect(engine).get_table_names() == ["leads"]


def test_a_write_that_fails_half_way_leaves_no_table(engine: Engine, small_crm: SampleCRM) -> None:
    """A row that the database refuses takes everything back, the tables too."""
    broken = replace(small_crm, tables=small_crm.tables | {"purchases": small_crm.tables["purchases"] * 2})
    with pytest.raises(StorageError, match="IntegrityError"):
        write_sample_crm(broken, engine)
    assert inspect(engine).get_table_names() == []


def test_a_database_out_of_reach_is_our_error(tmp_path: Path, small_crm: SampleCRM) -> None:
    """A path that does not exist is told in our words, with the cause kept."""
    engine = create_engine(f"sqlite:///{tmp_path / 'nowhere' / 'crm.db'}")
    with pytest.raises(StorageError, match="check that it can be reached") as caught:
        write_sample_crm(small_crm, engine)
    assert caught.value.__cause__ is not None
