"""The baselines are what they say they are."""

from __future__ import annotations

import pytest

from hotcrm_ai.domain.signature import FeatureSpec
from hotcrm_ai.training.baselines import NaiveBayes, majority_probabilities

FEATURES = (
    FeatureSpec(name="source", type="category"),
    FeatureSpec(name="agreed", type="boolean"),
    FeatureSpec(name="size", type="number"),
)
TABLE = {
    "source": ["web", "web", "fair", "Fair ", None],
    "agreed": [True, False, True, None, False],
    "size": [1.0, 2.0, 3.0, 4.0, 5.0],
}
OUTCOME = [1, 0, 1, 1, 0]


def test_majority_states_the_base_rate():
    """Three of five won, so every row gets 0.6."""
    assert majority_probabilities(OUTCOME, 2).tolist() == [0.6, 0.6]


def test_naive_bayes_by_hand():
    """Counts start from 0.1: web 1.1 won, 1.1 lost; fair 2.1 and 0.1; true 2.1 and 0.1; false 0.1 and 2.1."""
    model = NaiveBayes(TABLE, OUTCOME, FEATURES)
    won = 3 / 5 * (2.1 / 3.2) * (2.1 / 2.2)
    lost = 2 / 5 * (0.1 / 1.2) * (0.1 / 2.2)
    found = model.probabilities({"source": ["fair", None], "agreed": [True, None], "size": [9.0, 9.0]})
    assert found[0] == pytest.approx(won / (won + lost), abs=1e-12)
    assert found[1] == pytest.approx(0.6, abs=1e-12)


def test_value_never_seen_is_left_out():
    """An unseen value says as much as an empty one, and a number says nothing."""
    model = NaiveBayes(TABLE, OUTCOME, FEATURES)
    unseen, empty = model.probabilities({"source": ["radio", None], "agreed": [None, None], "size": [1.0, -1.0]})
    assert unseen == empty == pytest.approx(0.6)
