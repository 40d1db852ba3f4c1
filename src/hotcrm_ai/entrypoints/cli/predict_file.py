"""Predicts for every record of a file, in chunks, and writes one JSON object for each, in order."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from hotcrm_ai.assembly import AI
from hotcrm_ai.domain.errors import ModelNotFound
from hotcrm_ai.domain.prediction import PredictionError, PredictionResponse
from hotcrm_ai.entrypoints.cli.record_file import FileRecord, open_records
from hotcrm_ai.entrypoints.cli.waiting import progress_bar

CHUNK: Final = 500


class FileResult(msgspec.Struct, kw_only=True, rename="camel"):
    """How many records of a file were answered; ``results`` only where no file was named for them."""

    model_id: str
    rows: int = 0
    answered: int = 0
    failed: int = 0
    out: str | None = None
    results: list[dict[str, Any]] | None = None


async def predict_file(ai: AI, model_id: str, source: Path, out: Path | None, *, collect: bool) -> FileResult:
    """Predict for each record of ``source`` and write the answers to ``out``, or to standard output, or ``collect`` them.

    Raises:
        ModelNotFound: no model has this id.
        InvalidRequest: the file cannot be read.
    """
    model = await ai.registry.get_model(model_id)
    if model is None:
        raise ModelNotFound(f"No model is called {model_id!r}; `hotcrm-ai models list` shows all.", model_id=model_id)
    result = FileResult(model_id=model_id, out=None if out is None else str(out))
    if out is None and collect:
        result.results = []
    records = open_records(source, model.signature)
    with _opened(out, collect=collect) as target, progress_bar(f"Predicting {source.name}") as advance:
        while chunk := list(islice(records.rows, CHUNK)):
            for answer in await _answer(ai, model_id, chunk):
                _count(result, answer)
                if result.results is not None:
                    result.results.append(answer)
                else:
                    target.write(msgspec.json.encode(answer) + b"\n")
            advance(result.rows, records.total)
    return result


async def _answer(ai: AI, model_id: str, chunk: Sequence[FileRecord]) -> list[dict[str, Any]]:
    readable = [record for record in chunk if record.problem is None]
    responses = await ai.batch_predict(model_id, [record.features for record in readable], on_error="collect")
    answers = {record.row: _shaped(record, response) for record, response in zip(readable, responses, strict=True)}
    return [
        answers[record.row] if record.row in answers else _failure(record, "invalid_features", str(record.problem))
        for record in chunk
    ]


def _shaped(record: FileRecord, response: PredictionResponse | PredictionError) -> dict[str, Any]:
    if isinstance(response, PredictionError):
        return _failure(record, response.code, response.message)
    answer: dict[str, Any] = msgspec.to_builtins(response.for_json())
    return _head(record) | answer


def _failure(record: FileRecord, code: str, message: str) -> dict[str, Any]:
    return _head(record) | {"error": {"code": code, "message": message}}


def _head(record: FileRecord) -> dict[str, Any]:
    return {"row": record.row} if record.id is None else {"row": record.row, "id": record.id}


def _count(result: FileResult, answer: dict[str, Any]) -> None:
    result.rows += 1
    if "error" in answer:
        result.failed += 1
    else:
        result.answered += 1


@contextmanager
def _opened(out: Path | None, *, collect: bool) -> Iterator[IO[bytes]]:
    """Open the target; a file appears under its name only when it is complete."""
    if out is None:
        if not collect:
            sys.stdout.flush()
        yield sys.stdout.buffer
        return
    partial = out.with_name(out.name + ".part")
    try:
        with partial.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
