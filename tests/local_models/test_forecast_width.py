"""The widths of intervals: what makes them wider and what does not."""

from __future__ import annotations

import numpy as np
import pytest

from hotcrm_ai.local_models.forecast_width import half_width

SPREAD = np.array([0.1, 0.2])


def test_a_long_series_takes_the_spread_of_its_forms() -> None:
    """Its values matter only through their forms: 1.25 standard errors on each side."""
    assert half_width(np.arange(30.0), SPREAD, short=False, period=12) == pytest.approx([0.125, 0.25])


def test_a_short_series_is_wider_by_its_usual_step() -> None:
    """Forms, step and a least width add up as independent errors do; the hand calculation is for a straight line of step 0.3."""
    found = half_width(0.3 * np.arange(12.0), SPREAD, short=True, period=12)
    assert found == pytest.approx([np.sqrt(0.077**2 + 0.3**2 + 0.09**2), np.sqrt(0.154**2 + 0.3**2 + 0.09**2)])


def test_a_sharp_peak_is_taken_for_a_season() -> None:
    """The same usual step with one month standing out gives a narrower interval than without it."""
    jagged = np.tile([0.0, 0.1], 6)
    peaked = jagged.copy()
    peaked[8] = 2.0
    assert (
        half_width(peaked, SPREAD, short=True, period=12) < 0.9 * half_width(jagged, SPREAD, short=True, period=12)
    ).all()


def test_less_than_a_year_is_wider() -> None:
    """Half of the season unseen adds 35 per cent, three quarters unseen 52.5; without a season nothing is unseen."""
    line = 0.3 * np.arange(12.0)
    year = half_width(line, SPREAD, short=True, period=12)
    assert half_width(line[:6], SPREAD, short=True, period=12) == pytest.approx(1.35 * year)
    assert half_width(line[:3], SPREAD, short=True, period=12) == pytest.approx(1.525 * year)
    assert half_width(line[:3], SPREAD, short=True, period=1) == pytest.approx(year)
