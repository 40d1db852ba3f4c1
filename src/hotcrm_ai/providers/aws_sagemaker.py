"""Asks models on Amazon SageMaker: real-time and serverless endpoints, multi-model endpoints, variants and inference components.

``provider_config.config``: ``endpoint_name`` (else ``provider_config.endpoint`` where it is a plain name), ``region``, ``variant``,
``target_model``, ``inference_component``, ``body`` (what the container takes), ``columns``, ``answers`` (the path of the list of answers),
``accept``, ``max_bytes``, ``max_records``, ``concurrency``, ``timeout_seconds``, ``streaming`` (InvokeEndpointWithResponseStream),
``asynchronous`` (an asynchronous endpoint, for single calls and whole tables), and ``job`` for whole tables by Batch Transform.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import msgspec

from hotcrm_ai.domain.errors import ConfigError, ProviderError, ProviderMisconfigured
from hotcrm_ai.domain.faults import FaultKind
from hotcrm_ai.domain.model import ModelConfig, ProviderConfig
from hotcrm_ai.domain.performance import ProviderHealth, ProviderScope
from hotcrm_ai.domain.prediction import PredictionInput, PredictionOutput
from hotcrm_ai.domain.spelling import read_record
from hotcrm_ai.ports.provider_jobs import JobState, JobTicket
from hotcrm_ai.providers._async_inference import AsyncInference, AsyncOptions
from hotcrm_ai.providers._aws import AWSCaller
from hotcrm_ai.providers._aws_faults import code_of, facts_of, kind_of_error
from hotcrm_ai.providers._bodies import Body, BodyForm, answers_in, bodies
from hotcrm_ai.providers._event_stream import BrokenStream, joined_payload
from hotcrm_ai.providers._faults import fault, fault_of
from hotcrm_ai.providers._http import HTTPReply
from hotcrm_ai.providers._kit import ProviderKit
from hotcrm_ai.providers._reply import read_answers
from hotcrm_ai.providers._transform_jobs import JobOptions, TransformJobs

NAME: Final = "aws-sagemaker"
_ENDPOINT_NAME: Final = re.compile(r"[A-Za-z0-9](-*[A-Za-z0-9]){0,62}")
_INFERENCE_ID: Final = re.compile(r"[\x21-\x7e]{1,64}")
_LONGEST_SECONDS: Final = 70.0
"""A container must answer within 60 s; the rest is for the way."""

_MOST_RECORDS: Final = 500


Positive = Annotated[int, msgspec.Meta(ge=1)]


class SageMakerOptions(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What ``provider_config.config`` may say."""

    endpoint_name: str | None = None
    region: str | None = None
    variant: str | None = None
    target_model: str | None = None
    inference_component: str | None = None
    body: BodyForm = "instances"
    columns: tuple[str, ...] = ()
    answers: str | None = None
    accept: str | None = None
    max_bytes: Positive = 6 * 1024 * 1024
    max_records: Positive = _MOST_RECORDS
    concurrency: Positive = 4
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0)] = _LONGEST_SECONDS
    streaming: bool = False
    asynchronous: AsyncOptions | None = None
    job: JobOptions | None = None


def create(config: ProviderConfig, kit: ProviderKit) -> SageMakerProvider:
    """Return the provider of one endpoint; raises ``ConfigError`` where its options are not known."""
    return SageMakerProvider(config, kit)


