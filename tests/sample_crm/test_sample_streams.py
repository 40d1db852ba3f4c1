"""The distributions that are derived from uniform numbers are those that they are named after."""

import numpy as np
import pytest

from hotcrm_ai.sample_crm.streams import Stream


def test_normal_numbers_have_mean_nought_and_spread_one() -> None:
    """Mean, standard deviation and the share beyond 1.96 are those of the standard normal distribution."""
    drawn = Stream(5, "normal").normal(200_000)
    assert drawn.mean() == pytest.approx(0.0, abs=0.01)
    assert drawn.std() == pytest.approx(1.0, abs=0.01)
    assert (np.abs(drawn) > 1.96).mean() == pytest.approx(0.05, abs=0.002)


@pytest.mark.parametrize("mean", [0.3, 4.0, 60.0])
def test_counts_have_the_mean_and_the_variance_of_poisson(mean: float) -> None:
    """In a Poisson distribution both mean and variance are the parameter."""
    drawn = Stream(5, "counts").counts(np.full(100_000, mean))
    assert drawn.mean() == pytest.approx(mean, rel=0.02)
    assert drawn.var() == pytest.approx(mean, rel=0.03)


def test_options_come_as_often_as_their_weights_say() -> None:
    """Weights of 1 and 3 give a quarter and three quarters."""
    drawn = Stream(5, "pick").pick(("rare", "often"), 40_000, (1, 3))
    assert drawn.count("rare") / 40_000 == pytest.approx(0.25, abs=0.01)


def test_whole_numbers_reach_both_ends() -> None:
    """Both bounds are among the numbers, and nothing beyond them."""
    assert set(Stream(5, "whole").whole(2, 4, 1000).tolist()) == {2, 3, 4}


def test_an_order_holds_every_place_once() -> None:
    """An order is a permutation."""
    assert sorted(Stream(5, "order").order(100).tolist()) == list(range(100))
