"""Shapes the answer for one record of a file: what one needs of it, or all of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import msgspec

from hotcrm_ai.domain.explanation import Explanation
from hotcrm_ai.domain.prediction import PredictionError, PredictionResponse
from hotcrm_ai.domain.signature import MISSING
from hotcrm_ai.domain.ways import told
from hotcrm_ai.entrypoints.cli.record_file import FileRecord

_KEPT: Final = ("prediction", "confidence", "modelId", "modelVersion", "predictionId")
_SELF_EVIDENT: Final = frozenset({"provider", "stages"})


def answer_line(
    record: FileRecord,
    response: PredictionResponse | PredictionError,
    *,
    full: bool = False,
    told: Collection[str] = (),
    reasons: Explanation | str | None = None,
) -> dict[str, Any]:
    """Return the answer for a record as it is written to a file.

    Without ``full`` it holds the prediction, who gave it, and what is to be said about it: timings and the provider are left out, and so
    are warnings that a feature of ``told`` is missing, which are said once for the whole file. ``reasons`` is an explanation, or why
    there is none.
    """
    if isinstance(response, PredictionError):
        return failure_line(record, response.code, response.message)
    answer: dict[str, Any] = msgspec.to_builtins(response.for_json())
    line = answer if full else {name: answer[name] for name in _KEPT} | _lean_metadata(answer["metadata"], told)
    if isinstance(reasons, Explanation):
        tops = [(one.feature, one.value, one.contribution) for one in reasons.top_features]
        line["topFeatures"] = [{"feature": name, "value": value, "contribution": part} for name, value, part in tops]
    elif reasons is not None:
        line["topFeatures"] = None
        line.setdefault("metadata", {}).setdefault("warnings", []).append(f"no reasons: {reasons}")
    return _head(record) | line


def failure_line(record: FileRecord, code: str, message: str) -> dict[str, Any]:
    """Return what is written for a record that has no answer."""
    return _head(record) | {"error": {"code": code, "message": told(message, "command")}}


def _lean_metadata(metadata: dict[str, Any], told: Collection[str]) -> dict[str, Any]:
    warnings = [one for one in metadata.get("warnings", ()) if one.removesuffix(MISSING) not in told]
    kept = {name: value for name, value in metadata.items() if name not in _SELF_EVIDENT} | {"warnings": warnings}
    if kept.get("variant") == "none":
        del kept["variant"]
    if not warnings:
        del kept["warnings"]
    return {"metadata": kept} if kept else {}


def _head(record: FileRecord) -> dict[str, Any]:
    return {"row": record.row} if record.id is None else {"row": record.row, "id": record.id}
