"""Asks asynchronous endpoints of SageMaker: the question goes to S3, and its answer, or its failure, comes to be there."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

import msgspec

from hotcrm_ai.domain.canonical import digest_of
from hotcrm_ai.domain.errors import ProviderBadAnswer, ProviderError, ProviderTimeout
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.ports.provider_jobs import JobState, JobTicket
from hotcrm_ai.providers._aws import AWSCaller
from hotcrm_ai.providers._bodies import Body
from hotcrm_ai.providers._faults import fault
from hotcrm_ai.providers._http import HTTPReply
from hotcrm_ai.providers._s3 import JSON_LINES, S3Folder, is_file, lines_of, ticket_of

_CALL_SECONDS: Final = 30.0
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0
_LEAST_TTL: Final = 60
_GRACE: Final = timedelta(minutes=10)
_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NOTE: Final = "sent.json"


class AsyncOptions(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What ``provider_config.config["asynchronous"]`` says: where in S3 questions go, and how long SageMaker may take for a whole table."""

    place: str
    timeout_seconds: Annotated[int, msgspec.Meta(ge=1, le=3600)] = 900
    ttl_seconds: Annotated[int, msgspec.Meta(ge=_LEAST_TTL, le=21_600)] = 21_600


class SentInvocation(msgspec.Struct, frozen=True, kw_only=True):
    """One invocation that SageMaker accepted: where its answer or its failure will be, and from when on there will be neither."""

    output: str
    failure: str | None
    sent_at: datetime
    expires_at: datetime


