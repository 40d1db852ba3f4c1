"""A way of finding what would have to be different for another answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from hotcrm_ai.domain.model import ModelConfig


class FoundChange(msgspec.Struct, frozen=True, kw_only=True):
    """The new values of the fields to change (None: nothing that was tried reaches the goal), and how many records were tried."""

    values: dict[str, Any] | None
    tried: int


class Counterfactuals(Protocol):
    """Searches the models it supports; every candidate is judged by asking the model itself."""

    def supports(self, model: ModelConfig) -> bool:
        """True where this search can ask that model."""
        ...

    async def find(
        self, model: ModelConfig, features: Mapping[str, Any], *, changeable: Sequence[str], goal: str | float
    ) -> FoundChange:
        """Return the smallest change of the named fields that reaches a band or a probability."""
        ...

    async def insight(self, model: ModelConfig) -> dict[str, Any]:
        """Return what training recorded of the model as a whole."""
        ...
