"""A report says in words where its figures could mislead."""

from __future__ import annotations

import numpy as np

from hotcrm_ai.training.honest_words import quality_warnings
from hotcrm_ai.training.metrics import Measured

HALVES = np.array([0, 1] * 200, dtype=np.int8)


def _warnings(ours: float, bayes: float) -> tuple[str, ...]:
    measured = Measured(
        values={"roc_auc": ours, "log_loss": 0.60, "precision": 0.7}, intervals={"roc_auc": (ours - 0.05, ours + 0.05)}
    )
    baselines = {
        "majority": {"roc_auc": 0.5, "log_loss": 0.69},
        "naive_bayes": {"roc_auc": bayes, "log_loss": 0.65},
    }
    return quality_warnings(measured, baselines, outcomes=HALVES, training_outcomes=HALVES)


def test_a_baseline_that_ranks_better_is_named_with_both_figures() -> None:
    """Naive Bayes with the higher AUC is said plainly, also where its log loss is worse; with the lower one nothing is."""
    assert _warnings(0.70, 0.72) == (
        "counting categories (naive Bayes) ranks held-out rows better: ROC-AUC 0.7200 against 0.7000",
    )
    assert _warnings(0.72, 0.70) == ()


def test_worse_than_no_order_at_all_is_said_too() -> None:
    """Below one half even the base rate, which puts all records alike, ranks better."""
    assert "the base rate alone ranks held-out rows better: ROC-AUC 0.5000 against 0.4800" in _warnings(0.48, 0.47)
