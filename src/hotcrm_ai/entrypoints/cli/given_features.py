"""Reads what is given on the command line about a record: its features as JSON, and its name."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hotcrm_ai.domain.errors import InvalidRequest
from hotcrm_ai.domain.json_text import parse_json
from hotcrm_ai.domain.limits import MAX_BATCH_BODY_BYTES
from hotcrm_ai.domain.prediction import Context


def read_features(given: str, *, option: str) -> dict[str, Any]:
    """Return the JSON object given as text, as ``@FILE``, or as ``@-`` for standard input.

    Raises:
        InvalidRequest: it cannot be read, is no JSON object, or names a feature twice.
    """
    features = read_json(given, option=option)
    if not isinstance(features, dict):
        raise InvalidRequest(f'{option} must be a JSON object such as \'{{"industry": "Technology"}}\'.')
    return features


def read_json(given: str, *, option: str) -> Any:
    """Return the JSON value given as text, as ``@FILE``, or as ``@-`` for standard input; raises ``InvalidRequest``."""
    text = _text_of(given[1:], option=option) if given.startswith("@") else given
    try:
        return parse_json(text)
    except ValueError as problem:
        raise InvalidRequest(f"{option} is not valid JSON: {problem}.") from problem


def read_record_name(given: str | None) -> Context | None:
    """Return the context of a record given as ``TYPE:ID``, such as ``Lead:LD-000123``; raises ``InvalidRequest``."""
    if given is None:
        return None
    object_type, colon, object_id = given.partition(":")
    if not (object_type and colon and object_id):
        raise InvalidRequest(f"--record {given!r} is no record; write it as TYPE:ID, for example Lead:LD-000123.")
    return Context(object_type=object_type, object_id=object_id)


def _text_of(name: str, *, option: str) -> str:
    try:
        if name == "-":
            return sys.stdin.read(MAX_BATCH_BODY_BYTES)
        path = Path(name)
        if path.is_file() and path.stat().st_size > MAX_BATCH_BODY_BYTES:
            raise InvalidRequest(f"{option}: the file {name!r} is larger than {MAX_BATCH_BODY_BYTES} bytes.")
        return path.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise InvalidRequest(
            f"{option}: the file {name!r} cannot be read ({problem.strerror}); check its name."
        ) from problem
    except UnicodeDecodeError as problem:
        raise InvalidRequest(f"{option}: the file {name!r} is not UTF-8 text.") from problem
