"""What the operator says of alerts: which rules watch, how strictly, and where messages go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from hotcrm_ai.domain.addresses import listed_as
from hotcrm_ai.domain.alert import ALERT_RULES, AlertRule

LOG_SINK: Final = "log"


class SinkSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """One place that messages go to; ``destination`` says where in words for people, without any secret."""


class WebhookSettings(SinkSettings, frozen=True, kw_only=True, tag="webhook", forbid_unknown_fields=True):
    """A URL that takes signed JSON; ``secret`` is a reference to the key, ``whsec_`` and Base64 of at least 24 bytes."""

    url: str
    secret: dict[str, str]

    @property
    def destination(self) -> str:
        """The host that takes the message; the rest of the address is nobody's business."""
        return f"a webhook at {listed_as(self.url)}"


class SlackSettings(SinkSettings, frozen=True, kw_only=True, tag="slack", forbid_unknown_fields=True):
    """An incoming webhook of Slack, Mattermost or Rocket.Chat; its URL is a secret, so it is a reference."""

    url: dict[str, str]

    @property
    def destination(self) -> str:
        """The channel; its address is a secret."""
        return "the channel of its incoming webhook"


class EmailSettings(SinkSettings, frozen=True, kw_only=True, tag="email", forbid_unknown_fields=True):
    """Mail by SMTP; ``password`` is a reference. ``security``: ``starttls``, ``tls`` from the start, or ``none`` on a trusted network."""

    host: str
    sender: str
    recipients: tuple[str, ...]
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: dict[str, str] | None = None

    @property
    def destination(self) -> str:
        """The recipients, and the server that is to bring it to them."""
        return f"{', '.join(self.recipients)} by {self.host}:{self.port}"


AnySink = WebhookSettings | SlackSettings | EmailSettings


class AlertSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table ``[alerts]`` of the settings.

    ``rules`` are those that watch. ``expect_predictions`` says of a model after how many minutes without a prediction something is wrong.
    ``accuracy_margin`` is by how many points live accuracy may lie below the held-out one. A message is tried for ``retry_hours``.
    ``sinks`` are where messages go besides the log.
    """

    rules: tuple[AlertRule, ...] = ALERT_RULES
    every_seconds: float = 20.0
    good_minutes: int = 3
    minimum_samples: int = 20
    expect_predictions: dict[str, float] = msgspec.field(default_factory=dict)
    accuracy_margin: float = 5.0
    retry_hours: float = 24.0
    sinks: dict[str, AnySink] = msgspec.field(default_factory=dict)

    def destination_of(self, sink: str) -> str:
        """Say where the messages of a sink go; ``log`` is the log of the process that sends them."""
        return "the log of this process" if sink == LOG_SINK else self.sinks[sink].destination


def read_alert_settings(given: Mapping[str, Any]) -> AlertSettings:
    """Read the table ``[alerts]``.

    Raises:
        ValueError: a name is not known or a value does not fit; the text says which.
    """
    try:
        settings = msgspec.convert(dict(given), AlertSettings, strict=True)
    except msgspec.ValidationError as problem:
        raise ValueError(str(problem)) from None
    for name, sink in settings.sinks.items():
        problem_text = _sink_problem(sink)
        if name == LOG_SINK or problem_text:
            raise ValueError(f"sinks.{name}: {problem_text or 'the log is always a sink; choose another name'}")
    if not 1.0 <= settings.every_seconds <= 60.0:
        raise ValueError("every_seconds: give 1 to 60, so that an alert comes within a minute")
    for name, number, least in (
        ("good_minutes", settings.good_minutes, 1),
        ("minimum_samples", settings.minimum_samples, 1),
        ("accuracy_margin", settings.accuracy_margin, 0),
        ("retry_hours", settings.retry_hours, 0),
        *((f"expect_predictions.{id_}", minutes, 1) for id_, minutes in settings.expect_predictions.items()),
    ):
        if not number >= least:
            raise ValueError(f"{name}: {number:g} is too small; give at least {least}")
    return settings


def _sink_problem(sink: AnySink) -> str | None:
    if isinstance(sink, EmailSettings):
        if not sink.recipients or not all("@" in address for address in (sink.sender, *sink.recipients)):
            return "sender and recipients are e-mail addresses, at least one recipient"
        if (sink.user is None) != (sink.password is None):
            return "user and password come together"
        references = {} if sink.password is None else {"password": sink.password}
    elif isinstance(sink, WebhookSettings):
        try:
            listed_as(sink.url)
        except ValueError as problem:
            return f"url: {problem}"
        references = {"secret": sink.secret}
    else:
        references = {"url": sink.url}
    for name, reference in references.items():
        if set(reference) not in ({"env"}, {"file"}):
            return f'{name} is a secret; give a reference: {{ env = "NAME" }} or {{ file = "PATH" }}'
    return None