class AsyncInference:
    """Sends single questions and whole tables to one asynchronous endpoint."""

    def __init__(
        self,
        aws: AWSCaller,
        options: AsyncOptions,
        *,
        endpoint_name: str,
        provider: str,
        clock: Clock,
        error_of: Callable[[HTTPReply, ModelConfig], ProviderError],
    ) -> None:
        self._folder = S3Folder(aws, options.place, setting="asynchronous.place", provider=provider)
        self._aws = aws
        self._options = options
        self._endpoint_name = endpoint_name
        self._provider = provider
        self._clock = clock
        self._error_of = error_of

    async def ask(
        self,
        model: ModelConfig,
        body: Body,
        *,
        accept: str,
        prediction_id: str,
        inference_id: str | None,
        seconds: float,
    ) -> HTTPReply:
        """Return the answer to one body, looked for until the time is over.

        Raises:
            ProviderTimeout: there was neither answer nor failure in time; SageMaker may still work, and nobody reads what it writes.
            ProviderError: the question was refused, or failed there.
        """
        ends_at = self._clock.monotonic() + seconds
        name = prediction_id if _PLAIN.fullmatch(prediction_id) else digest_of(prediction_id)[:40]
        source = f"questions/{name}"
        await self._folder.put(source, body.content, kind=body.content_type, model_id=model.id, seconds=seconds)
        sent = await self._invoke(
            model,
            source,
            kind=body.content_type,
            accept=accept,
            inference_id=inference_id,
            may_take=min(self._options.timeout_seconds, max(1, math.ceil(seconds))),
            may_wait=max(_LEAST_TTL, math.ceil(seconds)),
            seconds=ends_at - self._clock.monotonic(),
        )
        return await self._wait(model, sent, ends_at)

    def ticket(self, model: ModelConfig, rows: Sequence[Mapping[str, Any]]) -> JobTicket:
        """Return the ticket of a job for these records."""
        return ticket_of(model, rows, provider=self._provider, place=f"asynchronous/{self._endpoint_name}")

    async def submit(self, model: ModelConfig, ticket: JobTicket, rows: Sequence[Mapping[str, Any]]) -> None:
        """Copy the records to S3, invoke the endpoint once, and note in S3 where the answers will be."""
        if await self._sent(ticket) is not None:
            return
        source = f"{ticket.job_id}/in/records"
        await self._folder.put(source, lines_of(rows), kind=JSON_LINES, model_id=model.id)
        sent = await self._invoke(
            model,
            source,
            kind=JSON_LINES,
            accept=JSON_LINES,
            inference_id=ticket.job_id,
            may_take=self._options.timeout_seconds,
            may_wait=self._options.ttl_seconds,
            seconds=_CALL_SECONDS,
        )
        note = msgspec.json.encode(sent)
        await self._folder.put(f"{ticket.job_id}/{_NOTE}", note, kind="application/json", model_id=model.id)

    async def state(self, ticket: JobTicket) -> JobState | None:
        """Return how a job stands, or None where it was never accepted."""
        sent = await self._sent(ticket)
        if sent is None:
            return None
        if await self._folder.has(sent.output, model_id=ticket.model_id):
            return JobState(status="done")
        if sent.failure is not None and await self._folder.has(sent.failure, model_id=ticket.model_id):
            return JobState(status="failed", reason=f"SageMaker wrote why to {sent.failure}")
        if self._clock.now() > sent.expires_at:
            return JobState(
                status="failed", reason="SageMaker wrote neither answers nor a failure in the time that it was given"
            )
        return JobState(status="running")

    async def answers(self, model: ModelConfig, ticket: JobTicket) -> HTTPReply:
        """Return the file of answers."""
        sent = await self._sent(ticket)
        reply = None if sent is None else await self._folder.read(sent.output, model_id=model.id)
        if reply is None:
            raise self._bad(model, "its answers are not where it said that they would be")
        return reply

    async def _invoke(
        self,
        model: ModelConfig,
        source: str,
        *,
        kind: str,
        accept: str,
        inference_id: str | None,
        may_take: int,
        may_wait: int,
        seconds: float,
    ) -> SentInvocation:
        given = {
            "EndpointName": self._endpoint_name,
            "InputLocation": self._folder.uri(source),
            "ContentType": kind,
            "Accept": accept,
            "InvocationTimeoutSeconds": may_take,
            "RequestTTLSeconds": may_wait,
        }
        given |= {"InferenceId": inference_id} if inference_id is not None else {}
        reply = await self._aws.call(
            "sagemaker-runtime", "InvokeEndpointAsync", given, timeout_seconds=max(seconds, 0.0)
        )
        if not 200 <= reply.status < 300:
            raise self._error_of(reply, model)
        output = reply.headers.get("x-amzn-sagemaker-outputlocation")
        failure = reply.headers.get("x-amzn-sagemaker-failurelocation")
        if output is None or not is_file(output) or not (failure is None or is_file(failure)):
            raise self._bad(model, "it did not say where in S3 its answer will be")
        now = self._clock.now()
        expires_at = now + timedelta(seconds=may_take + may_wait) + _GRACE
        return SentInvocation(output=output, failure=failure, sent_at=now, expires_at=expires_at)

    async def _wait(self, model: ModelConfig, sent: SentInvocation, ends_at: float) -> HTTPReply:
        pause = _FIRST_PAUSE
        while True:
            left = ends_at - self._clock.monotonic()
            if left <= 0:
                raise ProviderTimeout(
                    f"The asynchronous endpoint {self._endpoint_name!r} had no answer of model {model.id!r} in time; allow more with "
                    "provider_config.timeout_seconds.",
                    model_id=model.id,
                    provider=self._provider,
                )
            found = await self._folder.read(sent.output, model_id=model.id, seconds=left)
            if found is not None:
                return found
            await self._raise_failure(model, sent, ends_at)
            await asyncio.sleep(max(0.0, min(pause, ends_at - self._clock.monotonic())))
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _raise_failure(self, model: ModelConfig, sent: SentInvocation, ends_at: float) -> None:
        if sent.failure is None:
            return
        left = max(0.0, ends_at - self._clock.monotonic())
        found = await self._folder.read(sent.failure, model_id=model.id, seconds=left)
        if found is None:
            return
        said = found.body[:4096].lower()
        late = b"timed out" in said or b"timeexceeded" in said or b"timeout" in said
        words = "says that the model's container failed; look at the failure files of the endpoint in S3"
        raise fault(
            "timeout" if late else "model_bug", None if late else words, provider=self._provider, model_id=model.id
        )

    async def _sent(self, ticket: JobTicket) -> SentInvocation | None:
        uri = self._folder.uri(f"{ticket.job_id}/{_NOTE}")
        note = await self._folder.read(uri, model_id=ticket.model_id)
        return None if note is None else msgspec.json.decode(note.body, type=SentInvocation)

    def _bad(self, model: ModelConfig, reason: str) -> ProviderBadAnswer:
        return ProviderBadAnswer(
            f"The answer of model {model.id!r} (provider {self._provider!r}) cannot be used: {reason}. Nothing was predicted.",
            model_id=model.id,
            provider=self._provider,
        )
