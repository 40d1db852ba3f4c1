"""Decides the arm of a subject in an A/B test, as a pure function that gives the same arm in every process and after every restart."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from hotcrm_ai.domain.canonical import canonical_value, digest_of
from hotcrm_ai.domain.experiment import Assignment, SubjectKind
from hotcrm_ai.domain.model import ABTest
from hotcrm_ai.domain.prediction import Context, Variant
from hotcrm_ai.domain.spelling import to_snake

BUCKETS: Final = 10_000


def bucket_of(experiment_id: str, seed: int, subject: str) -> int:
    """Return the subject's place among the 10,000 of one experiment: SHA-256 of all three, mod 10,000."""
    text = f"{experiment_id}:{seed}:{subject}"
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()) % BUCKETS


def assign_arm(experiment_id: str, seed: int, subject: str, traffic_percentage: float) -> Variant:
    """Return the arm of a subject: the lowest ``traffic_percentage`` (0-100) of the places belong to the challenger.

    Raising the percentage therefore moves subjects into the challenger's arm only, never out of it.

    >>> assign_arm("lead-scoring-v2", 0, "Lead:42", 100)
    'challenger'
    """
    return "challenger" if bucket_of(experiment_id, seed, subject) < round(traffic_percentage * 100) else "champion"


def subject_of(context: Context | None, features: Mapping[str, Any]) -> tuple[str, SubjectKind]:
    """Return whom a request is about: the record (``type:id``), else the user, else the features themselves."""
    if context is not None and context.object_id is not None:
        return f"{context.object_type or ''}:{context.object_id}", "object"
    if context is not None and context.user_id is not None:
        return f"user:{context.user_id}", "user"
    spelled = {to_snake(name): canonical_value(value) for name, value in features.items() if value is not None}
    return f"features:{digest_of(spelled)}", "features"


def assign(challenger_id: str, test: ABTest, context: Context | None, features: Mapping[str, Any]) -> Assignment:
    """Return the arm of a request in the experiment of a challenger, and the model that stands for that arm."""
    subject, kind = subject_of(context, features)
    variant = assign_arm(challenger_id, test.seed, subject, test.traffic_percentage)
    return Assignment(
        experiment_id=challenger_id,
        variant=variant,
        model_id=challenger_id if variant == "challenger" else test.champion_model_id,
        subject=subject,
        subject_kind=kind,
    )
