"""What a client sends and what comes back, without any network: one request knows how its answer is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Generic, Literal, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from hotcrm_ai.domain.answers import Page
from hotcrm_ai.domain.errors import InvalidRequest, ServerError
from hotcrm_ai.domain.json_value import copied_json

ResultT = TypeVar("ResultT")
ItemT = TypeVar("ItemT")
Repeats = Literal["freely", "under_key", "never"]
"""Whether a request may be sent again where it is not known what became of it: ``freely`` (it changes nothing), ``under_key`` (the server
does it once for one Idempotency-Key), or ``never``."""

NO_SUCH_MODEL: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Generic[ResultT]):
    """One request: where it goes, what it carries, whether it may be repeated, and how its answer is read."""

    method: Literal["GET", "POST", "PATCH", "DELETE"]
    path: str
    read: Callable[[bytes], ResultT]
    repeats: Repeats
    query: Mapping[str, Any] = field(default_factory=dict)
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """Path and query as the request line has them; what is None is left out."""
        given = {name: value for name, value in self.query.items() if value is not None}
        return f"{self.path}?{urlencode(given)}" if given else self.path

    def from_cursor(self, cursor: str) -> Request[ResultT]:
        """Return the same request for the page that begins at the cursor."""
        return replace(self, query={**self.query, "cursor": cursor})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def get(path: str, gives: type[ResultT], **query: Any) -> Request[ResultT]:
    """Return a request that only looks."""
    return Request(method="GET", path=path, read=record_reader(gives), repeats="freely", query=query)


def pages(path: str, gives: type[ItemT], **query: Any) -> Request[Page[ItemT]]:
    """Return a request for the first page of a list."""
    read: Callable[[bytes], Page[ItemT]] = record_reader(Page[gives])  # type: ignore[valid-type]
    return Request(method="GET", path=path, read=read, repeats="freely", query=query)


def post(
    path: str,
    read: Callable[[bytes], ResultT],
    body: Mapping[str, Any] | None = None,
    *,
    repeats: Repeats = "under_key",
    if_revision: int | None = None,
    **query: Any,
) -> Request[ResultT]:
    """Return a request that asks for something to be done; ``repeats`` is ``freely`` where it has no effect."""
    encoded = None if body is None else json_bytes(body)
    return Request(
        method="POST",
        path=path,
        read=read,
        repeats=repeats,
        body=encoded,
        headers=condition_of(if_revision),
        query=query,
    )


def record_reader(kind: Any) -> Callable[[bytes], Any]:
    """Return what reads a JSON body as a record.

    The reader raises ``ServerError`` for a body that does not fit, for example one of a server of another version.
    """

    def read(body: bytes) -> Any:
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            raise ServerError(
                f"The server's answer is no {getattr(kind, '__name__', kind)!s} ({problem}); check that the address leads to "
                "hotcrm-ai serve, and that client and server have the same version."
            ) from problem

    return read


def json_bytes(body: Mapping[str, Any]) -> bytes:
    """Return a body as strict JSON; raises ``InvalidRequest`` for a value that JSON does not have, such as NaN."""
    try:
        return msgspec.json.encode(copied_json(msgspec.to_builtins(body)))
    except (TypeError, ValueError) as problem:
        raise InvalidRequest(f"The request cannot be sent as JSON: {problem}.") from problem


def given(**fields: Any) -> dict[str, Any]:
    """Return the fields that are not None; the server has its own defaults for the others."""
    return {name: value for name, value in fields.items() if value is not None}


def segment(text: str) -> str:
    """Return an id as one segment of a path, whatever is in it; raises ``InvalidRequest`` where it is empty."""
    if not text:
        raise InvalidRequest("An id is empty; give the id of a model or record.")
    return quote(text, safe="").replace(".", "%2E") if set(text) == {"."} else quote(text, safe="")


def condition_of(if_revision: int | None) -> dict[str, str]:
    """Return the header that makes a change conditional: on a revision, or (0) on there being no such model."""
    if if_revision is None:
        return {}
    return {"if-none-match": "*"} if if_revision == NO_SUCH_MODEL else {"if-match": f'"{if_revision}"'}
