"""Declares one tool, so that what an assistant reads of it and what it does come from the same place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import msgspec

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI

ToolScope = Literal["read", "write"]
"""What an assistant may do: ``read`` asks models and looks, ``write`` also tells outcomes and writes scores back to the CRM."""

TOOL_SCOPES: Final[tuple[ToolScope, ...]] = get_args(ToolScope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool: ``takes`` is the record that its arguments are read as, ``gives`` that of its answer.

    ``asks_models`` says that a model may be asked, which can run at a provider outside of this machine. ``repeats`` says that doing it
    twice with the same arguments has no effect beyond the first time.
    """

    name: str
    title: str
    description: str
    takes: type[msgspec.Struct]
    gives: type[msgspec.Struct]
    answer: Callable[[AI, Any], Awaitable[Any]]
    scope: ToolScope = "read"
    asks_models: bool = False
    repeats: bool = True

    def input_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the arguments."""
        return object_schema(self.takes)

    def output_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the answer."""
        return object_schema(self.gives)


def object_schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the schema of a record with the object itself at the root, as the protocol wants it."""
    schema = msgspec.json.schema(kind)
    definitions: dict[str, Any] = schema.pop("$defs", {})
    root: dict[str, Any] = definitions.pop(kind.__name__)
    return {**root, "$defs": definitions} if definitions else root
