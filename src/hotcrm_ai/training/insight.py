"""Looks at a model as a whole: what moves its answers, where the records are, and how it errs on held-out rows."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hotcrm_ai.domain.training import TrainingReport
from hotcrm_ai.local_models.encoding import encode_column
from hotcrm_ai.local_models.tabular import TabularModel
from hotcrm_ai.training.metrics import THRESHOLD
from hotcrm_ai.training.typed_table import TypedColumn, TypedTable

VALUES: Final = 10
_DIGITS: Final = 6

Dependence = dict[str, tuple[dict[str, Any], ...]]


def confusion_counts(probabilities: NDArray[np.float64], outcomes: NDArray[np.int8]) -> dict[str, int]:
    """Return how many held-out rows were taken for what, where one half or more counts as yes."""
    called, positive = probabilities >= THRESHOLD, outcomes > 0
    return {
        "truePositive": int((called & positive).sum()),
        "falsePositive": int((called & ~positive).sum()),
        "falseNegative": int((~called & positive).sum()),
        "trueNegative": int((~called & ~positive).sum()),
    }


def partial_dependence(model: TabularModel, table: TypedTable) -> Dependence:
    """Return for each number and category how the mean probability of typical records follows its value (Friedman, 2001).

    ``share`` says which part of the table's records is near the value: where it is small, the model guesses. Dates and texts are left out.
    """
    found: Dependence = {}
    for position, name in enumerate(model.features):
        columns = model.column_group == position
        if not columns.any() or not len(model.background):
            continue
        values = _values(table.columns[name])
        if values:
            blocks = encode_column(model.encodings[position], [value for value, _ in values])
            found[name] = tuple(
                {"value": value, "probability": probability, "share": round(share, _DIGITS)}
                for (value, share), probability in zip(values, _mean_probabilities(model, columns, blocks), strict=True)
            )
    return found


def insight_of(report: TrainingReport) -> dict[str, Any]:
    """Return what a bundle keeps of a report for those who ask about the model later."""
    return {
        "importance": report.importance,
        "partialDependence": {name: list(points) for name, points in report.partial_dependence.items()},
        "reliability": list(report.reliability),
        "confusion": report.confusion,
        "gains": list(report.gains),
        "bandQuality": list(report.band_quality),
        "heldOutRows": report.held_out_rows,
        **({"segmentColumn": report.segment_column, "segments": list(report.segments)} if report.segments else {}),
        **({"money": report.money} if report.money else {}),
    }


def _mean_probabilities(
    model: TabularModel, columns: NDArray[np.bool_], blocks: NDArray[np.float64]
) -> tuple[float, ...]:
    """Return the mean probability of the background for each value that all of it takes, here the columns of one feature."""
    rows = len(model.background)
    changed = np.tile(model.background, (len(blocks), 1))
    changed[:, columns] = np.repeat(blocks, rows, axis=0)
    means = model.probabilities(changed).reshape(len(blocks), rows).mean(axis=1)
    return tuple(round(mean, _DIGITS) for mean in means.tolist())


def _values(column: TypedColumn) -> list[tuple[Any, float]]:
    """Return the values to look at, each with the share of records at or nearest to it."""
    if column.type == "number":
        present = column.cells[~np.isnan(column.cells)]
        if not len(present):
            return []
        grid = np.unique(np.quantile(present, np.linspace(0.02, 0.98, VALUES), method="inverted_cdf"))
        nearest = np.searchsorted((grid[1:] + grid[:-1]) / 2.0, present)
        shares = np.bincount(nearest, minlength=len(grid)) / len(column.cells)
        return list(zip(grid.tolist(), shares.tolist(), strict=True))
    if column.type in ("category", "boolean"):
        cells = [cell for cell in column.cells if cell is not None]
        counts: dict[Any, int] = {}
        for cell in cells:
            counts[cell] = counts.get(cell, 0) + 1
        ranked = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))[:VALUES]
        return [(value, count / len(column.cells)) for value, count in ranked]
    return []
