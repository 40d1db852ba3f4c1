"""Reads the rows of one query, without the power to change anything."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

from hotcrm_ai.domain.errors import MissingExtra, TrainingDataError
from hotcrm_ai.training.raw_table import RawTable, SQLQuery, check_names, make_table

_READS: Final = re.compile(r"(\s|--[^\n]*\n|/\*.*?\*/)*(select|with)\b", re.IGNORECASE | re.DOTALL)
_LITERALS: Final = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)


def read_sql(source: SQLQuery) -> RawTable:
    """Run one SELECT (or WITH … SELECT) in a read-only transaction and return its rows.

    Raises:
        TrainingDataError: the query is no single SELECT, or the database refused it; the URL's password is never shown.
        MissingExtra: the database's driver is not installed.
    """
    statement = source.query.strip().rstrip(";").strip()
    if not _READS.match(statement) or ";" in _LITERALS.sub("", statement):
        raise TrainingDataError("The training query must be a single SELECT or WITH statement; it may change nothing.")
    try:
        url = make_url(source.url)
        engine = create_engine(url)
    except (NoSuchModuleError, ModuleNotFoundError):
        raise MissingExtra(feature="Reading training rows from this database", extra="postgres") from None
    except SQLAlchemyError:
        raise TrainingDataError("The URL of the training database cannot be read; write dialect://host/name.") from None
    shown = url.set(query={}).render_as_string(hide_password=True)
    if _is_missing_file(url):
        raise TrainingDataError(f"The database {shown} of the training query is not there; check the path in the URL.")
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection = connection.execution_options(postgresql_readonly=True)
            elif engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA query_only = ON")
            result = connection.exec_driver_sql(statement)
            names = list(result.keys())
            rows = result.all()
            connection.rollback()
    except SQLAlchemyError as problem:
        cause = getattr(problem, "orig", None) or type(problem).__name__
        raise TrainingDataError(f"The training query failed on {shown}: {cause}.") from problem
    finally:
        engine.dispose()
    check_names(names, source="the query's result")
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return make_table(dict(zip(names, cells, strict=True)), source="the query", lines=range(1, len(rows) + 1))


def _is_missing_file(url: URL) -> bool:
    """Say whether a URL names a file of SQLite that is not there; connecting would make an empty one."""
    path = url.database or ""
    return (
        url.get_backend_name() == "sqlite"
        and path not in ("", ":memory:")
        and not path.startswith("file:")
        and not Path(path).exists()
    )
