"""The contacts of the sample CRM: the people at the accounts, of whom the first is the main one."""

import numpy as np

from hotcrm_ai.sample_crm.companies import Companies
from hotcrm_ai.sample_crm.names import draw_people
from hotcrm_ai.sample_crm.rows import Row, leave_out, record_ids, rows_from
from hotcrm_ai.sample_crm.streams import Stream
from hotcrm_ai.sample_crm.titles import draw_titles


def draw_contacts(companies: Companies, accounts: list[Row], *, seed: int) -> list[Row]:
    """Return one to four contacts for each account; larger companies have more."""
    lots = Stream(seed, "contacts.number").uniform(len(accounts))
    extra = np.floor(lots * (1.5 + 0.5 * np.log10(companies.sizes))).astype(np.int64)
    places = np.repeat(np.arange(len(accounts)), np.minimum(1 + extra, 4)).tolist()
    people = draw_people(
        [companies.names[place] for place in places],
        [companies.countries[place] for place in places],
        seed=seed,
        table="contacts",
    )
    return rows_from(
        {
            "id": record_ids("CT", len(places), digits=5),
            "account_id": [accounts[place]["id"] for place in places],
            "first_name": [person.first_name for person in people],
            "last_name": [person.last_name for person in people],
            "email": [person.email for person in people],
            "phone": leave_out([person.phone for person in people], 0.2, seed=seed, column="contacts.phone"),
            "job_title": draw_titles(len(places), seed=seed, table="contacts", missing=0.05),
            "is_primary": [place == 0 or places[place - 1] != account for place, account in enumerate(places)],
        }
    )
