"""Turns decoded bodies and query strings into the records that routes take, in either spelling of the names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NoReturn, TypeVar
from urllib.parse import parse_qsl

import msgspec

from hotcrm_ai.domain.errors import InvalidRequest
from hotcrm_ai.domain.prediction import Context
from hotcrm_ai.entrypoints.http.refusals import UnreadableRequest
from hotcrm_ai.entrypoints.http.strict_json import shown_name

RecordT = TypeVar("RecordT", bound=msgspec.Struct)

MAX_QUERY_PARAMETERS: Final = 20


def names_of(record_type: type[msgspec.Struct]) -> dict[str, str]:
    """Return every accepted spelling of a record's fields, each with its spelling in JSON."""
    fields = msgspec.structs.fields(record_type)
    return {field.name: field.encode_name for field in fields} | {
        field.encode_name: field.encode_name for field in fields
    }


_CONTEXT_NAMES: Final = names_of(Context)


def read_record(record_type: type[RecordT], document: Mapping[str, Any]) -> RecordT:
    """Build a record from a decoded body.

    Raises:
        UnreadableRequest: a field is given in both spellings.
        InvalidRequest: fields are unknown, missing or of a wrong type; all unknown ones are named.
    """
    renamed = respelled(document, names_of(record_type), where="the body")
    if isinstance(renamed.get("context"), dict):
        renamed["context"] = respelled(renamed["context"], _CONTEXT_NAMES, where="context")
    if isinstance(renamed.get("contexts"), list):
        renamed["contexts"] = [
            respelled(context, _CONTEXT_NAMES, where=f"contexts[{place}]") if isinstance(context, dict) else context
            for place, context in enumerate(renamed["contexts"])
        ]
    try:
        return msgspec.convert(renamed, record_type)
    except msgspec.ValidationError as problem:
        raise InvalidRequest(f"The body does not fit: {problem}.") from None


def read_query(record_type: type[RecordT], query_string: bytes) -> RecordT:
    """Build a record from a query string; numbers and booleans are read from their text.

    Raises:
        UnreadableRequest: a parameter is given twice, or there are too many.
        InvalidRequest: parameters are unknown or have a wrong value.
    """
    try:
        pairs = parse_qsl(query_string.decode("latin-1"), keep_blank_values=True, max_num_fields=MAX_QUERY_PARAMETERS)
    except ValueError:
        raise UnreadableRequest(f"The query string has more than {MAX_QUERY_PARAMETERS} parameters.") from None
    values: dict[str, Any] = {}
    for name, value in pairs:
        if name in values:
            raise UnreadableRequest(f"The query parameter {shown_name(name)} is given twice; give it once.")
        values[name] = value
    renamed = respelled(values, names_of(record_type), where="the query string")
    try:
        return msgspec.convert(renamed, record_type, strict=False)
    except msgspec.ValidationError as problem:
        raise InvalidRequest(f"The query string does not fit: {problem}.") from None


def respelled(given: Mapping[str, Any], names: Mapping[str, str], *, where: str) -> dict[str, Any]:
    """Return the mapping with every name in its JSON spelling.

    Raises:
        UnreadableRequest: a field is given in both spellings.
        InvalidRequest: names are unknown; all of them are listed.
    """
    renamed: dict[str, Any] = {}
    for name, value in given.items():
        field = names.get(name)
        if field is None:
            _refuse_unknown(given, names, where=where)
        if field in renamed:
            raise UnreadableRequest(f"{field!r} is given in both spellings in {where}; give it once.")
        renamed[field] = value
    return renamed


def _refuse_unknown(given: Mapping[str, Any], names: Mapping[str, str], *, where: str) -> NoReturn:
    known = sorted(set(names.values()))
    unknown = [name for name in given if name not in names]
    shown = ", ".join(shown_name(name) for name in unknown[:10]) + (" and more" if len(unknown) > 10 else "")
    hint = f"known are: {', '.join(known)}" if known else "none are taken here"
    raise InvalidRequest(
        f"Unknown in {where}: {shown}; {hint}.",
        problems={name[:80]: "is not known here" for name in unknown[:10]},
    )
