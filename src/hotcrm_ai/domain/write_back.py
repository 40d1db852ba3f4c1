"""Says how the records of a CRM become the features of an AI feature, and to which of their fields its answer is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

CRMRow = Mapping[str, Any]

WRITTEN_BACK: Final = frozenset(
    {"ai_score", "ai_confidence", "ai_explanation", "last_scored_date"}
    | {"ai_churn_probability", "ai_churn_risk", "ai_churn_confidence", "ai_churn_explanation", "last_churn_scored_date"}
    | {
        "ai_sentiment",
        "ai_sentiment_score",
        "ai_sentiment_confidence",
        "ai_sentiment_explanation",
        "last_sentiment_date",
    }
    | {"ai_forecast", "ai_forecast_total", "ai_forecast_confidence", "ai_forecast_explanation", "last_forecast_date"}
    | {
        "ai_recommendations",
        "ai_recommendation_confidence",
        "ai_recommendation_explanation",
        "last_recommendation_date",
    }
)
"""Fields that are written to records; a model that learned from them would learn from its predecessors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedRows:
    """The rows of another CRM object that belong to a record, such as the purchases of an account.

    Those whose ``record_field`` holds the record's id, by ``order_field``, oldest first; ``features`` makes features of them, or
    of none.
    """

    crm_object: str
    record_field: str
    order_field: str
    fields: tuple[str, ...]
    features: Callable[[Sequence[CRMRow]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteBack:
    """The fields of a CRM record that an answer is written to, and how routes and commands call that.

    ``answer`` names the key of the prediction that each field gets; ``date`` is the field of the moment of the answer, by which an
    older answer never replaces a newer one. ``records`` and ``what`` make the route ``/v1/{records}/{id}/{what}``, ``command`` is
    the command's name, ``one`` and ``many`` those of the two actions. Without each of the features of ``needs`` that its model
    takes a record is not answered for, because the answer would be about nothing.
    """

    answer: Mapping[str, str]
    confidence: str
    explanation: str
    date: str
    records: str
    what: str
    command: str
    one: str
    many: str
    rows: RelatedRows | None = None
    needs: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields that are written, in the order in which they are told."""
        return (*self.answer, self.confidence, self.explanation, self.date)


def moment_of(held: Any) -> datetime | None:
    """Return the moment that a field of a CRM tells, whatever type its column has; a moment without zone counts as UTC.

    >>> moment_of("2026-03-31 12:00:00"), moment_of("soon")
    (datetime.datetime(2026, 3, 31, 12, 0, tzinfo=datetime.timezone.utc), None)
    """
    if isinstance(held, str):
        try:
            held = datetime.fromisoformat(held)
        except ValueError:
            return None
    if isinstance(held, date) and not isinstance(held, datetime):
        held = datetime.combine(held, time())
    if not isinstance(held, datetime):
        return None
    return held.replace(tzinfo=UTC) if held.tzinfo is None else held.astimezone(UTC)


def is_later(held: Any, given: Any) -> bool:
    """Say whether what a record holds is of a later moment than what is to be written; what tells no moment never is."""
    one, other = moment_of(held), moment_of(given)
    return one is not None and other is not None and one > other
