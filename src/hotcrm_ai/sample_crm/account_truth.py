"""The chance that an account of the sample CRM leaves: a published formula over what its record says.

As with the leads, the formula reads the record as it stands, so that its probabilities are the best that any model
can give. The figures are those of the account's review; it leaves, or does not, within the 90 days after.

log-odds = BASE
         - AGE · ln(1 + months/24)
         + TICKETS · ln(1 + tickets of the last twelve months)
         - USAGE · (ln(1 + logins a month) - 3)
         - NPS · (score - 7), for a score from 0 to 10; NO_NPS where there is none
         + DELAYS · min(late payments of the last twelve months, 5)
         + IDLE_AND_LATE where an account logs in less than ten times a month and paid late             (interaction 1)
         + LOUD_DETRACTOR where the score is 6 or less and there were four tickets or more              (interaction 2)
"""

import math
from collections.abc import Mapping

BASE = -2.4
AGE = 1.0
TICKETS = 0.65
USAGE = 0.95
NPS = 0.33
NO_NPS = 0.5
DELAYS = 0.65
IDLE_AND_LATE = 1.2
LOUD_DETRACTOR = 0.9


def account_churn_probability(account: Mapping[str, object]) -> float:
    """Return the true probability, from 0 to 1, that an account with this record leaves (formula: see the module).

    `account` is a row of the table `accounts`; a column that it does not have counts as missing.

    >>> round(account_churn_probability({"account_age": 6, "usage_frequency": 4, "payment_delays": 2}), 3)
    0.845
    """
    months = _number(account.get("account_age"))
    tickets = _number(account.get("support_tickets"))
    logins = _number(account.get("usage_frequency"))
    score = _number(account.get("nps_score"))
    delays = _number(account.get("payment_delays"))
    log_odds = (
        BASE
        - (AGE * math.log1p(months / 24.0) if months is not None else 0.0)
        + (TICKETS * math.log1p(tickets) if tickets is not None else 0.0)
        - (USAGE * (math.log1p(logins) - 3.0) if logins is not None else 0.0)
        - (NPS * (score - 7.0) if score is not None else -NO_NPS)
        + (DELAYS * min(delays, 5.0) if delays is not None else 0.0)
    )
    if logins is not None and logins < 10 and delays:
        log_odds += IDLE_AND_LATE
    if score is not None and score <= 6 and tickets is not None and tickets >= 4:
        log_odds += LOUD_DETRACTOR
    return 1.0 / (1.0 + math.exp(-log_odds))


def _number(recorded: object) -> float | None:
    return float(recorded) if isinstance(recorded, int | float) else None
