"""The best that any model can do on the leads of the sample CRM, because their true probabilities are known."""

from collections.abc import Iterable

import numpy as np

from hotcrm_ai.domain.errors import RecordNotFound
from hotcrm_ai.sample_crm.generate import SampleCRM
from hotcrm_ai.sample_crm.streams import Floats


def best_possible(crm: SampleCRM, lead_ids: Iterable[str]) -> dict[str, float]:
    """Return `roc_auc`, `log_loss` and `brier` of the true probabilities on the outcomes of these leads.

    For open leads the outcome is the one that they are going to have. `roc_auc` is left out where all outcomes are
    the same. Raises `RecordNotFound` where a lead is not in this CRM, and `ValueError` where there are no leads.
    """
    facts = {str(fact["lead_id"]): fact for fact in crm.truth["truth_leads"]}
    chosen = list(lead_ids)
    if not chosen:
        raise ValueError("There is no best possible result for no leads; name one at least.")
    unknown = [lead_id for lead_id in chosen if lead_id not in facts]
    if unknown:
        raise RecordNotFound(
            f"The sample CRM has no lead {unknown[0]!r} ({len(unknown)} unknown of {len(chosen)});"
            " take the ids from its table 'leads'."
        )
    probability = np.array([facts[lead_id]["true_probability"] for lead_id in chosen], dtype=np.float64)
    outcome = np.array([facts[lead_id]["outcome"] for lead_id in chosen], dtype=np.float64)
    right = np.where(outcome == 1.0, probability, 1.0 - probability)
    scores = {
        "log_loss": float(-np.log(np.maximum(right, 1e-15)).mean()),
        "brier": float(((probability - outcome) ** 2).mean()),
    }
    if 0.0 < outcome.mean() < 1.0:
        scores["roc_auc"] = _roc_auc(probability, outcome)
    return scores


def _roc_auc(probability: Floats, outcome: Floats) -> float:
    """Return the share of pairs of a won and a lost lead that are ranked rightly, ties counting half (Mann-Whitney)."""
    _, place, counts = np.unique(probability, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts - 1) / 2.0
    won = float(outcome.sum())
    rank_sum = float(mean_rank[place][outcome == 1.0].sum())
    return (rank_sum - won * (won + 1.0) / 2.0) / (won * (len(outcome) - won))
