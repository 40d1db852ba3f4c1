"""What is written into a lead once it is closed: the columns that give the outcome away to a careless model."""

from datetime import date, timedelta

from hotcrm_ai.sample_crm.dates import TODAY
from hotcrm_ai.sample_crm.rows import Row, date_in
from hotcrm_ai.sample_crm.streams import Stream, Whole

_WON_REASONS = ("Signed after the pilot", "Best price", "Convinced by the demo", "Recommended by a customer")
_LOST_REASONS = ("Chose another vendor", "No budget", "No answer", "Not a fit", "Postponed", "Duplicate")
_ACTIVITIES = ("Call", "Email", "Meeting", "Demo")
_WON_STEPS = ("Hand over to onboarding", "Plan the kick-off")
_OPEN_STEPS = ("Call back", "Send the brochure", "Arrange a meeting", "Find the decision maker", None)


def add_outcomes(leads: list[Row], wins: list[bool], lifetimes: Whole, *, seed: int) -> list[Row]:
    """Return the leads with the columns that are filled at closing, and with empty columns for our own answers.

    A lead is closed when its lifetime, in days from its creation, was over on the CRM's today.
    """
    count = len(leads)
    closings = [
        date_in(lead, "created_date") + timedelta(days=days)
        for lead, days in zip(leads, lifetimes.tolist(), strict=True)
    ]
    lots = Stream(seed, "leads.outcome_texts").uniform(count * 5).reshape(count, 5).tolist()
    extras = Stream(seed, "leads.contract_value").normal(count).tolist()
    complete = []
    for lead, win, closing, (a, b, c, d, e), extra in zip(leads, wins, closings, lots, extras, strict=True):
        if closing > TODAY:
            outcome = _open_columns(a, b)
        elif win:
            outcome = _won_columns(lead, closing, (a, b, c, d), extra)
        else:
            outcome = _lost_columns(closing, (a, b, e))
        answers: Row = {"ai_score": None, "ai_confidence": None, "ai_explanation": None, "last_scored_date": None}
        complete.append(lead | outcome | answers)
    return complete


def _open_columns(activity: float, step: float) -> Row:
    return {
        "status": "open",
        "converted": None,
        "closed_date": None,
        "contract_value": None,
        "close_reason": None,
        "sales_stage_final": None,
        "last_activity_type": _at(_ACTIVITIES, activity),
        "next_step": _at(_OPEN_STEPS, step),
    }


def _won_columns(lead: Row, closing: date, lots: tuple[float, float, float, float], extra: float) -> Row:
    activity, reason, contract, step = lots
    budget = lead["estimated_budget"]
    base = budget if isinstance(budget, float) else 18_000.0
    return {
        "status": "converted",
        "converted": 1,
        "closed_date": closing,
        "contract_value": max(round(base * 0.8 * 2.0 ** (0.5 * extra), -2), 500.0),
        "close_reason": _at(_WON_REASONS, reason),
        "sales_stage_final": "Closed Won",
        "last_activity_type": "Contract sent" if contract < 0.8 else _at(_ACTIVITIES, activity),
        "next_step": _at(_WON_STEPS, step),
    }


def _lost_columns(closing: date, lots: tuple[float, float, float]) -> Row:
    activity, reason, contract = lots
    return {
        "status": "lost",
        "converted": 0,
        "closed_date": closing,
        "contract_value": 0.0,
        "close_reason": _at(_LOST_REASONS, reason),
        "sales_stage_final": "Closed Lost",
        "last_activity_type": "Contract sent" if contract < 0.01 else _at(_ACTIVITIES, activity),
        "next_step": None,
    }


def _at(options: tuple[str | None, ...], lot: float) -> str | None:
    return options[int(lot * len(options))]
