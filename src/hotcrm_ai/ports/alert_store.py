"""Where incidents and the messages that tell of them are kept, for all processes of a workspace together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from hotcrm_ai.domain.alert import Delivery, Finding, Incident


class AlertStore(Protocol):
    """Incidents, one open at a time for a rule and subject, and deliveries that outlive the process."""

    async def note(
        self, finding: Finding, *, now: datetime, sinks: Sequence[str], good_minutes: int
    ) -> Incident | None:
        """Take in what a rule found; return the incident that this opened or closed, with a message to each sink, else None."""
        ...

    async def incidents(
        self, *, is_open: bool | None = None, limit: int = 100, after: str | None = None
    ) -> list[Incident]:
        """Return incidents, the newest first; those that come after one of that id, where it is given."""
        ...

    async def claim(self, *, now: datetime, until: datetime, limit: int = 20) -> list[Delivery]:
        """Return messages that are due, and keep them from other processes until then; earlier ones of a sink and incident first."""
        ...

    async def settle(
        self, delivery: Delivery, *, delivered_at: datetime | None, next_attempt_at: datetime | None
    ) -> None:
        """Note that a message arrived, or when to try again; with neither it is given up, and kept as such."""
        ...

    async def waiting(self) -> list[Delivery]:
        """Return messages that have not arrived, those given up among them, oldest first."""
        ...