class SageMakerProvider:
    """Calls InvokeEndpoint, or its streaming or asynchronous twin, a batch as few calls as its bytes allow."""

    def __init__(self, config: ProviderConfig, kit: ProviderKit) -> None:
        self._kit = kit
        self._options = read_record(SageMakerOptions, config.config, what="aws-sagemaker configuration")
        _check_together(self._options)
        self._url = config.endpoint if config.endpoint is not None and "://" in config.endpoint else None
        self._name = self._options.endpoint_name or (None if self._url else config.endpoint)
        self._aws = AWSCaller(config, kit, region=self._options.region, url=self._url)

    async def validate(self) -> None:
        """Raise ``ProviderMisconfigured`` naming the endpoint's name, region or key that is missing, and where to set it."""
        self._endpoint_name()
        self._aws.check()

    async def predict(self, model: ModelConfig, input: PredictionInput) -> PredictionOutput:  # noqa: A002 - the port's name
        """Answer one request; its prediction id is the inference id that SageMaker keeps with captured data."""
        return (await self.batch_predict(model, [input]))[0]

    async def batch_predict(self, model: ModelConfig, inputs: Sequence[PredictionInput]) -> list[PredictionOutput]:
        """Answer several requests with as few calls as bytes and count allow; a call for several carries no inference id."""
        options = self._options
        parts = list(
            bodies(
                [one.features for one in inputs],
                model,
                form=options.body,
                columns=options.columns,
                max_bytes=options.max_bytes,
                max_records=options.max_records,
            )
        )
        seconds = min([options.timeout_seconds, *(one.timeout_seconds for one in inputs if one.timeout_seconds)])
        free = asyncio.Semaphore(options.concurrency)
        starts = [sum(part.count for part in parts[:number]) for number in range(len(parts))]

        async def ask(part: Body, first: int) -> list[PredictionOutput]:
            async with free:
                return await self._ask(model, part, inputs[first].prediction_id, seconds)

        if len(parts) == 1:
            return await ask(parts[0], 0)
        tasks = [asyncio.ensure_future(ask(part, first)) for part, first in zip(parts, starts, strict=True)]
        try:
            answered = await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
        return [output for outputs in answered for output in outputs]

    async def health_check(self) -> ProviderHealth:
        """Ask SageMaker for the endpoint's status; only ``InService`` is healthy."""
        began = self._kit.clock.monotonic()
        problem: str | None = None
        try:
            name = self._endpoint_name()
            reply = await self._aws.call("sagemaker", "DescribeEndpoint", {"EndpointName": name}, timeout_seconds=5.0)
            if reply.status != 200:
                problem = fault_of(reply.status, reply.headers, provider=NAME, kind=kind_of_reply(reply)[0]).message
            else:
                status = facts_of(reply).get("EndpointStatus")
                problem = (
                    None
                    if status == "InService"
                    else f"The endpoint {name!r} is {str(status)[:40]!r}, not 'InService'."
                )
        except ProviderError as error:
            problem = error.message
        latency = 1000.0 * (self._kit.clock.monotonic() - began)
        return ProviderHealth(healthy=problem is None, latency=latency, error=problem)

    def scope(self, model: ModelConfig) -> ProviderScope:  # noqa: ARG002 - the endpoint is the configuration's, not the model's
        """Return the endpoint and the live credentials, whose failures count together."""
        place = urlsplit(self._url).netloc if self._url is not None else self._options.region or ""
        return ProviderScope(
            provider=NAME,
            endpoint=f"{place}/{self._name or ''}",
            credential=self._aws.credentials.fingerprint(),
        )

    def ticket(self, model: ModelConfig, rows: Sequence[Mapping[str, Any]]) -> JobTicket:
        """Return the ticket that a job for these records has: Batch Transform where ``job`` is set, else asynchronous inference."""
        return self._jobs().ticket(model, rows)

    async def submit_job(self, model: ModelConfig, ticket: JobTicket, rows: Sequence[Mapping[str, Any]]) -> None:
        """Copy records to S3 and start the job; one that was started before is left as it is."""
        await self._jobs().submit(model, ticket, rows)

    async def job_state(self, ticket: JobTicket) -> JobState | None:
        """Return how a job stands, or None where it was never started."""
        return await self._jobs().state(ticket)

    async def job_answers(self, model: ModelConfig, ticket: JobTicket) -> list[PredictionOutput]:
        """Return the answers of a job that is done, in the order of its records."""
        reply = await self._jobs().answers(model, ticket)
        answers = answers_in(reply.body, "application/jsonlines", model, count=ticket.records)
        return read_answers(answers, model, ticket.records, features=self._kit.features)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._aws.aclose()

    async def _ask(self, model: ModelConfig, body: Body, prediction_id: str, seconds: float) -> list[PredictionOutput]:
        is_named = body.count == 1 and _INFERENCE_ID.fullmatch(prediction_id)
        inference_id = prediction_id if is_named else None
        accept = self._options.accept or body.content_type
        if self._options.asynchronous is not None:
            reply = await self._asynchronous(self._options.asynchronous).ask(
                model, body, accept=accept, prediction_id=prediction_id, inference_id=inference_id, seconds=seconds
            )
            content, kind = reply.body, reply.headers.get("content-type", accept)
            kind = accept if kind.startswith("binary/") else kind
        else:
            reply, content, kind = await self._invoke(model, body, inference_id, accept, seconds)
        variant = reply.headers.get("x-amzn-invoked-production-variant")
        answers = answers_in(
            content,
            kind,
            model,
            count=body.count,
            place=self._options.answers,
            twice=True,
        )
        metadata = {"remote_variant": variant} if variant else {}
        return read_answers(answers, model, body.count, features=self._kit.features, metadata=metadata)

    async def _invoke(
        self, model: ModelConfig, body: Body, inference_id: str | None, accept: str, seconds: float
    ) -> tuple[HTTPReply, bytes, str]:
        """Return the reply of a call that answers at once, with its content and the kind of that."""
        params = self._params(body, inference_id, accept)
        is_streaming = self._options.streaming
        operation = "InvokeEndpointWithResponseStream" if is_streaming else "InvokeEndpoint"
        reply = await self._aws.call("sagemaker-runtime", operation, params, timeout_seconds=seconds)
        if reply.status != 200:
            raise error_of(reply, model)
        if not is_streaming:
            return reply, reply.body, reply.headers.get("content-type", "application/json")
        try:
            return reply, joined_payload(reply.body), reply.headers.get("x-amzn-sagemaker-content-type", accept)
        except BrokenStream as broken:
            words = "broke off in the middle of its answer" if broken.kind == "overloaded" else None
            raise fault(broken.kind, words, provider=NAME, model_id=model.id) from broken

    def _params(self, body: Body, inference_id: str | None, accept: str) -> dict[str, Any]:
        options = self._options
        given = {
            "EndpointName": self._endpoint_name(),
            "Body": body.content,
            "ContentType": body.content_type,
            "Accept": accept,
            "TargetVariant": options.variant,
            "TargetModel": options.target_model,
            "InferenceComponentName": options.inference_component,
            "InferenceId": inference_id,
        }
        return {name: value for name, value in given.items() if value is not None}

    def _jobs(self) -> TransformJobs | AsyncInference:
        if self._options.job is not None:
            return TransformJobs(self._aws, self._options.job, NAME)
        if self._options.asynchronous is not None:
            return self._asynchronous(self._options.asynchronous)
        raise ProviderMisconfigured(
            f"Provider {NAME!r} runs no jobs yet; set job in provider_config.config: place (s3://bucket/folder) and model_name, or "
            "asynchronous: place.",
            provider=NAME,
            missing=["job"],
        )

    def _asynchronous(self, options: AsyncOptions) -> AsyncInference:
        return AsyncInference(
            self._aws,
            options,
            endpoint_name=self._endpoint_name(),
            provider=NAME,
            clock=self._kit.clock,
            error_of=error_of,
        )

    def _endpoint_name(self) -> str:
        if self._name is None or not _ENDPOINT_NAME.fullmatch(self._name):
            raise ProviderMisconfigured(
                f"Provider {NAME!r} has no usable endpoint name ({self._name!r}); set endpoint_name in provider_config.config to the "
                "name of the SageMaker endpoint.",
                provider=NAME,
                missing=["endpoint_name"],
            )
        return self._name


