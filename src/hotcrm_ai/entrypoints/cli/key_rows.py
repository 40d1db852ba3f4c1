"""Shows API keys, without their secrets, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from rich.table import Table

from hotcrm_ai.domain.access import APIKey
from hotcrm_ai.entrypoints.cli.screen import status_text, table


def key_table(found: Sequence[tuple[APIKey, str]]) -> Table:
    """Return the table of keys, each with its state."""
    rows = [
        (
            key.id,
            key.name or None,
            ", ".join(key.scopes),
            None if key.rate is None else f"{key.rate:g}/s" if key.rate else "no limit",
            status_text(state),
            _moment(key.created_at),
            _moment(key.expires_at) or "never",
            _moment(key.last_used_at) or "never",
        )
        for key, state in found
    ]
    columns = ("Id", "Name", "Scopes", "Rate", "State", "Made", "Expires", "Last used")
    return table(columns, rows, whole=("Id",))


def shown_key(key: APIKey, state: str) -> dict[str, Any]:
    """Return a key for machines, with its state."""
    return {**msgspec.to_builtins(key), "state": state}


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(sep=" ", timespec="minutes")
