"""Takes live secrets out of text, in whatever encoding they got there."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import SplitResult, quote, quote_plus, unquote, unquote_plus, urlsplit

from hotcrm_ai.domain.access import mask_keys
from hotcrm_ai.domain.secret import live_secrets

MASK: Final = "***"
SHORTEST: Final = 6
"""A shorter value is no secret worth the name, and stands in too many words."""


_TOKEN: Final = 16
"""From so many characters on a part of a web address may be a token rather than a word."""

_TELLING: Final = re.compile("pass|pwd|secret|token|api_?key|signature", re.IGNORECASE)


class SecretScrubber:
    """Replaces every value that a ``Secret`` of this process holds, plain, base64, URL-encoded or escaped as JSON has it.

    What is secret of a URL counts as values of their own: its password, a password in its query, and of a web address path and tokens.
    API keys are known by their form, also those that nobody has verified; of these the id stays, by which one is revoked.
    """

    def __init__(self, secrets: Callable[[], Iterable[str]] = live_secrets) -> None:
        self._secrets = secrets
        self._known: tuple[frozenset[str], re.Pattern[str] | None] = frozenset(), None

    def scrub(self, text: str) -> str:
        """Return the text without secrets."""
        now = frozenset(self._secrets())
        known, pattern = self._known
        if now != known:
            pattern = _pattern_of(now)
            self._known = now, pattern
        if pattern is not None:
            text = pattern.sub(MASK, text)
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
    """Return a secret and, of a URL, only what is secret of it: its host and the name of a database or file are in many words."""
    if "://" not in secret:
        return {secret} if len(secret) >= SHORTEST else set()
    try:
        parts = urlsplit(secret)
        found = {parts.password or "", *_secrets_of_query(parts)}
    except ValueError:
        return {secret}
    if parts.scheme in ("http", "https"):
        found |= {parts.path.strip("/"), *(step for step in parts.path.split("/") if len(step) >= _TOKEN)}
    return {form for one in found for form in (one, unquote(one), unquote_plus(one)) if len(form) >= SHORTEST}


def _secrets_of_query(parts: SplitResult) -> set[str]:
    """Return what is secret in the query of a URL: a password or secret by its name, and of a web address whatever may be a token."""
    given = [pair.partition("=")[::2] for pair in parts.query.split("&")]
    is_web = parts.scheme in ("http", "https")
    return {value for name, value in given if _TELLING.search(unquote(name)) or (is_web and len(value) >= _TOKEN)}
