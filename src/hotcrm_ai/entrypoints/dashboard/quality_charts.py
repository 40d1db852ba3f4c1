"""Draws what training recorded of a model: how it errs, what matters to it, and how its answer follows each fact."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from hotcrm_ai.domain.live_quality import CalibrationBin
from hotcrm_ai.domain.value_text import value_text
from hotcrm_ai.entrypoints.dashboard.charts import Bar, Bars, Line, Lines

MOST_BARS: Final = 15


def reliability_chart(points: Sequence[Mapping[str, float]]) -> Lines | None:
    """Return how often it happened against how probable it was called, on held-out rows; on the diagonal the two agree."""
    if len(points) < 2:
        return None
    return _reliability(
        [100.0 * point["predicted"] for point in points],
        [100.0 * point["observed"] for point in points],
        lower=[100.0 * point["lower"] for point in points],
        upper=[100.0 * point["upper"] for point in points],
        label="How often it really happened, by the chance that the model gave, on held-out rows",
    )


def live_reliability_chart(points: Sequence[CalibrationBin]) -> Lines | None:
    """Return the same of real records with a known outcome."""
    if len(points) < 2:
        return None
    return _reliability(
        [100.0 * point.predicted for point in points],
        [100.0 * point.observed for point in points],
        label="How often it really happened, by the chance that the model gave, on records with an outcome",
    )


def gains_chart(points: Sequence[Mapping[str, float]]) -> Lines | None:
    """Return which part of all that happened is found in the records with the highest answers."""
    if not points:
        return None
    shares = (0.0, *(100.0 * point["share"] for point in points))
    return Lines(
        label="Found, by how many records are looked at, the highest answers first",
        places=shares,
        lines=(
            Line(name="This model", values=(0.0, *(100.0 * point["captured"] for point in points))),
            Line(name="In any order", values=shares, tone="soft", dashed=True),
        ),
        axis="Found, % of all",
        place_title="Looked at, % of the records",
        decimals=1,
        minimum=0.0,
        maximum=100.0,
    )


def importance_chart(importance: Mapping[str, float], title: Callable[[str], str]) -> Bars | None:
    """Return how many points each fact moves the answer on average, the largest first."""
    ranked = sorted(importance.items(), key=lambda one: (-one[1], one[0]))[:MOST_BARS]
    if not ranked:
        return None
    return Bars(
        label="How far each fact moves the answer on average",
        places=tuple(title(name) for name, _ in ranked),
        bars=(Bar(name="Moves the answer by", values=tuple(value for _, value in ranked)),),
        axis="Points on average",
        place_title="Fact",
        decimals=1,
        lying=True,
    )


def dependence_chart(title: str, points: Sequence[Mapping[str, Any]]) -> Lines:
    """Return how the mean answer follows one fact; the bars behind say how many records have about that value."""
    is_ordered = all(
        isinstance(point["value"], int | float) and not isinstance(point["value"], bool) for point in points
    )
    return Lines(
        label=f"The mean answer by {title}, and how many records have that value",
        places=tuple(value_text(point["value"], longest=40) for point in points),
        lines=(
            Line(
                name="Mean answer in %",
                values=tuple(100.0 * point["probability"] for point in points),
                dots=True,
                joined=is_ordered,
            ),
        ),
        axis="Mean answer, %",
        place_title=title,
        decimals=1,
        density=tuple(100.0 * point["share"] for point in points),
        density_name="Records with about this value, %",
    )


def _reliability(
    predicted: Sequence[float],
    observed: Sequence[float],
    *,
    label: str,
    lower: Sequence[float] = (),
    upper: Sequence[float] = (),
) -> Lines:
    return Lines(
        label=label,
        places=tuple(predicted),
        lines=(
            Line(name="Really happened", values=tuple(observed), lower=tuple(lower), upper=tuple(upper), dots=True),
            Line(name="As predicted", values=tuple(predicted), tone="soft", dashed=True),
        ),
        axis="Happened, %",
        place_title="Predicted chance, %",
        decimals=1,
        minimum=0.0,
        maximum=100.0,
    )
