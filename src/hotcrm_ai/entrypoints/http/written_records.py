"""Reads which records of the CRM a request is about, and tells what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hotcrm_ai.domain.errors import InvalidRequest
from hotcrm_ai.domain.prediction import PredictionError
from hotcrm_ai.entrypoints.http.bodies import RecordsRequest
from hotcrm_ai.entrypoints.http.problems import tellable


def wanted_records(asked: RecordsRequest) -> Any:
    """Return the ids or the query that a request names.

    Raises:
        InvalidRequest: it names neither, or both.
    """
    if asked.ids is not None and asked.filters is not None:
        raise InvalidRequest("Both ids and filters are given; choose the records by one of them.")
    if asked.ids is None and asked.filters is None:
        raise InvalidRequest("Neither ids nor filters is given; name the records, or send filters [] for all of them.")
    return asked.ids if asked.ids is not None else {"filters": asked.filters}


def tellable_results(results: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """Return the results with the words of each failure as callers may see them."""
    return tuple(_tellable(result) for result in results)


def _tellable(result: Mapping[str, Any]) -> Mapping[str, Any]:
    error = result.get("error")
    if error is None:
        return result
    told = tellable(PredictionError(index=0, code=error["code"], message=error["message"]))
    return {"id": result["id"], "error": {"code": told.code, "message": told.message}}
