"""Reads and writes the cookies of the dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Final

from hotcrm_ai.entrypoints.dashboard.page import Theme

THEME_COOKIE: Final = "hotcrm_ai_theme"
_YEAR_SECONDS: Final = 31_536_000
_THEMES: Final[Mapping[str, Theme]] = {"light": "light", "dark": "dark", "auto": "auto"}


def read_cookies(header: bytes) -> dict[str, str]:
    """Return the cookies of a request by name; a header that cannot be read holds none."""
    try:
        found = SimpleCookie(header.decode("latin-1"))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in found.items()}


def theme_of(text: str | None) -> Theme:
    """Return the theme that a text names; that of the visitor's system for any other text."""
    return _THEMES.get(text or "", "auto")


def theme_cookie(theme: Theme) -> str:
    """Return the cookie that keeps the choice of light or dark."""
    return f"{THEME_COOKIE}={theme}; Path=/; Max-Age={_YEAR_SECONDS}; HttpOnly; SameSite=Strict"
