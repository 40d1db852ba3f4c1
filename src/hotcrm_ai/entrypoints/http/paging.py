"""Cuts long lists into pages: every list of the API is ``{items, next}``, and ``next`` is the ``cursor`` of the page after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

import msgspec

from hotcrm_ai.domain.answers import Page

ItemT = TypeVar("ItemT")

Limit = Annotated[int, msgspec.Meta(ge=1, le=1000, description="How many items a page has at most, 1 to 1000.")]
Cursor = Annotated[
    str,
    msgspec.Meta(
        max_length=256, description="Where the page starts: `next` of the page before; nothing for the first page."
    ),
]


class PageQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Which page of a list is asked for."""

    limit: Limit = 100
    cursor: Cursor | None = None


def page_of(
    items: Sequence[ItemT], *, key: Callable[[ItemT], str], limit: int, cursor: str | None = None
) -> Page[ItemT]:
    """Return the items whose key comes after the cursor, at most ``limit``.

    The items are in order of their key, so that a page stays right when items come or go between two calls.
    """
    rest = items if cursor is None else [item for item in items if key(item) > cursor]
    shown = tuple(rest[:limit])
    return Page(items=shown, next=key(shown[-1]) if len(rest) > len(shown) else None)
