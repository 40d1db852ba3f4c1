"""Small statistics for scripts around a CRM: scores, averages, outliers, trends, likeness, groups, smoothing and scaling.

>>> weighted_average([80, 40], weights=[3, 1])
70.0
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from hotcrm_ai.domain.errors import InvalidRequest, MissingExtra

__all__ = [
    "Clusters",
    "Trend",
    "calculate_confidence",
    "calculate_trend",
    "cosine_similarity",
    "detect_outliers",
    "exponential_smoothing",
    "k_means",
    "moving_average",
    "normalize_score",
    "pearson",
    "scale_to_range",
    "standardize",
    "weighted_average",
]

Floats = npt.NDArray[np.float64]

FENCE: Final = 1.5
"""Tukey's distance of an outlier from the quartiles, in interquartile ranges."""
_FLAT: Final = 1e-12


class Trend(NamedTuple):
    """A straight line through values at even steps: change a step, the share of the variance it explains (0-1), and a word."""

    slope: float
    r_squared: float
    direction: Literal["up", "down", "flat"]


class Clusters(NamedTuple):
    """The group of each point (from 0), and the centre of each group."""

    labels: tuple[int, ...]
    centers: tuple[tuple[float, ...], ...]


def calculate_confidence(probability: float) -> float:
    """Return how often a yes-or-no reading of a calibrated probability is right, in per cent.

    >>> calculate_confidence(0.2)
    80.0
    """
    if not 0.0 <= probability <= 1.0:
        raise InvalidRequest(f"{probability!r} is no probability; give a number from 0 to 1.")
    return 100.0 * max(probability, 1.0 - probability)


def normalize_score(value: float, low: float, high: float) -> float:
    """Return where a value lies between two limits, from 0 to 100; beyond them it is 0 or 100.

    >>> normalize_score(30, 20, 40)
    50.0
    """
    if not np.isfinite(value):
        raise InvalidRequest(f"{value!r} is no finite number, so it has no place between two limits.")
    if not low < high:
        raise InvalidRequest(f"The limits {low!r} and {high!r} are no range; give the lower one first.")
    return 100.0 * min(1.0, max(0.0, (value - low) / (high - low)))


def weighted_average(values: Sequence[float], weights: Sequence[float]) -> float:
    """Return the mean of values, each counted by its weight; weights are not negative and not all 0."""
    given, by = _numbers(values, "values"), _numbers(weights, "weights")
    _same_length(given, by)
    if (by < 0).any() or not by.any():
        raise InvalidRequest("Weights must not be negative, and at least one must be above 0.")
    return float(np.average(given, weights=by))


def detect_outliers(values: Sequence[float], fence: float = FENCE) -> list[int]:
    """Return the positions of values further than ``fence`` interquartile ranges outside of the quartiles (Tukey, 1977).

    >>> detect_outliers([10, 12, 11, 13, 12, 95])
    [5]
    """
    given = _numbers(values, "values")
    low, high = np.quantile(given, [0.25, 0.75])
    reach = fence * (high - low)
    return [int(at) for at in np.flatnonzero((given < low - reach) | (given > high + reach))]


def calculate_trend(values: Sequence[float]) -> Trend:
    """Return the least-squares line through values at even steps.

    >>> calculate_trend([1.0, 3.0, 5.0]).direction
    'up'
    """
    given = _numbers(values, "values", least=2)
    steps = np.arange(len(given)) - (len(given) - 1) / 2.0
    slope = float(steps @ given / (steps @ steps))
    total = float(((given - given.mean()) ** 2).sum())
    explained = slope**2 * float(steps @ steps) / total if total > 0.0 else 0.0
    flat = abs(slope) <= _FLAT * max(1.0, float(np.abs(given).max()))
    return Trend(slope, min(1.0, explained), "flat" if flat else "up" if slope > 0 else "down")


