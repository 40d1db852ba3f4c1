"""The members that forecast changes: what they must find in series whose law is known."""

from __future__ import annotations

import numpy as np
import pytest

from hotcrm_ai.local_models.forecast_changes import changes_course, yearly_changes_course
from hotcrm_ai.local_models.forecast_members import members_of


def test_changes_that_swing_back_are_forecast_to_swing_back() -> None:
    """Changes of +1 and -1 in turn go on in turn; a simple carry-over would stay where it is."""
    values = np.cumsum([1.0, -1.0] * 30)
    course = changes_course(values, 4)
    assert np.round(np.diff(np.concatenate([values[-1:], course]))).tolist() == [1.0, -1.0, 1.0, -1.0]


def test_half_of_a_drift_goes_on() -> None:
    """A straight line of slope 2 is carried on with slope 1."""
    assert changes_course(np.arange(0.0, 60.0, 2.0), 3) == pytest.approx([59.0, 60.0, 61.0])


def test_a_year_repeats_with_its_whole_growth() -> None:
    """A pattern that rises by 6 each year is carried on exactly, also beyond a year."""
    pattern = np.array([0.0, 3.0, -1.0, 5.0])
    values = np.concatenate([pattern + 6.0 * year for year in range(8)])
    course = yearly_changes_course(values, 6, 4)
    assert course is not None
    assert course == pytest.approx([48.0, 51.0, 47.0, 53.0, 54.0, 57.0])


@pytest.mark.parametrize(("count", "period"), [(60, 1), (25, 12)])
def test_without_a_season_or_with_too_few_years_there_is_no_yearly_course(count: int, period: int) -> None:
    """Fourteen changes over a year are the least."""
    assert yearly_changes_course(np.arange(float(count)), 3, period) is None


def test_chance_of_last_year_is_taken_back() -> None:
    """Where single values stand out by chance, the year after them is not lifted by all of it."""
    values = np.random.default_rng(3).normal(0.0, 1.0, 240)
    values[-12] = 8.0
    course = yearly_changes_course(values, 1, 12)
    assert course is not None
    assert course[0] < 4.0


def test_both_are_members_and_their_parts_are_numbers() -> None:
    """They count among the members of a series with a season, with and without negative values."""
    season = np.tile([1.0, 1.2, 0.8, 1.1], 12)
    for values in (season + 0.01 * np.arange(48), season - 1.0):
        members = {
            member.name: member for member in members_of(values, 5, 4, ratio=0.5 if (values > 0.0).all() else 0.0)
        }
        assert {"changes", "yearly changes"} <= set(members)
        for name in ("changes", "yearly changes"):
            assert np.isfinite([*members[name].course, *members[name].season, members[name].level]).all()
