"""Posts JSON for the sinks that speak HTTP, and says why it was not taken."""

from __future__ import annotations

from collections.abc import Mapping

from hotcrm_ai.domain.errors import AlertNotDelivered, ProviderError
from hotcrm_ai.ports.http_post import HTTPPost


async def post_json(post: HTTPPost, url: str, headers: Mapping[str, str], body: bytes) -> None:
    """Post a body; any status from 200 to 299 says that it was taken.

    Raises:
        AlertNotDelivered: there was no reply, or another status; neither the URL nor the reply is repeated.
    """
    try:
        status = await post(url, {"content-type": "application/json", **headers}, body)
    except ValueError:
        raise AlertNotDelivered("The receiver's address is no URL; give one like https://host/path.") from None
    except ProviderError as problem:
        raise AlertNotDelivered(f"Nobody took the message: {problem.message}") from problem
    if not 200 <= status <= 299:
        raise AlertNotDelivered(f"The receiver answered with status {status}; check its address and secret.")
