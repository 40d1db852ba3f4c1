"""Reads conditions such as ``budget >= 10000`` as the CRM store's filters."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from hotcrm_ai.domain.errors import InvalidRequest

_WITH_VALUE: Final = re.compile(
    r"^\s*(?P<field>\w+)\s*(?P<operator>!=|<=|>=|=|<|>|\bnot\s+in\b|\bin\b|\blike\b)\s*(?P<value>.+?)\s*$",
    re.IGNORECASE | re.DOTALL,
)
_WITHOUT_VALUE: Final = re.compile(r"^\s*(?P<field>\w+)\s+(?P<operator>is\s+null|is\s+not\s+null)\s*$", re.IGNORECASE)
_EXAMPLES: Final = "'status = open', 'budget >= 10000', 'country in [\"Spain\", \"Italy\"]' or 'converted is null'"


def read_condition(text: str) -> list[Any]:
    """Return ``[field, operator, value]``; a value is JSON where it can be read so, and text otherwise.

    >>> read_condition("budget >= 10000"), read_condition("status = open")
    (['budget', '>=', 10000], ['status', '=', 'open'])

    Raises:
        InvalidRequest: the text is no condition.
    """
    bare = _WITHOUT_VALUE.match(text)
    if bare:
        return [bare["field"], " ".join(bare["operator"].lower().split()), None]
    found = _WITH_VALUE.match(text)
    if found is None:
        raise InvalidRequest(f"--where {text!r} is no condition; write it like {_EXAMPLES}.")
    operator = " ".join(found["operator"].lower().split())
    value = _value(found["value"])
    if (operator in ("in", "not in")) != isinstance(value, list):
        raise InvalidRequest(
            f"--where {text!r}: `in` takes a JSON list, every other operator one value, like {_EXAMPLES}."
        )
    return [found["field"], operator, value]


def _value(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return text.strip("'") if text.startswith("'") and text.endswith("'") else text
    return text if isinstance(value, dict) or value is None or value != value else value
