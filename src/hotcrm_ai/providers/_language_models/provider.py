"""Asks a language model for one record, and takes nothing for an answer but what the task's schema allows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from hotcrm_ai.domain.errors import ProviderBadAnswer, ProviderError
from hotcrm_ai.domain.model import ModelConfig, ProviderConfig
from hotcrm_ai.domain.performance import ProviderHealth, ProviderScope
from hotcrm_ai.domain.prediction import PredictionInput, PredictionOutput
from hotcrm_ai.domain.secret import Secret
from hotcrm_ai.domain.spelling import to_snake
from hotcrm_ai.domain.spending import Spent
from hotcrm_ai.providers._credentials import Credentials
from hotcrm_ai.providers._faults import fault
from hotcrm_ai.providers._http import HTTPDoor, HTTPReply
from hotcrm_ai.providers._kit import ProviderKit
from hotcrm_ai.providers._language_models.answer import shape_answer
from hotcrm_ai.providers._language_models.fields import read_reply
from hotcrm_ai.providers._language_models.spending import Spending
from hotcrm_ai.providers._language_models.task import Parameters, Task, parameters_of, record_text, task_of
from hotcrm_ai.providers._language_models.wire import Ask, Completion, Wire

USUAL_SECONDS: Final = 30.0
HEALTH_SECONDS: Final = 5.0


def needs_key(config: ProviderConfig, *, is_own: bool) -> bool:
    """Say whether calls must carry a key: the vendor's own service wants one, and a reference that was given must lead to one."""
    return is_own or any(
        to_snake(name) == "api_key" and value is not None for name, value in config.credentials.items()
    )


