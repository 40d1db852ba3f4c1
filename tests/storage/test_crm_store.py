"""The CRM store reads and writes the tables of a CRM as they are, and never half, never elsewhere, never by surprise."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    text,
)

from hotcrm_ai.domain.errors import ConfigError, InvalidRequest, RecordNotFound
from hotcrm_ai.storage import CRMObject, Database, SQLCRMStore, open_database

HOSTILE = "na\"me'; DROP TABLE leads; -- %(x)s :y [z] größe \u2028"

TABLES = MetaData()
LEADS = Table(
    "leads",
    TABLES,
    Column("id", String(16), primary_key=True),
    Column("company", Text),
    Column("company_size", Integer),
    Column("budget", Numeric(14, 2)),
    Column("opted_in", Boolean),
    Column("created_date", Date),
    Column("ai_score", Float),
    Column("ai_explanation", Text),
    Column("last_scored_date", DateTime(timezone=True)),
    Column("seen", DateTime),
)
DEALS = Table(
    "deals", TABLES, Column("deal_no", BigInteger, primary_key=True), Column("stage", Text), Column(HOSTILE, Text)
)


@pytest.fixture
async def crm_database(database_url: str) -> AsyncIterator[Database]:
    """A CRM of each kind with three leads and a few deals."""
    database = open_database(database_url)
    leads = [
        {
            "id": "1",
            "company": "Ärzte & Co",
            "company_size": 500,
            "budget": 99.5,
            "opted_in": True,
            "created_date": date(2026, 1, 5),
        },
        {
            "id": "2",
            "company": "o'Neil",
            "company_size": 10,
            "budget": None,
            "opted_in": False,
            "created_date": date(2026, 2, 5),
        },
        {"id": "3", "company": None, "company_size": None, "budget": 0, "opted_in": None, "created_date": None},
    ]

    def fill(connection: Connection) -> None:
        TABLES.create_all(connection)
        connection.execute(LEADS.insert(), leads)
        _add_deals(connection, range(1, 11))

    await database.run(fill, write=True)
    yield database
    await database.aclose()


def _add_deals(connection: Connection, numbers: range) -> None:
    places = ", ".join(["?" if connection.dialect.name == "sqlite" else "%s"] * 3)
    deals = [(number, "won" if number % 2 else "lost", f"x{number}") for number in numbers]
    connection.exec_driver_sql(f"INSERT INTO deals VALUES ({places})", deals)


@pytest.fixture
async def many_deals(crm_database: Database) -> None:
    """Deals for more than two pages."""
    await crm_database.run(lambda connection: _add_deals(connection, range(11, 2_502)), write=True)


@pytest.fixture
def crm(crm_database: Database) -> SQLCRMStore:
    """A CRM store over these tables, in which deals are told apart by their number."""
    return SQLCRMStore(
        crm_database, objects={"Opportunity": CRMObject(table="deals", id_column="deal_no", fields={"Odd": HOSTILE})}
    )


async def test_a_record_comes_back_in_plain_types(crm: SQLCRMStore) -> None:
    """A record holds every field of its table in plain Python values, whatever the database is."""
    assert await crm.get("Lead", "1") == {
        "id": "1",
        "company": "Ärzte & Co",
        "company_size": 500,
        "budget": 99.5,
        "opted_in": True,
        "created_date": date(2026, 1, 5),
        "ai_score": None,
        "ai_explanation": None,
        "last_scored_date": None,
        "seen": None,
    }


@pytest.mark.parametrize("id_", ["4", "", "1' OR '1'='1", "a\x00b", "1 "])
async def test_an_unknown_record_is_told(crm: SQLCRMStore, id_: str) -> None:
    """An id that no record has is a RecordNotFound, whatever is in it."""
    with pytest.raises(RecordNotFound):
        await crm.get("Lead", id_)


@pytest.mark.parametrize("id_", ["x", "1.0", "01", "1 ", "9" * 40, "1e3"])
async def test_an_id_of_another_type_is_no_record(crm: SQLCRMStore, id_: str) -> None:
    """Where ids are numbers, a text that spells none of them names no record."""
    assert (await crm.get("Opportunity", "7"))["id"] == "7"
    with pytest.raises(RecordNotFound):
        await crm.get("Opportunity", id_)


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ([], ["1", "2", "3"]),
        ([["company_size", "=", 500]], ["1"]),
        ([["company_size", "!=", 500]], ["2", "3"]),
        ([["company_size", ">", 10]], ["1"]),
        ([["company_size", ">=", 10]], ["1", "2"]),
        ([["company_size", "<", 500]], ["2"]),
        ([["budget", "<=", 99.5]], ["1", "3"]),
        ([["Id", "in", ["1", "3", "9"]]], ["1", "3"]),
        ([["id", "in", []]], []),
        ([["id", "not in", ["1"]]], ["2", "3"]),
        ([["company", "not in", ["o'Neil"]]], ["1", "3"]),
        ([["company", "like", "O'N%"]], ["2"]),
        ([["company", "like", "%; DROP"]], []),
        ([["company", "is null"]], ["3"]),
        ([["company", "is not null", None]], ["1", "2"]),
        ([["company", "=", None]], ["3"]),
        ([["company", "!=", None]], ["1", "2"]),
        ([["opted_in", "=", True]], ["1"]),
        ([["opted_in", "!=", True]], ["2", "3"]),
        ([["created_date", ">", "2026-01-31"]], ["2"]),
        ([["created_date", "<=", date(2026, 1, 5)]], ["1"]),
        ([["created_date", "in", ["2026-01-05", "2026-02-05"]], ["opted_in", "=", False]], ["2"]),
        ([("company", "=", "'; DELETE FROM leads; --")], []),
    ],
)
async def test_filters(crm: SQLCRMStore, filters: list[Any], ids: list[str]) -> None:
    """Every operator chooses the records it says, empty fields are unequal to every value, and all filters must hold."""
    assert [record["id"] for record in await crm.find("Lead", filters)] == ids


@pytest.mark.parametrize(
    "one",
    [
        ["company", "~", "x"],
        ["company"],
        "company = 1",
        ["company", "in", "abc"],
        ["company_size", ">", None],
        ["company_size", "=", "500"],
        ["company_size", "=", True],
        ["company", "like", 7],
        ["budget", "<", float("nan")],
        ["created_date", "=", "yesterday"],
        ["id", "in", ["x"] * 30_001],
    ],
)
async def test_filters_that_cannot_be_read_are_refused(crm: SQLCRMStore, one: Any) -> None:
    """A filter that is no triple, or has an unknown operator or a value that does not fit the column, is refused."""
    with pytest.raises(InvalidRequest):
        await crm.find("Lead", [one])


async def test_only_the_fields_that_were_asked_for(crm: SQLCRMStore) -> None:
    """With fields named, a record holds these and its id."""
    assert await crm.find("Lead", [["id", "=", "2"]], ["company_size"]) == [{"id": "2", "company_size": 10}]


@pytest.mark.usefixtures("many_deals")
async def test_pages(crm: SQLCRMStore) -> None:
    """Pages hold 1,000 records in order of id and count from 1; without a page all records come."""
    numbers = [[int(r["id"]) for r in await crm.find("Opportunity", (), ["stage"], page=page)] for page in (1, 2, 3, 4)]
    assert numbers == [list(range(1, 1_001)), list(range(1_001, 2_001)), list(range(2_001, 2_502)), []]
    assert [int(r["id"]) for r in await crm.find("Opportunity", [["stage", "=", "won"]])] == list(range(1, 2_502, 2))
    with pytest.raises(InvalidRequest, match="pages count from 1"):
        await crm.find("Opportunity", page=0)


async def test_the_highest_come_first(crm: SQLCRMStore) -> None:
    """Records come by a field from the highest down, those without a value not at all, and of equal ones the lower id first."""
    assert [one["id"] for one in await crm.highest("Lead", "company_size")] == ["1", "2"]
    assert [one["id"] for one in await crm.highest("Lead", "budget", [["company_size", "is null", None]])] == ["3"]
    won_and_lost = await crm.highest("Opportunity", "stage", limit=7)
    assert [int(one["id"]) for one in won_and_lost] == [1, 3, 5, 7, 9, 2, 4]
    assert won_and_lost[0]["Odd"] == "x1"
    for limit in (0, 1_001):
        with pytest.raises(InvalidRequest, match="from 1 to 1,000"):
            await crm.highest("Lead", "budget", limit=limit)
    with pytest.raises(ConfigError, match="'ai_rank'"):
        await crm.highest("Lead", "ai_rank")


async def test_updates_write_typed_values_and_nothing_else(crm: SQLCRMStore) -> None:
    """An update writes the given fields in the types of their columns, moments in UTC, and leaves the rest alone."""
    before = await crm.get("Lead", "2")
    scored = datetime.fromisoformat("2026-03-31T14:30:00.250000+02:00")
    changes = {
        "ai_score": 92.5,
        "ai_explanation": "x'; --\n•",
        "last_scored_date": scored,
        "seen": "2026-03-31T10:00:00Z",
        "opted_in": True,
    }
    await crm.update("Lead", "2", changes)
    assert await crm.get("Lead", "2") == {
        **before,
        "ai_score": 92.5,
        "ai_explanation": "x'; --\n•",
        "last_scored_date": datetime(2026, 3, 31, 12, 30, 0, 250_000, tzinfo=UTC),
        "seen": datetime(2026, 3, 31, 10, tzinfo=UTC),
        "opted_in": True,
    }
    assert (await crm.get("Lead", "1"))["ai_score"] is None
    assert [r["id"] for r in await crm.find("Lead", [["last_scored_date", ">=", "2026-03-31T12:30:00Z"]])] == ["2"]
    assert await crm.find(
        "Lead", [["last_scored_date", ">", "2026-03-31T14:00:00+02:00"], ["seen", "<", scored]], []
    ) == [{"id": "2"}]


async def test_empty_values_are_written(crm: SQLCRMStore) -> None:
    """Zero, false, empty text and None are values like others."""
    await crm.update(
        "Lead", "1", {"company_size": 0, "budget": 0.0, "opted_in": False, "company": "", "created_date": None}
    )
    record = await crm.get("Lead", "1")
    assert [record[name] for name in ("company_size", "budget", "opted_in", "company", "created_date")] == [
        0,
        0.0,
        False,
        "",
        None,
    ]


@pytest.mark.parametrize("score", [float("nan"), float("inf"), "92", True, [1], object()])
async def test_what_is_no_number_is_not_written(crm: SQLCRMStore, score: Any) -> None:
    """A number that is not finite, or a value of another type, is refused, names field and record, and nothing is written."""
    with pytest.raises(InvalidRequest, match=r"Field 'ai_score' of Lead '2' .* nothing was written"):
        await crm.update_many("Lead", {"1": {"ai_score": 1.0}, "2": {"ai_score": score}})
    assert [record["ai_score"] for record in await crm.find("Lead")] == [None, None, None]


async def test_many_updates_are_all_or_none(crm: SQLCRMStore) -> None:
    """Where one record of many is unknown, it is named and none is written; else all are, each with its own fields."""
    with pytest.raises(RecordNotFound, match="'8', '9'") as caught:
        await crm.update_many("Lead", {"1": {"ai_score": 1.0}, "8": {"ai_score": 2.0}, "9": {"ai_score": 3.0}})
    assert caught.value.details["ids"] == ["8", "9"]
    assert (await crm.get("Lead", "1"))["ai_score"] is None
    assert (
        await crm.update_many("Lead", {"1": {"ai_score": 1.0}, "2": {"company": "new", "ai_score": None}, "3": {}}) == 3
    )
    kept = [(r["ai_score"], r["company"]) for r in await crm.find("Lead")]
    assert kept == [(1.0, "Ärzte & Co"), (None, "new"), (None, None)]
    assert await crm.update_many("Lead", {}) == 0


@pytest.mark.usefixtures("many_deals")
async def test_many_records_at_once(crm: SQLCRMStore) -> None:
    """Thousands of records are written in one go."""
    changes = {str(number): {"stage": f"s{number}"} for number in range(1, 2_502)}
    assert await crm.update_many("Opportunity", changes) == 2_501
    assert {record["id"]: record["stage"] for record in await crm.find("Opportunity")} == {
        id_: fields["stage"] for id_, fields in changes.items()
    }


async def test_unknown_fields_are_listed(crm: SQLCRMStore) -> None:
    """A field without a column is refused with the fields that there are, in reading, filtering and writing."""
    message = r"no column for: 'ai_scor'; its fields are: ai_explanation, ai_score, budget"
    with pytest.raises(ConfigError, match=message):
        await crm.update("Lead", "1", {"ai_scor": 1.0, "ai_score": 2.0})
    with pytest.raises(
        InvalidRequest, match=r"no field 'ai_scor' to filter by; its fields are: ai_explanation, ai_score, budget"
    ):
        await crm.find("Lead", [["ai_scor", "=", 1]])
    with pytest.raises(ConfigError, match=message):
        await crm.find("Lead", (), ["ai_scor"])
    assert (await crm.get("Lead", "1"))["ai_score"] is None


async def test_an_id_cannot_be_changed(crm: SQLCRMStore) -> None:
    """An update that would change the id is refused."""
    with pytest.raises(InvalidRequest, match="cannot be changed"):
        await crm.update("Lead", "1", {"id": "9"})


async def test_a_column_that_was_added_meanwhile_is_found(crm: SQLCRMStore, crm_database: Database) -> None:
    """A column that is added while the store is open can be written at once."""
    with pytest.raises(ConfigError):
        await crm.update("Lead", "1", {"ai_confidence": 88.0})
    add = text("ALTER TABLE leads ADD COLUMN ai_confidence FLOAT")
    await crm_database.run(lambda connection: connection.execute(add), write=True)
    await crm.update("Lead", "1", {"ai_confidence": 88.0})
    assert (await crm.get("Lead", "1"))["ai_confidence"] == 88.0


async def test_names_are_names_and_never_sql(crm: SQLCRMStore) -> None:
    """A column whose name holds quotes, SQL and placeholders is read, filtered, and written under its mapped name."""
    assert await crm.get("Opportunity", "7") == {"id": "7", "Odd": "x7", "stage": "won"}
    await crm.update("Opportunity", "7", {"Odd": HOSTILE})
    assert [r["id"] for r in await crm.find("Opportunity", [["Odd", "=", HOSTILE]])] == ["7"]
    for name in (HOSTILE + "x", "stage; DROP TABLE leads", "1=1 --", "*", ""):
        with pytest.raises(InvalidRequest, match="has no field"):
            await crm.find("Opportunity", [[name, "=", "x"]])
    with pytest.raises(ConfigError, match="has no table"):
        await crm.find('leads"; DROP TABLE leads; --')
    assert len(await crm.find("Lead")) == 3


async def test_two_who_miss_a_column_at_once_are_both_told_so(crm: SQLCRMStore) -> None:
    """What one of them forgets of the table, the other does not stumble over."""
    await crm.find("Lead", page=1)
    answers = await asyncio.gather(
        *(crm.find("Lead", fields=["nowhere"], page=1) for _ in range(2)), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [ConfigError, ConfigError]
