"""Reads the conditions of a change (``If-Match``, ``If-None-Match``) as the revision that it is meant for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from hotcrm_ai.entrypoints.http.refusals import UnreadableRequest

_TAG: Final = re.compile(rb'"([1-9][0-9]{0,17})"')
NO_SUCH_MODEL: Final = 0


def expected_revision(headers: Mapping[bytes, bytes]) -> int | None:
    """Return the revision in ``If-Match``, 0 for ``If-None-Match: *``, and None where there is no condition.

    Raises:
        UnreadableRequest: a condition is something else.
    """
    match, none_match = headers.get(b"if-match"), headers.get(b"if-none-match")
    if match is not None and none_match is not None:
        raise UnreadableRequest("If-Match and If-None-Match contradict each other; send one of them.")
    if none_match is not None:
        if none_match.strip() != b"*":
            raise UnreadableRequest("If-None-Match is understood as * only: make the model only where there is none.")
        return NO_SUCH_MODEL
    if match is None:
        return None
    found = _TAG.fullmatch(match.strip())
    if found is None:
        raise UnreadableRequest('If-Match must be the ETag of an earlier answer, a revision in quotes such as "3".')
    return int(found[1])


def entity_tag(revision: int) -> bytes:
    """Return the ``ETag`` of a revision."""
    return b'"%d"' % revision
