"""Answers tables by Batch Transform of SageMaker: records go to S3, a job is started, and its answers are read in order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from hotcrm_ai.domain.canonical import digest_of
from hotcrm_ai.domain.errors import ProviderError, ProviderMisconfigured
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.ports.provider_jobs import JobState, JobStatus, JobTicket
from hotcrm_ai.providers._aws import AWSCaller
from hotcrm_ai.providers._faults import fault_of
from hotcrm_ai.providers._http import HTTPReply

_PLACE: Final = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[A-Za-z0-9!_.*'()/-]*))?")
_KIND: Final = "application/jsonlines"
_CALL_SECONDS: Final = 30.0
_COPY_SECONDS: Final = 600.0
_MOST_BYTES: Final = 512 * 1024 * 1024
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
        found = _PLACE.fullmatch(options.place)
        if found is None:
            raise ProviderMisconfigured(
                f"job.place of provider {provider!r} is {options.place[:80]!r}; write it like s3://bucket/folder.",
                provider=provider,
            )
        self._aws = aws
        self._options = options
        self._provider = provider
        self._bucket = found["bucket"]
        self._prefix = (found["prefix"] or "").strip("/")

    def ticket(self, model: ModelConfig, rows: Sequence[Mapping[str, Any]]) -> JobTicket:
        """Return the ticket of a job for these records, whose name follows from all that decides its answers."""
        digest = digest_of(model.id, model.revision, self._options.model_name, _lines(rows).decode())
        return JobTicket(
            job_id=f"hotcrm-ai-{digest[:40]}",
            model_id=model.id,
            model_revision=model.revision,
            provider=self._provider,
            records=len(rows),
        )

    async def submit(self, model: ModelConfig, ticket: JobTicket, rows: Sequence[Mapping[str, Any]]) -> None:
        """Copy the records to S3 and start the job; one of that name is left as it is."""
        given = {
            "Bucket": self._bucket,
            "Key": self._key(ticket, "in/records"),
            "Body": _lines(rows),
            "ContentType": _KIND,
        }
        await self._call("s3", "PutObject", given, seconds=_COPY_SECONDS, model=model)
        options = self._options
        job = {
            "TransformJobName": ticket.job_id,
            "ModelName": options.model_name,
            "BatchStrategy": "MultiRecord",
            "MaxPayloadInMB": options.max_payload_mb,
            "TransformInput": {
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": self._uri(ticket, "in/records")}},
                "ContentType": _KIND,
                "SplitType": "Line",
            },
            "TransformOutput": {"S3OutputPath": self._uri(ticket, "out"), "Accept": _KIND, "AssembleWith": "Line"},
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
        given = {"Bucket": self._bucket, "Key": self._key(ticket, "out/records.out")}
        return await self._call("s3", "GetObject", given, seconds=_COPY_SECONDS, model=model)

    async def _call(
        self, service: str, operation: str, given: Mapping[str, Any], *, seconds: float, model: ModelConfig
    ) -> HTTPReply:
        reply = await self._aws.call(service, operation, given, timeout_seconds=seconds, max_bytes=_MOST_BYTES)
        if reply.status != 200:
            raise self._fault(reply, model.id)
        return reply

    def _fault(self, reply: HTTPReply, model_id: str) -> ProviderError:
        return fault_of(reply.status, reply.headers, provider=self._provider, model_id=model_id)

    def _key(self, ticket: JobTicket, name: str) -> str:
        return "/".join(part for part in (self._prefix, ticket.job_id, name) if part)

    def _uri(self, ticket: JobTicket, name: str) -> str:
        return f"s3://{self._bucket}/{self._key(ticket, name)}"


def _lines(rows: Sequence[Mapping[str, Any]]) -> bytes:
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)


def _names(reply: HTTPReply, code: str) -> bool:
    return reply.status >= 400 and (
        code in reply.headers.get("x-amzn-errortype", "") or code.encode() in reply.body[:1000]
    )
