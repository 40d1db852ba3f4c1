"""What a page declares, what it is given, and what it can answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from hotcrm_ai.domain.access import KeyScope, SignedIn

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI

Theme = Literal["auto", "light", "dark"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request for a page: the workspace, what came in the path, the query and the form, and when it came.

    ``url`` is the path with its query, to come back to. ``is_open`` is true where nobody has to sign in, because the visitor is on this
    machine and no key was ever made; otherwise ``signed_in`` says who it is, and ``session`` is their token.
    """

    ai: AI
    url: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    now: datetime
    theme: Theme = "auto"
    is_secure: bool = False
    is_open: bool = False
    signed_in: SignedIn | None = None
    session: str | None = None

    def may(self, scope: KeyScope) -> bool:
        """Whether the visitor may do what needs this scope."""
        return self.is_open or (self.signed_in is not None and self.signed_in.key.allows(scope))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A page to show: its template, the values that it needs, and its title."""

    template: str
    title: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The visitor is led on to another page; ``cookies`` are whole ``Set-Cookie`` values."""

    to: str
    cookies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """JSON for a script of ours."""

    value: Any
    status: int = 200


Answer = Shown | Sent | Told


@dataclass(frozen=True, slots=True)
class Menu:
    """An entry of the menu; a smaller ``place`` stands further to the front."""

    title: str
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One method of one path, and the scope that a key needs for it; with a scope of None it is there for everybody."""

    path: str
    show: Callable[[Visit], Awaitable[Answer]]
    scope: KeyScope | None
    method: Literal["GET", "POST"] = "GET"
    menu: Menu | None = None
