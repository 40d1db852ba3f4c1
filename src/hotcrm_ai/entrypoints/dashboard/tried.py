"""Lets the rest of a page stand where one part of it cannot be had."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from hotcrm_ai.domain.access import mask_keys
from hotcrm_ai.domain.errors import HotCRMAIError
from hotcrm_ai.entrypoints.dashboard.faults import is_ours, words_of

T = TypeVar("T")

_logger: Final = logging.getLogger("hotcrm_ai.dashboard")


@dataclass(frozen=True, slots=True)
class Tried(Generic[T]):
    """What was had, or why it was not, in words for the page."""

    value: T | None
    problem: str | None = None


async def tried(work: Awaitable[T]) -> Tried[T]:
    """Wait for one part of a page; an error of ours becomes words in its place."""
    try:
        return Tried(await work)
    except HotCRMAIError as error:
        if is_ours(error):
            _logger.error("a part of a page cannot be had: %s", mask_keys(repr(error)))
        return Tried(None, words_of(error))
