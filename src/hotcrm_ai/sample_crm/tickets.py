"""The support tickets of the sample CRM: exactly those that the accounts' reviews counted."""

from datetime import timedelta

import numpy as np

from hotcrm_ai.sample_crm.rows import Row, date_in, record_ids, rows_from
from hotcrm_ai.sample_crm.streams import Stream

_TOPICS: dict[str, tuple[str, ...]] = {
    "Access": ("Cannot log in after the password change", "New colleague needs a user", "Locked out on the phone"),
    "Import": ("Import stops half-way", "Umlauts are broken after the import", "Columns are in the wrong order"),
    "Billing": ("Invoice shows the wrong address", "Charged twice for one month", "Question about the last invoice"),
    "Reports": ("Totals differ from our own sheet", "Report takes minutes to load", "Export leaves out a column"),
    "Email": ("Mails are not linked to the contact", "Signature is shown twice", "Templates have lost their pictures"),
}
_PRIORITIES = {"low": 0.35, "normal": 0.45, "high": 0.15, "urgent": 0.05}
_HOURS_TO_CLOSE = {"low": 60.0, "normal": 30.0, "high": 14.0, "urgent": 6.0}


def draw_tickets(accounts: list[Row], *, seed: int) -> list[Row]:
    """Return the tickets of each account in the twelve months before its review, oldest first."""
    owners = [account for account in accounts for _ in range(_count(account))]
    count = len(owners)
    known = [(date_in(owner, "review_date") - date_in(owner, "created_date")).days for owner in owners]
    ages = Stream(seed, "tickets.opened_date").whole(1, np.minimum(known, 365), count).tolist()
    opened = [date_in(owner, "review_date") - timedelta(days=age) for owner, age in zip(owners, ages, strict=True)]
    topics = Stream(seed, "tickets.category").pick(list(_TOPICS), count)
    subjects = Stream(seed, "tickets.subject").uniform(count).tolist()
    priorities = Stream(seed, "tickets.priority").pick(list(_PRIORITIES), count, list(_PRIORITIES.values()))
    typical = np.array([_HOURS_TO_CLOSE[priority] for priority in priorities])
    hours = np.round(typical * np.exp(0.7 * Stream(seed, "tickets.hours_to_close").normal(count)), 1)
    order = sorted(range(count), key=lambda place: (opened[place], place))
    return rows_from(
        {
            "id": record_ids("TK", count, digits=6),
            "account_id": [owners[place]["id"] for place in order],
            "subject": [_TOPICS[topics[place]][int(subjects[place] * len(_TOPICS[topics[place]]))] for place in order],
            "category": [topics[place] for place in order],
            "priority": [priorities[place] for place in order],
            "opened_date": [opened[place] for place in order],
            "hours_to_close": hours[order].tolist(),
        }
    )


def _count(account: Row) -> int:
    tickets = account["support_tickets"]
    return tickets if isinstance(tickets, int) else 0
