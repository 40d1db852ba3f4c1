"""Finds in a challenger's history since when its A/B test is the one that it is now."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime

from hotcrm_ai.domain.model import ABTest, ModelConfig, Revision


def same_arms(config: ModelConfig, test: ABTest) -> Hashable:
    """Return what must stay for the arms to be comparable: the two models, the mode and the seed."""
    return config.version, config.bundle_digest, test.champion_model_id, test.mode, test.seed


def same_split(config: ModelConfig, test: ABTest) -> Hashable:
    """Return what must stay for the split to be comparable: besides the arms, the percentage."""
    return same_arms(config, test), test.traffic_percentage


def began_at(revisions: Sequence[Revision], key: Callable[[ModelConfig, ABTest], Hashable]) -> datetime | None:
    """Return when the newest of the revisions, oldest first, that share the last one's key was made; None without a test."""
    began = None
    wanted = None
    for revision in reversed(revisions):
        if revision.config is None or revision.config.ab_test is None:
            break
        found = key(revision.config, revision.config.ab_test)
        if wanted is not None and found != wanted:
            break
        wanted, began = found, revision.created_at
    return began
