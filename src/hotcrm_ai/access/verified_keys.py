"""Remembers for a moment which keys were verified, so that not every request asks the database."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Final

from hotcrm_ai.domain.access import APIKey

KEPT_SECONDS: Final = 1.0
"""How long a verified key may be trusted without asking again; a revocation reaches every process within this time."""

RENEWED_AFTER_SECONDS: Final = 0.5


class _Verified:
    """One verified key; from half of its time on, one caller renews it while the others go on."""

    __slots__ = ("key", "renew_at", "renewing", "text", "until")

    def __init__(self, key: APIKey, text: str, *, since: float, seconds: float) -> None:
        self.key = key
        self.text = text
        self.renew_at = since + min(seconds, RENEWED_AFTER_SECONDS)
        self.until = since + min(seconds, KEPT_SECONDS)
        self.renewing = False

    def may_serve(self, at: float) -> bool:
        if at < self.renew_at or (self.renewing and at < self.until):
            return True
        self.renewing = True
        return False


class VerifiedKeys:
    """The keys verified a moment ago, by id; times are monotonic seconds.

    For that moment the text itself is held: to hash it at every request would cost more than all the rest.
    """

    def __init__(self) -> None:
        self._verified: dict[str, _Verified] = {}

    def recall(self, key_id: str, text: str, *, at: float) -> APIKey | None:
        """Return the key where this text of it was verified a moment ago; None: verify it, and ``keep`` or ``forget`` it."""
        found = self._verified.get(key_id)
        if found is None or not text.isascii() or not hmac.compare_digest(found.text, text) or not found.may_serve(at):
            return None
        return found.key

    def keep(self, key: APIKey, text: str, *, since: float, now: datetime) -> None:
        """Remember a key that was looked up after ``since``, and never past its own expiry."""
        left = KEPT_SECONDS if key.expires_at is None else (key.expires_at - now).total_seconds()
        self._verified = {known: one for known, one in self._verified.items() if one.until > since}
        self._verified[key.id] = _Verified(key, text, since=since, seconds=left)

    def forget(self, key_id: str) -> None:
        """Forget a key."""
        self._verified.pop(key_id, None)
