"""Declares one operation of the API, so that its route and its documentation come from the same words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from hotcrm_ai.domain.access import APIKey, KeyScope
from hotcrm_ai.domain.errors import HotCRMAIError
from hotcrm_ai.domain.limits import MAX_BODY_BYTES
from hotcrm_ai.entrypoints.http.server_counts import ServerCounts

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI

Method = Literal["GET", "POST", "PATCH", "DELETE"]


class NoQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The query of an operation that takes no parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of an operation: the workspace, the caller's key (None: nobody needs one), and what came in path, query and body.

    ``if_revision`` is the revision that a conditional change is meant for (0: there must be no such model), None without a condition.
    """

    ai: AI
    key: APIKey | None
    counts: ServerCounts
    path: Mapping[str, str]
    query: Any
    body: Any
    if_revision: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path.

    ``scope`` is what a caller's key must allow; None opens the operation to everybody who reaches the server.
    ``takes`` is the record that the body is read as (None: no body), ``query`` that of the query string, ``gives`` the type of the
    answer. ``errors`` are those that the operation itself can meet; those of unreadable requests are documented for all.
    ``path_words`` describes each parameter of the path. ``read`` builds the body's record where the usual way does not do.
    ``revision_of`` takes the revision from an answer, which is then told as its ``ETag``; ``conditional`` operations take one back in
    ``If-Match``. An ``is_idempotent`` operation leaves the same state when it is done again. An ``is_lookup`` has no effect, and its answer
    repeats what was sent, so that is never kept. ``location_of`` says where what was made is found. An operation of another
    ``media_type`` gives a ``Reply``.
    ``records_of`` says how many records an answer is about, which counts against the caller's rate.
    """

    method: Method
    path: str
    scope: KeyScope | None
    name: str
    tag: str
    summary: str
    description: str
    answer: Callable[[Call], Awaitable[Any]]
    gives: Any
    takes: type[msgspec.Struct] | None = None
    query: type[msgspec.Struct] = NoQuery
    status: int = 200
    errors: tuple[type[HotCRMAIError], ...] = ()
    path_words: Mapping[str, str] = field(default_factory=dict)
    body_limit: int = MAX_BODY_BYTES
    read: Callable[[Mapping[str, Any]], Any] | None = None
    revision_of: Callable[[Any], int] | None = None
    conditional: bool = False
    is_lookup: bool = False
    is_idempotent: bool = False
    location_of: Callable[[Any], str] | None = None
    media_type: str = "application/json"
    records_of: Callable[[Any], int] | None = None
