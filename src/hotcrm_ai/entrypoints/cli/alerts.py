"""``hotcrm-ai alerts``: what went wrong and who was told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from hotcrm_ai.domain.alert import AlertMessage, Delivery, Incident
from hotcrm_ai.entrypoints.cli.session import Session, workspace_command

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI


class AlertsAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Incidents, and the messages of them that have not arrived."""

    incidents: tuple[Incident, ...]
    not_delivered: tuple[Delivery, ...]


class CheckAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What one look changed: incidents that it opened or closed, and the messages that were sent or tried."""

    changed: tuple[Incident, ...]
    deliveries: tuple[Delivery, ...]


@click.group("alerts")
def alerts() -> None:
    """See what went wrong and who was told; the server watches by itself while it runs."""


@alerts.command("list")
@click.option("--all", "show_all", is_flag=True, help="Also those that are over.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="How many at most.")
@workspace_command
def list_alerts(session: Session, show_all: bool, limit: int) -> None:
    """List what is wrong now, and messages that have not arrived."""

    async def work(ai: AI) -> AlertsAnswer:
        found = await ai.alerts.incidents(is_open=None if show_all else True, limit=limit)
        return AlertsAnswer(incidents=tuple(found), not_delivered=tuple(await ai.alerts.waiting()))

    _show_list(session, session.look(work))


@alerts.command("check")
@workspace_command
def check(session: Session) -> int:
    """Look once, as the server does every few seconds, and send the messages that are due.

    The exit code is 1 while anything is wrong.
    """

    async def work(ai: AI) -> tuple[CheckAnswer, bool]:
        changed = await ai.alerts.check()
        sent = await ai.alerts.deliver()
        is_wrong = bool(await ai.alerts.incidents(is_open=True, limit=1))
        return CheckAnswer(changed=tuple(changed), deliveries=tuple(sent)), is_wrong

    answer, is_wrong = session.run(work)
    from hotcrm_ai.entrypoints.cli.screen import note, screen, write_json

    if session.as_json:
        write_json(answer)
    else:
        if answer.changed:
            screen().print(_incident_table(answer.changed))
        else:
            note("Something is still wrong; see hotcrm-ai alerts list." if is_wrong else "Nothing is wrong.")
        _print_deliveries(answer.deliveries)
    return int(is_wrong)


@alerts.command("test")
@click.argument("sink")
@workspace_command
def test(session: Session, sink: str) -> None:
    """Send a test message to one sink of the settings, or to "log"."""

    async def work(ai: AI) -> tuple[AlertMessage, str]:
        return await ai.alerts.send_test(sink), ai.alerts.settings.destination_of(sink)

    message, destination = session.run(work)
    from hotcrm_ai.entrypoints.cli.screen import screen, shown, write_json

    words = f"{message.title}. {message.text}"
    if session.as_json:
        write_json({"sink": sink, "destination": destination, "message": words, "delivered": True})
        return
    console = screen()
    console.print(shown(f"The sink {sink!r} ({destination}) took the message:"))
    console.print(shown(words))


def _show_list(session: Session, answer: AlertsAnswer) -> None:
    from hotcrm_ai.entrypoints.cli.screen import note, screen, write_json

    if session.as_json:
        write_json(answer)
        return
    if answer.incidents:
        screen().print(_incident_table(answer.incidents))
    else:
        note("Nothing is wrong, as far as was looked. The server looks by itself; hotcrm-ai alerts check looks once.")
    _print_deliveries(answer.not_delivered)


def _incident_table(incidents: tuple[Incident, ...]) -> object:
    from hotcrm_ai.domain.alert import WORDS_OF_RULE
    from hotcrm_ai.entrypoints.cli.screen import table

    return table(
        ("Subject", "What", "Reason", "Since", "Over"),
        (
            (one.subject, WORDS_OF_RULE[one.rule], one.reason, _moment(one.opened_at), _moment(one.closed_at))
            for one in incidents
        ),
    )


def _print_deliveries(deliveries: tuple[Delivery, ...]) -> None:
    from hotcrm_ai.entrypoints.cli.screen import screen, table

    if deliveries:
        rows = (
            (
                one.sink,
                one.message.title,
                one.attempts,
                "delivered" if one.problem is None and one.attempts else one.problem,
            )
            for one in deliveries
        )
        screen().print(table(("Sink", "Message", "Attempts", "State"), rows, right=("Attempts",)))


def _moment(moment: object) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%d %H:%M:%S} UTC"


COMMAND = alerts
