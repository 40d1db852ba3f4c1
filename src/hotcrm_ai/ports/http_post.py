"""How a part that is no provider sends one request over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

HTTPPost = Callable[[str, Mapping[str, str], bytes], Awaitable[int]]
"""Posts a body with headers to a URL and returns the status of the reply; raises ``ProviderError`` where there was none."""
