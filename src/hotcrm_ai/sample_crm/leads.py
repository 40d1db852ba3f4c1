"""The leads of the sample CRM: who they are and what is known of them while they are being worked on."""

from dataclasses import dataclass

import numpy as np

from hotcrm_ai.sample_crm.companies import Companies, draw_companies, record_sizes
from hotcrm_ai.sample_crm.dates import FIRST_DAY, TODAY, days_after
from hotcrm_ai.sample_crm.industries import record_industries
from hotcrm_ai.sample_crm.lead_outcomes import add_outcomes
from hotcrm_ai.sample_crm.lead_truth import lead_outcome_probability
from hotcrm_ai.sample_crm.names import draw_people
from hotcrm_ai.sample_crm.rows import Row, leave_out, record_ids, rows_from
from hotcrm_ai.sample_crm.streams import Floats, Stream, Whole
from hotcrm_ai.sample_crm.titles import MANAGER, draw_titles, seniority_of

SOURCE_WEIGHTS = {
    "Website": 0.30,
    "Paid Ads": 0.20,
    "Event": 0.12,
    "Webinar": 0.11,
    "Referral": 0.11,
    "Partner": 0.07,
    "Cold List": 0.09,
}
"""Every lead source with its share of all leads."""

_TELLING_NOTES = (
    *("Asked for a quote for all sites", "Wants a quote before the board meets", "Please send a quote, prices only"),
    *("Booked a demo with two colleagues", "Came to the demo with questions", "Would like a demo in the morning"),
    *("Has a deadline at quarter end", "Mentioned a hard deadline", "Wants to start a pilot with one team"),
    *("Pilot with ten users was discussed", "Just browsing for now", "Only browsing, no project yet"),
    *("A student who writes a thesis", "Student project, needs material", "Spending is frozen until next year"),
    *("New tools are frozen at the moment", "Renewed with a competitor in spring", "Is close to a competitor of ours"),
)
_PLAIN_NOTES = (
    *("Left a voicemail", "Met at the entrance of the fair", "Prefers to be called after lunch", "Speaks French"),
    *("Out of office last week", "Sent the brochure", "Has three subsidiaries", "Asked about the public holidays"),
    *("Moved offices recently", "Talked about the weather and the train", "Card handed over by a colleague"),
)
_LINKED_SHARE = 0.33
_MEDIAN_LIFETIME_DAYS = 130.0


@dataclass(frozen=True, slots=True)
class Leads:
    """The table of leads, and the truth behind it."""

    rows: list[Row]
    truth: list[Row]


def draw_leads(count: int, accounts: Companies, *, seed: int) -> Leads:
    """Return leads in the order in which they came in; about a third belong to one of the accounts."""
    companies, account_ids = _draw_employers(count, accounts, seed=seed)
    created, lifetimes = _draw_times(count, seed=seed)
    rows = _draw_records(companies, account_ids, created, lifetimes, seed=seed)
    lots = Stream(seed, "leads.outcome").uniform(count).tolist()
    probabilities = [round(lead_outcome_probability(row), 6) for row in rows]
    wins = [lot < probability for lot, probability in zip(lots, probabilities, strict=True)]
    truth: list[Row] = [
        {"lead_id": row["id"], "true_probability": probability, "outcome": int(win)}
        for row, probability, win in zip(rows, probabilities, wins, strict=True)
    ]
    return Leads(add_outcomes(rows, wins, lifetimes, seed=seed), truth)


def _draw_employers(count: int, accounts: Companies, *, seed: int) -> tuple[Companies, list[str | None]]:
    """Return the companies that the leads work for, and the account's id where one of them is an account."""
    companies = draw_companies(count, seed=seed, table="leads")
    names, industries, sizes = list(companies.names), list(companies.industries), companies.sizes.copy()
    countries = list(companies.countries)
    account_ids: list[str | None] = [None] * count
    known_ids = record_ids("AC", len(accounts.names), digits=5)
    choice = Stream(seed, "leads.account_id.choice").whole(0, len(known_ids) - 1, count).tolist()
    linked = Stream(seed, "leads.account_id").chance(_LINKED_SHARE if known_ids else 0.0, count)
    for place in np.flatnonzero(linked).tolist():
        account = choice[place]
        account_ids[place] = known_ids[account]
        names[place], industries[place] = accounts.names[account], accounts.industries[account]
        sizes[place], countries[place] = accounts.sizes[account], accounts.countries[account]
    return Companies(names, industries, sizes, countries), account_ids


def _draw_times(count: int, *, seed: int) -> tuple[Whole, Whole]:
    """Return for each lead the day of its creation, counted from the first, and its lifetime in days.

    The lifetime does not depend on the outcome, so the leads that are closed early are no better than the others.
    """
    last = (TODAY - FIRST_DAY).days
    created = np.sort(np.floor(last * Stream(seed, "leads.created_date").uniform(count) ** 0.8).astype(np.int64))
    spread = np.exp(0.6 * Stream(seed, "leads.closed_date").normal(count))
    return created, np.clip(np.rint(_MEDIAN_LIFETIME_DAYS * spread), 5, 540).astype(np.int64)


