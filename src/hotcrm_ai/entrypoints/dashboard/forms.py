"""Reads what a browser sends with a page: the query, and the fields of a form."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import parse_qsl

from starlette.types import Receive

from hotcrm_ai.domain.errors import InvalidRequest

FORM_BYTES: Final = 64 * 1024
_MOST_FIELDS: Final = 400
_FORM: Final = b"application/x-www-form-urlencoded"


def read_fields(encoded: bytes) -> dict[str, str]:
    """Return the fields of a query or form; of a name that comes several times, all values, joined by commas.

    Raises:
        InvalidRequest: there are too many fields, or they are no UTF-8.
    """
    try:
        pairs = parse_qsl(encoded.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise InvalidRequest(f"The form cannot be read; send at most {_MOST_FIELDS} fields, in UTF-8.") from None
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields[name] = f"{fields[name]},{value}" if name in fields else value
    return fields


async def read_form(receive: Receive, media_type: bytes, *, seconds: float) -> dict[str, str]:
    """Return the fields of the form in a request's body.

    Raises:
        InvalidRequest: it is no plain form, longer than 64 KiB, or did not arrive in time.
    """
    if media_type.split(b";", 1)[0].strip().lower() != _FORM:
        raise InvalidRequest("A change is sent as a form of this dashboard; nothing was changed.")
    body = b""
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise InvalidRequest("The browser closed the connection before the form was complete.")
                body += message.get("body", b"")
                if len(body) > FORM_BYTES:
                    raise InvalidRequest(f"The form is larger than {FORM_BYTES} bytes; nothing was changed.")
                if not message.get("more_body", False):
                    return read_fields(body)
    except TimeoutError:
        raise InvalidRequest(f"The form did not arrive within {seconds:g} seconds; nothing was changed.") from None
