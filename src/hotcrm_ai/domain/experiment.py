"""A/B tests: which arm a subject belongs to, and what was counted per arm."""

from __future__ import annotations

from typing import Literal

import msgspec

from hotcrm_ai.domain.prediction import Variant

SubjectKind = Literal["object", "user", "features"]


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """The arm of one subject in one experiment (the experiment's id is the challenger's id)."""

    experiment_id: str
    variant: Variant
    model_id: str
    subject: str
    subject_kind: SubjectKind


class ArmReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Counts and means of one arm; rates and confidence in per cent, None where nothing is known."""

    variant: Variant
    model_id: str
    model_version: str | None
    predictions: int
    subjects: int
    average_confidence: float | None
    outcomes: int
    accuracy: float | None


class ExperimentReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One A/B test: its arms, and whether the observed split fits the configured one.

    ``mismatch_p_value`` is that of a chi-squared test of subjects per arm against ``traffic_percentage``; ``mismatch`` is the
    alarm at p < 0.001.
    """

    id: str
    challenger_model_id: str
    champion_model_id: str
    enabled: bool
    mode: str
    traffic_percentage: float
    arms: tuple[ArmReport, ...]
    mismatch_p_value: float | None
    mismatch: bool


class ArmCount(msgspec.Struct, frozen=True, kw_only=True):
    """What the prediction log counts for one arm of one experiment."""

    variant: Variant
    model_id: str
    model_version: str
    predictions: int
    subjects: int
    average_confidence: float | None
    outcomes: int
    correct: int
