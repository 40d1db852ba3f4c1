"""Sums of weights over many groups of records at once."""

from __future__ import annotations

import numpy as np
import pytest

from hotcrm_ai.explainers.member_sums import MemberSums


def test_each_group_is_the_sum_of_its_members_weights() -> None:
    """Groups of any size, alike or not, are summed each for itself; only those asked for are answered."""
    groups = np.array([0, 0, 1, 2, 2, 3, 3, 3])
    members = np.array([0, 9, 4, 9, 0, 1, 2, 3])
    sums = MemberSums(groups, members, n_groups=5, n_rows=10)
    weights = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, -512.0])
    assert sums(weights, np.array([0, 1, 2, 3, 4])).tolist() == [-511.0, 16.0, -511.0, 14.0, 0.0]
    assert sums(weights, np.array([3, 1])).tolist() == [14.0, 16.0]


@pytest.mark.parametrize("n_rows", [1, 7, 8, 63, 64, 65, 100, 130])
def test_any_number_of_records_may_stand_behind_the_groups(n_rows: int) -> None:
    """The numbers of records that fill bytes and words, and those that do not, give the same sums as adding one by one."""
    random = np.random.default_rng(n_rows)
    belongs = random.random((40, n_rows)) < 0.3
    weights = random.normal(size=n_rows)
    sums = MemberSums(*np.nonzero(belongs), n_groups=40, n_rows=n_rows)
    expected = [sum(weights[at] for at in range(n_rows) if row[at]) for row in belongs]
    np.testing.assert_allclose(sums(weights, np.arange(40)), expected, atol=1e-12)
