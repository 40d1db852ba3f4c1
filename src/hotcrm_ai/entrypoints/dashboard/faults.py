"""Tells errors as pages: what happened, and what to do next.

What is a visitor's to mend is told in the error's own words. Of what failed on our side or at a provider those may name paths, hosts or
what an upstream answered; they go to the log, and the page has general ones.
"""

from __future__ import annotations

from typing import Final

from hotcrm_ai.domain.errors import (
    AlertNotDelivered,
    ArtifactIntegrity,
    ConfigError,
    CRMNotConfigured,
    HotCRMAIError,
    InvalidRequest,
    KeyNotFound,
    MissingScope,
    ModelNotFound,
    NotAuthenticated,
    ProviderError,
    RecordNotFound,
    StorageError,
)
from hotcrm_ai.domain.ways import told
from hotcrm_ai.entrypoints.dashboard.page import Shown, Visit


class PageNotFound(InvalidRequest):
    """The dashboard has no page at this address."""


class NoSuchTable(ConfigError):
    """The CRM has no table for the records of a page."""


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
    (KeyNotFound, 404, "There is no such key"),
    (InvalidRequest, 400, "This request cannot be answered"),
    (CRMNotConfigured, 503, "There is no CRM yet"),
    (ArtifactIntegrity, 503, "The files of this model cannot be used"),
    (StorageError, 503, "The database does not answer"),
    (NoSuchTable, 404, "The CRM has no such records"),
    (ConfigError, 503, "A setting has to be mended first"),
    (HotCRMAIError, 500, "This did not work"),
)
_NO_CRM: Final = (
    "No CRM is connected yet, so there are no records to show. Whoever runs this server sets HOTCRM_AI_CRM_URL to its database; "
    "hotcrm-ai demo makes a sample CRM to look around in."
)
_OURS: Final = (StorageError, ProviderError, AlertNotDelivered)


def is_ours(error: HotCRMAIError) -> bool:
    """Whether an error is for the operator and the log, and not for who asked."""
    return isinstance(error, _OURS) or type(error) is HotCRMAIError


def words_of(error: HotCRMAIError) -> str:
    """Return what a visitor is told of an error."""
    if isinstance(error, CRMNotConfigured):
        return _NO_CRM
    if not is_ours(error):
        return told(error.message, "page")
    return f"{(type(error).__doc__ or '').splitlines()[0]} The server's log has the details."


def fault_page(error: HotCRMAIError, visit: Visit, *, request_id: str) -> Shown:
    """Return the page that tells an error."""
    status, title = next((status, title) for kind, status, title in _TOLD if isinstance(error, kind))
    values = {
        "title": title,
        "message": words_of(error),
        "is_away": isinstance(error, StorageError) and error.is_temporary,
        "back": "/" if visit.form else visit.url,
        "request_id": request_id if is_ours(error) and not isinstance(error, CRMNotConfigured) else None,
    }
    return Shown(template="fault.html", title=title, values=values, status=status)
