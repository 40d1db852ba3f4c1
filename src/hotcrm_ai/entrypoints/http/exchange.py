"""What belongs to one request from its first header to its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request under way: the workspace that answers it, its headers by lower-case name, and its id."""

    ai: AI
    headers: Mapping[bytes, bytes]
    request_id: str
    body_seconds: float
