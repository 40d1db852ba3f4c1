"""Requests that tell how the server and its models do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from hotcrm_ai.client.request import Request, get, pages, record_reader
from hotcrm_ai.domain.alert import Incident
from hotcrm_ai.domain.answers import Alive, Cleared, Page, SystemHealth
from hotcrm_ai.domain.errors import ServerError
from hotcrm_ai.domain.performance import CacheStats, ModelPerformanceStats
from hotcrm_ai.domain.spending import ModelUsage


def stats(*, window: float | None = None) -> Request[Page[ModelPerformanceStats]]:
    """Go through the stats of every model that was asked, since start or over the last ``window`` seconds."""
    return pages("/v1/stats", ModelPerformanceStats, window=window)


def health() -> Request[SystemHealth]:
    """Show the health of every active model, and the worst of them."""
    return get("/v1/health", SystemHealth)


def usage(*, days: int = 1) -> Request[Page[ModelUsage]]:
    """Go through the tokens and the money that every language model used, by day (UTC)."""
    return pages("/v1/usage", ModelUsage, days=days)


def alerts(*, state: Literal["open", "over"] | None = None) -> Request[Page[Incident]]:
    """Go through what went wrong and was told, the newest first."""
    return pages("/v1/alerts", Incident, state=state)


def cache_stats() -> Request[CacheStats]:
    """Show how the cache does."""
    return get("/v1/cache/stats", CacheStats)


def clear_cache(model_id: str | None = None) -> Request[int]:
    """Forget the cached answers of one model, or all of them, and return how many there were."""
    read: Callable[[bytes], Cleared] = record_reader(Cleared)
    return Request(
        method="DELETE",
        path="/v1/cache",
        read=lambda body: read(body).cleared,
        repeats="never",
        query={"modelId": model_id},
    )


def is_alive() -> Request[bool]:
    """Say whether the server answers; raises ``ServerUnavailable`` where it does not."""
    return _state("/livez", "alive")


def is_ready() -> Request[bool]:
    """Say whether predictions can be answered; raises ``StorageError`` or ``ServerUnavailable`` where they cannot."""
    return _state("/readyz", "ready")


def metrics() -> Request[str]:
    """Return counts, durations and states as Prometheus reads them."""
    return Request(method="GET", path="/metrics", read=_text, repeats="freely")


def _state(path: str, word: str) -> Request[bool]:
    read: Callable[[bytes], Alive] = record_reader(Alive)
    return Request(method="GET", path=path, read=lambda body: read(body).status == word, repeats="freely")


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise ServerError("The server's answer is no text; check the address.") from problem
