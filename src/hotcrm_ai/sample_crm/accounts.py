"""The accounts of the sample CRM: customers with the figures of their last review, and whether they left."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from hotcrm_ai.sample_crm.account_truth import account_churn_probability
from hotcrm_ai.sample_crm.companies import Companies, draw_companies, record_sizes
from hotcrm_ai.sample_crm.dates import DAYS_PER_MONTH, TODAY
from hotcrm_ai.sample_crm.industries import record_industries
from hotcrm_ai.sample_crm.rows import Row, date_in, leave_out, record_ids, rows_from
from hotcrm_ai.sample_crm.streams import Stream

DECISION_DAYS = 90
"""Within so many days after its review an account leaves, or has stayed."""

_FIRST_REVIEW = date(2024, 7, 1)
_UNDECIDED_SHARE = 0.2
_LEAVING_REASONS = ("Price", "Moved to another vendor", "Project ended", "Not used enough", "Company closed")
_NPS_WEIGHTS = (2, 2, 3, 4, 5, 8, 10, 17, 22, 16, 11)


@dataclass(frozen=True, slots=True)
class Accounts:
    """The table of accounts, the truth behind it, and what is true of the companies."""

    rows: list[Row]
    truth: list[Row]
    companies: Companies


def draw_accounts(count: int, *, seed: int) -> Accounts:
    """Return accounts; a fifth of them were reviewed on the CRM's today, so that nobody knows yet who leaves."""
    companies = draw_companies(count, seed=seed, table="accounts")
    rows = _draw_records(companies, seed=seed)
    lots = Stream(seed, "accounts.outcome").uniform(count).tolist()
    probabilities = [round(account_churn_probability(row), 6) for row in rows]
    leaves = [lot < probability for lot, probability in zip(lots, probabilities, strict=True)]
    truth: list[Row] = [
        {"account_id": row["id"], "true_probability": probability, "outcome": int(left)}
        for row, probability, left in zip(rows, probabilities, leaves, strict=True)
    ]
    return Accounts(_add_outcomes(rows, leaves, seed=seed), truth, companies)


def _draw_records(companies: Companies, *, seed: int) -> list[Row]:
    """Return the accounts without their outcomes, as they were on the day of their review."""
    count = len(companies.names)
    months = np.floor(1.0 + 95.0 * Stream(seed, "accounts.account_age").uniform(count) ** 1.4).astype(np.int64)
    reviews = _draw_reviews(count, seed=seed)
    health = Stream(seed, "accounts.health").normal(count)
    size_pull = 0.12 * np.log(companies.sizes / 180.0)
    logins = Stream(seed, "accounts.usage_frequency").counts(
        np.minimum(np.exp(3.0 + 0.5 * health + 0.8 * Stream(seed, "accounts.usage_habit").normal(count)), 300.0)
    )
    tickets = Stream(seed, "accounts.support_tickets").counts(
        np.minimum(
            np.exp(0.7 - 0.3 * health + size_pull + 0.6 * Stream(seed, "accounts.tickets_habit").normal(count)), 60.0
        )
    )
    delays = Stream(seed, "accounts.payment_delays").counts(np.exp(-0.5 - 0.4 * health))
    scores = Stream(seed, "accounts.nps_score").places(count, _NPS_WEIGHTS) + np.rint(health).astype(np.int64)
    return rows_from(
        {
            "id": record_ids("AC", count, digits=5),
            "name": companies.names,
            "industry": record_industries(
                companies.industries, seed=seed, table="accounts", missing=0.02, misspelt=0.02
            ),
            "company_size": record_sizes(companies.sizes, seed=seed, table="accounts", missing=0.04),
            "country": companies.countries,
            "created_date": [
                day - timedelta(days=int(age * DAYS_PER_MONTH) + 1)
                for day, age in zip(reviews, months.tolist(), strict=True)
            ],
            "review_date": reviews,
            "account_age": months.tolist(),
            "support_tickets": tickets.tolist(),
            "usage_frequency": leave_out(logins.tolist(), 0.03, seed=seed, column="accounts.usage_frequency"),
            "nps_score": leave_out(np.clip(scores, 0, 10).tolist(), 0.28, seed=seed, column="accounts.nps_score"),
            "payment_delays": leave_out(delays.tolist(), 0.02, seed=seed, column="accounts.payment_delays"),
        }
    )


def _draw_reviews(count: int, *, seed: int) -> list[date]:
    """Return the day of each account's review; the outcome of those on the CRM's today is still unknown."""
    last_decided = TODAY - timedelta(days=DECISION_DAYS)
    days = Stream(seed, "accounts.review_date").whole(0, (last_decided - _FIRST_REVIEW).days, count).tolist()
    undecided = Stream(seed, "accounts.undecided").chance(_UNDECIDED_SHARE, count).tolist()
    return [
        TODAY if unknown else _FIRST_REVIEW + timedelta(days=day) for day, unknown in zip(days, undecided, strict=True)
    ]


def _add_outcomes(accounts: list[Row], leaves: list[bool], *, seed: int) -> list[Row]:
    """Return the accounts with what became of them; the reason and the day are known of those who left only."""
    count = len(accounts)
    waits = Stream(seed, "accounts.churned_date").whole(1, DECISION_DAYS, count).tolist()
    reasons = Stream(seed, "accounts.churn_reason").pick(_LEAVING_REASONS, count)
    complete = []
    for account, left, wait, reason in zip(accounts, leaves, waits, reasons, strict=True):
        review = date_in(account, "review_date")
        decided = review < TODAY
        gone_on = review + timedelta(days=wait) if decided and left else None
        outcome: Row = {
            "churned": int(left) if decided else None,
            "churned_date": gone_on,
            "churn_reason": reason if gone_on else None,
        }
        complete.append(account | outcome)
    return complete
