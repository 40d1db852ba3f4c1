"""What the server hands on with each request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI

EXCHANGE: Final = "hotcrm_ai.exchange"
"""The key under which the server puts a request's exchange into its ASGI scope."""


class Exchange(Protocol):
    """One request as the server knows it."""

    @property
    def ai(self) -> AI:
        """The open workspace."""
        ...

    @property
    def headers(self) -> Mapping[bytes, bytes]:
        """The headers by lower-case name."""
        ...

    @property
    def request_id(self) -> str:
        """The id that the answer carries."""
        ...

    @property
    def body_seconds(self) -> float:
        """How long a body may take to arrive."""
        ...

    @property
    def is_local(self) -> bool:
        """Whether a program of this machine sent the request, and nobody forwarded it."""
        ...
