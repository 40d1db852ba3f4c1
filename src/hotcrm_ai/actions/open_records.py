"""Knows which records of the CRM are still open: those of which it does not tell how they ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from hotcrm_ai.assembly import AI
from hotcrm_ai.domain.errors import ConfigError, InvalidRequest

OUTCOME_FIELDS: Final[Mapping[str, str]] = {"Lead": "converted", "Account": "churned", "Opportunity": "won"}
"""The CRM field that tells how a record ended: 1 or 0, empty while it is open."""


class OpenRecords(msgspec.Struct, frozen=True, kw_only=True):
    """The query that gives the open records of an object, the field that tells which those are, and how many are closed."""

    query: dict[str, Any]
    field: str
    closed: int


async def open_records(ai: AI, object_type: str) -> OpenRecords:
    """Return which records of an object are open.

    Raises:
        InvalidRequest: the CRM does not tell; the message says what to name instead.
        StorageError: the CRM's database failed.
    """
    field = OUTCOME_FIELDS.get(object_type)
    if field is None:
        raise InvalidRequest(
            f"Records of {object_type} are never closed, so say which ones are meant: ids, a condition, or all."
        )
    try:
        closed = await ai.crm.find(object_type, [[field, "is not null", None]], ["id"])
    except ConfigError as problem:
        if field not in problem.details.get("missing", ()):
            raise
        raise InvalidRequest(
            f"The CRM does not tell which records of {object_type} are closed: it has no field {field!r}. Map one in the setting "
            "crm_objects, or say which records are meant: ids, a condition, or all."
        ) from problem
    return OpenRecords(query={"filters": [[field, "is null", None]]}, field=field, closed=len(closed))
