"""Predicts for a file by a job where the model runs, and takes up the same job when it is called again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hotcrm_ai.assembly import AI
from hotcrm_ai.assembly.jobs import POLL_SECONDS, run_job
from hotcrm_ai.domain.errors import InvalidFeatures
from hotcrm_ai.domain.signature import Signature
from hotcrm_ai.entrypoints.cli.answer_file import open_answers
from hotcrm_ai.entrypoints.cli.answer_line import failure_line
from hotcrm_ai.entrypoints.cli.predict_file import FileQuestion, FileResult, signature_of
from hotcrm_ai.entrypoints.cli.record_file import FileRecord, FileRecords


async def predict_by_job(
    ai: AI,
    asked: FileQuestion,
    ticket: Path,
    *,
    poll_seconds: float = POLL_SECONDS,
    tell: Callable[[FileRecords], None] = lambda _: None,
) -> FileResult:
    """Answer each record of a file by a job and write one answer for each to its ``out``, in order.

    Raises:
        ModelNotFound: no model has this id.
        InvalidRequest: the file cannot be read.
        ProviderError: the job failed, or could not be asked for; the same call goes on from there.
        StorageError: the answers could not be written.
    """
    signature = await signature_of(ai, asked.model_id)
    opened = asked.open(signature)
    tell(opened)
    records = list(opened.rows)
    problems = {record.row: problem for record in records if (problem := _problem(record, signature)) is not None}
    sound = [record for record in records if record.row not in problems]
    rows = [record.features for record in sound]
    outputs = await run_job(ai, asked.model_id, rows, ticket, poll_seconds=poll_seconds) if sound else []
    answered: dict[int, dict[str, Any]] = {
        record.row: {"prediction": output.prediction, "confidence": output.confidence, "metadata": output.metadata}
        for record, output in zip(sound, outputs, strict=True)
    }
    result = FileResult(
        model_id=asked.model_id,
        out=str(asked.out),
        missing=opened.missing,
        unused=opened.unused,
        notes=opened.notes,
    )
    with open_answers(asked.out) as write:
        for record in records:
            line = _line(record, answered.get(record.row), problems.get(record.row), asked.model_id)
            result.count(line)
            write(line)
    return result


def _problem(record: FileRecord, signature: Signature | None) -> str | None:
    if record.problem is not None or signature is None:
        return record.problem
    try:
        signature.fit(record.features)
    except InvalidFeatures as problem:
        return problem.message
    return None


def _line(record: FileRecord, answer: dict[str, Any] | None, problem: str | None, model_id: str) -> dict[str, Any]:
    if answer is None:
        return failure_line(record, InvalidFeatures.code, str(problem))
    head = {"row": record.row} if record.id is None else {"row": record.row, "id": record.id}
    return head | answer | {"modelId": model_id}
