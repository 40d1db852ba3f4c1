"""The small statistics beside hand calculations and NumPy's own."""

from __future__ import annotations

import doctest
from collections.abc import Callable

import numpy as np
import pytest

import hotcrm_ai.statistics as statistics
from hotcrm_ai.domain.errors import InvalidRequest

SERIES = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0]
OTHER = [2.0, 7.0, 1.0, 8.0, 2.0, 8.0, 1.0, 8.0]


def test_the_examples_run() -> None:
    """Every docstring shows what the function gives."""
    assert doctest.testmod(statistics) == (0, doctest.testmod(statistics).attempted)


def test_against_numpy() -> None:
    """Correlation, line and standard scores are those of an independent reference."""
    assert statistics.pearson(SERIES, OTHER) == pytest.approx(np.corrcoef(SERIES, OTHER)[0, 1])
    slope = np.polyfit(range(8), SERIES, 1)[0]
    assert statistics.calculate_trend(SERIES).slope == pytest.approx(slope)
    assert statistics.calculate_trend(SERIES).r_squared == pytest.approx(np.corrcoef(range(8), SERIES)[0, 1] ** 2)
    assert np.std(statistics.standardize(SERIES)) == pytest.approx(1.0)


def test_values_that_never_change_have_no_trend_likeness_or_spread() -> None:
    """Nothing divides by zero."""
    assert statistics.calculate_trend([2, 2, 2]) == (0.0, 0.0, "flat")
    assert statistics.pearson([2, 2], [1, 5]) == 0.0
    assert statistics.cosine_similarity([0, 0], [1, 5]) == 0.0
    assert statistics.scale_to_range([4, 4]) == [0.0, 0.0]
    assert statistics.standardize([4, 4]) == [0.0, 0.0]
    assert statistics.detect_outliers([4, 4, 4]) == []


def test_k_means_finds_two_heaps() -> None:
    """Points of one heap share a group, and the centres are their means."""
    found = statistics.k_means([[0, 0], [0, 2], [10, 10], [10, 12]], 2)
    assert found.labels[0] == found.labels[1] != found.labels[2] == found.labels[3]
    assert sorted(found.centers) == [(0.0, 1.0), (10.0, 11.0)]


@pytest.mark.parametrize(
    "asked",
    [
        lambda: statistics.calculate_confidence(80),
        lambda: statistics.normalize_score(1, 5, 5),
        lambda: statistics.normalize_score(float("nan"), 0, 1),
        lambda: statistics.weighted_average([1, 2], [1]),
        lambda: statistics.weighted_average([1, 2], [0, 0]),
        lambda: statistics.moving_average([1, 2], 3),
        lambda: statistics.exponential_smoothing([1, 2], 0.0),
        lambda: statistics.detect_outliers([]),
        lambda: statistics.calculate_trend([1]),
        lambda: statistics.standardize([float("nan")]),
        lambda: statistics.k_means([[1], [2]], 3),
    ],
)
def test_what_makes_no_sense_is_refused(asked: Callable[[], object]) -> None:
    """The error is ours and says what to give instead."""
    with pytest.raises(InvalidRequest):
        asked()
