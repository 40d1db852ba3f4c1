"""``hotcrm-ai keys``: makes, lists and revokes the API keys that open the HTTP server and the dashboard."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import click

from hotcrm_ai.domain.access import KEY_SCOPES, APIKey, KeyScope, NewKey
from hotcrm_ai.entrypoints.cli.session import Session, workspace_command

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI

_UNITS: Final = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1), "y": timedelta(days=365)}
_DURATION: Final = re.compile(r"([1-9][0-9]{0,4})([hdwy])")


def read_expiry(_: click.Context, __: click.Parameter, value: str) -> timedelta | None:
    """Read a time from now on, such as ``90d``, or ``never``."""
    if value == "never":
        return None
    found = _DURATION.fullmatch(value)
    if found is None:
        raise click.BadParameter(
            f"{value!r} is no time; give a number with h, d, w or y (hours, days, weeks, years), or never."
        )
    return int(found[1]) * _UNITS[found[2]]


@click.group("keys")
def keys() -> None:
    """Make, list and revoke the API keys of the HTTP server and the dashboard."""


@keys.command("create")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(KEY_SCOPES),
    multiple=True,
    required=True,
    help="What the key is for; may be given several times. write includes predict and read, admin everything.",
)
@click.option(
    "--expires",
    callback=read_expiry,
    metavar="TIME",
    default="90d",
    show_default=True,
    help="After which time it ends: 12h, 90d, 4w, 1y, or never.",
)
@click.option("--name", metavar="TEXT", default="", help="What you call it, such as the program that will use it.")
@click.option(
    "--rate",
    type=click.FloatRange(min=0.0),
    metavar="NUMBER",
    help="How many requests a second it may send, 0 for as many as it likes; default: what the setting rate_per_second says.",
)
@workspace_command
def create(
    session: Session, scopes: tuple[KeyScope, ...], expires: timedelta | None, name: str, rate: float | None
) -> None:
    """Make a key and print it: this once, on standard output; it cannot be shown again.

    From the first key on, the HTTP server answers nobody without one.
    """

    async def work(ai: AI) -> NewKey:
        return await ai.keys.create(name=name, scopes=scopes, expires=expires, rate=rate)

    made = session.run(work)
    from hotcrm_ai.entrypoints.cli.screen import note, write_json

    if session.as_json:
        write_json({"key": made.key, "secret": made.secret.reveal()})
        return
    click.echo(made.secret.reveal())
    ends = "does not expire" if made.key.expires_at is None else f"expires at {_moment(made.key)}"
    note(
        f"This is the key {made.key.id} ({', '.join(made.key.scopes)}); it {ends}. Keep it now: it is not shown again."
    )


@keys.command("list")
@workspace_command
def list_keys(session: Session) -> None:
    """List all keys that were ever made, without their secrets."""

    async def work(ai: AI) -> list[tuple[APIKey, str]]:
        now = ai.now()
        return [(key, _state(key, is_valid=key.is_valid(now))) for key in await ai.keys.list_keys()]

    found = session.look(work)
    from hotcrm_ai.entrypoints.cli.key_rows import key_table, shown_key
    from hotcrm_ai.entrypoints.cli.screen import screen, write_json

    if session.as_json:
        write_json({"keys": [shown_key(key, state) for key, state in found]})
        return
    screen().print(
        key_table(found)
        if found
        else "No key was made yet: programs of this machine need none. Make one with `hotcrm-ai keys create`."
    )


@keys.command("revoke")
@click.argument("key_id", metavar="ID")
@workspace_command
def revoke(session: Session, key_id: str) -> None:
    """End a key for good; every server refuses it within two seconds, and whoever signed in with it is signed out."""
    revoked = session.look(lambda ai: ai.keys.revoke(key_id))
    from hotcrm_ai.entrypoints.cli.key_rows import shown_key
    from hotcrm_ai.entrypoints.cli.screen import screen, shown, write_json

    if session.as_json:
        write_json(shown_key(revoked, "revoked"))
        return
    screen().print(shown(f"Revoked the key {revoked.id}{f' ({revoked.name})' if revoked.name else ''}."))


def _state(key: APIKey, *, is_valid: bool) -> str:
    if is_valid:
        return "active"
    return "expired" if key.revoked_at is None else "revoked"


def _moment(key: APIKey) -> str:
    return "" if key.expires_at is None else key.expires_at.isoformat(sep=" ", timespec="minutes")


COMMAND = keys
