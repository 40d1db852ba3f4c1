"""Finds records of the CRM by id or name, and says how a record is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hotcrm_ai.assembly import AI

_NAME_FIELDS: Final = ("first_name", "last_name", "name", "company", "email", "title")
MOST_FOUND: Final = 50


def record_name(record: Mapping[str, Any]) -> str:
    """Return what people call a record: its name, else first and last name, else its id.

    >>> record_name({"id": "7", "first_name": "Ada", "last_name": "Byron"})
    'Ada Byron'
    """
    if record.get("name"):
        return str(record["name"])
    parts = [str(record[field]) for field in ("first_name", "last_name") if record.get(field)]
    return " ".join(parts) or str(record.get("title") or record["id"])


def record_line(record: Mapping[str, Any], fields: Sequence[str]) -> str:
    """Return the fields that a record has of some, side by side.

    >>> record_line({"id": "7", "company": "Torguvor Tools", "industry": None}, ("company", "industry"))
    'Torguvor Tools'
    """
    return " · ".join(str(record[field]) for field in fields if record.get(field))


async def find_records(ai: AI, object_type: str, text: str, *, limit: int = MOST_FOUND) -> list[dict[str, Any]]:
    """Return the records with this id, or whose names, company or e-mail hold all the words; the first by id come first.

    Raises:
        ConfigError: the CRM has no such table.
        StorageError: the CRM's database failed.
    """
    words = text.casefold().split()[:6]
    if not words:
        return []
    found = {record["id"]: record for record in await ai.crm.find(object_type, [["id", "=", text.strip()]], page=1)}
    newest = await ai.crm.highest(object_type, "id", limit=1)
    fields = [field for field in _NAME_FIELDS if newest and field in newest[0]]
    for field in fields:
        longest = max(words, key=len)
        for record in await ai.crm.find(object_type, [[field, "like", f"%{longest}%"]], fields, page=1):
            held = " ".join(str(record[name]) for name in fields if record[name]).casefold()
            if all(word in held for word in words):
                found.setdefault(record["id"], record)
    return list(found.values())[:limit]
