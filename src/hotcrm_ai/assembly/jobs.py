"""Answers whole tables where a model runs, as jobs that survive this process: the ticket of each is a file."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from hotcrm_ai.assembly.ai import AI
from hotcrm_ai.domain.errors import ConfigError, ModelNotFound, ProviderError, StorageError
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.pipeline.guards.personal_fields import outgoing_for
from hotcrm_ai.ports.provider_jobs import JobProvider, JobTicket

POLL_SECONDS: Final = 15.0
"""How long to wait between two looks at a job."""


async def run_job(
    ai: AI, model_id: str, rows: Sequence[Mapping[str, Any]], ticket_file: Path, *, poll_seconds: float = POLL_SECONDS
) -> list[PredictionOutput]:
    """Answer records by a job where the model runs, and wait for it; called again with the same ticket file, take up the same job.

    The ticket is on disk before anything is sent, and a job's name follows from its records, so that a killed process neither loses a
    job nor pays for it twice. The answers are not filed in cache or log.

    Raises:
        ModelNotFound: there is no such model.
        InvalidFeatures: a record does not fit the model's signature; nothing is sent.
        ConfigError: the model's provider runs no jobs, or the ticket is for other records.
        ProviderError: the job failed, or the provider could not be asked; calling again goes on from there.
    """
    model = await ai.registry.get_model(model_id)
    if model is None:
        raise ModelNotFound(
            f"No model is called {model_id!r}; `ai.registry.list_models()` shows all.", model_id=model_id
        )
    provider = ai.providers.for_model(model)
    if not isinstance(provider, JobProvider):
        raise ConfigError(
            f"Provider {model.provider!r} of model {model_id!r} runs no jobs; predict the file without one."
        )
    fitted = outgoing_for(model, ai.workspace).rows(model, [_fitted(model, row) for row in rows])
    ticket = provider.ticket(model, fitted)
    await asyncio.to_thread(_keep, ticket, ticket_file)
    while True:
        state = await provider.job_state(ticket)
        if state is None:
            await provider.submit_job(model, ticket, fitted)
        elif state.status == "done":
            return await provider.job_answers(model, ticket)
        elif state.status == "failed":
            raise ProviderError(
                f"Job {ticket.job_id!r} of model {model_id!r} failed: {state.reason}.", model_id=model_id
            )
        await asyncio.sleep(poll_seconds)


def _fitted(model: ModelConfig, row: Mapping[str, Any]) -> dict[str, Any]:
    return dict(row) if model.signature is None else model.signature.fit(row, model_id=model.id).values


def _keep(ticket: JobTicket, file: Path) -> None:
    content = msgspec.json.encode(ticket)
    try:
        if file.exists():
            if file.read_bytes() != content:
                raise ConfigError(
                    f"{str(file)!r} is the ticket of another job: other records, or another revision of the model; choose another file."
                )
            return
        unfinished = file.with_name(f".{file.name}.unfinished")
        unfinished.write_bytes(content)
        os.replace(unfinished, file)
    except OSError as problem:
        raise StorageError(
            f"The ticket {str(file)!r} could not be kept ({problem.strerror}); check the folder."
        ) from problem
