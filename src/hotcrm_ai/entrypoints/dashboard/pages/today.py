"""The first page: what to look at this morning."""

from __future__ import annotations

from typing import Final

from hotcrm_ai.entrypoints.dashboard.page import Menu, Page, Shown, Visit


async def show_today(visit: Visit) -> Shown:
    """Show the first page."""
    return Shown(template="today.html", title="Today", values={"now": visit.now})


PAGES: Final = (Page(path="/", scope="read", show=show_today, menu=Menu("Today", 10)),)
