"""Lets the rest of a page stand where one part of it cannot be had."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Generic, TypeVar

from hotcrm_ai.domain.errors import HotCRMAIError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tried(Generic[T]):
    """What was had, or why it was not: the error's message, which says what to do next."""

    value: T | None
    problem: str | None = None


async def tried(work: Awaitable[T]) -> Tried[T]:
    """Wait for one part of a page; an error of ours becomes words in its place."""
    try:
        return Tried(await work)
    except HotCRMAIError as error:
        return Tried(None, error.message)
