"""Decides who may see a page or change something: by the session cookie, the key's scope, the page's origin and the form's token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hotcrm_ai.domain.access import SESSION_COOKIE
from hotcrm_ai.domain.errors import MissingScope
from hotcrm_ai.entrypoints.dashboard.exchange import Exchange
from hotcrm_ai.entrypoints.dashboard.faults import ChangeRefused, SignInNeeded
from hotcrm_ai.entrypoints.dashboard.page import Page, Visit


async def identify(visit: Visit, exchange: Exchange, cookies: Mapping[str, str]) -> Visit:
    """Return the visit with who signed in; without keys, programs of this machine need not sign in."""
    token = cookies.get(SESSION_COOKIE)
    signed_in = await visit.ai.keys.signed_in(token) if token else None
    if signed_in is not None:
        return replace(visit, signed_in=signed_in, session=token)
    return replace(visit, is_open=exchange.is_local and not await visit.ai.keys.any_exist())


def check_scope(visit: Visit, page: Page) -> None:
    """Refuse who may not see a page.

    Raises:
        SignInNeeded: nobody signed in, and the page is not for everybody.
        MissingScope: the key has not the scope of the page.
    """
    if page.scope is None or visit.may(page.scope):
        return
    if visit.signed_in is None:
        raise SignInNeeded("Sign in with an API key first.")
    held = ", ".join(visit.signed_in.key.scopes)
    raise MissingScope(
        f"This needs the scope {page.scope!r}, and the key {visit.signed_in.key.id!r} has {held}; sign in with a key that has it.",
        scope=page.scope,
    )


def check_origin(headers: Mapping[bytes, bytes]) -> None:
    """Refuse a change that no page of ours sent: browsers say in ``Origin`` whose page sent a form.

    Raises:
        ChangeRefused: ``Origin`` is missing or names another site than ``Host``.
    """
    origin, host = headers.get(b"origin", b""), headers.get(b"host", b"")
    if not host or origin.lower() not in (b"http://" + host.lower(), b"https://" + host.lower()):
        raise ChangeRefused("It was not sent from a page of this dashboard; open the page and try again there.")


def check_token(visit: Visit) -> None:
    """Refuse a change without the token that belongs to the sign-in.

    Raises:
        ChangeRefused: the token is missing or another one's.
    """
    if visit.signed_in is not None and not visit.signed_in.accepts(visit.form.get("csrf", "")):
        raise ChangeRefused("Its token is missing or old; open the page again and repeat it there.")
