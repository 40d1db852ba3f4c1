"""A list is cut into pages that miss nothing and repeat nothing, also while it changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hotcrm_ai.entrypoints.http.paging import page_of


@given(names=st.sets(st.text(max_size=4)), limit=st.integers(1, 5))
def test_pages_put_together_are_the_list(names: set[str], limit: int) -> None:
    """Following ``next`` from the first page on gives every item once, in order."""
    ordered = sorted(names)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = page_of(ordered, key=str, limit=limit, cursor=cursor)
        seen += page.items
        if page.next is None:
            break
        cursor = page.next
    assert seen == ordered


def test_an_item_that_goes_between_two_pages_moves_no_other() -> None:
    """A cursor is a key and not a count."""
    first = page_of(["a", "b", "c", "d"], key=str, limit=2)
    assert page_of(["b", "c", "d"], key=str, limit=2, cursor=first.next).items == ("c", "d")


def test_a_full_last_page_has_no_next() -> None:
    """``next`` is null as soon as nothing follows."""
    assert page_of(["a", "b"], key=str, limit=2).next is None
    assert page_of([], key=str, limit=2).next is None
