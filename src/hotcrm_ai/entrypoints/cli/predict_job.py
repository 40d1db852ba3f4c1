"""Predicts for a file by a job where the model runs, and takes up the same job when it is called again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from hotcrm_ai.assembly import AI
from hotcrm_ai.assembly.jobs import POLL_SECONDS, run_job
from hotcrm_ai.domain.errors import InvalidFeatures, ModelNotFound
from hotcrm_ai.domain.signature import Signature
from hotcrm_ai.entrypoints.cli.predict_file import FileResult
from hotcrm_ai.entrypoints.cli.record_file import FileRecord, open_records


async def predict_by_job(
    ai: AI, model_id: str, source: Path, out: Path, ticket: Path, *, poll_seconds: float = POLL_SECONDS
) -> FileResult:
    """Answer each record of ``source`` by a job and write one JSON object for each to ``out``, in order.

    Raises:
        ModelNotFound: no model has this id.
        InvalidRequest: the file cannot be read.
        ProviderError: the job failed, or could not be asked for; the same call goes on from there.
    """
    model = await ai.registry.get_model(model_id)
    if model is None:
        raise ModelNotFound(f"No model is called {model_id!r}; `hotcrm-ai models list` shows all.", model_id=model_id)
    records = list(open_records(source, model.signature).rows)
    problems = {record.row: problem for record in records if (problem := _problem(record, model.signature)) is not None}
    sound = [record for record in records if record.row not in problems]
    asked = [record.features for record in sound]
    outputs = await run_job(ai, model_id, asked, ticket, poll_seconds=poll_seconds) if sound else []
    answered = {
        record.row: {"prediction": output.prediction, "confidence": output.confidence, "metadata": output.metadata}
        for record, output in zip(sound, outputs, strict=True)
    }
    _write(out, [_line(record, answered.get(record.row), problems.get(record.row), model_id) for record in records])
    return FileResult(model_id=model_id, rows=len(records), answered=len(answered), failed=len(problems), out=str(out))


def _problem(record: FileRecord, signature: Signature | None) -> str | None:
    if record.problem is not None or signature is None:
        return record.problem
    try:
        signature.fit(record.features)
    except InvalidFeatures as problem:
        return problem.message
    return None


def _line(record: FileRecord, answer: dict[str, Any] | None, problem: str | None, model_id: str) -> dict[str, Any]:
    head = {"row": record.row} if record.id is None else {"row": record.row, "id": record.id}
    if answer is None:
        return head | {"error": {"code": InvalidFeatures.code, "message": str(problem)}}
    return head | answer | {"modelId": model_id}


def _write(out: Path, lines: list[dict[str, Any]]) -> None:
    partial = out.with_name(out.name + ".part")
    try:
        partial.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
