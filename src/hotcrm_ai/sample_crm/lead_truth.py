"""The chance that a lead of the sample CRM converts: a published formula over what its record says.

The formula reads the record as it stands: what is missing in it, misspelt beyond recognition or absurd has no hidden
influence. A model that had learnt everything would therefore reach these probabilities, and none can pass them; what
is left is the luck of the draw, which no column carries.

log-odds = BASE
         + ENGAGEMENT · (engagement - 45)/10 · (1 - 0.5 · min(days since last contact, 90)/90)    (interaction 1)
         + the effect of the seniority that the words of the job title stand for
         + SIZE · (1 - ln(employees/300)²/3), never below -2.5 · SIZE; best at 300 employees
         + BUDGET · ln(budget/40 000), between -1.5 and 1.5 times BUDGET; NO_BUDGET where none is stated
         + SMALL_CHIEF or LARGE_CHIEF for chiefs of firms below 100 or above 1 000 employees      (interaction 2)
         + EAGER_BUDGET where a budget is stated and the engagement is above 60                   (interaction 3)
         + the effects of industry and lead source
         + WEBINAR where a webinar was attended
         + VISITS · (ln(1 + website visits) - 1.6)
         + the effect of the telling words in the notes
         + DRIFT · years since the first lead
"""

import math
from collections.abc import Mapping
from datetime import date

from hotcrm_ai.sample_crm.dates import FIRST_DAY
from hotcrm_ai.sample_crm.industries import proper_industry
from hotcrm_ai.sample_crm.titles import CHIEF, seniority_of

BASE = -1.5
ENGAGEMENT = 0.52
SIZE = 0.5
BUDGET = 0.5
NO_BUDGET = -0.9
SMALL_CHIEF = 0.7
LARGE_CHIEF = -1.1
EAGER_BUDGET = 0.7
WEBINAR = 0.8
VISITS = 0.6
DRIFT = -0.15

SENIORITY: dict[int | None, float] = {None: -0.2, 0: -2.1, 1: -0.9, 2: 0.2, 3: 0.8, 4: 1.1, 5: 1.4}
"""The effect of each level of seniority, None being a missing title."""

INDUSTRY: dict[str | None, float] = {
    "Technology": 0.7,
    "Finance": 0.5,
    "Healthcare": 0.3,
    "Manufacturing": 0.1,
    "Logistics": 0.0,
    "Energy": -0.1,
    "Media": -0.3,
    "Retail": -0.5,
    "Education": -0.8,
    None: 0.0,
}
"""The effect of each industry, None being a missing one."""

SOURCE: dict[str | None, float] = {
    "Referral": 1.7,
    "Partner": 1.1,
    "Event": 0.4,
    "Webinar": 0.3,
    "Website": 0.0,
    "Paid Ads": -0.7,
    "Cold List": -1.7,
    None: -0.1,
}
"""The effect of each lead source, None being a missing one."""

TELLING_WORDS: dict[str, float] = {
    "quote": 1.3,
    "demo": 1.1,
    "deadline": 0.9,
    "pilot": 0.8,
    "browsing": -1.3,
    "student": -1.5,
    "frozen": -1.2,
    "competitor": -0.8,
}
"""The effect of each telling word in the notes; a note holds one at most."""

ABSURD_SIZE = 500_000
"""From this number of employees on a size is a slip of the keyboard, as is 0."""


def lead_outcome_probability(lead: Mapping[str, object]) -> float:
    """Return the true probability, from 0 to 1, that a lead with this record converts (formula: see the module).

    `lead` is a row of the table `leads`; a column that it does not have counts as missing.

    >>> round(lead_outcome_probability({"engagement_score": 80, "job_title": "Head of Procurement"}), 3)
    0.53
    """
    log_odds = (
        BASE
        + _engagement_effect(lead)
        + _company_effect(lead)
        + _budget_effect(lead)
        + INDUSTRY[proper_industry(lead.get("industry"))]
        + SOURCE.get(_text(lead.get("lead_source")), SOURCE[None])
        + _behaviour_effect(lead)
        + _drift(lead.get("created_date"))
    )
    return 1.0 / (1.0 + math.exp(-log_odds))


def _engagement_effect(lead: Mapping[str, object]) -> float:
    engagement = _number(lead.get("engagement_score"))
    if engagement is None:
        return 0.0
    days = _number(lead.get("days_since_last_contact")) or 0.0
    return ENGAGEMENT * (engagement - 45.0) / 10.0 * (1.0 - 0.5 * min(days, 90.0) / 90.0)


def _company_effect(lead: Mapping[str, object]) -> float:
    seniority = seniority_of(lead.get("job_title"))
    employees = _number(lead.get("company_size"))
    if employees is None or not 0 < employees < ABSURD_SIZE:
        return SENIORITY[seniority]
    fit = max(1.0 - math.log(employees / 300.0) ** 2 / 3.0, -2.5)
    reach = 0.0
    if seniority == CHIEF:
        reach = SMALL_CHIEF if employees < 100 else LARGE_CHIEF if employees > 1000 else 0.0
    return SENIORITY[seniority] + SIZE * fit + reach


def _budget_effect(lead: Mapping[str, object]) -> float:
    budget = _number(lead.get("estimated_budget"))
    if budget is None:
        return NO_BUDGET
    engagement = _number(lead.get("engagement_score"))
    eager = EAGER_BUDGET if engagement is not None and engagement > 60 else 0.0
    return BUDGET * min(max(math.log(budget / 40_000.0), -1.5), 1.5) + eager


def _behaviour_effect(lead: Mapping[str, object]) -> float:
    visits = _number(lead.get("website_visits"))
    words = set((_text(lead.get("notes")) or "").lower().replace(".", " ").replace(",", " ").split())
    return (
        (WEBINAR if lead.get("webinar_attended") is True else 0.0)
        + (VISITS * (math.log1p(visits) - 1.6) if visits is not None else 0.0)
        + sum(effect for word, effect in TELLING_WORDS.items() if word in words)
    )


def _drift(created: object) -> float:
    return DRIFT * (created - FIRST_DAY).days / 365.25 if isinstance(created, date) else 0.0


def _number(recorded: object) -> float | None:
    return float(recorded) if isinstance(recorded, int | float) else None


def _text(recorded: object) -> str | None:
    return recorded if isinstance(recorded, str) else None
