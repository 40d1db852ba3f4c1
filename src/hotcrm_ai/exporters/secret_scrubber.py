"""Takes live secrets out of text, in whatever encoding they got there."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import quote, quote_plus, unquote, urlsplit

from hotcrm_ai.domain.access import mask_keys
from hotcrm_ai.domain.secret import live_secrets

MASK: Final = "***"
SHORTEST: Final = 6
"""A shorter value is no secret worth the name, and stands in too many words."""


class SecretScrubber:
    """Replaces every value that a ``Secret`` of this process holds, plain, base64, URL-encoded or escaped as JSON has it.

    Passwords inside URLs count as values of their own. API keys are known by their form, also those that nobody has verified;
    of these the id stays, by which one is revoked.
    """

    def __init__(self, secrets: Callable[[], Iterable[str]] = live_secrets) -> None:
        self._secrets = secrets
        self._known: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None

    def scrub(self, text: str) -> str:
        """Return the text without secrets."""
        known = frozenset(self._secrets())
        if known != self._known:
            self._known, self._pattern = known, _pattern_of(known)
        if self._pattern is not None:
            text = self._pattern.sub(MASK, text)
        return mask_keys(text)


def encodings_of(value: str) -> set[str]:
    """Return every form in which a value may stand in a text; base64 also where it begins in the middle of something longer."""
    forms = {value, quote(value, safe=""), quote(value), quote_plus(value), value.encode().hex()}
    forms |= {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1]}
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + value.encode()).decode().rstrip("=")
        whole = len(value.encode()) + before
        certain = encoded[-(-before * 8 // 6) : whole * 8 // 6]
        forms |= {certain, certain.replace("+", "-").replace("/", "_")}
    return {form for form in forms if len(form) >= SHORTEST}


def _pattern_of(secrets: Iterable[str]) -> re.Pattern[str] | None:
    forms = {form for secret in secrets for value in _values_of(secret) for form in encodings_of(value)}
    if not forms:
        return None
    return re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))


def _values_of(secret: str) -> set[str]:
    """Return a secret and, of a URL, the password alone; a URL without one holds nothing secret but may name a file."""
    if "://" not in secret:
        return {secret} if len(secret) >= SHORTEST else set()
    try:
        password = urlsplit(secret).password
    except ValueError:
        return {secret}
    return {one for one in (password, unquote(password)) if len(one) >= SHORTEST} if password else set()
