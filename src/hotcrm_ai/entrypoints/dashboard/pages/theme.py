"""Keeps the visitor's choice of light or dark."""

from __future__ import annotations

from typing import Final

from hotcrm_ai.entrypoints.dashboard.addresses import own_address
from hotcrm_ai.entrypoints.dashboard.cookies import theme_cookie, theme_of
from hotcrm_ai.entrypoints.dashboard.page import Page, Sent, Visit


async def keep_theme(visit: Visit) -> Sent:
    """Keep the theme in a cookie and lead back to where the visitor came from."""
    theme = theme_of(visit.form.get("theme"))
    return Sent(to=own_address(visit.form.get("back", "/")), cookies=(theme_cookie(theme),))


PAGES: Final = (Page(path="/theme", method="POST", scope=None, show=keep_theme),)
