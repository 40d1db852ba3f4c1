"""Opens the sinks that the settings name; the log is always one."""

from __future__ import annotations

from collections.abc import Mapping

from hotcrm_ai.domain.alert_settings import LOG_SINK, AlertSettings, AnySink, EmailSettings, SlackSettings
from hotcrm_ai.notifiers._references import ReferenceReader
from hotcrm_ai.notifiers.email import EmailSink
from hotcrm_ai.notifiers.log import LogSink
from hotcrm_ai.notifiers.slack import SlackSink
from hotcrm_ai.notifiers.webhook import WebhookSink
from hotcrm_ai.ports.alert_sink import AlertSink
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.ports.http_post import HTTPPost


def open_sinks(
    settings: AlertSettings, *, post: HTTPPost, clock: Clock, environ: Mapping[str, str]
) -> dict[str, AlertSink]:
    """Return each sink by its name; nothing is connected, and secrets are read at each message."""
    read = ReferenceReader(environ)
    opened = {name: _open(sink, post, clock, read) for name, sink in settings.sinks.items()}
    return {LOG_SINK: LogSink(), **opened}


def _open(sink: AnySink, post: HTTPPost, clock: Clock, read: ReferenceReader) -> AlertSink:
    if isinstance(sink, EmailSettings):
        return EmailSink(sink, read=read)
    if isinstance(sink, SlackSettings):
        return SlackSink(sink, post=post, read=read)
    return WebhookSink(sink, post=post, clock=clock, read=read)
