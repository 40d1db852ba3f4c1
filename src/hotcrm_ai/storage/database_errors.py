"""Turns what a database driver raises into one ``StorageError`` that says what happened and what to do."""

from __future__ import annotations

import sqlite3
from typing import Final

from sqlalchemy import exc

from hotcrm_ai.domain.errors import StorageError

_SQLITE: Final = {
    "SQLITE_BUSY": "is locked by another process; let that process finish, then try again",
    "SQLITE_LOCKED": "is locked by another process; let that process finish, then try again",
    "SQLITE_FULL": "cannot grow because the disk is full; free some space, then try again",
    "SQLITE_IOERR": "could not be read or written by the operating system; check the disk and its free space",
    "SQLITE_CANTOPEN": "cannot be opened; check that its folder exists and may be written",
    "SQLITE_READONLY": "may only be read; give the user of this process the right to write the file and its folder",
    "SQLITE_CORRUPT": "is damaged; restore it from a backup",
    "SQLITE_NOTADB": "is no SQLite database; check the path in the URL",
    "SQLITE_CONSTRAINT": "refused the change because it breaks a constraint of the table; nothing was written",
}
_POSTGRESQL: Final = {
    "08": "cannot be reached; check that the server runs, then try again",
    "23": "refused the change because it breaks a constraint of the table; nothing was written",
    "22": "refused a value that the column cannot hold; nothing was written",
    "28": "refused the user or the password; check them in the URL",
    "3D": "does not exist on the server; create it, or check its name in the URL",
    "40": "stopped the transaction because another one was in its way; try again",
    "42501": "does not give this user the right to do that; grant it",
    "42P01": "has not the tables that were expected; run: hotcrm-ai db upgrade",
    "53100": "cannot grow because the disk is full; free some space, then try again",
    "53": "has no free connection or memory left; try again later",
    "55P03": "is locked by another process; let that process finish, then try again",
    "57": "is shutting down or stopped the statement; try again",
}
_UNREACHABLE: Final = "cannot be reached; check that the server runs and that the URL is right, then try again"
_UNKNOWN: Final = "failed; the cause is in the log, then try again"
_OUTCOME_UNKNOWN: Final = (
    "was lost while a change was being kept, so it may have been kept or not; look before you do it again"
)
_OVERLOADED: Final = "is overloaded: no connection became free in time; try again later"
_TEMPORARY: Final = frozenset(
    {
        _UNREACHABLE,
        _OVERLOADED,
        *(_SQLITE[code] for code in ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR")),
        *(_POSTGRESQL[state] for state in ("08", "40", "53100", "53", "55P03", "57")),
    }
)
"""What passes by itself or once somebody has mended it, without a change of settings."""


def storage_error(
    problem: exc.SQLAlchemyError, *, name: str, outcome_unknown: bool = False, place: str | None = None
) -> StorageError:
    """Return the error to raise for a failure of the database called ``name``; it holds no SQL, no value and no credential.

    ``place`` is the server's host and port, told only where that server cannot be reached.

    ``outcome_unknown``: the connection was lost during the commit, so the change may have been kept.
    """
    if outcome_unknown:
        return StorageError(f"The database {name!r} {_OUTCOME_UNKNOWN}.", temporary=True, outcome_unknown=True)
    reason = _reason(problem)
    where = f" at {place}" if place is not None and reason in (_UNREACHABLE, _POSTGRESQL["08"]) else ""
    return StorageError(f"The database {name!r}{where} {reason}.", temporary=reason in _TEMPORARY)


def _reason(problem: exc.SQLAlchemyError) -> str:
    if isinstance(problem, exc.TimeoutError):
        return _OVERLOADED
    if isinstance(problem, exc.NoSuchTableError):
        return "has not the tables that were expected; run: hotcrm-ai db upgrade"
    original = getattr(problem, "orig", None)
    if isinstance(original, sqlite3.Error):
        return _sqlite_reason(original)
    state = getattr(original, "sqlstate", None)
    if state:
        return next((_POSTGRESQL[state[:size]] for size in (5, 2) if state[:size] in _POSTGRESQL), _UNKNOWN)
    if isinstance(problem, exc.OperationalError | exc.InterfaceError):
        return _UNREACHABLE
    return _UNKNOWN


def _sqlite_reason(original: sqlite3.Error) -> str:
    code = getattr(original, "sqlite_errorname", "") or ""
    if code == "SQLITE_IOERR_WRITE":
        return _SQLITE["SQLITE_FULL"]
    known = next((reason for prefix, reason in _SQLITE.items() if code.startswith(prefix)), None)
    if known is not None:
        return known
    if "no such table" in str(original) or "no such column" in str(original):
        return _POSTGRESQL["42P01"]
    return _UNKNOWN
