"""Judges a change by the model's revisions: whether it was meant for the present one, and to which earlier one it may go back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from hotcrm_ai.domain.errors import ModelConflict, StaleRevision
from hotcrm_ai.domain.model import ModelConfig, Revision


def check_revision(model_id: str, present: ModelConfig | None, expected: int | None) -> None:
    """Check that the model is at the revision that a change was meant for; 0 means that there is no such model, None anything.

    Raises:
        StaleRevision: it is at another one.
    """
    found = 0 if present is None else present.revision
    if expected is None or expected == found:
        return
    state = f"is at revision {found}" if found else "does not exist"
    wanted = f"revision {expected}" if expected else "a model that does not exist yet"
    raise StaleRevision(
        f"Model {model_id!r} {state}, but the change was meant for {wanted}; read the model again and decide anew.",
        model_id=model_id,
        present=found,
        expected=expected,
    )


def earlier_revision(present: ModelConfig, revisions: Sequence[Revision], number: int | None) -> ModelConfig:
    """Return the configuration of an earlier revision: of that number, else the newest that was active and answered differently.

    Without such a one, a promoted model goes back to what it is without its promotion.

    Raises:
        ModelConflict: there is none.
    """
    kept = [
        (revision.number, revision.config)
        for revision in revisions
        if revision.config is not None and revision.number < present.revision
    ]
    if number is not None:
        found = next((config for place, config in kept if place == number), None)
        if found is None:
            raise ModelConflict(
                f"Model {present.id!r} has no earlier revision {number} to go back to; its history lists them.",
                model_id=present.id,
            )
        return found
    for _, config in sorted(kept, key=lambda one: one[0], reverse=True):
        if config.status == "active" and _answers_by(config) != _answers_by(present):
            return config
    if present.promoted_at is not None:
        return msgspec.structs.replace(present, promoted_at=None)
    raise ModelConflict(
        f"Model {present.id!r} has no earlier revision that was active and answered differently; name one by its number.",
        model_id=present.id,
    )


def _answers_by(config: ModelConfig) -> tuple[Any, ...]:
    return (
        config.version,
        config.bundle_digest,
        config.provider,
        config.endpoint,
        config.provider_config,
        config.parameters,
    )
