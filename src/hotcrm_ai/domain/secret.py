"""Carries a secret value so that no print, log, JSON or format of it ever shows it."""

from __future__ import annotations

from typing import NoReturn
from weakref import WeakValueDictionary

_MASK = "***"


class Secret:
    """A secret string; only ``reveal()`` gives the value, everything else gives ``***``."""

    __slots__ = ("__weakref__", "_value")

    def __init__(self, value: str) -> None:
        self._value = value
        _LIVE[id(self)] = self

    def reveal(self) -> str:
        """Return the value itself, for the one line that hands it to a client."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({_MASK})"

    def __str__(self) -> str:
        return _MASK

    def __format__(self, format_spec: str) -> str:
        return _MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(("Secret", self._value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret cannot be serialised")


_LIVE: WeakValueDictionary[int, Secret] = WeakValueDictionary()
"""Every secret that exists, for as long as it does: what writes text of the process, such as its log, must not write one of them."""


def live_secrets() -> set[str]:
    """Return the values of all secrets that exist in this process."""
    # Taken at one stroke: another thread may make a secret meanwhile, and iterating would fail then.
    living = [reference() for reference in _LIVE.valuerefs()]
    return {secret.reveal() for secret in living if secret is not None}
