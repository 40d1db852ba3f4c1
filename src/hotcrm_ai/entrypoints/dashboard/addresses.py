"""Addresses of pages: those of records, and those that a visitor may be led back to."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

_OWN: Final = re.compile(r"/(?![/\\])[!-\[\]-~]*")


def own_address(given: str) -> str:
    """Return an address if it is one of this dashboard, else the first page: nobody is led to another site."""
    return given if _OWN.fullmatch(given) else "/"


def record_address(object_type: str, object_id: str) -> str:
    """Return the address of a record's page."""
    return f"/records/{quote(object_type, safe='')}/{quote(object_id, safe='')}"


def model_address(model_id: str, part: str = "") -> str:
    """Return the address of a model's page, or of a part of it."""
    return f"/models/{quote(model_id, safe='')}{'/' + part if part else ''}"


def sign_in_address(back: str) -> str:
    """Return the address of the sign-in page, which leads back afterwards."""
    return "/sign-in" if back == "/" else f"/sign-in?back={quote(back, safe='/')}"
