"""Which features of a model are personal, and how a value of one is told apart without being told."""

from __future__ import annotations

from typing import Any

from hotcrm_ai.domain.canonical import digest_of
from hotcrm_ai.domain.model import ModelConfig


def personal_names(model: ModelConfig) -> frozenset[str]:
    """Return the names of the features that the model's signature marks as personal."""
    features = model.signature.features if model.signature is not None else ()
    return frozenset(spec.name for spec in features if spec.personal)


def personal_digest(workspace: str, name: str, value: Any) -> str:
    """Return the digest that stands for a personal value in one workspace; another workspace has another one for it."""
    return f"sha256:{digest_of(workspace, name, value)}"