def _check_together(options: SageMakerOptions) -> None:
    """Refuse options that SageMaker does not take together."""
    if options.streaming and options.asynchronous is not None:
        raise ConfigError(
            "aws-sagemaker configuration: an endpoint is asked by streaming or asynchronous, not by both."
        )
    taken = {"target_model": options.target_model, "inference_component": options.inference_component}
    if options.streaming:
        del taken["inference_component"]
    elif options.asynchronous is None:
        return
    else:
        taken["variant"] = options.variant
    wrong = sorted(name for name, value in taken.items() if value is not None)
    if wrong:
        way = "streaming" if options.streaming else "asynchronous"
        raise ConfigError(f"aws-sagemaker configuration: {way} calls take no {' and no '.join(wrong)}.")


def error_of(reply: HTTPReply, model: ModelConfig) -> ProviderError:
    """Return the error for a reply of SageMaker that is no success."""
    kind, hint = kind_of_reply(reply)
    return fault_of(reply.status, reply.headers, provider=NAME, model_id=model.id, kind=kind, hint=hint)


def kind_of_reply(reply: HTTPReply) -> tuple[FaultKind, str | None]:
    """Return what sort of fault a reply is, and what to say of it where the kind's own words say less."""
    if reply.status == 424 or code_of(reply) == "ModelError":
        return _inner_kind(facts_of(reply))
    return kind_of_error(reply), None


def _inner_kind(facts: Mapping[str, Any]) -> tuple[FaultKind, str | None]:
    """Split what SageMaker calls a model error: the container was late, busy, out of memory, or wrong."""
    status = facts.get("OriginalStatusCode")
    text = f"{facts.get('OriginalMessage') or ''} {facts.get('Message') or facts.get('message') or ''}".lower()
    if "timed out" in text or "timeout" in text or status in (408, 504):
        return (
            "timeout",
            "waited for the model's container until it gave up; allow more time, or give the endpoint more power",
        )
    if status == 507 or "out of memory" in text or "memoryerror" in text or "insufficient memory" in text:
        return (
            "model_bug",
            "says that the model's container ran out of memory; choose a larger instance, or send smaller batches",
        )
    if status in (429, 502, 503):
        return "overloaded", None
    shown = f" with status {status}" if isinstance(status, int) and status else ""
    return "model_bug", f"says that the model's container failed{shown}; look at the endpoint's log in CloudWatch"
