"""How one model does in use: health, latency, errors, quality on real records, and how far its requests have moved."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from hotcrm_ai.domain.performance import ModelPerformanceStats
from hotcrm_ai.entrypoints.dashboard import model_parts
from hotcrm_ai.entrypoints.dashboard.page import Page, Shown, Visit
from hotcrm_ai.entrypoints.dashboard.pages.model import of_version
from hotcrm_ai.entrypoints.dashboard.quality_charts import live_reliability_chart
from hotcrm_ai.entrypoints.dashboard.tried import tried

WINDOWS: Final[dict[str, tuple[str, float]]] = {
    "hour": ("hour", 3_600.0),
    "day": ("day", 86_400.0),
    "week": ("7 days", 7 * 86_400.0),
}
_ERRORS_SHOWN: Final = 8
_MOVES_SHOWN: Final = 12


async def show_live(visit: Visit) -> Shown:
    """Show how the model does; parts that cannot be had say why."""
    ai, model = visit.ai, await model_parts.find(visit)
    chosen = visit.query.get("window", "day")
    chosen = chosen if chosen in WINDOWS else "day"
    words, seconds = WINDOWS[chosen]
    outcome_words, outcome_seconds = await model_parts.outcome_window(visit, model.id)
    health, stats, live, drift, errors = await asyncio.gather(
        ai.monitor.get_health_status(model.id),
        tried(ai.monitor.get_model_stats(model.id, seconds)),
        tried(ai.predictions.get_live_quality(model.id, outcome_seconds)),
        tried(ai.drift(model.id)),
        ai.monitor.get_recent_errors(model.id, _ERRORS_SHOWN),
    )
    found = stats.value
    latest = of_version(model, live.value or [])
    values: dict[str, Any] = {
        **await model_parts.frame(visit, model, "live"),
        "health": health,
        "health_minutes": ai.settings.health_window_seconds / 60,
        "stats": stats,
        "cached_latency": None if found is None else cached_average(found),
        "window": chosen,
        "window_words": words,
        "windows": WINDOWS,
        "live": live,
        "live_words": outcome_words,
        "live_chart": None if latest is None else live_reliability_chart(latest.calibration),
        "drift": drift,
        "moves": () if drift.value is None else drift.value.features[:_MOVES_SHOWN],
        "moved_count": 0 if drift.value is None else sum(one.status != "stable" for one in drift.value.features),
        "titles": model.titles,
        "errors": errors,
    }
    return Shown(template="model_live.html", title=f"{model.id} in use", values=values)


def cached_average(stats: ModelPerformanceStats) -> float | None:
    """Return the mean latency of the answers from the cache, in milliseconds: what is left when fresh ones are taken out of the mean."""
    fresh = stats.fresh_predictions - stats.failed_predictions
    cached = stats.successful_predictions - fresh
    if cached <= 0 or stats.average_latency is None:
        return None
    return max(
        0.0,
        (stats.average_latency * stats.successful_predictions - (stats.fresh_average_latency or 0.0) * fresh) / cached,
    )


PAGES: Final = (Page(path="/models/{model_id}/live", scope="read", show=show_live),)
