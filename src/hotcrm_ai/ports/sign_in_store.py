"""Where sign-ins are kept: never their tokens, only a digest of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hotcrm_ai.domain.access import APIKey


@dataclass(frozen=True, slots=True)
class KeptSignIn:
    """One sign-in: the SHA-256 of its token in hexadecimal digits, the key that it was made with, and its time."""

    digest: str
    key_id: str
    created_at: datetime
    expires_at: datetime


class SignInStore(Protocol):
    """The sign-ins of one workspace."""

    async def add(self, sign_in: KeptSignIn) -> None:
        """Keep a sign-in, and forget those that ended before it began."""
        ...

    async def find(self, digest: str) -> tuple[KeptSignIn, APIKey] | None:
        """Return the sign-in of that digest with its key, each in whatever state it is."""
        ...

    async def remove(self, digest: str) -> None:
        """Forget a sign-in, where it is there."""
        ...
