"""The link from margins to probabilities increases and says its own slope."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotcrm_ai.local_models.calibration import Calibration

links = st.builds(Calibration, lower=st.floats(0.05, 4.0), upper=st.floats(0.05, 4.0), shift=st.floats(-3.0, 3.0))


def test_plain_link_is_the_logistic_function():
    """Without parameters nothing is changed: log-odds of ln 3 are 75 %."""
    assert Calibration()(np.array([0.0, np.log(3.0), -np.log(3.0)])) == pytest.approx([0.5, 0.75, 0.25], abs=1e-15)


def test_beta_calibration_by_hand():
    """At p0 = 0.75, slopes 2 and 1 and shift 0.5 give log-odds 2 ln 0.75 - ln 0.25 + 0.5 = 1.310930."""
    link = Calibration(lower=2.0, upper=1.0, shift=0.5)
    assert link.one(np.log(3.0)) == pytest.approx(1.0 / (1.0 + np.exp(-1.3109302)), abs=1e-7)


@given(link=links)
def test_link_increases_and_stays_within_bounds(link):
    """A higher margin never has a lower probability, and in the working range a higher one."""
    probabilities = link(np.linspace(-60.0, 60.0, 401))
    assert np.all(np.diff(probabilities) >= 0.0)
    assert np.all(np.diff(link(np.linspace(-3.0, 3.0, 50))) > 0.0)
    assert np.all((probabilities >= 0.0) & (probabilities <= 1.0))


@given(link=links, margin=st.floats(-20.0, 20.0))
def test_slope_is_the_derivative(link, margin):
    """The stated slope equals the central difference."""
    step = 1e-5
    high, low = link(np.array([margin + step, margin - step]))
    assert link.slope(np.array([margin]))[0] == pytest.approx((high - low) / (2 * step), abs=1e-7)


@given(link=links, margin=st.floats(-2000.0, 2000.0))
def test_single_margin_equals_the_array(link, margin):
    """The quick path for one margin gives what the array path gives, extremes included."""
    assert link.one(margin) == pytest.approx(link(np.array([margin]))[0], abs=1e-13)
