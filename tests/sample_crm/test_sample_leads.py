"""The leads of the sample CRM have the shape, and the mess, of a real CRM's."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from hotcrm_ai.sample_crm import TODAY, SampleCRM
from hotcrm_ai.sample_crm.industries import INDUSTRY_WEIGHTS, MISSPELLINGS

FILLED_AT_CLOSING = ("converted", "closed_date", "contract_value", "close_reason", "sales_stage_final")
OUR_ANSWERS = ("ai_score", "ai_confidence", "ai_explanation", "last_scored_date")


@pytest.fixture
def leads(sample_crm: SampleCRM) -> list[dict[str, Any]]:
    """The table of leads."""
    return sample_crm.tables["leads"]


def share(rows: list[dict[str, Any]], column: str, value: object) -> float:
    """Return the share of the rows that hold the value."""
    return sum(row[column] == value for row in rows) / len(rows)


def test_leads_are_numbered_in_the_order_in_which_they_came(leads: list[dict[str, Any]]) -> None:
    """Ids count up, and no lead was created before the one above it, or outside the two and a half years."""
    assert [lead["id"] for lead in leads[:2]] == ["LD-000001", "LD-000002"]
    assert len({lead["id"] for lead in leads}) == 6000
    assert all(earlier["created_date"] <= later["created_date"] for earlier, later in pairwise(leads))
    assert date(2024, 1, 1) <= leads[0]["created_date"]
    assert leads[-1]["created_date"] < TODAY


def test_about_four_in_five_leads_are_closed_and_a_quarter_of_those_won(leads: list[dict[str, Any]]) -> None:
    """The open leads are the newer ones, and the base rate is that of a busy sales team."""
    closed = [lead for lead in leads if lead["status"] != "open"]
    still_open = [lead for lead in leads if lead["status"] == "open"]
    assert 0.75 <= len(closed) / len(leads) <= 0.85
    assert 0.25 <= share(closed, "converted", 1) <= 0.30
    assert min(lead["created_date"] for lead in still_open) > TODAY - timedelta(days=541)
    median_closed, median_open = closed[len(closed) // 2], still_open[len(still_open) // 2]
    assert median_closed["created_date"] < median_open["created_date"] - timedelta(days=180)


def test_what_is_known_after_closing_only_is_empty_while_open(leads: list[dict[str, Any]]) -> None:
    """Columns that give the outcome away are empty for open leads and filled for closed ones."""
    for lead in leads:
        filled = [lead[column] is not None for column in FILLED_AT_CLOSING]
        assert not any(filled) if lead["status"] == "open" else all(filled), lead


def test_the_leaking_columns_do_give_the_outcome_away(leads: list[dict[str, Any]]) -> None:
    """A contract has a value exactly when it was won, and a contract was sent to hardly anybody else."""
    for lead in leads:
        if lead["status"] != "open":
            won = lead["status"] == "converted"
            assert lead["converted"] == int(won)
            assert (lead["contract_value"] > 0) == won
            assert lead["sales_stage_final"] == ("Closed Won" if won else "Closed Lost")
            assert lead["created_date"] < lead["closed_date"] <= TODAY
    sent = [lead for lead in leads if lead["last_activity_type"] == "Contract sent"]
    assert share(sent, "status", "converted") > 0.9


def test_the_columns_for_our_own_answers_are_there_and_empty(leads: list[dict[str, Any]]) -> None:
    """A lead of the sample CRM was never scored."""
    assert all(lead[column] is None for lead in leads for column in OUR_ANSWERS)


@pytest.mark.parametrize(
    ("column", "low", "high"),
    [
        ("industry", 0.05, 0.07),
        ("company_size", 0.08, 0.12),
        ("engagement_score", 0.03, 0.05),
        ("estimated_budget", 0.22, 0.28),
        ("job_title", 0.04, 0.06),
        ("account_id", 0.60, 0.72),
    ],
)
def test_values_are_missing_as_in_a_real_crm(leads: list[dict[str, Any]], column: str, low: float, high: float) -> None:
    """Each column has its own share of missing values."""
    assert low <= share(leads, column, None) <= high


def test_a_budget_that_is_not_stated_says_something(leads: list[dict[str, Any]]) -> None:
    """Leads without a stated budget convert clearly less often than those with one."""
    closed = [lead for lead in leads if lead["status"] != "open"]
    silent = [lead for lead in closed if lead["estimated_budget"] is None]
    stated = [lead for lead in closed if lead["estimated_budget"] is not None]
    assert share(silent, "converted", 1) < 0.5 * share(stated, "converted", 1)


def test_budgets_have_a_heavy_tail_and_sizes_a_few_slips(leads: list[dict[str, Any]]) -> None:
    """The largest budget is a hundred times the middle one, and a few sizes are 0 or 999999."""
    budgets = sorted(lead["estimated_budget"] for lead in leads if lead["estimated_budget"] is not None)
    assert budgets[0] >= 500.0
    assert budgets[-1] > 100 * budgets[len(budgets) // 2]
    sizes = [lead["company_size"] for lead in leads]
    assert 5 <= sizes.count(0) <= 40
    assert 5 <= sizes.count(999_999) <= 40


def test_a_few_industries_are_misspelt(leads: list[dict[str, Any]]) -> None:
    """About three in a hundred industries are known misspellings, all others proper names."""
    misspelt = {spelling for spellings in MISSPELLINGS.values() for spelling in spellings}
    found = {lead["industry"] for lead in leads} - {None}
    assert found <= misspelt | set(INDUSTRY_WEIGHTS)
    assert {"technolgy", "Tech", " finance "} <= found
    assert 0.02 <= sum(lead["industry"] in misspelt for lead in leads) / len(leads) <= 0.04


def test_a_lead_was_not_contacted_before_it_came(leads: list[dict[str, Any]]) -> None:
    """The last contact lies between the creation of a lead and its closing, or today."""
    for lead in leads:
        lifetime = ((lead["closed_date"] or TODAY) - lead["created_date"]).days
        assert 0 <= lead["days_since_last_contact"] <= lifetime


def test_the_early_closed_are_no_better_than_the_others(sample_crm: SampleCRM) -> None:
    """Whether a lead is still open says nothing about its chance, so the closed ones are a fair sample."""
    status = {lead["id"]: lead["status"] for lead in sample_crm.tables["leads"]}
    chances: dict[bool, list[float]] = {True: [], False: []}
    for fact in sample_crm.truth["truth_leads"]:
        chances[status[fact["lead_id"]] == "open"].append(float(str(fact["true_probability"])))
    averages = [sum(found) / len(found) for found in chances.values()]
    assert averages[0] == pytest.approx(averages[1], abs=0.03)
