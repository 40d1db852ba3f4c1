"""Describes the API as an OpenAPI 3.1 document, from the table of operations and the records that they take and give."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any, Final

import msgspec

from hotcrm_ai.domain.answers import LeadScore, RecordAnswer, RecordError
from hotcrm_ai.domain.errors import (
    HotCRMAIError,
    InvalidRequest,
    MissingScope,
    NotAuthenticated,
    StorageError,
    TooManyRequests,
)
from hotcrm_ai.domain.prediction import PredictionError, PredictionResponse
from hotcrm_ai.entrypoints.http import refusals
from hotcrm_ai.entrypoints.http.field_words import FIELD_WORDS
from hotcrm_ai.entrypoints.http.openapi_headers import answer_headers, header_parameters
from hotcrm_ai.entrypoints.http.operation import Operation
from hotcrm_ai.entrypoints.http.problems import RETRY_AFTER_SECONDS, STATUS, Problem

_REF: Final = "#/components/schemas/{name}"
_MEMBERS: Final = (PredictionResponse, PredictionError, LeadScore, RecordAnswer, RecordError, Problem)
_EVERYWHERE: Final = (
    refusals.UnreadableRequest,
    refusals.HostNotAllowed,
    InvalidRequest,
    refusals.Overloaded,
    refusals.AnswerTooSlow,
)
_WITH_CHANGES: Final = (refusals.OriginNotAllowed,)
_WITH_KEY: Final = (NotAuthenticated, MissingScope, TooManyRequests)
_WITH_POST: Final = (refusals.IdempotencyInProgress, refusals.IdempotencyUnknown, refusals.IdempotencyKeyReused)
_WITH_BODY: Final = (refusals.RequestTooSlow, refusals.RequestTooLarge, refusals.UnsupportedMedia)
_INTRODUCTION: Final = (
    "The predictive AI of a CRM. JSON in both spellings (`modelId`, `model_id`) is read, camelCase is written. Times are ISO 8601 UTC, "
    "durations milliseconds unless the name says otherwise; confidence and rates are 0-100, probabilities 0-1. Lists come in pages "
    "`{items, next}`: send `next` as `cursor` for the page after. JSON is read strictly: UTF-8, no name twice in an object, no NaN, at "
    "most 32 levels. Keys are sent as `Authorization: Bearer KEY`; without one only programs of the server's own machine are answered, and "
    "only as long as no key was ever made. "
    "Errors are RFC 9457 problems with a stable `code` and the `requestId` that is also in the header `X-Request-Id`."
)


def build_document(operations: Sequence[Operation]) -> dict[str, Any]:
    """Return the OpenAPI document of the operations."""
    taken = [operation.takes for operation in operations if operation.takes is not None]
    types = [*dict.fromkeys([*taken, *(operation.gives for operation in operations)]), *_MEMBERS]
    _, components = msgspec.json.schema_components(types, ref_template=_REF)
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for operation in operations:
        paths[operation.path][operation.method.lower()] = _describe(operation)
    document = {
        "openapi": "3.1.0",
        "info": {"title": "HotCRM AI", "version": version("hotcrm-ai"), "description": _INTRODUCTION},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for operation in operations)],
        "paths": dict(paths),
        "components": {
            "securitySchemes": {
                "apiKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key made with `hotcrm-ai keys create`.",
                }
            },
            "schemas": {name: _with_words(name, schema) for name, schema in sorted(components.items())},
        },
    }
    return _as_json(document)


def _as_json(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document as a reader of its JSON gets it, with lists where Python had tuples."""
    read: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    return read


def _describe(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": f"{operation.description} {_who(operation)}",
        "security": [] if operation.scope is None else [{"apiKey": []}],
        "parameters": [*_path_parameters(operation), *_query_parameters(operation), *header_parameters(operation)],
        "responses": {str(operation.status): _success(operation), **_failures(operation)},
    }
    if operation.takes is not None:
        described["requestBody"] = {
            "required": True,
            "description": f"At most {operation.body_limit:,} bytes.",
            "content": {"application/json": {"schema": {"$ref": _REF.format(name=operation.takes.__name__)}}},
        }
    return described


def _who(operation: Operation) -> str:
    return "Open to everybody." if operation.scope is None else f"Needs a key with the scope `{operation.scope}`."


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "description": words, "schema": {"type": "string"}}
        for name, words in operation.path_words.items()
    ]


def _query_parameters(operation: Operation) -> list[dict[str, Any]]:
    schema = msgspec.json.schema(operation.query)["$defs"][operation.query.__name__]
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": _words_of(parameter),
            "schema": {
                key: value for key, value in _without_null(parameter).items() if key not in ("description", "default")
            }
            | ({"default": parameter["default"]} if parameter.get("default") is not None else {}),
        }
        for name, parameter in schema["properties"].items()
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query parameter is left out, never null: return the schema of its value."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind.get("type") != "null"]
    return dict(kinds[0]) if kinds else {**schema, **_enum_without_null(schema)}


def _enum_without_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"enum": [value for value in schema["enum"] if value is not None]} if "enum" in schema else {}


def _words_of(schema: dict[str, Any]) -> str:
    found = (part["description"] for part in (schema, *schema.get("anyOf", [])) if "description" in part)
    return next(found, "")


def _success(operation: Operation) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([operation.gives], ref_template=_REF)
    return {
        "description": f"{operation.summary.rstrip('.')}: done.",
        "headers": answer_headers(operation),
        "content": {operation.media_type: {"schema": schema}},
    }


def _failures(operation: Operation) -> dict[str, Any]:
    met: list[type[HotCRMAIError]] = [*_EVERYWHERE, *operation.errors]
    met += _WITH_KEY if operation.scope is not None else ()
    met += (*_WITH_POST, StorageError) if operation.method == "POST" else ()
    met += _WITH_CHANGES if operation.method != "GET" else ()
    met += _WITH_BODY if operation.takes is not None else _WITH_BODY[:2] if operation.method == "POST" else ()
    by_status: dict[int, list[type[HotCRMAIError]]] = defaultdict(list)
    for kind in met:
        by_status[STATUS[kind]].append(kind)
    described = {str(status): _failure(kinds) for status, kinds in sorted(by_status.items())}
    return {
        **described,
        "500": _failure_of("`unexpected_error`: An error that nobody foresaw; the server's log has it.", retry=False),
    }


def _failure(kinds: Iterable[type[HotCRMAIError]]) -> dict[str, Any]:
    kinds = tuple(kinds)
    told = [f"`{kind.code}`: {(kind.__doc__ or '').splitlines()[0]}" for kind in dict.fromkeys(kinds)]
    return _failure_of(" ".join(told), retry=any(issubclass(kind, tuple(RETRY_AFTER_SECONDS)) for kind in kinds))


def _failure_of(words: str, *, retry: bool) -> dict[str, Any]:
    headers = {"Retry-After": {"description": "Seconds after which to try again.", "schema": {"type": "integer"}}}
    return {
        "description": _plain(words),
        **({"headers": headers} if retry else {}),
        "content": {"application/problem+json": {"schema": {"$ref": _REF.format(name="Problem")}}},
    }


def _with_words(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a record's schema with a description of every property."""
    properties = {
        field: {
            **part,
            "description": _words_of(part) or FIELD_WORDS.get(f"{name}.{field}") or FIELD_WORDS.get(field, ""),
        }
        for field, part in schema.get("properties", {}).items()
    }
    words = {"description": _plain(schema["description"])} if "description" in schema else {}
    return {**schema, **words, **({"properties": properties} if properties else {})}


def _plain(words: str) -> str:
    return words.replace("``", "`")
