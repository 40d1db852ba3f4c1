"""Writes counts and states in the text format of Prometheus."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, Literal

CONTENT_TYPE: Final = b"text/plain; version=0.0.4; charset=utf-8"

FAMILIES: Final[Mapping[str, tuple[Literal["counter", "gauge", "histogram"], str]]] = {
    "hotcrm_ai_http_requests_total": (
        "counter",
        "Requests answered, by method, route and status (499: the client left).",
    ),
    "hotcrm_ai_http_request_seconds": ("histogram", "How long requests took, by route."),
    "hotcrm_ai_http_refused_total": ("counter", "Requests refused before they began, because of overload."),
    "hotcrm_ai_http_requests_under_way": ("gauge", "Requests under way."),
    "hotcrm_ai_http_connections": ("gauge", "Open connections."),
    "hotcrm_ai_predictions_total": ("counter", "Predictions by model and result: fresh, cached or failed."),
    "hotcrm_ai_prediction_log_waiting": ("gauge", "Answered predictions that wait in the journal for the database."),
    "hotcrm_ai_provider_breaker_open": (
        "gauge",
        "Worker processes whose circuit breaker of a provider is open or half open.",
    ),
    "hotcrm_ai_model_health": ("gauge", "1 for the present health of each active model."),
    "hotcrm_ai_cache_degraded": ("gauge", "1 while the cache's service is away and memory steps in."),
    "hotcrm_ai_rate_limit_degraded": (
        "gauge",
        "Worker processes that count the requests of callers by themselves because Redis is away.",
    ),
    "hotcrm_ai_workers": ("gauge", "Worker processes whose counts are in here."),
    "hotcrm_ai_models_left_out": ("gauge", "Models beyond the bound on labels, whose series are left out."),
}
"""Every family: its kind and what it tells."""

_ESCAPES: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_HISTOGRAM_ENDS: Final = ("_bucket", "_sum", "_count")


def series(name: str, **labels: str) -> str:
    """Return a series as it stands in the text: its name and labels."""
    if not labels:
        return name
    pairs = ",".join(f'{label}="{value.translate(_ESCAPES)}"' for label, value in labels.items())
    return f"{name}{{{pairs}}}"


def exposition(values: Iterable[tuple[str, float]]) -> bytes:
    """Return the text of all values, given by series, grouped by family with its help.

    Raises:
        KeyError: a series belongs to no family.
    """
    grouped: dict[str, list[str]] = defaultdict(list)
    for key, value in values:
        grouped[_family_of(key)].append(f"{key} {_number(value)}")
    lines = []
    for name in (family for family in FAMILIES if family in grouped):
        kind, words = FAMILIES[name]
        lines += [f"# HELP {name} {words}", f"# TYPE {name} {kind}", *grouped[name]]
    return ("\n".join(lines) + "\n").encode()


def _family_of(key: str) -> str:
    name = key.partition("{")[0]
    if name in FAMILIES:
        return name
    for end in _HISTOGRAM_ENDS:
        if name.endswith(end) and FAMILIES[name.removesuffix(end)][0] == "histogram":
            return name.removesuffix(end)
    raise KeyError(name)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
