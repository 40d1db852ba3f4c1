"""Measures a model on what really happened, per version, arm and period.

The measures are those of the training report: equal probabilities share their places evenly in the ranking (Fawcett, "An introduction to
ROC analysis", 2006), and the calibration error is the mean gap of ten bins of equal width, weighted by their predictions.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final

from hotcrm_ai.domain.live_quality import CalibrationBin, JudgedPrediction, LiveQuality

_BINS: Final = 10
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def measure_live(
    model_id: str, judged: Sequence[JudgedPrediction], *, period_seconds: float | None = None
) -> list[LiveQuality]:
    """Return the quality of each version and arm of a model, in periods of that length (aligned to 1970-01-01 UTC) or in one."""
    groups: dict[tuple[datetime | None, str, str], list[JudgedPrediction]] = defaultdict(list)
    for one in judged:
        groups[_start_of(one.created_date, period_seconds), one.model_version, one.variant].append(one)
    ordered = sorted(groups.items(), key=lambda group: (group[0][0] or _EPOCH, group[0][1:]))
    return [_measured(model_id, start, period_seconds, group) for (start, _, _), group in ordered]


def _start_of(moment: datetime, period_seconds: float | None) -> datetime | None:
    if period_seconds is None:
        return None
    return _EPOCH + timedelta(seconds=(moment - _EPOCH).total_seconds() // period_seconds * period_seconds)


def _measured(
    model_id: str, start: datetime | None, period_seconds: float | None, group: Sequence[JudgedPrediction]
) -> LiveQuality:
    total, positives = len(group), sum(one.happened for one in group)
    auc, lift = _ranking(group, positives)
    bins = _calibration(group)
    return LiveQuality(
        model_id=model_id,
        model_version=group[0].model_version,
        variant=group[0].variant,
        period_start=start,
        period_end=None if start is None else start + timedelta(seconds=period_seconds or 0.0),
        outcomes=total,
        base_rate=100.0 * positives / total,
        accuracy=100.0 * sum((one.probability >= 0.5) == one.happened for one in group) / total,
        auc=auc,
        brier=math.fsum((one.probability - one.happened) ** 2 for one in group) / total,
        calibration_error=math.fsum(abs(one.predicted - one.observed) * one.predictions for one in bins) / total,
        top_decile_lift=lift,
        calibration=bins,
    )


def _ranking(group: Sequence[JudgedPrediction], positives: int) -> tuple[float | None, float | None]:
    """Return AUC (0-100) and the lift of the best tenth; None where all or none happened."""
    total = len(group)
    if positives in (0, total):
        return None, None
    pairs, taken_true, true_above, above, top = 0.0, 0.0, 0, 0, total / 10.0
    ranked = sorted(group, key=lambda one: -one.probability)
    for _, ties in groupby(ranked, key=lambda one: one.probability):
        happened = [one.happened for one in ties]
        count, true = len(happened), sum(happened)
        pairs += (count - true) * (true_above + 0.5 * true)
        taken_true += true * min(max(top - above, 0.0), count) / count
        true_above += true
        above += count
    return 100.0 * pairs / (positives * (total - positives)), (taken_true / top) / (positives / total)


def _calibration(group: Sequence[JudgedPrediction]) -> tuple[CalibrationBin, ...]:
    bins: dict[int, list[JudgedPrediction]] = defaultdict(list)
    for one in group:
        bins[min(int(one.probability * _BINS), _BINS - 1)].append(one)
    return tuple(
        CalibrationBin(
            predicted=math.fsum(one.probability for one in bins[number]) / len(bins[number]),
            observed=sum(one.happened for one in bins[number]) / len(bins[number]),
            predictions=len(bins[number]),
        )
        for number in sorted(bins)
    )
