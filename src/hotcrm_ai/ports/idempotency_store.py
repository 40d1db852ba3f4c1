"""Where it is kept which requests were begun and answered under a key, so that none has its effect twice."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from hotcrm_ai.domain.idempotency import Begun, KeptAnswer


class IdempotencyStore(Protocol):
    """Claims of keys by requests; a claim that is not renewed runs out, so that a dead process is known."""

    async def begin(
        self, key: str, *, fingerprint: str, owner: str, now: datetime, lease_until: datetime, is_idempotent: bool
    ) -> Begun:
        """Claim a key for a request, or say why not; one whose first owner died is claimed where doing it again does no harm."""
        ...

    async def renew(self, key: str, *, owner: str, lease_until: datetime) -> None:
        """Prolong a claim while the request is at work."""
        ...

    async def finish(self, key: str, *, owner: str, answer: KeptAnswer) -> None:
        """Keep the answer of a claimed request."""
        ...

    async def release(self, key: str, *, owner: str) -> None:
        """Give a claim back: the request failed and may be sent again."""
        ...
