"""Lets people in with an API key, and out again; the key itself is in no page and in no cookie."""

from __future__ import annotations

from typing import Final

from hotcrm_ai.domain.errors import NotAuthenticated
from hotcrm_ai.entrypoints.dashboard.addresses import own_address
from hotcrm_ai.entrypoints.dashboard.cookies import session_cookie
from hotcrm_ai.entrypoints.dashboard.page import Answer, Page, Sent, Shown, Visit


async def show_sign_in(visit: Visit) -> Answer:
    """Show the form, unless there is no need for it."""
    back = own_address(visit.query.get("back", "/"))
    if visit.is_open or visit.signed_in is not None:
        return Sent(to=back)
    return _form(back, problem=None)


async def sign_in(visit: Visit) -> Answer:
    """Check the key and let the visitor in, with a cookie that ends with the sign-in."""
    back = own_address(visit.form.get("back", "/"))
    try:
        token, signed_in = await visit.ai.keys.sign_in(visit.form.get("key", "").strip())
    except NotAuthenticated as error:
        return _form(back, problem=error.message)
    seconds = max(0, int((signed_in.expires_at - visit.now).total_seconds()))
    return Sent(to=back, cookies=(session_cookie(token, seconds=seconds, is_secure=visit.is_secure),))


async def sign_out(visit: Visit) -> Answer:
    """End the sign-in, here and for everybody who may have copied the cookie."""
    if visit.session is not None:
        await visit.ai.keys.sign_out(visit.session)
    return Sent(to="/sign-in", cookies=(session_cookie(None, seconds=0, is_secure=visit.is_secure),))


def _form(back: str, *, problem: str | None) -> Shown:
    values = {"back": back, "problem": problem}
    return Shown(template="sign_in.html", title="Sign in", values=values, status=401 if problem else 200)


PAGES: Final = (
    Page(path="/sign-in", scope=None, show=show_sign_in),
    Page(path="/sign-in", method="POST", scope=None, show=sign_in),
    Page(path="/sign-out", method="POST", scope=None, show=sign_out),
)
