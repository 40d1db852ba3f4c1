"""Predicts for every record of a file, in chunks, and writes one answer for each, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec

from hotcrm_ai.assembly import AI
from hotcrm_ai.domain.errors import HotCRMAIError, ModelNotFound
from hotcrm_ai.domain.explanation import Explanation
from hotcrm_ai.domain.prediction import Context, PredictionError
from hotcrm_ai.domain.signature import Signature
from hotcrm_ai.domain.ways import told
from hotcrm_ai.entrypoints.cli.answer_file import open_answers
from hotcrm_ai.entrypoints.cli.answer_line import answer_line, failure_line
from hotcrm_ai.entrypoints.cli.record_file import FileRecord, FileRecords, open_records
from hotcrm_ai.entrypoints.cli.waiting import progress_bar

CHUNK: Final = 500


class FileQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked about a file: the model, which column names the records and of what type they are, and how much is told of each."""

    model_id: str
    source: Path
    out: Path | None = None
    id_column: str | None = None
    object_type: str | None = None
    full: bool = False
    reasons: bool = False

    def open(self, signature: Signature | None) -> FileRecords:
        """Open the records; the errors are those of ``open_records``."""
        return open_records(self.source, signature, id_column=self.id_column)

    def context_of(self, record: FileRecord) -> Context | None:
        """Return whom a record is about; nothing where no type was told, or the record has no id."""
        if self.object_type is None or record.id is None:
            return None
        return Context(object_type=self.object_type, object_id=str(record.id))


class FileResult(msgspec.Struct, kw_only=True, rename="camel"):
    """How many records of a file were answered; ``results`` only where no file was named for them.

    ``missing`` are the features that no record has, ``unused`` the columns that the model does not know; ``notes`` say how
    the file was read.
    """

    model_id: str
    rows: int = 0
    answered: int = 0
    failed: int = 0
    out: str | None = None
    missing: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    results: list[dict[str, Any]] | None = None

    def count(self, answer: dict[str, Any]) -> None:
        """Count one more record."""
        self.rows += 1
        if "error" in answer:
            self.failed += 1
        else:
            self.answered += 1


async def signature_of(ai: AI, model_id: str) -> Signature | None:
    """Return the signature of a model, if it declares one; raises ``ModelNotFound``."""
    model = await ai.registry.get_model(model_id)
    if model is None:
        raise ModelNotFound(f"No model is called {model_id!r}; `hotcrm-ai models list` shows all.", model_id=model_id)
    return model.signature


async def predict_file(
    ai: AI, asked: FileQuestion, *, collect: bool, tell: Callable[[FileRecords], None] = lambda _: None
) -> FileResult:
    """Predict for each record of a file and write the answers to its ``out``, or to standard output, or ``collect`` them.

    ``tell`` is given what a look at the file found, before anything is asked.

    Raises:
        ModelNotFound: no model has this id.
        InvalidRequest: the file cannot be read.
        StorageError: the answers could not be written.
    """
    records = await asyncio.to_thread(asked.open, await signature_of(ai, asked.model_id))
    tell(records)
    result = FileResult(
        model_id=asked.model_id,
        out=None if asked.out is None else str(asked.out),
        missing=records.missing,
        unused=records.unused,
        notes=records.notes,
    )
    if asked.out is None and collect:
        result.results = []
    with open_answers(asked.out) as write, progress_bar(f"Predicting {asked.source.name}") as advance:
        while chunk := list(islice(records.rows, CHUNK)):
            for answer in await _answer(ai, asked, chunk, told=records.missing):
                result.count(answer)
                if result.results is not None:
                    result.results.append(answer)
                else:
                    write(answer)
            advance(result.rows, records.total)
    return result


async def _answer(
    ai: AI, asked: FileQuestion, chunk: Sequence[FileRecord], *, told: Sequence[str]
) -> list[dict[str, Any]]:
    readable = [record for record in chunk if record.problem is None]
    responses = await ai.batch_predict(
        asked.model_id,
        [record.features for record in readable],
        contexts=[asked.context_of(record) for record in readable],
        on_error="collect",
    )
    answers: dict[int, dict[str, Any]] = {}
    for record, response in zip(readable, responses, strict=True):
        wanted = asked.reasons and not isinstance(response, PredictionError)
        reasons = await _reasons(ai, asked, record) if wanted else None
        answers[record.row] = answer_line(record, response, full=asked.full, told=told, reasons=reasons)
    return [
        answers[record.row] if record.row in answers else failure_line(record, "invalid_features", str(record.problem))
        for record in chunk
    ]


async def _reasons(ai: AI, asked: FileQuestion, record: FileRecord) -> Explanation | str:
    """Return why a record has its answer, or why that cannot be told: its answer is none the worse."""
    try:
        return await ai.explain(asked.model_id, record.features, context=asked.context_of(record))
    except HotCRMAIError as problem:
        return told(problem.message, "command")
