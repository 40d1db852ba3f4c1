"""Who may do what: API keys, the scopes that they carry, and somebody who signed in with one."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

import msgspec

from hotcrm_ai.domain.secret import Secret

KeyScope = Literal["predict", "read", "write", "admin"]
"""What a key is for: ``predict`` asks for answers and tells outcomes, ``read`` looks, ``write`` does both and changes models and
experiments, ``admin`` does everything."""

KEY_SCOPES: Final[tuple[KeyScope, ...]] = get_args(KeyScope)
SESSION_COOKIE: Final = "hotcrm_ai_session"
"""The cookie that carries the token of a sign-in; never the key itself."""

_KEY_IN_TEXT: Final = re.compile(r"(hk_[a-z0-9]{4,})_[a-z0-9_-]{8,}", re.IGNORECASE)
"""Wider than a key is, so that one that was mistyped is known as well."""

_INCLUDED_IN: Final[dict[KeyScope, frozenset[KeyScope]]] = {
    "predict": frozenset({"predict", "write", "admin"}),
    "read": frozenset({"read", "write", "admin"}),
    "write": frozenset({"write", "admin"}),
    "admin": frozenset({"admin"}),
}


class APIKey(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One API key as its owner sees it; the secret is not part of it. ``expires_at`` None: it does not expire.

    ``rate`` is how many requests a second it may send: None as many as the settings say, 0 as many as it likes.
    """

    id: str
    name: str
    scopes: tuple[KeyScope, ...]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    rate: float | None = None

    def allows(self, scope: KeyScope) -> bool:
        """Whether one of the key's scopes includes this one.

        >>> from datetime import UTC
        >>> key = APIKey(id="k", name="", scopes=("write",), created_at=datetime(2026, 1, 1, tzinfo=UTC))
        >>> key.allows("predict"), key.allows("admin")
        (True, False)
        """
        return any(map(_INCLUDED_IN[scope].__contains__, self.scopes))

    def is_valid(self, now: datetime) -> bool:
        """Whether the key opens anything at that moment: neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made; ``secret`` is the text that its owner presents, and cannot be had again."""

    key: APIKey
    secret: Secret


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who signed in with a key, until ``expires_at``; every change they ask for must carry ``csrf_token``."""

    key: APIKey
    csrf_token: str
    expires_at: datetime

    def accepts(self, csrf_token: str) -> bool:
        """Whether a form's token is the one that belongs to this sign-in."""
        return hmac.compare_digest(self.csrf_token.encode(), csrf_token.encode(errors="replace"))


def mask_keys(text: str) -> str:
    """Return a text for a log with the secret of every API key in it masked; the id stays, for that is how a key is revoked.

    >>> mask_keys("GET /v1/models/hk_abcdefgh_mzxw6ytboi2dkmrt")
    'GET /v1/models/hk_abcdefgh_***'
    """
    return _KEY_IN_TEXT.sub(r"\1_***", text) if "hk_" in text.lower() else text
