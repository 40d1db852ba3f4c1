"""Measures what a model is worth in money: the promised sum beside what came in, and the gain of calling the dearest chances first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.domain.signature import FeatureSpec
from hotcrm_ai.domain.training import Exclusion
from hotcrm_ai.training.curves import GAIN_STEPS

Floats = NDArray[np.float64]

RESAMPLES: Final = 1_000
SHOWN_SHARE: Final = 0.2


def check_value_column(name: str, features: Sequence[FeatureSpec], excluded: Sequence[Exclusion]) -> None:
    """Check that the column holds amounts which are known before the outcome.

    Raises:
        TrainingDataError: the column was kept out of the model, or holds no numbers, or negative ones.
    """
    spec = next((spec for spec in features if spec.name == name), None)
    if spec is None:
        reason = next((one.reason for one in excluded if one.column == name), "holds nothing to learn from")
        raise TrainingDataError(
            f"Column {name!r} cannot be the value: it was kept out because it {reason}. "
            "Name an amount that is known while the record is open, or keep this one on purpose.",
            column=name,
        )
    if spec.type != "number":
        raise TrainingDataError(
            f"Column {name!r} cannot be the value: it is a {spec.type}; name a column of amounts.", column=name
        )
    if spec.minimum is not None and spec.minimum < 0.0:
        raise TrainingDataError(
            f"Column {name!r} cannot be the value: it holds {spec.minimum:g}, and expected values need amounts of 0 or more.",
            column=name,
        )


def money_quality(
    column: str, values: Floats, probabilities: Floats, outcomes: NDArray[np.int8], *, seed: int
) -> dict[str, Any]:
    """Return the report's figures in money on held-out rows that have a value.

    ``expected`` is the sum of probability times value, ``won`` the value of the positives, ``lower`` and ``upper`` hold the sum that
    would be won in 95 of 100 cases if every probability were true. ``gains`` says which share of that value is among the first
    records, ordered by expected value and ordered by probability alone; ``gain`` compares the two at a fifth of the records, with
    the 95 % interval from resampling rows.
    """
    known = ~np.isnan(values)
    money, stated, came = values[known], probabilities[known], outcomes[known].astype(np.float64)
    found: dict[str, Any] = {"column": column, "rows": int(known.sum()), "withoutValue": int((~known).sum())}
    won = float((money * came).sum())
    if not won > 0.0:
        return found
    deviation = float(np.sqrt((money**2 * stated * (1.0 - stated)).sum()))
    expected = float((money * stated).sum())
    found |= {
        "expected": expected,
        "won": won,
        "lower": max(0.0, expected - 1.96 * deviation),
        "upper": expected + 1.96 * deviation,
    }
    by_value, by_chance = _captured(money * stated, money * came), _captured(stated, money * came)
    found["gains"] = [
        {"share": (step + 1) / GAIN_STEPS, "byExpectedValue": float(dear), "byProbability": float(likely)}
        for step, (dear, likely) in enumerate(zip(by_value, by_chance, strict=True))
    ]
    return {**found, "gain": _gain(money, stated, came, seed=seed)}


def money_warnings(found: dict[str, Any]) -> tuple[str, ...]:
    """Return what a reader of the figures in money must know."""
    warnings = []
    if found["withoutValue"]:
        warnings.append(
            f"{found['withoutValue']} held-out rows have no {found['column']}, so no expected value: the figures in money leave them out"
        )
    if "won" not in found:
        warnings.append(f"no held-out positive has a {found['column']} above 0: there are no figures in money")
    elif not found["lower"] <= found["won"] <= found["upper"]:
        side = "less" if found["won"] < found["lower"] else "more"
        warnings.append(
            f"held-out rows brought {side} money than promised: {found['won']:,.0f} where {found['lower']:,.0f} to {found['upper']:,.0f} "
            "was to be expected; large and small records may behave differently"
        )
    return tuple(warnings)


def _captured(scores: Floats, money: Floats) -> Floats:
    """Return the share of all money that is among the first 5 %, 10 % ... of the rows by score; rows of one score share alike."""
    values, codes, sizes = np.unique(-scores, return_inverse=True, return_counts=True)
    sums = np.bincount(codes, weights=money, minlength=len(values))
    called = np.concatenate([[0.0], np.cumsum(sizes) / len(scores)])
    captured = np.concatenate([[0.0], np.cumsum(sums) / sums.sum()])
    return np.asarray(np.interp(np.arange(1, GAIN_STEPS + 1) / GAIN_STEPS, called, captured), dtype=np.float64)


def _gain(money: Floats, stated: Floats, came: Floats, *, seed: int) -> dict[str, float]:
    """Return how much more of the money the first fifth by expected value holds than the first fifth by probability."""
    step = round(SHOWN_SHARE * GAIN_STEPS) - 1
    random = np.random.default_rng(seed)

    def more(rows: Any) -> float:
        won = money[rows] * came[rows]
        if not won.sum() > 0.0:
            return float("nan")
        return float(_captured(money[rows] * stated[rows], won)[step] - _captured(stated[rows], won)[step])

    drawn = np.array([more(random.integers(len(money), size=len(money))) for _ in range(RESAMPLES)])
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return {"share": SHOWN_SHARE, "more": more(slice(None)), "lower": float(low), "upper": float(high)}
