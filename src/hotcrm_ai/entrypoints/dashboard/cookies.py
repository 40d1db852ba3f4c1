"""Reads and writes the cookies of the dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Final

from hotcrm_ai.domain.access import SESSION_COOKIE
from hotcrm_ai.domain.secret import Secret
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


def session_cookie(token: Secret | None, *, seconds: int, is_secure: bool) -> str:
    """Return the cookie that carries a sign-in's token for so many seconds; without a token, the one that takes it away."""
    value, age = ("", 0) if token is None else (token.reveal(), seconds)
    secure = "; Secure" if is_secure else ""
    return f"{SESSION_COOKIE}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}"
