"""The whole sample CRM, made from a seed: the same seed gives the same records, on every machine and every day."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date

from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.sample_crm.accounts import draw_accounts
from hotcrm_ai.sample_crm.contacts import draw_contacts
from hotcrm_ai.sample_crm.emails import draw_emails
from hotcrm_ai.sample_crm.leads import draw_leads
from hotcrm_ai.sample_crm.products import list_products
from hotcrm_ai.sample_crm.purchases import draw_purchases
from hotcrm_ai.sample_crm.revenue import draw_revenue
from hotcrm_ai.sample_crm.rows import Row
from hotcrm_ai.sample_crm.schema import SAMPLE_CRM
from hotcrm_ai.sample_crm.tickets import draw_tickets


@dataclass(frozen=True, slots=True)
class SampleCRM:
    """An invented CRM, and the truth that a real one never tells.

    `tables` maps the name of each table to its rows, tables in the order in which they refer to one another; `truth`
    maps the names beginning with `truth_` to rows that belong to no CRM, such as each lead's true probability.
    """

    seed: int
    tables: dict[str, list[Row]]
    truth: dict[str, list[Row]]

    def digest(self) -> str:
        """Return the SHA-256 of all tables and of the truth, as hexadecimal digits."""
        text = json.dumps([self.tables, self.truth], ensure_ascii=False, default=_as_text, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()


def generate_sample_crm(*, seed: int = 7, leads: int = 6000, accounts: int = 1200) -> SampleCRM:
    """Return the sample CRM of the seed, with so many leads and accounts.

    Raises `ConfigError` where a number is negative, or there is no account.

    >>> generate_sample_crm(seed=7, leads=10, accounts=5).tables["leads"][0]["id"]
    'LD-000001'
    """
    if seed < 0 or leads < 0 or accounts < 1:
        raise ConfigError(
            f"A sample CRM cannot be made with seed={seed!r}, leads={leads!r}, accounts={accounts!r};"
            " seed and leads must be 0 or more, accounts 1 or more."
        )
    customers = draw_accounts(accounts, seed=seed)
    prospects = draw_leads(leads, customers.companies, seed=seed)
    contacts = draw_contacts(customers.companies, customers.rows, seed=seed)
    emails = draw_emails(contacts, customers.rows, seed=seed)
    revenue = draw_revenue(seed=seed)
    purchases = draw_purchases(customers.companies, customers.rows, seed=seed)
    return SampleCRM(
        seed=seed,
        tables={
            "accounts": _unanswered("accounts", customers.rows),
            "leads": prospects.rows,
            "contacts": contacts,
            "emails": _unanswered("emails", emails.rows),
            "tickets": draw_tickets(customers.rows, seed=seed),
            "revenue_series": _unanswered("revenue_series", revenue.series),
            "monthly_revenue": revenue.rows,
            "products": list_products(),
            "purchases": purchases.rows,
        },
        truth={
            "truth_leads": prospects.truth,
            "truth_accounts": customers.truth,
            "truth_emails": emails.truth,
            "truth_monthly_revenue": revenue.truth,
            "truth_purchases": purchases.truth,
        },
    )


def _unanswered(table: str, rows: list[Row]) -> list[Row]:
    """Return the rows with nothing yet in the fields that answers are written to."""
    empty = dict.fromkeys(column.name for column in SAMPLE_CRM.tables[table].columns)
    return [empty | row for row in rows]


def _as_text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"A row of the sample CRM holds {value!r}, which is no plain value.")
