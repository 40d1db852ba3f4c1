"""Measures drift: the population stability index and the Jensen-Shannon divergence of what is asked now from what training saw.

The index (PSI) is the symmetric Kullback-Leibler divergence of binned shares; 0.1 and 0.25 are the customary limits of a shift and a drift
(Siddiqi, Credit Risk Scorecards, 2006). Without any drift it is distributed about as ``(1/n + 1/m)`` times chi-squared with one degree of
freedom less than there are bins (Yurdakul and Naranjo, 2020), so small samples show large values by chance: a feature counts as moved only
above the limit *and* above that noise. The divergence is Lin's (IEEE Transactions on Information Theory 37, 1991).
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from statistics import NormalDist
from typing import Any, Final

from hotcrm_ai.domain.drift import DriftMeasure, DriftReference, DriftReport, DriftStatus, ReferenceBins, folded
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.value_text import value_text

LEAST_PREDICTIONS: Final = 50
SHIFTED_FROM: Final = 0.1
DRIFTED_FROM: Final = 0.25
FALSE_ALARMS: Final = 0.01
"""The share of reports of a model without drift in which any feature may be said to have moved."""

_SMOOTHING: Final = 0.5
_SEVERITY: Final[Mapping[str, int]] = {"not_enough_predictions": 0, "stable": 1, "shifted": 2, "drifted": 3}


def report_drift(
    model: ModelConfig,
    reference: DriftReference,
    rows: Sequence[tuple[Mapping[str, Any], Any]],
    *,
    since: datetime,
    personal: frozenset[str] = frozenset(),
) -> DriftReport:
    """Compare logged features and predictions with the reference; ``personal`` features are logged as digests and are skipped."""
    skipped = dict.fromkeys(sorted(personal), "personal: only digests are logged")
    if model.signature is not None:
        for spec in model.signature.features:
            if spec.name not in reference.features and spec.name not in personal:
                skipped[spec.name] = f"training kept no distribution of it ({spec.type})"
    if len(rows) < LEAST_PREDICTIONS:
        reason = f"Not enough predictions: {len(rows)} in the window, at least {LEAST_PREDICTIONS} are needed."
        return _report(model, "not_enough_predictions", reason, since=since, samples=len(rows), skipped=skipped)
    compared = {name: bins for name, bins in reference.features.items() if name not in personal}
    allowed = FALSE_ALARMS / (len(compared) + 1)
    measures = [
        measure(name, bins, [features.get(name) for features, _ in rows], allowed=allowed)
        for name, bins in compared.items()
    ]
    measures.sort(key=lambda one: (-_SEVERITY[one.status], -one.psi, one.name))
    chances = [chance for _, answer in rows if (chance := _chance(answer)) is not None]
    prediction = None
    if reference.predictions is not None and len(chances) >= LEAST_PREDICTIONS:
        prediction = measure("probability", reference.predictions, chances, allowed=allowed)
    all_measures = [*measures, *([prediction] if prediction is not None else [])]
    status: DriftStatus = max((one.status for one in all_measures), key=_SEVERITY.__getitem__, default="stable")
    return _report(
        model,
        status,
        _words(all_measures, len(rows)),
        since=since,
        samples=len(rows),
        features=tuple(measures),
        prediction=prediction,
        skipped=skipped,
    )


def measure(name: str, bins: ReferenceBins, values: Sequence[Any], *, allowed: float) -> DriftMeasure:
    """Compare the values of one feature with its reference; ``allowed`` is the chance of a false alarm."""
    now, missing = _counted(bins, values)
    before = [*bins.counts, bins.rest]
    if bins.missing is None:
        now[-1] += missing
    else:
        now, before = [*now, missing], [*before, bins.missing]
    pairs = [(old, new) for old, new in zip(before, now, strict=True) if old or new]
    psi, divergence = _distances(pairs)
    noise = noise_level(len(pairs), bins.total, len(values), allowed=allowed)
    moved = psi > noise
    status: DriftStatus = (
        "drifted" if moved and psi >= DRIFTED_FROM else "shifted" if moved and psi >= SHIFTED_FROM else "stable"
    )
    return DriftMeasure(
        name=name,
        status=status,
        psi=psi,
        noise=noise,
        jensen_shannon=divergence,
        samples=len(values),
        reference_samples=bins.total,
        missing_rate=None if bins.missing is None else 100.0 * missing / len(values),
        reference_missing_rate=None if bins.missing is None else 100.0 * bins.missing / bins.total,
    )


def noise_level(bins: int, reference: int, samples: int, *, allowed: float) -> float:
    """Return the index that chance alone exceeds with the probability ``allowed``.

    The quantile of chi-squared is that of Wilson and Hilferty (1931), within 1 % from 3 degrees of freedom on.
    """
    freedom = max(1, bins - 1)
    spread = 2.0 / (9.0 * freedom)
    quantile = freedom * (1.0 - spread + NormalDist().inv_cdf(1.0 - allowed) * math.sqrt(spread)) ** 3
    return quantile * (1.0 / reference + 1.0 / samples)


def _distances(pairs: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """Return the stability index and the divergence of two counts over the same bins, smoothed by half a record for each bin."""
    old_total = sum(old for old, _ in pairs) + _SMOOTHING * len(pairs)
    new_total = sum(new for _, new in pairs) + _SMOOTHING * len(pairs)
    psi = divergence = 0.0
    for old, new in pairs:
        before, now = (old + _SMOOTHING) / old_total, (new + _SMOOTHING) / new_total
        middle = (before + now) / 2.0
        psi += (now - before) * math.log(now / before)
        divergence += (before * math.log2(before / middle) + now * math.log2(now / middle)) / 2.0
    return psi, min(1.0, max(0.0, divergence))


def _counted(bins: ReferenceBins, values: Sequence[Any]) -> tuple[list[int], int]:
    """Count values by bin, with one more for those of no bin; and the missing ones."""
    counts = [0] * (len(bins.counts) + 1)
    places = {folded(value): place for place, value in enumerate(bins.values)}
    missing = 0
    for value in values:
        if value is None:
            missing += 1
        elif bins.values:
            counts[places.get(folded(value), len(bins.counts))] += 1
        elif isinstance(value, int | float):
            counts[bisect.bisect_left(bins.edges, float(value))] += 1
        else:
            counts[-1] += 1
    return counts, missing


def _chance(answer: Any) -> float | None:
    chance = answer.get("probability") if isinstance(answer, Mapping) else None
    return float(chance) if isinstance(chance, int | float) else None


def _words(measures: Sequence[DriftMeasure], samples: int) -> str:
    moved = [one for one in measures if one.status in ("shifted", "drifted")]
    if not moved:
        return f"No drift beyond chance in {samples:,} predictions."
    told = ", ".join(f"{one.name} {one.status} (PSI {value_text(round(one.psi, 2))})" for one in moved)
    return f"Moved beyond chance in {samples:,} predictions: {told}."


def _report(
    model: ModelConfig,
    status: DriftStatus,
    reason: str,
    *,
    since: datetime,
    samples: int,
    skipped: dict[str, str],
    features: tuple[DriftMeasure, ...] = (),
    prediction: DriftMeasure | None = None,
) -> DriftReport:
    return DriftReport(
        model_id=model.id,
        model_version=model.version,
        status=status,
        reason=reason,
        since=since,
        samples=samples,
        features=features,
        prediction=prediction,
        skipped=skipped,
    )
