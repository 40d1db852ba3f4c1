"""Which table holds which objects of a CRM is found by name or by a map, and checked against the tables that are there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from hotcrm_ai.domain.errors import ConfigError, CRMNotConfigured, StorageError
from hotcrm_ai.domain.secret import Secret
from hotcrm_ai.storage import SQLCRMStore, open_database
from hotcrm_ai.storage.crm_objects import table_names


async def test_a_map_that_does_not_fit_the_schema_is_told(database_url: str) -> None:
    """A table, an id column or a mapped column that is not there is told before anything is done, with what there is."""
    database = open_database(database_url)

    def create(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE leads (id INTEGER PRIMARY KEY, company TEXT, company_size INTEGER)"))
        connection.execute(text("CREATE TABLE deals (id INTEGER)"))

    await database.run(create, write=True)
    crm = SQLCRMStore(
        database,
        objects={
            "A": "prospects",
            "B": {"table": "leads", "id_column": "lead_id"},
            "C": {"table": "leads", "fields": {"Score": "score", "Size": "company_size"}},
            "D": {"table": "leads", "fields": {"company": "company_size"}},
        },
    )
    with pytest.raises(ConfigError, match=r"no table for 'A' \(looked for 'prospects'\); its tables are: deals, leads"):
        await crm.find("A")
    with pytest.raises(ConfigError, match="has no column 'lead_id'; its columns are: id, company, company_size"):
        await crm.find("B")
    with pytest.raises(ConfigError, match="has no column 'score'; its columns are"):
        await crm.find("C")
    with pytest.raises(ConfigError, match="has a column 'company', but that name is mapped to 'company_size'"):
        await crm.find("D")
    await database.aclose()


def test_a_map_that_cannot_be_read_is_told_at_once() -> None:
    """All mistakes of the map are listed together."""
    objects = {"A": 7, "B": {"tabel": "x"}, "C": {"id_column": "x"}, "D": {"table": "x", "fields": {"a": 1}}}
    with pytest.raises(ConfigError) as caught:
        SQLCRMStore("sqlite://", objects=objects)
    assert [problem[:3] for problem in caught.value.problems] == ["'A'", "'B'", "'C'", "'D'"]


@pytest.mark.parametrize(
    ("object_type", "name"),
    [
        ("Lead", "leads"),
        ("SupportCase", "support_cases"),
        ("Company", "companies"),
        ("Survey", "surveys"),
        ("Address", "addresses"),
        ("CRMTask", "crm_tasks"),
        ("email", "emails"),
    ],
)
def test_tables_are_looked_for_by_name(object_type: str, name: str) -> None:
    """Without an entry in the map, an object type's table is its plural in snake case."""
    assert table_names(object_type)[0] == name


async def test_odd_values_of_a_real_crm_are_read_as_they_are(tmp_path: Path) -> None:
    """SQLite keeps text in columns of any type; such values come back as they are, and right ones typed."""
    path = tmp_path / "crm.db"
    database = open_database(f"sqlite:///{path}")

    def fill(connection: Connection) -> None:
        connection.execute(
            text(
                "CREATE TABLE leads (id INTEGER PRIMARY KEY, born DATE, seen DATETIME, ok BOOLEAN, size INT, n NUMERIC)"
            )
        )
        connection.execute(text("INSERT INTO leads VALUES (1, 'n/a', '31.12.2025', 'Yes', '10-50', 'much')"))
        connection.execute(text("INSERT INTO leads VALUES (2, '2026-01-05', '2026-01-05T10:00:00Z', 1, 7, 1.5)"))

    await database.run(fill, write=True)
    crm = SQLCRMStore(database)
    odd = {"id": "1", "born": "n/a", "seen": "31.12.2025", "ok": "Yes", "size": "10-50", "n": "much"}
    right = {
        "id": "2",
        "born": date(2026, 1, 5),
        "seen": datetime(2026, 1, 5, 10, tzinfo=UTC),
        "ok": True,
        "size": 7,
        "n": 1.5,
    }
    assert await crm.find("Lead") == [odd, right]
    await database.aclose()


async def test_a_crm_is_opened_when_it_is_first_used(tmp_path: Path) -> None:
    """A store over a file that is not there can be made; using it says each time that it is missing, and makes none."""
    crm = SQLCRMStore(Secret(f"sqlite:///{tmp_path / 'crm.db'}"))
    with pytest.raises(CRMNotConfigured, match=r"There is no database file 'crm\.db'.*HOTCRM_AI_CRM_URL"):
        await crm.find("Lead")
    with pytest.raises(StorageError, match="There is no database file"):
        await crm.find("Lead")
    await crm.aclose()
