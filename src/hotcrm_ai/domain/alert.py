"""The words of alerting: what is found wrong, the incident that it opens, and the messages that tell of both ends of it."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, get_args

import msgspec

from hotcrm_ai.domain.performance import Health

AlertRule = Literal["model_unhealthy", "model_degraded", "cache_degraded", "no_predictions", "accuracy_below_held_out"]
ALERT_RULES: Final[tuple[AlertRule, ...]] = get_args(AlertRule)

CACHE_SUBJECT: Final = "cache"
"""What an incident of the cache is about; all others are about a model."""

MessageKind = Literal["alert", "recovery", "test"]

WORDS_OF_RULE: Final[dict[AlertRule, str]] = {
    "model_unhealthy": "is unhealthy",
    "model_degraded": "is degraded",
    "cache_degraded": "is degraded",
    "no_predictions": "makes no predictions",
    "accuracy_below_held_out": "is less accurate than on held-out rows",
}


class ModelState(msgspec.Struct, frozen=True, kw_only=True):
    """What one look at an active model shows.

    ``provider_is_out`` says that a circuit breaker keeps the model from being asked. ``silent_seconds`` is how long ago it was last asked
    (None: not since it has been watched, for ``watched_seconds``). Of ``judged`` recent answers, ``correct`` were right;
    ``held_out_accuracy`` is in per cent, None where it was not measured.
    """

    model_id: str
    health: Health
    provider_is_out: bool
    silent_seconds: float | None
    watched_seconds: float
    judged: int
    correct: int
    held_out_accuracy: float | None


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What one look at a workspace shows: its active models, and why its cache is degraded (None: it is not)."""

    models: tuple[ModelState, ...]
    cache_degraded: str | None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one rule says of one subject; ``reason`` is None where all is well."""

    rule: AlertRule
    subject: str
    reason: str | None


class Incident(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Something that went wrong and was told: from ``opened_at`` until ``closed_at`` (None: it still is)."""

    id: str
    rule: AlertRule
    subject: str
    reason: str
    opened_at: datetime
    closed_at: datetime | None = None


class AlertMessage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a sink is given to tell; ``id`` stays the same when a delivery is tried again, so that a receiver can drop doubles."""

    id: str
    kind: MessageKind
    workspace: str
    incident: Incident
    created_at: datetime

    @property
    def title(self) -> str:
        """One line for people."""
        what = f"{self.incident.subject} {WORDS_OF_RULE[self.incident.rule]}"
        words = {
            "alert": f"Alert: {what}",
            "recovery": f"Recovered: {what} no longer",
            "test": "Test of this alert sink",
        }
        return words[self.kind]

    @property
    def text(self) -> str:
        """What happened, since when, and where to look."""
        if self.kind == "test":
            return "Nothing is wrong: somebody wanted to see that messages arrive here."
        since = f"{self.incident.opened_at:%Y-%m-%d %H:%M:%S} UTC"
        if self.incident.closed_at is None:
            look = "the cache: hotcrm-ai doctor" if self.incident.subject == CACHE_SUBJECT else "it: hotcrm-ai health"
            return f"{self.incident.reason} (since {since}). Look at {look}."
        return f"It began at {since}: {self.incident.reason}."


class Delivery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One message on its way to one sink; ``attempts`` were made so far, the latest failure said ``problem``."""

    message: AlertMessage
    sink: str
    attempts: int = 0
    problem: str | None = None
