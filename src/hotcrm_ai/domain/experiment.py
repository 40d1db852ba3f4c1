"""A/B tests: which arm a subject belongs to, and what was counted per arm."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hotcrm_ai.domain.prediction import Variant

SubjectKind = Literal["object", "user", "features"]
VerdictKind = Literal["challenger_better", "champion_better", "not_clear", "too_few_outcomes"]


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


class Verdict(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the outcomes say about the two arms of a test.

    ``difference`` is the challenger's share of right answers less the champion's, in points of per cent, with its 95 % interval from
    ``low`` to ``high``; None where an arm has no known outcome. Every subject counts once, however often it was answered.
    ``outcomes_needed`` is about how many more subjects need a known outcome until a difference like the present one would be clear.
    """

    kind: VerdictKind
    difference: float | None
    low: float | None
    high: float | None
    outcomes_needed: int | None
    explanation: str


class ExperimentReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One A/B test: its arms, whether the observed split fits the configured one, and what the outcomes say.

    Counted is what was answered since the test runs between these two models in this mode (``since``); a test in shadow counts only
    answers in shadow for its challenger, a split none of them. ``mismatch_p_value`` is that of a chi-squared test of subjects per arm
    against ``traffic_percentage``, over the time since that is the percentage; ``mismatch`` is the alarm at p < 0.001.
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
    verdict: Verdict
    since: datetime | None = None


class ArmCount(msgspec.Struct, frozen=True, kw_only=True):
    """What the prediction log counts for one model in one arm of one experiment.

    The last three are of the whole arm, whichever models and versions answered in it, and the same in all its counts: each subject counts
    once. ``judged_subjects`` have a known outcome of an answer that no fallback gave; ``right_subjects`` adds up for each of them the share
    of these answers that were right.
    """

    variant: Variant
    model_id: str
    model_version: str
    predictions: int
    subjects: int
    average_confidence: float | None
    outcomes: int
    correct: int
    arm_subjects: int = 0
    judged_subjects: int = 0
    right_subjects: float = 0.0
