"""Says which model answers for an AI feature where none is named: its champion, the one that was promoted last."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.registry.relation_rules import champion_of


def champion_among(models: Iterable[ModelConfig], feature: str) -> str:
    """Return the id of the feature's champion: of its active models the one promoted last, and its pre-registered one where none was."""
    promoted = _promoted(models, feature)
    return max(promoted)[1] if promoted else f"{feature}-v1"


def promoted(config: ModelConfig, models: Iterable[ModelConfig], *, now: datetime) -> ModelConfig:
    """Return a model with the moment of its promotion: now, and after all earlier ones also where the clock was put back."""
    if config.feature is None:
        return config
    earlier = [moment for moment, id_ in _promoted(models, config.feature) if id_ != config.id]
    moment = max([now, *(one + timedelta(microseconds=1) for one in earlier)])
    return msgspec.structs.replace(config, promoted_at=moment)


def fitting_promotion(config: ModelConfig) -> ModelConfig:
    """Return a model without a promotion that it cannot have: only one that answers everybody who asks for it is a champion."""
    if config.promoted_at is None or (config.status == "active" and champion_of(config) is None):
        return config
    return msgspec.structs.replace(config, promoted_at=None)


def _promoted(models: Iterable[ModelConfig], feature: str) -> list[tuple[datetime, str]]:
    return [
        (model.promoted_at, model.id)
        for model in models
        if model.feature == feature and model.status == "active" and model.promoted_at is not None
    ]
