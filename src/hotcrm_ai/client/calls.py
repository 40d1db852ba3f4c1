"""Makes methods of functions that build requests: the same declaration blocks in one client and is awaited in the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import wraps
from typing import Any, Generic, ParamSpec, Protocol, TypeVar, overload

from hotcrm_ai.client.request import Request
from hotcrm_ai.domain.answers import Page

P = ParamSpec("P")
ResultT = TypeVar("ResultT")
ItemT = TypeVar("ItemT")


class BlockingSends(Protocol):
    """Sends requests and blocks until their answer is there."""

    def send(self, request: Request[ResultT]) -> ResultT:
        """Return the answer of a request."""
        ...

    def pages(self, request: Request[Page[ItemT]]) -> Iterator[ItemT]:
        """Go through all pages of a list."""
        ...


class AwaitedSends(Protocol):
    """Sends requests whose answers are awaited."""

    async def send(self, request: Request[ResultT]) -> ResultT:
        """Return the answer of a request."""
        ...

    def pages(self, request: Request[Page[ItemT]]) -> AsyncIterator[ItemT]:
        """Go through all pages of a list."""
        ...


SenderT = TypeVar("SenderT", bound=BlockingSends | AwaitedSends)


class Group(Generic[SenderT]):
    """Methods that belong together, over one way of sending."""

    def __init__(self, sender: SenderT) -> None:
        self._sender = sender


class Call(Generic[P, ResultT]):
    """A method of a group that sends one request and gives its answer."""

    def __init__(self, build: Callable[P, Request[ResultT]]) -> None:
        self._build = build
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, group: None, owner: type) -> Call[P, ResultT]: ...
    @overload
    def __get__(self, group: Group[BlockingSends], owner: type) -> Callable[P, ResultT]: ...
    @overload
    def __get__(self, group: Group[AwaitedSends], owner: type) -> Callable[P, Coroutine[Any, Any, ResultT]]: ...
    def __get__(self, group: Any, owner: type) -> Any:
        """Return the method as the group's way of sending has it: what gives the answer, or what is awaited for it."""
        return self if group is None else _bound(self._build, group._sender.send)


class Listing(Generic[P, ItemT]):
    """A method of a group that goes through a list, page after page as they are needed."""

    def __init__(self, build: Callable[P, Request[Page[ItemT]]]) -> None:
        self._build = build
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, group: None, owner: type) -> Listing[P, ItemT]: ...
    @overload
    def __get__(self, group: Group[BlockingSends], owner: type) -> Callable[P, Iterator[ItemT]]: ...
    @overload
    def __get__(self, group: Group[AwaitedSends], owner: type) -> Callable[P, AsyncIterator[ItemT]]: ...
    def __get__(self, group: Any, owner: type) -> Any:
        """Return the method as the group's way of sending has it: an iterator, or one for ``async for``."""
        return self if group is None else _bound(self._build, group._sender.pages)


def _bound(build: Callable[..., Any], send: Callable[[Any], Any]) -> Callable[..., Any]:
    @wraps(build)
    def method(*arguments: Any, **options: Any) -> Any:
        return send(build(*arguments, **options))

    return method
