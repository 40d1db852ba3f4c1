"""Measures a model segment by segment on held-out rows, and says where there are too few rows to tell."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm  # type: ignore[import-untyped]  # ships no types

from hotcrm_ai.domain.written_numbers import written_number
from hotcrm_ai.local_models.encoding import fold
from hotcrm_ai.training.curves import wilson_interval
from hotcrm_ai.training.metrics import measure
from hotcrm_ai.training.typed_table import TypedColumn

MOST_SEGMENTS: Final = 12
MISSING: Final = "(missing)"
OTHERS: Final = "(others)"
FEW_OUTCOMES: Final = 10
"""A segment whose rarer outcome occurs less often has no figures but its rates."""
FEWEST_ROWS: Final = 5
"""Values of fewer rows are put together, unless no value has more."""
SHOWN_METRICS: Final = ("roc_auc", "log_loss", "top_decile_lift")
_QUARTERS: Final = 4
_MOST_NUMBERS: Final = 8
_RESAMPLES: Final = 500


def segment_quality(
    column: TypedColumn, probabilities: NDArray[np.float64], outcomes: NDArray[np.int8], *, seed: int
) -> tuple[dict[str, Any], ...]:
    """Return a row for each segment, the largest first: counts, promised and observed rate, metrics with 95 % intervals.

    Numbers of many values are parted into quarters, dates into years. Where the rarer outcome occurs fewer than ten times, there
    are no metrics: ``few`` is true.
    """
    names = np.array(_names(column), dtype=object)
    counts = Counter(names.tolist())
    ordered = sorted(counts, key=lambda name: (name in (MISSING, OTHERS), -counts[name], name))
    return tuple(_measured(name, probabilities[names == name], outcomes[names == name], seed=seed) for name in ordered)


def segment_warnings(segments: tuple[dict[str, Any], ...], column: str) -> tuple[str, ...]:
    """Return a sentence for each segment whose promised rate differs from the observed one by more than chance.

    Chance is that of outcomes drawn from the stated probabilities, at 5 % for all segments together (Bonferroni).
    """
    if not segments:
        return ()
    limit = float(norm.ppf(1.0 - 0.025 / len(segments)))
    found = []
    for segment in segments:
        gap = segment["predicted"] - segment["observed"]
        if segment["deviation"] > 0.0 and abs(gap) > limit * segment["deviation"]:
            found.append(
                f"where {column} is {segment['segment']!r}, probabilities are too {'high' if gap > 0 else 'low'}: "
                f"{100 * segment['predicted']:.1f} % promised, {100 * segment['observed']:.1f} % came true "
                f"of {segment['rows']} held-out rows"
            )
    return tuple(found)


def _measured(
    name: str, probabilities: NDArray[np.float64], outcomes: NDArray[np.int8], *, seed: int
) -> dict[str, Any]:
    rows, positives = len(outcomes), int(outcomes.sum())
    lower, upper = wilson_interval(float(positives), rows)
    rarer = min(positives, rows - positives)
    segment: dict[str, Any] = {
        "segment": name,
        "rows": rows,
        "positives": positives,
        "predicted": float(probabilities.mean()),
        "observed": positives / rows,
        "lower": lower,
        "upper": upper,
        "deviation": float(np.sqrt((probabilities * (1.0 - probabilities)).sum()) / rows),
        "few": rarer < FEW_OUTCOMES,
    }
    if rarer < FEW_OUTCOMES:
        return segment
    measured = measure(outcomes, probabilities, seed=seed, resamples=_RESAMPLES)
    return {
        **segment,
        "metrics": {metric: measured.values[metric] for metric in SHOWN_METRICS},
        "intervals": {metric: measured.intervals[metric] for metric in SHOWN_METRICS if metric in measured.intervals},
    }


def _names(column: TypedColumn) -> list[str]:
    """Return the name of each row's segment; spellings that differ in case or spaces alone are one."""
    if column.type == "number":
        return _number_names(column.cells)
    spelt = [None if cell is None else _text(cell) for cell in column.cells]
    written = Counter(text for text in spelt if text is not None)
    usual: dict[str, str] = {}
    for text, _ in sorted(written.items(), key=lambda pair: (-pair[1], pair[0])):
        usual.setdefault(fold(text), text)
    names = [MISSING if text is None else usual[fold(text)] for text in spelt]
    counts = Counter(name for name in names if name != MISSING)
    ranked = [name for name in sorted(counts, key=lambda name: (-counts[name], name)) if counts[name] >= FEWEST_ROWS]
    if len(counts) > MOST_SEGMENTS:
        ranked = ranked[: MOST_SEGMENTS - 1]
    kept = {MISSING, *(ranked or counts)}
    return [name if name in kept else OTHERS for name in names]


def _number_names(cells: NDArray[np.float64]) -> list[str]:
    present = cells[~np.isnan(cells)]
    distinct = np.unique(present)
    if len(distinct) <= _MOST_NUMBERS:
        return [MISSING if np.isnan(cell) else written_number(float(cell)) for cell in cells]
    inner = np.unique(np.quantile(present, np.arange(1, _QUARTERS) / _QUARTERS, method="inverted_cdf"))
    groups = np.searchsorted(inner, cells, side="left")
    titles = {}
    for group in range(len(inner) + 1):
        mine = cells[(groups == group) & ~np.isnan(cells)]
        if len(mine):
            titles[group] = f"{written_number(float(mine.min()))} to {written_number(float(mine.max()))}"
    return [MISSING if np.isnan(cell) else titles[group] for cell, group in zip(cells, groups.tolist(), strict=True)]


def _text(cell: object) -> str:
    if isinstance(cell, datetime):
        return str(cell.year)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return str(cell)
