"""What an operator looks at: alerts, models that are not well, providers, the cache, the log's queue, and what language models used."""

from __future__ import annotations

import asyncio
import platform
import sqlite3
from typing import Any, Final

from hotcrm_ai import __version__
from hotcrm_ai.domain.performance import ProviderState
from hotcrm_ai.domain.spending import ModelUsage
from hotcrm_ai.entrypoints.dashboard import operations_parts
from hotcrm_ai.entrypoints.dashboard.page import Menu, Page, Sent, Shown, Visit
from hotcrm_ai.entrypoints.dashboard.shown_settings import shown_settings
from hotcrm_ai.entrypoints.dashboard.tried import tried

USAGE_DAYS: Final = 7
_INCIDENTS_SHOWN: Final = 10
_MESSAGES_SHOWN: Final = 10
_MODELS_SHOWN: Final = 12
_USAGE_SHOWN: Final = 20
_PROVIDERS_SHOWN: Final = 30


async def show_operations(visit: Visit) -> Shown:
    """Show the state of the workspace; parts that cannot be had say why."""
    ai = visit.ai
    health, opened, closed, waiting, cache, usage = await asyncio.gather(
        tried(ai.monitor.get_all_health()),
        tried(ai.alerts.incidents(is_open=True, limit=_INCIDENTS_SHOWN + 1)),
        tried(ai.alerts.incidents(is_open=False, limit=3)),
        tried(ai.alerts.waiting()),
        tried(ai.cache.get_stats()),
        tried(ai.get_usage(days=USAGE_DAYS)),
    )
    unwell = [(id_, one) for id_, one in (health.value or {}).items() if one.status != "healthy"]
    states = sorted(ai.predictions.get_provider_states(), key=_worst_first)
    looked_up = None if cache.value is None else cache.value.hits + cache.value.misses
    values: dict[str, Any] = {
        **operations_parts.frame(visit, "state"),
        "health": health,
        "asked": len(health.value or {}),
        "unwell": sorted(unwell, key=lambda one: (one[1].status != "unhealthy", one[0]))[:_MODELS_SHOWN],
        "unwell_count": len(unwell),
        "window_minutes": ai.settings.health_window_seconds / 60,
        "opened": opened,
        "closed": closed.value or [],
        "most_incidents": _INCIDENTS_SHOWN,
        "waiting": waiting,
        "most_messages": _MESSAGES_SHOWN,
        "sinks": ai.alerts.sinks,
        "providers": states[:_PROVIDERS_SHOWN],
        "provider_count": len(states),
        "cache": cache,
        "hit_rate": None if not looked_up or cache.value is None else 100.0 * cache.value.hits / looked_up,
        "journal": ai.waiting_predictions,
        "usage": usage,
        "usage_rows": [(one, used_share(one)) for one in (usage.value or [])[:_USAGE_SHOWN]],
        "usage_days": USAGE_DAYS,
        "done": visit.query.get("done"),
    }
    return Shown(template="operations.html", title="Operations", values=values)


async def show_settings(visit: Visit) -> Shown:
    """Show the settings without secrets, and what is worth knowing of this installation."""
    values = {
        **operations_parts.frame(visit, "settings"),
        "settings": shown_settings(visit.ai.settings),
        "notes": visit.ai.notes,
        "facts": (
            ("HotCRM AI", __version__),
            ("Python", platform.python_version()),
            ("SQLite", sqlite3.sqlite_version),
            ("Workspace", visit.ai.workspace),
        ),
    }
    return Shown(template="operations_settings.html", title="Settings", values=values)


async def clear_cache(visit: Visit) -> Sent:
    """Forget all cached answers."""
    await visit.ai.predictions.clear_cache()
    return Sent(to="/operations?done=cleared#cache")


def used_share(usage: ModelUsage) -> float | None:
    """Return how much of its budget a model used in a day, in per cent: of tokens or money, whichever is nearer its end."""
    budget = usage.daily_budget
    if budget is None:
        return None
    shares = [
        100.0 * used / most
        for used, most in (
            (float(usage.tokens + usage.set_aside_tokens), budget.tokens),
            (usage.amounts.get(budget.currency, 0.0), budget.amount),
        )
        if most
    ]
    return max(shares, default=None)


def _worst_first(state: ProviderState) -> tuple[int, str, str]:
    return ("open", "half-open", "closed").index(state.state), state.provider, state.endpoint


PAGES: Final = (
    Page(path="/operations", scope="read", show=show_operations, menu=Menu("Operations", 40)),
    Page(path="/operations/settings", scope="read", show=show_settings),
    Page(path="/operations/cache/clear", method="POST", scope="admin", show=clear_cache),
)
