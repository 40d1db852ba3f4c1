"""Tells errors as pages: what happened, and what to do next."""

from __future__ import annotations

from typing import Final

from hotcrm_ai.domain.errors import (
    HotCRMAIError,
    InvalidRequest,
    MissingScope,
    ModelNotFound,
    NotAuthenticated,
    RecordNotFound,
    StorageError,
)
from hotcrm_ai.entrypoints.dashboard.page import Shown


class PageNotFound(InvalidRequest):
    """The dashboard has no page at this address."""


class ChangeRefused(InvalidRequest):
    """A change did not come from a page of this dashboard."""


class SignInNeeded(NotAuthenticated):
    """The page is not for everybody, and nobody signed in."""


_TOLD: Final[tuple[tuple[type[HotCRMAIError], int, str], ...]] = (
    (PageNotFound, 404, "There is no such page"),
    (NotAuthenticated, 401, "Nobody is signed in"),
    (MissingScope, 403, "Your key does not open this"),
    (ChangeRefused, 403, "This change was refused"),
    (RecordNotFound, 404, "There is no such record"),
    (ModelNotFound, 404, "There is no such model"),
    (InvalidRequest, 400, "This request cannot be answered"),
    (StorageError, 503, "The database does not answer"),
    (HotCRMAIError, 500, "This did not work"),
)


def fault_page(error: HotCRMAIError) -> Shown:
    """Return the page that tells an error."""
    status, title = next((status, title) for kind, status, title in _TOLD if isinstance(error, kind))
    return Shown(template="fault.html", title=title, values={"title": title, "message": error.message}, status=status)
