"""The likely forms of a series: what they must find in series whose law is known, and how their doubt grows."""

from __future__ import annotations

import numpy as np
import pytest

from hotcrm_ai.local_models.forecast_gaussian import gaussian_posterior

WAVE = np.sin(2.0 * np.pi * np.arange(120) / 12.0)


def _noise(count: int, *, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 1.0, count)


def test_a_line_goes_on() -> None:
    """A steady rise of one per cent of the level is carried on for a year."""
    found = gaussian_posterior(0.7 + 0.01 * np.arange(60) + 0.002 * _noise(60), 12, 12)
    assert found.value == pytest.approx(1.30 + 0.01 * np.arange(12), abs=0.02)


def test_a_season_is_known_after_a_year_and_a_half() -> None:
    """Eighteen months of a smooth season are enough to expect the next half year of it."""
    found = gaussian_posterior(1.0 + 0.3 * WAVE[:18] + 0.005 * _noise(18), 6, 12)
    assert found.value == pytest.approx(1.0 + 0.3 * WAVE[18:24], abs=0.05)
    assert found.season == pytest.approx(0.3 * WAVE[18:24], abs=0.06)


def test_the_values_tell_ratios_from_differences() -> None:
    """A season that grows with the level is one of ratios, one that stays while the level grows fourfold is one of differences."""
    level = np.linspace(0.5, 2.0, 120)
    ratios = level * np.exp(0.2 * WAVE + 0.02 * _noise(120))
    differences = level + 0.2 * WAVE + 0.02 * _noise(120)
    assert gaussian_posterior(ratios, 6, 12).ratio > 0.99
    assert gaussian_posterior(differences, 6, 12).ratio < 0.01


def test_without_positive_values_there_are_no_ratios() -> None:
    """A zero among the values rules the log scale out."""
    found = gaussian_posterior(np.concatenate([[0.0], 1.0 + 0.1 * _noise(30)]), 6, 12)
    assert found.ratio == 0.0
    assert np.isfinite([*found.value, *found.spread]).all()


def test_doubt_grows_with_distance_and_with_noise() -> None:
    """Later steps are less sure than earlier ones, and a noisy series is less sure than a calm one."""
    calm = gaussian_posterior(1.0 + 0.01 * _noise(60), 24, 12).spread
    noisy = gaussian_posterior(1.0 + 0.1 * _noise(60), 24, 12).spread
    assert (np.diff(calm) > 0.0).all()
    assert (noisy > 5.0 * calm).all()


def test_calm_recent_years_make_the_doubt_smaller() -> None:
    """The same noise earlier rather than later gives a narrower spread now."""
    size = np.repeat([0.1, 0.02], 60)
    calm_now = gaussian_posterior(1.0 + size * _noise(120), 6, 12).spread
    calm_before = gaussian_posterior(1.0 + size[::-1] * _noise(120), 6, 12).spread
    assert (calm_now < 0.6 * calm_before).all()


def test_only_the_newest_of_many_values_count() -> None:
    """Beyond 160 months older ones change nothing."""
    values = 1.0 + 0.1 * _noise(200)
    other = np.concatenate([values[:40] + 0.5, values[40:]])
    assert gaussian_posterior(values, 6, 12).value.tolist() == gaussian_posterior(other, 6, 12).value.tolist()


def test_a_zero_among_the_oldest_values_rules_ratios_out_too() -> None:
    """The other methods see all values, so the log scale must do for every one of them."""
    values = np.concatenate([[0.0] * 10, 1.0 + 0.1 * _noise(200)])
    assert gaussian_posterior(values, 6, 12).ratio == 0.0


def test_some_growth_is_expected_before_anything_is_seen() -> None:
    """A noisy year that tells of no growth is continued upwards by less than two per cent; losses are not expected to grow."""
    noisy = np.tile([0.95, 1.05, 1.05, 0.95], 3)
    grown, flat = gaussian_posterior(noisy, 12, 12).value, gaussian_posterior(noisy - 3.0, 12, 12).value + 3.0
    assert 0.002 < float((grown - flat).mean()) < 0.02


def test_a_calm_series_is_expected_to_go_on_as_it_did() -> None:
    """Where values hardly move, the expected growth is a tenth of their usual step at most."""
    calm = 1.0 + 1e-5 * np.tile([0.0, 1.0], 6)
    assert gaussian_posterior(calm, 12, 12).value == pytest.approx([1.0] * 12, abs=3e-5)


@pytest.mark.parametrize("period", [1, 4, 12, 52, 366])
@pytest.mark.parametrize("count", [3, 30])
def test_any_number_of_values_a_year_will_do(period: int, count: int) -> None:
    """Courses and spreads are numbers, whatever a year is made of; without a season its part is zero."""
    found = gaussian_posterior(1.0 + 0.1 * _noise(count), 5, period)
    assert np.isfinite([*found.value, *found.season, *found.spread, *found.ratio_spread]).all()
    assert (found.spread > 0.0).all()
    assert period > 1 or found.season.tolist() == [0.0] * 5
