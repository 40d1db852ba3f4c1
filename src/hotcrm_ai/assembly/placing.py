"""Finds the place of a newly trained model in the registry: its id, its version, and what it takes over from the model that it replaces."""

from __future__ import annotations

import asyncio
import re
from typing import Final

import msgspec

from hotcrm_ai.domain.errors import ConfigError, StaleRevision
from hotcrm_ai.domain.model import MODEL_ID, ModelConfig
from hotcrm_ai.registry import ModelRegistry

_READ_AGAIN_SECONDS: Final = 0.1


async def id_for(registry: ModelRegistry, feature: str, model_id: str | None) -> str:
    """Return the id to train a model for, the feature's next one where none is given.

    Raises:
        ConfigError: it is no id, or that of a model of another AI feature.
    """
    chosen = await _next_id(registry, feature) if model_id is None else model_id
    if not MODEL_ID.fullmatch(chosen):
        raise ConfigError(
            f"{chosen!r} is no model id; use 1 to 128 of a-z, 0-9, '.', '_' and '-', starting with a-z or 0-9."
        )
    present = await registry.get_model(chosen)
    if present is not None and present.feature not in (None, feature):
        raise ConfigError(f"Model {chosen!r} is of AI feature {present.feature!r}; choose another id for {feature!r}.")
    return chosen


async def next_version(registry: ModelRegistry, model_id: str) -> str:
    """Return 1.0.0 for a new id, else the present version with its minor number raised."""
    present = await registry.get_model(model_id)
    if present is None:
        return "1.0.0"
    found = re.match(r"^(\d+)\.(\d+)", present.version)
    return f"{found[1]}.{int(found[2]) + 1}.0" if found else f"{present.version}.1"


async def place_model(registry: ModelRegistry, config: ModelConfig, *, is_chosen: bool) -> ModelConfig:
    """Register a new model and return it: under its id, or under its feature's next one where another model keeps that.

    One that may answer is promoted with that. A model keeps its id where it answers and the new one may not, and where nobody has chosen
    the id. Whoever is faster to register, here or in another process, is seen.
    """
    while True:
        present = await registry.get_model(config.id)
        if present is not None and (not is_chosen or (present.status == "active" and config.status != "active")):
            next_id = await _next_id(registry, str(config.feature))
            config, is_chosen, present = msgspec.structs.replace(config, id=next_id), False, None
        try:
            return await registry.register(
                as_operated(config, present),
                promote=config.status == "active",
                if_revision=0 if present is None else present.revision,
            )
        except StaleRevision:
            await asyncio.sleep(_READ_AGAIN_SECONDS)


def as_operated(config: ModelConfig, present: ModelConfig | None) -> ModelConfig:
    """Return a configuration with what people have set on the model that it takes the place of."""
    if present is None:
        return config
    return msgspec.structs.replace(
        config,
        name=present.name or config.name,
        tags=present.tags,
        cache_ttl=present.cache_ttl,
        fallback_model_id=present.fallback_model_id,
        ab_test=present.ab_test,
    )


async def _next_id(registry: ModelRegistry, feature: str) -> str:
    """Return ``<feature>-v<n>`` with the first number above all that the registry has."""
    pattern = re.compile(rf"^{re.escape(feature)}-v(\d+)$")
    used = [int(found[1]) for model in await registry.list_models() if (found := pattern.match(model.id))]
    return f"{feature}-v{max(used, default=0) + 1}"
