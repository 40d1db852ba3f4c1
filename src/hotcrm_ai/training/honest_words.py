"""Says in words how much a model can be trusted, where its numbers alone could mislead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hotcrm_ai.training.metrics import Measured

_NAMES: Final = {"majority": "the base rate alone", "naive_bayes": "counting categories (naive Bayes)"}

_FEW_TO_MEASURE: Final = 50
_FEW_TO_LEARN: Final = 200


def quality_warnings(
    measured: Measured,
    baselines: Mapping[str, Mapping[str, float]],
    *,
    outcomes: NDArray[np.int8],
    training_outcomes: NDArray[np.int8],
    evidence: str | None = None,
) -> tuple[str, ...]:
    """Return what a reader of the metrics must know: no signal, a simpler model as good, or few outcomes.

    ``evidence`` is the sentence about the intervals of the answers, where they have some.
    """
    warnings: list[str] = []
    loss, plain = measured.values["log_loss"], baselines["majority"]["log_loss"]
    low, high = measured.intervals.get("roc_auc", (0.0, 1.0))
    if loss >= plain:
        warnings.append(
            f"nearly no signal: on held-out rows the log loss ({loss:.4f}) is not better than that of the base rate alone ({plain:.4f})"
        )
    elif low <= 0.5:
        warnings.append(
            f"nearly no signal: the ROC-AUC on held-out rows may be no better than chance ({low:.3f} to {high:.3f})"
        )
    bayes = baselines["naive_bayes"]["log_loss"]
    if bayes < loss < plain:
        warnings.append(
            f"counting categories (naive Bayes) does better on held-out rows: log loss {bayes:.4f} against {loss:.4f}"
        )
    warnings += _ranked_better(measured, baselines)
    rarer = int(min(outcomes.sum(), len(outcomes) - outcomes.sum()))
    if rarer < _FEW_TO_MEASURE:
        warnings.append(
            f"few outcomes to measure on: the rarer one occurs {rarer} times in {len(outcomes)} held-out rows, "
            f"so the ROC-AUC is only known to lie between {low:.3f} and {high:.3f}"
        )
    learned = int(min(training_outcomes.sum(), len(training_outcomes) - training_outcomes.sum()))
    if evidence is not None:
        warnings.append(evidence)
    elif learned < _FEW_TO_LEARN:
        warnings.append(
            f"few outcomes to learn from: the rarer one occurs {learned} times in {len(training_outcomes)} training rows; "
            "the model gets better with more closed records"
        )
    if "precision" not in measured.values:
        warnings.append(
            "no held-out record has a probability of a half or more, so precision is not defined at that limit"
        )
    return tuple(warnings)


def _ranked_better(measured: Measured, baselines: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Return a sentence for each baseline that puts positives before negatives more often than the model does."""
    ours = measured.values.get("roc_auc")
    if ours is None:
        return []
    return [
        f"{_NAMES.get(name, name.replace('_', ' '))} ranks held-out rows better: ROC-AUC {theirs['roc_auc']:.4f} against {ours:.4f}"
        for name, theirs in baselines.items()
        if theirs.get("roc_auc", 0.0) > ours
    ]
