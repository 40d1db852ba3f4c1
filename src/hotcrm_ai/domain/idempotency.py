"""Requests that are sent again under the same key: what is kept of the first, and what the second meets."""

from __future__ import annotations

from typing import Literal

import msgspec

KeyState = Literal["claimed", "answered", "running", "interrupted", "other_request"]


class KeptAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer as it was sent: status, body, and the headers that belong to what it says."""

    status: int
    body: str
    headers: dict[str, str]


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """What a request under a key meets.

    ``claimed``: it is the first, or may do again what one did that died; it may go on. ``answered``: here is the answer. ``running``: the
    first is still at work. ``interrupted``: the first died, and nobody knows what it did. ``other_request``: the key was used for a request
    with another content.
    """

    state: KeyState
    answer: KeptAnswer | None = None
