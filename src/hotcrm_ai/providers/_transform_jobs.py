"""Answers tables by Batch Transform of SageMaker: records go to S3, a job is started, and its answers are read in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from hotcrm_ai.domain.errors import ProviderError
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.ports.provider_jobs import JobState, JobStatus, JobTicket
from hotcrm_ai.providers._aws import AWSCaller
from hotcrm_ai.providers._aws_faults import kind_of_error
from hotcrm_ai.providers._faults import fault_of
from hotcrm_ai.providers._http import HTTPReply
from hotcrm_ai.providers._s3 import JSON_LINES, S3Folder, lines_of, ticket_of

_CALL_SECONDS: Final = 30.0
_STATUS: Final[Mapping[str, JobStatus]] = {"Completed": "done", "Failed": "failed", "Stopped": "failed"}


class JobOptions(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What ``provider_config.config["job"]`` says: where in S3 files go, and which SageMaker model runs on which machines."""

    place: str
    model_name: str
    instance_type: str = "ml.m5.large"
    instance_count: int = 1
    max_payload_mb: int = 6


class TransformJobs:
    """Starts, watches and reads jobs in one place of S3."""

    def __init__(self, aws: AWSCaller, options: JobOptions, provider: str) -> None:
        self._folder = S3Folder(aws, options.place, setting="job.place", provider=provider)
        self._aws = aws
        self._options = options
        self._provider = provider

    def ticket(self, model: ModelConfig, rows: Sequence[Mapping[str, Any]]) -> JobTicket:
        """Return the ticket of a job for these records."""
        return ticket_of(model, rows, provider=self._provider, place=self._options.model_name)

    async def submit(self, model: ModelConfig, ticket: JobTicket, rows: Sequence[Mapping[str, Any]]) -> None:
        """Copy the records to S3 and start the job; one of that name is left as it is."""
        source = f"{ticket.job_id}/in/records"
        await self._folder.put(source, lines_of(rows), kind=JSON_LINES, model_id=model.id)
        options = self._options
        job = {
            "TransformJobName": ticket.job_id,
            "ModelName": options.model_name,
            "BatchStrategy": "MultiRecord",
            "MaxPayloadInMB": options.max_payload_mb,
            "TransformInput": {
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": self._folder.uri(source)}},
                "ContentType": JSON_LINES,
                "SplitType": "Line",
            },
            "TransformOutput": {
                "S3OutputPath": self._folder.uri(f"{ticket.job_id}/out"),
                "Accept": JSON_LINES,
                "AssembleWith": "Line",
            },
            "TransformResources": {"InstanceType": options.instance_type, "InstanceCount": options.instance_count},
        }
        reply = await self._aws.call("sagemaker", "CreateTransformJob", job, timeout_seconds=_CALL_SECONDS)
        if reply.status != 200 and not _names(reply, "ResourceInUse"):
            raise self._fault(reply, model.id)

    async def state(self, ticket: JobTicket) -> JobState | None:
        """Return how a job stands, or None where there is none of that name."""
        given = {"TransformJobName": ticket.job_id}
        reply = await self._aws.call("sagemaker", "DescribeTransformJob", given, timeout_seconds=_CALL_SECONDS)
        if _names(reply, "ResourceNotFound") or (
            _names(reply, "ValidationException") and b"ould not find" in reply.body
        ):
            return None
        if reply.status != 200:
            raise self._fault(reply, ticket.model_id)
        status = msgspec.json.decode(reply.body).get("TransformJobStatus")
        found = _STATUS.get(status, "running")
        reason = f"SageMaker says {status!r}; look at the job {ticket.job_id!r} there" if found == "failed" else None
        return JobState(status=found, reason=reason)

    async def answers(self, model: ModelConfig, ticket: JobTicket) -> HTTPReply:
        """Return the file of answers."""
        reply = await self._folder.read(self._folder.uri(f"{ticket.job_id}/out/records.out"), model_id=model.id)
        if reply is None:
            raise fault_of(404, {}, provider=self._provider, model_id=model.id)
        return reply

    def _fault(self, reply: HTTPReply, model_id: str) -> ProviderError:
        kind = kind_of_error(reply)
        return fault_of(reply.status, reply.headers, provider=self._provider, model_id=model_id, kind=kind)


def _names(reply: HTTPReply, code: str) -> bool:
    return reply.status >= 400 and (
        code in reply.headers.get("x-amzn-errortype", "") or code.encode() in reply.body[:1000]
    )
