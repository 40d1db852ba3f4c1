"""What a provider can do beyond single calls: answer a whole table as a job that outlives this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, runtime_checkable

import msgspec

from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import PredictionOutput

JobStatus = Literal["running", "done", "failed"]


class JobTicket(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """All that is needed to find a job again: the same records for the same revision of a model always give the same one."""

    job_id: str
    model_id: str
    model_revision: int
    provider: str
    records: int


class JobState(msgspec.Struct, frozen=True, kw_only=True):
    """How a job stands; ``reason`` where it failed."""

    status: JobStatus
    reason: str | None = None


@runtime_checkable
class JobProvider(Protocol):
    """A provider that answers tables as jobs."""

    def ticket(self, model: ModelConfig, rows: Sequence[Mapping[str, Any]]) -> JobTicket:
        """Return the ticket that a job for these records has; nothing is sent."""
        ...

    async def submit_job(self, model: ModelConfig, ticket: JobTicket, rows: Sequence[Mapping[str, Any]]) -> None:
        """Start the job; one that was started before is left as it is."""
        ...

    async def job_state(self, ticket: JobTicket) -> JobState | None:
        """Return how a job stands, or None where it was never started."""
        ...

    async def job_answers(self, model: ModelConfig, ticket: JobTicket) -> list[PredictionOutput]:
        """Return the answers of a job that is done, in the order of its records."""
        ...
