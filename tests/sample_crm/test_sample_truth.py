"""The truth behind the sample CRM is its published formula, and the outcomes follow it."""

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from hotcrm_ai.domain.errors import RecordNotFound
from hotcrm_ai.sample_crm import (
    SampleCRM,
    account_churn_probability,
    best_possible,
    generate_sample_crm,
    lead_outcome_probability,
)
from hotcrm_ai.sample_crm.titles import CHIEF, DIRECTOR, INTERN, MANAGER, STAFF, VICE_PRESIDENT, seniority_of

LEAD: dict[str, Any] = {
    "engagement_score": 75,
    "days_since_last_contact": 45,
    "job_title": "CTO",
    "company_size": 50,
    "estimated_budget": 40_000.0,
    "industry": "technolgy",
    "lead_source": "Referral",
    "webinar_attended": True,
    "website_visits": 0,
    "notes": "Left a voicemail. Asked for a quote for all sites.",
    "created_date": date(2024, 1, 1),
}


def test_a_lead_is_worth_what_the_formula_says() -> None:
    """The probability of one lead, reckoned by hand from the module's formula."""
    log_odds = (
        -1.5
        + 0.52 * 3.0 * 0.75
        + 1.4
        + 0.5 * (1.0 - math.log(50 / 300) ** 2 / 3.0)
        + 0.7
        + 0.7
        + 0.7
        + 1.7
        + 0.8
        - 0.6 * 1.6
        + 1.3
    )
    assert lead_outcome_probability(LEAD) == pytest.approx(1.0 / (1.0 + math.exp(-log_odds)), abs=1e-12)


def test_an_account_is_worth_what_the_formula_says() -> None:
    """The probability of one account, reckoned by hand from the module's formula."""
    account = {"account_age": 24, "support_tickets": 4, "usage_frequency": 9, "nps_score": 6, "payment_delays": 1}
    log_odds = -2.4 - math.log(2.0) + 0.65 * math.log(5.0) - 0.95 * (math.log(10.0) - 3.0) + 0.33 + 0.65 + 1.2 + 0.9
    assert account_churn_probability(account) == pytest.approx(1.0 / (1.0 + math.exp(-log_odds)), abs=1e-12)


@pytest.mark.parametrize("column", sorted(LEAD))
def test_a_missing_value_has_a_defined_effect(column: str) -> None:
    """A column that is missing, or None, gives one and the same finite probability."""
    without = {name: value for name, value in LEAD.items() if name != column}
    assert 0.0 < lead_outcome_probability(without) < 1.0
    assert lead_outcome_probability(without) == lead_outcome_probability(LEAD | {column: None})


def test_an_absurd_size_counts_as_missing() -> None:
    """0 and 999999 employees are slips and have no effect of their own."""
    unknown = lead_outcome_probability(LEAD | {"company_size": None})
    assert lead_outcome_probability(LEAD | {"company_size": 0}) == unknown
    assert lead_outcome_probability(LEAD | {"company_size": 999_999}) == unknown


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("Director of Sales", DIRECTOR),
        ("cto", CHIEF),
        ("Vice President", VICE_PRESIDENT),
        ("President", CHIEF),
        ("Managing Director", CHIEF),
        ("Assistant to the CEO", STAFF),
        ("Executive Assistant", STAFF),
        ("Account Executive", STAFF),
        ("Product Owner", STAFF),
        ("Owner", CHIEF),
        ("Team Lead IT", MANAGER),
        ("Working Student Finance", INTERN),
        ("Office Clerk", STAFF),
        (None, None),
    ],
)
def test_seniority_is_read_from_whole_words(title: str | None, level: int | None) -> None:
    """Letters inside a longer word do not count, and neither does somebody else's rank."""
    assert seniority_of(title) == level


def test_the_truth_of_every_record_is_the_formula_applied_to_it(sample_crm: SampleCRM) -> None:
    """Whoever reads the tables can work out every true probability."""
    for lead, fact in zip(sample_crm.tables["leads"], sample_crm.truth["truth_leads"], strict=True):
        assert fact["lead_id"] == lead["id"]
        assert fact["true_probability"] == round(lead_outcome_probability(lead), 6)
        assert lead["converted"] in (None, fact["outcome"])
    for account, fact in zip(sample_crm.tables["accounts"], sample_crm.truth["truth_accounts"], strict=True):
        assert fact["account_id"] == account["id"]
        assert fact["true_probability"] == round(account_churn_probability(account), 6)
        assert account["churned"] in (None, fact["outcome"])


@pytest.fixture(scope="module")
def large_crm() -> SampleCRM:
    """A sample CRM with enough records for shares to be steady."""
    return generate_sample_crm(seed=21, leads=20_000, accounts=6000)


@pytest.mark.parametrize("table", ["truth_leads", "truth_accounts"])
def test_outcomes_come_as_often_as_the_truth_says(large_crm: SampleCRM, table: str) -> None:
    """In each tenth of the records, by true probability, the share of outcomes is the mean of the probabilities."""
    facts = np.array([[fact["true_probability"], fact["outcome"]] for fact in large_crm.truth[table]], dtype=float)
    for tenth in np.array_split(facts[np.argsort(facts[:, 0], kind="stable")], 10):
        spread = math.sqrt(float((tenth[:, 0] * (1 - tenth[:, 0])).sum())) / len(tenth)
        assert abs(tenth[:, 1].mean() - tenth[:, 0].mean()) < 4 * spread


@pytest.mark.parametrize(("table", "low", "high"), [("truth_leads", 0.875, 0.905), ("truth_accounts", 0.855, 0.895)])
def test_the_best_possible_ranking_is_good_but_not_perfect(
    large_crm: SampleCRM, table: str, low: float, high: float
) -> None:
    """No model can pass these bands, however long it is tuned."""
    facts = np.array([[fact["true_probability"], fact["outcome"]] for fact in large_crm.truth[table]], dtype=float)
    assert low <= roc_auc_score(facts[:, 1], facts[:, 0]) <= high


def test_best_possible_agrees_with_scikit_learn(sample_crm: SampleCRM) -> None:
    """The three measures of the true probabilities are those that scikit-learn gives, on chosen leads."""
    facts = sample_crm.truth["truth_leads"][1000:1500]
    probability = np.array([fact["true_probability"] for fact in facts], dtype=float)
    outcome = np.array([fact["outcome"] for fact in facts], dtype=float)
    scores = best_possible(sample_crm, [str(fact["lead_id"]) for fact in facts])
    assert scores == pytest.approx(
        {
            "roc_auc": roc_auc_score(outcome, probability),
            "log_loss": log_loss(outcome, probability),
            "brier": brier_score_loss(outcome, probability),
        },
        abs=1e-12,
    )


def test_best_possible_of_one_lead_has_no_ranking(sample_crm: SampleCRM) -> None:
    """Where all outcomes are the same there is no pair to rank, and no number is made up."""
    assert set(best_possible(sample_crm, ["LD-000001"])) == {"log_loss", "brier"}


def test_best_possible_refuses_leads_that_it_does_not_know(sample_crm: SampleCRM) -> None:
    """An unknown id and an empty list are mistakes."""
    with pytest.raises(RecordNotFound, match="'LD-999999'"):
        best_possible(sample_crm, ["LD-000001", "LD-999999"])
    with pytest.raises(ValueError, match="no leads"):
        best_possible(sample_crm, [])
