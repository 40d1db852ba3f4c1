"""What a vendor's file must say of its wire format; everything else of a call is written once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from hotcrm_ai.domain.errors import ProviderError
from hotcrm_ai.domain.secret import Secret
from hotcrm_ai.domain.spending import TokenUsage
from hotcrm_ai.providers._http import HTTPReply


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One question, the same for every vendor: a fixed instruction, a record as data, and the schema of the answer."""

    model: str
    instruction: str
    record: str
    schema: Mapping[str, Any]
    schema_name: str
    max_output_tokens: int
    wants_chances: bool
    options: Mapping[str, Any]


class TokenChance(msgspec.Struct, frozen=True, kw_only=True):
    """One token of an answer with its log-probability, and the likeliest tokens that could have stood there."""

    token: bytes
    logarithm: float
    others: tuple[tuple[bytes, float], ...] = ()


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """What came back: the text of a whole answer, or the fault why there is none; tokens are counted in both cases."""

    text: str = ""
    fault: ProviderError | None = None
    usage: TokenUsage | None = None
    chances: tuple[TokenChance, ...] = ()


class Wire(Protocol):
    """One vendor's wire format."""

    provider: str
    url: str
    health_url: str
    options: frozenset[str]
    gives_chances: bool

    def headers(self, key: Secret | None, *, prediction_id: str | None = None) -> dict[str, str]:
        """Return the headers of a call."""
        ...

    def body(self, ask: Ask) -> dict[str, Any]:
        """Return the body of a call."""
        ...

    def completion(self, body: Mapping[str, Any], *, model_id: str) -> Completion:
        """Read the body of a successful reply; raises ``LookupError``, ``TypeError`` or ``ValueError`` where it is none."""
        ...

    def fault(self, reply: HTTPReply, *, model_id: str) -> ProviderError:
        """Return the error of a reply that is no success."""
        ...


def body_of(reply: HTTPReply) -> Mapping[str, Any]:
    """Return the JSON object of a reply, or an empty one where it holds none."""
    try:
        found = msgspec.json.decode(reply.body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
    return found if isinstance(found, Mapping) else {}


def count_at(usage: Mapping[str, Any], *path: str) -> int:
    """Return a count of tokens at a path, 0 where the vendor leaves it out; raises ``ValueError`` where it is no count."""
    found: Any = usage
    for step in path:
        found = found.get(step) if isinstance(found, Mapping) else None
    if found is None:
        return 0
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found < 2**40:
        raise ValueError(f"{'.'.join(path)} is no count of tokens")
    return found


def read_chances(entries: Any) -> tuple[TokenChance, ...]:
    """Return the log-probabilities of a reply in OpenAI's form; nothing where they are absent or cannot be used."""
    if not isinstance(entries, list):
        return ()
    try:
        return tuple(_chance(entry) for entry in entries)
    except (LookupError, TypeError, ValueError, OverflowError):
        return ()


def _chance(entry: Mapping[str, Any]) -> TokenChance:
    others = entry.get("top_logprobs") or []
    return TokenChance(
        token=_bytes(entry),
        logarithm=_logarithm(entry),
        others=tuple((_bytes(other), _logarithm(other)) for other in others),
    )


def _bytes(entry: Mapping[str, Any]) -> bytes:
    given = entry.get("bytes")
    return bytes(given) if given is not None else str(entry["token"]).encode()


def _logarithm(entry: Mapping[str, Any]) -> float:
    value = float(entry["logprob"])
    if math.isnan(value) or value > 1e-6:
        raise ValueError("it is no logarithm of a probability")
    return value
