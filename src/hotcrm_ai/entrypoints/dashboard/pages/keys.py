"""The API keys of the workspace: who has one, making one, ending one. A new key's text is shown once, in the answer to its making."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from hotcrm_ai.domain.access import KEY_SCOPES, NewKey
from hotcrm_ai.domain.errors import HotCRMAIError, InvalidRequest
from hotcrm_ai.entrypoints.dashboard import operations_parts
from hotcrm_ai.entrypoints.dashboard.page import Answer, Page, Sent, Shown, Visit

EXPIRIES: Final[dict[str, tuple[str, timedelta | None]]] = {
    "30d": ("30 days", timedelta(days=30)),
    "90d": ("90 days", timedelta(days=90)),
    "1y": ("a year", timedelta(days=365)),
    "never": ("never", None),
}


async def show_keys(visit: Visit) -> Shown:
    """Show all keys that were ever made."""
    return await _page(visit)


async def make_key(visit: Visit) -> Answer:
    """Make a key and show its text, this once."""
    ends = EXPIRIES.get(visit.form.get("expires", ""))
    scopes = [scope for scope in KEY_SCOPES if scope in visit.form.get("scope", "").split(",")]
    if ends is None:
        raise InvalidRequest("The form does not say how long the key is to last; open the page again.")
    try:
        made = await visit.ai.keys.create(name=visit.form.get("name", "").strip(), scopes=scopes, expires=ends[1])
    except InvalidRequest as error:
        return await _page(visit, problem=error)
    return await _page(visit, made=made)


async def revoke_key(visit: Visit) -> Sent:
    """End a key for good."""
    await visit.ai.keys.revoke(visit.path["key_id"])
    return Sent(to="/operations/keys?done=revoked")


async def _page(visit: Visit, *, made: NewKey | None = None, problem: HotCRMAIError | None = None) -> Shown:
    keys = await visit.ai.keys.list_keys()
    values: dict[str, Any] = {
        **operations_parts.frame(visit, "keys"),
        "keys": list(reversed(keys)),
        "own": None if visit.signed_in is None else visit.signed_in.key.id,
        "scopes": KEY_SCOPES,
        "expiries": EXPIRIES,
        "made": made,
        "problem": problem,
        "done": visit.query.get("done"),
    }
    return Shown(template="keys.html", title="Keys", values=values, status=400 if problem else 200)


PAGES: Final = (
    Page(path="/operations/keys", scope="admin", show=show_keys),
    Page(path="/operations/keys", method="POST", scope="admin", show=make_key),
    Page(path="/operations/keys/{key_id}/revoke", method="POST", scope="admin", show=revoke_key),
)