class LanguageModelProvider:
    """An `MLProvider` over one vendor's wire format.

    ``one_by_one`` says that several records are several calls, so that the pipeline makes them itself: each with its own retries, its
    own error and its own place in the log.
    """

    one_by_one: Final = True

    def __init__(
        self, wire: Wire, kit: ProviderKit, credentials: Credentials, *, needs_key: bool, concurrency: int
    ) -> None:
        self._wire = wire
        self._features = kit.features
        self._clock = kit.clock
        self._ledger = kit.ledger
        self._credentials = credentials
        self._needs_key = needs_key
        self._concurrency = concurrency
        self._door = HTTPDoor(allowed=kit.hosts, provider=wire.provider, connect_seconds=kit.connect_seconds)
        self._door.check(wire.url)
        self._spending = Spending(provider=wire.provider, ledger=kit.ledger, prices=kit.prices, clock=kit.clock)

    def scope(self, model: ModelConfig) -> ProviderScope:  # noqa: ARG002 - the port's signature
        """Return where every model of this configuration is asked, and with which key."""
        return ProviderScope(
            provider=self._wire.provider,
            endpoint=urlsplit(self._wire.url).netloc.rpartition("@")[2],
            credential=self._credentials.fingerprint(),
        )

    async def validate(self) -> None:
        """Raise ``ProviderMisconfigured`` where the key is missing; the address was checked when this provider was made."""
        self._key()
        self._door.require_client()

    async def predict(self, model: ModelConfig, input: PredictionInput) -> PredictionOutput:  # noqa: A002 - the port's name
        """Answer one request.

        Raises:
            ProviderUnavailable: the model's budget is spent, or the vendor is away, overloaded or out of quota.
            ProviderBadAnswer: the answer was cut short or refused, or is not what the schema says.
            ProviderMisconfigured: task, key or endpoint is missing or wrong.
        """
        declared = parameters_of(model)
        task = task_of(model, declared)
        ask = self._ask(model, task, declared, input.features)
        content = msgspec.json.encode(self._wire.body(ask))
        headers = self._wire.headers(self._key(), prediction_id=input.prediction_id)
        opened = await self._spending.open(model, declared, request_bytes=len(content))
        try:
            seconds = USUAL_SECONDS if input.timeout_seconds is None else input.timeout_seconds
            reply = await self._door.request(
                "POST", self._wire.url, headers=headers, content=content, timeout_seconds=seconds
            )
        except BaseException as error:
            await self._spending.close_failed(opened, error)
            raise
        if not 200 <= reply.status < 300:
            await self._spending.give_back(opened)
            raise self._wire.fault(reply, model_id=model.id)
        completion = self._completion(reply, model)
        usage = await self._spending.close(opened, completion.usage)
        if completion.fault is not None:
            raise completion.fault
        return self._answer(completion, model, task, declared, usage)

    async def batch_predict(self, model: ModelConfig, inputs: Sequence[PredictionInput]) -> list[PredictionOutput]:
        """Answer several requests by as many calls, a bounded number at a time, in order; the first failure ends all of them."""
        free = asyncio.Semaphore(self._concurrency)

        async def ask(question: PredictionInput) -> PredictionOutput:
            async with free:
                return await self.predict(model, question)

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(ask(question)) for question in inputs]
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None
        return [task.result() for task in tasks]

    async def health_check(self) -> ProviderHealth:
        """Ask the vendor for its list of models, which costs nothing and needs the key."""
        began = self._clock.monotonic()
        problem = None
        try:
            headers = self._wire.headers(self._key())
            reply = await self._door.request(
                "GET", self._wire.health_url, headers=headers, timeout_seconds=HEALTH_SECONDS
            )
            if not 200 <= reply.status < 300:
                problem = self._wire.fault(reply, model_id="").message.replace(" for model ''", "")
        except ProviderError as error:
            problem = error.message
        milliseconds = 1000.0 * (self._clock.monotonic() - began)
        return ProviderHealth(healthy=problem is None, latency=milliseconds, error=problem)

    async def spent_today(self, model_id: str) -> Spent:
        """Return what a model has used since midnight (UTC)."""
        return await self._ledger.spent(model_id, self._clock.now().astimezone(UTC).date())

    async def aclose(self) -> None:
        """Close all connections."""
        await self._door.aclose()

    def _key(self) -> Secret | None:
        return self._credentials.get("api_key") if self._needs_key else self._credentials.find("api_key")

    def _ask(self, model: ModelConfig, task: Task, declared: Parameters, features: Mapping[str, Any]) -> Ask:
        foreign = sorted(set(declared.options) - self._wire.options)
        if foreign:
            raise fault(
                "misconfigured",
                f"takes no option {', '.join(map(repr, foreign))} in parameters['options']; "
                f"it takes {', '.join(sorted(self._wire.options))}",
                provider=self._wire.provider,
                model_id=model.id,
            )
        wants = bool(task.labels) and (bool(declared.calibration) if declared.logprobs is None else declared.logprobs)
        return Ask(
            model=declared.model,
            instruction=task.instruction,
            record=record_text(features),
            schema=task.schema,
            schema_name=task.name,
            max_output_tokens=declared.max_output_tokens,
            wants_chances=wants and self._wire.gives_chances,
            options=declared.options,
        )

    def _completion(self, reply: HTTPReply, model: ModelConfig) -> Completion:
        try:
            body = msgspec.json.decode(reply.body, type=dict[str, Any])
            return self._wire.completion(body, model_id=model.id)
        except (msgspec.MsgspecError, UnicodeError, RecursionError, LookupError, TypeError, ValueError):
            return Completion(fault=self._bad(model, "its reply is not of the form that this interface has"))

    def _answer(
        self, completion: Completion, model: ModelConfig, task: Task, declared: Parameters, usage: Mapping[str, Any]
    ) -> PredictionOutput:
        try:
            fields = read_reply(completion.text, task.fields)
        except ValueError as problem:
            raise self._bad(model, str(problem)) from None
        metadata = (
            {"usage": dict(usage)} if usage else {"warnings": ["the provider did not say how many tokens it used"]}
        )
        return shape_answer(
            fields,
            completion,
            model=model,
            task=task,
            declared=declared,
            features=self._features,
            metadata=metadata,
        )

    def _bad(self, model: ModelConfig, reason: str) -> ProviderBadAnswer:
        return ProviderBadAnswer(
            f"The answer of model {model.id!r} (provider {self._wire.provider!r}) cannot be used: {reason}. Nothing was predicted.",
            model_id=model.id,
            provider=self._wire.provider,
        )
