"""How a model does on what really happened: predictions whose outcome is known, and what is measured of them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hotcrm_ai.domain.prediction import Variant


class JudgedPrediction(msgspec.Struct, frozen=True, kw_only=True):
    """A logged prediction of a chance whose outcome is known; ``probability`` is 0-1."""

    model_version: str
    variant: Variant
    created_date: datetime
    probability: float
    happened: bool


class CalibrationBin(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Predictions of about one probability: the mean of what was ``predicted`` beside the share that really happened (both 0-1)."""

    predicted: float
    observed: float
    predictions: int


class LiveQuality(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What one version of a model, in one arm, is worth on what really happened to the records that it was asked about.

    ``accuracy``, ``base_rate`` (how many happened) and ``auc`` are 0-100; ``brier`` and ``calibration_error`` 0-1; ``top_decile_lift`` says
    how many times as many happened in the tenth with the highest probabilities. ``auc`` and lift are None where all or none happened.
    ``period_start`` and ``period_end`` bound the predictions, not their outcomes; None where no periods were asked for.
    """

    model_id: str
    model_version: str
    variant: Variant
    period_start: datetime | None
    period_end: datetime | None
    outcomes: int
    base_rate: float
    accuracy: float
    auc: float | None
    brier: float
    calibration_error: float
    top_decile_lift: float | None
    calibration: tuple[CalibrationBin, ...]