def _draw_records(
    companies: Companies, account_ids: list[str | None], created: Whole, lifetimes: Whole, *, seed: int
) -> list[Row]:
    """Return the leads without their outcomes."""
    count = len(created)
    people = draw_people(companies.names, companies.countries, seed=seed, table="leads")
    titles = draw_titles(count, seed=seed, table="leads", missing=0.05)
    interest = Stream(seed, "leads.interest").normal(count)
    engagement = np.clip(np.rint(45.0 + 21.0 * interest), 0, 100).astype(np.int64)
    known_days = np.minimum(lifetimes, (TODAY - FIRST_DAY).days - created)
    quiet_days = np.floor(-25.0 * np.log1p(-Stream(seed, "leads.days_since_last_contact").uniform(count)))
    visits = Stream(seed, "leads.website_visits").counts(
        np.exp(1.15 + 0.35 * interest + 0.7 * Stream(seed, "leads.website_visits.habit").normal(count))
    )
    return rows_from(
        {
            "id": record_ids("LD", count, digits=6),
            "account_id": account_ids,
            "first_name": [person.first_name for person in people],
            "last_name": [person.last_name for person in people],
            "company": companies.names,
            "email": leave_out([person.email for person in people], 0.02, seed=seed, column="leads.email"),
            "phone": leave_out([person.phone for person in people], 0.15, seed=seed, column="leads.phone"),
            "industry": record_industries(companies.industries, seed=seed, table="leads", missing=0.06, misspelt=0.03),
            "company_size": record_sizes(companies.sizes, seed=seed, table="leads", missing=0.10),
            "job_title": titles,
            "engagement_score": leave_out(engagement.tolist(), 0.04, seed=seed, column="leads.engagement_score"),
            "estimated_budget": _draw_budgets(companies.sizes, titles, interest, seed=seed),
            "lead_source": _draw_sources(count, seed=seed),
            "country": companies.countries,
            "website_visits": visits.tolist(),
            "emails_opened": Stream(seed, "leads.emails_opened").counts(np.exp(0.9 + 0.4 * interest)).tolist(),
            "days_since_last_contact": np.minimum(quiet_days.astype(np.int64), known_days).tolist(),
            "webinar_attended": Stream(seed, "leads.webinar").chance(0.22 + 0.05 * np.tanh(interest), count).tolist(),
            "notes": _draw_notes(count, seed=seed),
            "created_date": days_after(FIRST_DAY, created),
        }
    )


def _draw_budgets(sizes: Whole, titles: list[str | None], interest: Floats, *, seed: int) -> list[float | None]:
    """Return budgets in money, with a heavy tail; juniors and the uninterested name one less often."""
    count = len(sizes)
    exponents = np.log(22_000.0) + 0.3 * np.log(sizes / 150.0) + 0.9 * Stream(seed, "leads.budget").normal(count)
    tail = (1.0 - Stream(seed, "leads.budget.tail").uniform(count)) ** (-1.0 / 1.2)
    fat = Stream(seed, "leads.budget.fat").chance(0.04, count)
    amounts = np.minimum(np.exp(exponents) * np.where(fat, 3.0 * tail, 1.0), 20_000_000.0)
    junior = np.array([(seniority_of(title) or 0) < MANAGER for title in titles])
    silent = Stream(seed, "leads.budget.missing").chance(0.19 + 0.14 * junior - 0.06 * np.tanh(interest), count)
    rounded = np.maximum(np.rint(amounts / 500.0) * 500.0, 500.0)
    return [None if absent else amount for amount, absent in zip(rounded.tolist(), silent.tolist(), strict=True)]


def _draw_sources(count: int, *, seed: int) -> list[object]:
    sources = Stream(seed, "leads.lead_source").pick(list(SOURCE_WEIGHTS), count, list(SOURCE_WEIGHTS.values()))
    return leave_out(sources, 0.02, seed=seed, column="leads.lead_source")


def _draw_notes(count: int, *, seed: int) -> list[str | None]:
    """Return short notes: a third of them tell something, a fifth of the leads have none."""
    kinds = Stream(seed, "leads.notes.kind").places(count, (0.30, 0.35, 0.20, 0.15)).tolist()
    telling = Stream(seed, "leads.notes.telling").pick(_TELLING_NOTES, count)
    plain = Stream(seed, "leads.notes.plain").pick(_PLAIN_NOTES, count)
    return [
        (None, f"{other}.", f"{word}.", f"{other}. {word}.")[kind]
        for kind, word, other in zip(kinds, telling, plain, strict=True)
    ]