def cosine_similarity(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the cosine of the angle between two vectors, from -1 to 1; 0 where one of them is all zeros.

    >>> cosine_similarity([1, 0], [1, 0])
    1.0
    """
    one, other = _numbers(first, "first"), _numbers(second, "second")
    _same_length(one, other)
    length = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(np.clip(one @ other / length, -1.0, 1.0)) if length > 0.0 else 0.0


def pearson(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the linear correlation of two series, from -1 to 1; 0 where one of them never changes.

    >>> pearson([1, 2, 3], [2, 4, 6])
    1.0
    """
    one, other = _numbers(first, "first", least=2), _numbers(second, "second", least=2)
    _same_length(one, other)
    return round(cosine_similarity((one - one.mean()).tolist(), (other - other.mean()).tolist()), 12)


def k_means(points: Sequence[Sequence[float]], k: int, seed: int = 0) -> Clusters:
    """Return ``k`` groups of near points, the same ones for the same seed; needs the extra ``train``.

    Raises:
        InvalidRequest: there are fewer points than groups, or they differ in length.
        MissingExtra: scikit-learn is not installed.
    """
    try:
        from sklearn.cluster import KMeans  # type: ignore[import-untyped]  # ships no types
    except ModuleNotFoundError as missing:
        raise MissingExtra(feature="Grouping by k-means", extra="train") from missing
    if not 1 <= k <= len(points) or len({len(point) for point in points}) != 1:
        raise InvalidRequest(
            f"{len(points)} points cannot be parted into {k} groups; give as many points, all of one length."
        )
    given = np.array([_numbers(point, "points") for point in points])
    found = KMeans(n_clusters=k, n_init=10, random_state=seed).fit(given)
    centers = tuple(tuple(float(part) for part in center) for center in found.cluster_centers_)
    return Clusters(tuple(int(label) for label in found.labels_), centers)


def moving_average(values: Sequence[float], window: int) -> list[float]:
    """Return the mean of each run of ``window`` neighbours, so ``window - 1`` fewer values than given.

    >>> moving_average([2, 4, 6, 8], window=2)
    [3.0, 5.0, 7.0]
    """
    given = _numbers(values, "values")
    if not 1 <= window <= len(given):
        raise InvalidRequest(f"A window of {window} does not fit {len(given)} values; choose 1 to {len(given)}.")
    means = np.lib.stride_tricks.sliding_window_view(given, window).mean(axis=1)
    return [float(mean) for mean in means]


def exponential_smoothing(values: Sequence[float], alpha: float = 0.3) -> list[float]:
    """Return values smoothed so that each is ``alpha`` of itself and the rest of the smoothed one before it.

    >>> exponential_smoothing([10, 20], alpha=0.5)
    [10.0, 15.0]
    """
    if not 0.0 < alpha <= 1.0:
        raise InvalidRequest(f"alpha is {alpha!r}; it is above 0 and at most 1.")
    smoothed: list[float] = []
    for value in _numbers(values, "values").tolist():
        smoothed.append(alpha * value + (1.0 - alpha) * smoothed[-1] if smoothed else value)
    return smoothed


def scale_to_range(values: Sequence[float], low: float = 0.0, high: float = 1.0) -> list[float]:
    """Return values moved and stretched so that the least is ``low`` and the greatest ``high``; equal values all become ``low``.

    >>> scale_to_range([10, 15, 20])
    [0.0, 0.5, 1.0]
    """
    given = _numbers(values, "values")
    width = float(given.max() - given.min())
    shares = (given - given.min()) / width if width > 0.0 else np.zeros(len(given))
    return [float(value) for value in low + (high - low) * shares]


def standardize(values: Sequence[float]) -> list[float]:
    """Return values in standard deviations from their mean; equal values all become 0.

    >>> standardize([1, 3])
    [-1.0, 1.0]
    """
    given = _numbers(values, "values")
    deviation = float(given.std())
    return [float(value) for value in ((given - given.mean()) / deviation if deviation > 0.0 else np.zeros(len(given)))]


def _numbers(values: Sequence[float], name: str, *, least: int = 1) -> Floats:
    given = np.asarray(values, dtype=np.float64)
    if given.ndim != 1 or len(given) < least or not np.isfinite(given).all():
        raise InvalidRequest(f"{name} must be a list of at least {least} finite numbers.")
    return given


def _same_length(one: Floats, other: Floats) -> None:
    if len(one) != len(other):
        raise InvalidRequest(f"The two lists differ in length: {len(one)} and {len(other)}; give as many of each.")
