"""Forecasts of single series: edges, seasons, outliers, gaps, shifts, and what intervals and parts promise."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from hotcrm_ai.local_models.forecast_course import Course, forecast_course

SEASON = (0.8, 0.85, 1.0, 0.95, 1.0, 1.1, 0.9, 0.85, 1.05, 1.05, 1.1, 1.35)


def _seasonal(months: int, *, growth: float = 0.0, noise: float = 0.02, seed: int = 1) -> list[float]:
    chance = random.Random(seed)
    return [
        1000.0 * SEASON[month % 12] * (1.0 + growth) ** month * math.exp(chance.gauss(0.0, noise))
        for month in range(months)
    ]


def _check(course: Course, horizon: int) -> None:
    """The numbers are finite, in order, and their parts add up."""
    assert len(course.value) == horizon
    assert np.isfinite([course.value, course.lower, course.upper]).all()
    assert (course.lower <= course.value).all()
    assert (course.value <= course.upper).all()
    parts = course.level + course.trend + course.season
    size = np.maximum(np.abs(course.value), np.abs(course.level)) + 1e-300
    assert np.abs((parts - course.value) / size).max() < 1e-9


@pytest.mark.parametrize("history", [[], [5.0], [1.0, 2.0], [None, 1.0, None, 2.0]])
def test_fewer_than_three_known_values_are_refused(history: list[float | None]) -> None:
    """Two points make no forecast; the message says how many are needed."""
    with pytest.raises(ValueError, match="at least 3"):
        forecast_course(history, 3)


@pytest.mark.parametrize(("value", "said"), [(math.nan, "finite"), (math.inf, "finite"), (2e300, "larger unit")])
def test_values_that_are_no_usable_numbers_are_refused(value: float, said: str) -> None:
    """Not-a-number, infinity and numbers whose sums would overflow never become a forecast."""
    with pytest.raises(ValueError, match=said):
        forecast_course([1.0, 2.0, 3.0, value], 3)


@pytest.mark.parametrize("level", [0.0, 5.0, -7.0, 1e300])
@pytest.mark.parametrize("months", [3, 12, 40])
def test_a_constant_history_goes_on_as_it_was(level: float, months: int) -> None:
    """All zeros stay zero, and a constant stays what it is."""
    course = forecast_course([level] * months, 6)
    assert course.value.tolist() == [level] * 6


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e290])
@pytest.mark.parametrize("months", [3, 5, 11, 12, 13, 23, 24, 25, 60, 240])
def test_any_length_and_size_of_history_gives_an_ordered_additive_forecast(months: int, scale: float) -> None:
    """From three months to twenty years, and from tiny to huge values."""
    _check(forecast_course([scale * value for value in _seasonal(months)], 60), 60)


def test_the_season_is_found_and_repeated() -> None:
    """Five years of a clear season are continued within a few per cent of the truth."""
    course = forecast_course(_seasonal(60), 12)
    truth = np.array([1000.0 * share for share in SEASON])
    assert np.abs(course.value / truth - 1.0).max() < 0.05


def test_a_sharp_season_is_repeated_after_a_single_year() -> None:
    """Twelve months with a clear peak are enough to expect the peak again."""
    course = forecast_course(_seasonal(12), 12)
    assert int(np.argmax(course.value)) == 11
    assert course.value[11] > 1.15 * course.value.mean()


def test_without_negative_history_nothing_is_negative() -> None:
    """A falling history with zeros leads to zero, never below it."""
    course = forecast_course([float(max(60 - month, 0)) for month in range(64)], 24)
    assert (course.lower >= 0.0).all()
    assert (course.value >= 0.0).all()


def test_a_history_below_zero_may_go_on_below_zero() -> None:
    """Losses are forecast as losses."""
    chance = random.Random(2)
    course = forecast_course([-100.0 + chance.gauss(0.0, 5.0) for _ in range(48)], 6)
    _check(course, 6)
    assert (course.value < -80.0).all()


def test_one_outlier_hardly_moves_the_forecast() -> None:
    """A month booked ten times too high changes the forecast by less than five per cent, and is named."""
    history = _seasonal(60)
    spoiled = history.copy()
    spoiled[30] *= 10.0
    clean, found = forecast_course(history, 12), forecast_course(spoiled, 12)
    assert np.abs(found.value / clean.value - 1.0).max() < 0.05
    assert any("outlying" in note for note in found.notes)


def test_missing_months_are_filled_in_and_named() -> None:
    """Three unknown months change the forecast by less than five per cent; they are not taken for zero."""
    history: list[float | None] = list(_seasonal(60))
    clean = forecast_course(history, 12)
    for gap in (17, 35, 36):
        history[gap] = None
    found = forecast_course(history, 12)
    assert np.abs(found.value / clean.value - 1.0).max() < 0.05
    assert found.notes == ("unknown periods within the history, filled in from others: 3",)


def test_months_of_zero_are_values_and_no_gaps() -> None:
    """A series that sells in every third month is expected to sell about as much in a year as before."""
    course = forecast_course([0.0, 0.0, 6.0] * 20, 12)
    _check(course, 12)
    assert course.value.sum() == pytest.approx(24.0, rel=0.15)


def test_a_level_shift_is_followed() -> None:
    """A year after sales doubled, the forecast stands at the new level."""
    chance = random.Random(3)
    history = [(100.0 if month < 48 else 200.0) + chance.gauss(0.0, 2.0) for month in range(60)]
    assert np.abs(forecast_course(history, 6).value - 200.0).max() < 20.0


def test_intervals_hold_what_they_promise() -> None:
    """Over many noisy seasonal series, 70 to 90 per cent of the coming values lie inside the 80 per cent interval."""
    inside = []
    for seed in range(30):
        series = _seasonal(72, growth=0.003, noise=0.08, seed=seed)
        course = forecast_course(series[:60], 12)
        true = np.array(series[60:])
        inside.append(((true >= course.lower) & (true <= course.upper)).mean())
    assert 0.70 <= float(np.mean(inside)) <= 0.90


def test_the_same_history_gives_the_same_forecast() -> None:
    """Nothing is drawn by chance."""
    first, second = forecast_course(_seasonal(50), 12), forecast_course(_seasonal(50), 12)
    assert first.value.tolist() == second.value.tolist()
    assert first.lower.tolist() == second.lower.tolist()


def test_the_unit_of_money_does_not_matter() -> None:
    """Cents instead of euros give a hundred times the forecast."""
    euros = forecast_course(_seasonal(48), 12)
    cents = forecast_course([100.0 * value for value in _seasonal(48)], 12)
    assert (cents.value / euros.value).tolist() == pytest.approx([100.0] * 12, rel=1e-6)


def test_a_single_value_next_to_zero_does_not_burst_the_interval() -> None:
    """A month that sold almost nothing leaves the upper end within a few times the largest month."""
    history = _seasonal(60)
    history[50] = 1e-6
    course = forecast_course(history, 12)
    _check(course, 12)
    assert course.upper.max() < 5.0 * max(history)


def test_under_two_years_growth_is_seen() -> None:
    """Eighteen months that grow by two per cent a month go on well above last year, whose repetition would be 21 per cent too low."""
    course = forecast_course(_seasonal(18, growth=0.02), 6)
    truth = np.array([1000.0 * SEASON[month % 12] * 1.02**month for month in range(18, 24)])
    assert np.abs(course.value / truth - 1.0).max() < 0.15
