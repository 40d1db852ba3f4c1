"""What the three parts of a model's page share: finding the model, its tabs, and what may be shown of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from hotcrm_ai.assembly.model_card import manifest_of
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.entrypoints.dashboard.addresses import model_address
from hotcrm_ai.entrypoints.dashboard.page import Visit
from hotcrm_ai.entrypoints.dashboard.tried import Tried, tried
from hotcrm_ai.local_models.manifest import Manifest

OUTCOMES_LOOKED_AT: Final = 20_000
_DAY_SECONDS: Final = 86_400.0
_WINDOWS: Final[Sequence[tuple[str, float]]] = (
    ("90 days", 90 * _DAY_SECONDS),
    ("7 days", 7 * _DAY_SECONDS),
    ("day", _DAY_SECONDS),
    ("hour", 3_600.0),
)


async def find(visit: Visit) -> ModelConfig:
    """Return the model that the address names; raises ``ModelNotFound``."""
    return await visit.ai.predictions.find(visit.path["model_id"])


async def manifest(visit: Visit, model: ModelConfig) -> Tried[Manifest | None]:
    """Return what the model's files say, or why they cannot be read."""
    return await tried(manifest_of(visit.ai, model))


async def outcome_window(visit: Visit, model_id: str) -> tuple[str, float]:
    """Return the longest stretch of time that holds few enough known outcomes to measure them while somebody waits, and its words."""
    for words, seconds in _WINDOWS:
        counted = await visit.ai.monitor.count_outcomes(seconds)
        if counted.get(model_id, (0, 0))[0] <= OUTCOMES_LOOKED_AT:
            return words, seconds
    return _WINDOWS[-1]


async def frame(visit: Visit, model: ModelConfig, here: str) -> dict[str, Any]:
    """Return what the head of each part shows."""
    champion = None if model.feature is None else await visit.ai.registry.champion(model.feature)
    tabs = (
        ("quality", "Quality", model_address(model.id)),
        ("live", "In use", model_address(model.id, "live")),
        ("changes", "Versions and tests", model_address(model.id, "changes")),
        ("playground", "Playground", f"/playground/{model.id}"),
    )
    return {
        "model": model,
        "champion": champion,
        "tabs": tabs,
        "here": here,
        "may_write": visit.may("write"),
        "host": host_of(model),
    }


def host_of(model: ModelConfig) -> str | None:
    """Return where a model runs as far as everybody may know: the host, without path, query and credentials."""
    endpoint = model.endpoint or (model.provider_config.endpoint if model.provider_config is not None else None)
    return None if not endpoint else urlsplit(endpoint).hostname or "elsewhere"
