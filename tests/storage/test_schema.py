"""The tables of a workspace: made at once, migrated, and the same either way."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, bindparam, inspect, select, text

from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.storage import migrations, open_database, schema_status, upgrade
from hotcrm_ai.storage.column_types import UTCDateTime
from hotcrm_ai.storage.schema import migrate
from hotcrm_ai.storage.tables import VERSION_TABLE, metadata, outcome_count


def _differences(connection: Connection) -> list[object]:
    options = {"version_table": VERSION_TABLE, "compare_type": True, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def _shape(connection: Connection) -> dict[str, object]:
    inspector = inspect(connection)
    return {
        name: (
            [(c["name"], str(c["type"]), c["nullable"], c["default"]) for c in inspector.get_columns(name)],
            inspector.get_pk_constraint(name),
            sorted(
                str((index["name"], index["column_names"], [str(one) for one in index["dialect_options"].values()]))
                for index in inspector.get_indexes(name)
            ),
        )
        for name in inspector.get_table_names()
    }


async def test_migrated_tables_are_those_of_the_metadata(database_url: str) -> None:
    """Alembic's steps, run from nothing, give exactly the tables that the code works with."""
    database = open_database(database_url)
    await database.run(lambda connection: migrate(connection, to=migrations.HEAD), write=True)
    assert await database.run(_differences) == []
    assert (await schema_status(database)).is_current
    await database.aclose()


async def test_a_fresh_database_is_like_a_migrated_one(database_url: str, tmp_path: object) -> None:
    """The short way of a first start and the steps of Alembic give the same columns, keys and indexes."""
    database = open_database(database_url)
    await upgrade(database)
    fresh = await database.run(_shape)
    drop = [text(f"DROP TABLE {name}") for name in fresh]
    await database.run(lambda connection: [connection.execute(one) for one in drop], write=True)
    await database.run(lambda connection: migrate(connection, to=migrations.HEAD), write=True)
    assert await database.run(_shape) == fresh
    assert set(fresh) == {
        "idempotency_key",
        "ai_model_performance",
        "ai_model_usage",
        "ai_prediction",
        "erasure",
        "outcome_count",
        "alert_delivery",
        "alert_incident",
        "api_key",
        "model_revision",
        "registry_counter",
        "sign_in",
        "hotcrm_ai_version",
    }
    await database.aclose()


def test_the_newest_step_is_the_one_that_is_named() -> None:
    """The version that a fresh database is stamped with is Alembic's own head."""
    config = Config()
    config.set_main_option("script_location", "hotcrm_ai.storage:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]


async def test_status_before_and_after(database_url: str) -> None:
    """An empty database has no version; after the upgrade it is current, and a second upgrade changes nothing."""
    database = open_database(database_url)
    assert (await schema_status(database)).version is None
    assert (await upgrade(database)).is_current
    assert (await upgrade(database)).version == migrations.HEAD
    await database.aclose()


async def test_a_database_of_a_newer_version_is_left_alone(database_url: str) -> None:
    """A version that this package does not know is refused with what to do, and not touched."""
    database = open_database(database_url)
    await upgrade(database)
    stamp = text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    await database.run(lambda connection: connection.execute(stamp), write=True)
    with pytest.raises(StorageError, match="made by a newer version of hotcrm-ai"):
        await upgrade(database)
    assert (await schema_status(database)).version == "9999"
    await database.aclose()


async def test_processes_that_start_together_agree(database_url: str) -> None:
    """Eight openings of one empty database at the same time all end with the present tables."""
    databases = [open_database(database_url) for _ in range(8)]
    statuses = await asyncio.gather(*(upgrade(database) for database in databases))
    assert all(status.is_current for status in statuses)
    for database in databases:
        await database.aclose()


def test_a_fresh_workspace_needs_no_alembic(sqlite_url: str) -> None:
    """Opening a fresh or current database loads no Alembic, whose loading takes longer than all the rest."""
    code = (
        "import asyncio, sys\n"
        "from hotcrm_ai.storage import open_database, upgrade\n"
        f"asyncio.run(upgrade(open_database({sqlite_url!r})))\n"
        "print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


async def test_outcomes_known_before_are_counted(database_url: str) -> None:
    """The step that adds the counts by the hour fills them from the log; unjudged and shadow answers are left out."""
    database = open_database(database_url)
    await database.run(lambda connection: migrate(connection, to="0004"), write=True)
    row = (
        "INSERT INTO ai_prediction (workspace, id, model_id, model_version, prediction_type, input_features, processing_time_ms, "
        "was_cached, provider, created_date, requested_model_id, model_revision, variant, is_correct, shadow) "
        "VALUES ('ours', :id, 'm', '1', 'classification', '{}', 1, false, 'local', :at, 'm', 1, 'none', :was, :shadow)"
    )
    noon = datetime(2026, 3, 31, 12, tzinfo=UTC)
    told = [
        ("a", 5, True, False),
        ("b", 50, False, False),
        ("c", 70, True, False),
        ("d", 5, None, False),
        ("e", 5, True, True),
    ]
    rows = [
        {"id": id_, "at": noon + timedelta(minutes=minutes), "was": was, "shadow": shadow}
        for id_, minutes, was, shadow in told
    ]
    insert = text(row).bindparams(bindparam("at", type_=UTCDateTime()))
    await database.run(lambda connection: connection.execute(insert, rows), write=True)
    await upgrade(database)
    counted = select(outcome_count.c.period_start, outcome_count.c.outcomes, outcome_count.c.correct)
    found = await database.run(lambda connection: connection.execute(counted.order_by("period_start")).all())
    assert [tuple(one) for one in found] == [(noon, 2, 1), (noon + timedelta(hours=1), 1, 1)]
    await database.aclose()
