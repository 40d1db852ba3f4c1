"""The search for a record of the CRM by name or id."""

from __future__ import annotations

from typing import Any, Final

from hotcrm_ai.actions.record_search import MOST_FOUND, find_records, record_line, record_name
from hotcrm_ai.entrypoints.dashboard.addresses import record_address
from hotcrm_ai.entrypoints.dashboard.page import Answer, Page, Sent, Shown, Visit
from hotcrm_ai.entrypoints.dashboard.tried import Tried, tried

TYPES: Final = ("Lead", "Account")


async def show_found(visit: Visit) -> Answer:
    """Show what was found, or lead on to the record whose id was given."""
    text = visit.query.get("q", "").strip()
    only = visit.query.get("type")
    types = [object_type for object_type in TYPES if only in (None, "", object_type)]
    groups: list[tuple[str, Tried[list[dict[str, Any]]]]] = []
    for object_type in types:
        found = await tried(find_records(visit.ai, object_type, text))
        if found.value and len(found.value) == 1 and found.value[0]["id"] == text:
            return Sent(to=record_address(object_type, text))
        groups.append((object_type, found))
    values = {
        "text": text,
        "groups": groups,
        "name": record_name,
        "line": record_line,
        "most": MOST_FOUND,
        "only": only or "",
    }
    return Shown(template="record_search.html", title="Find a record", values=values)


PAGES: Final = (Page(path="/records", scope="read", show=show_found),)
