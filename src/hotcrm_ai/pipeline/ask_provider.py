"""Asks the provider of a model, under a deadline, and takes nothing for an answer that is none."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, TypeVar

import msgspec

from hotcrm_ai.domain.errors import (
    HotCRMAIError,
    ProviderBadAnswer,
    ProviderError,
    ProviderTimeout,
    ProviderUnavailable,
)
from hotcrm_ai.domain.json_value import copied_json
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import PredictionInput, PredictionOutput
from hotcrm_ai.pipeline.deadline import DeadlinePassed, run_until
from hotcrm_ai.pipeline.guards.personal_fields import Outgoing, with_notes
from hotcrm_ai.pipeline.guards.provider_guards import Attempts, ProviderGuards
from hotcrm_ai.ports.provider import MLProvider

ResultT = TypeVar("ResultT")


async def ask_one(
    provider: MLProvider,
    model: ModelConfig,
    question: PredictionInput,
    *,
    seconds: float,
    outgoing: Outgoing,
    override: str | None = None,
    guards: ProviderGuards | None = None,
    attempts: Attempts | None = None,
) -> PredictionOutput:
    """Return the checked answer to one question; with ``guards``, by their rules, every attempt added to ``attempts``.

    ``override`` is the name of a provider that is asked instead of the model's own.

    Raises:
        ProviderError: the provider failed, was too slow, or answered with something that is no prediction; or ``outgoing`` holds back
            what the model needs.
    """
    told = _told(model, override)
    if _answers_here(provider, model, None if override else guards):
        return checked_answer(await call_provider(lambda: provider.predict(model, question), told, seconds), told)
    (sent,), (notes,) = outgoing.questions(model, [question])

    async def attempt(left: float) -> PredictionOutput:
        asked = msgspec.structs.replace(sent, timeout_seconds=left)
        return checked_answer(await call_provider(lambda: provider.predict(model, asked), told, left), told)

    if guards is None:
        return with_notes(await attempt(seconds), notes)
    answer = await guards.call(provider, model, attempt, seconds=seconds, override=override, attempts=attempts)
    return with_notes(answer, notes)


async def ask_many(
    provider: MLProvider,
    model: ModelConfig,
    questions: Sequence[PredictionInput],
    *,
    seconds: float,
    outgoing: Outgoing,
    override: str | None = None,
    guards: ProviderGuards | None = None,
    attempts: Attempts | None = None,
) -> list[PredictionOutput | ProviderError]:
    """Return one checked answer, or the error of that one, for each question, in order; ``override`` as for one.

    Raises:
        ProviderError: the call as a whole failed; also where it gave another number of answers, since then none can be told apart.
    """
    told = _told(model, override)
    if _answers_here(provider, model, None if override else guards):
        return await _ask_many_once(provider, model, questions, seconds, told)
    sent, notes = outgoing.questions(model, list(questions))

    async def attempt(left: float) -> list[PredictionOutput | ProviderError]:
        asked = [msgspec.structs.replace(question, timeout_seconds=left) for question in sent]
        return await _ask_many_once(provider, model, asked, left, told)

    if guards is None:
        answers = await attempt(seconds)
    else:
        answers = await guards.call(provider, model, attempt, seconds=seconds, override=override, attempts=attempts)
    return [
        answer if isinstance(answer, ProviderError) else with_notes(answer, noted)
        for answer, noted in zip(answers, notes, strict=True)
    ]


def unbroken(answers: Sequence[PredictionOutput | ProviderError]) -> list[PredictionOutput]:
    """Return the answers where all are there; raises the first error among them."""
    whole = []
    for answer in answers:
        if isinstance(answer, ProviderError):
            raise answer
        whole.append(answer)
    return whole


def is_in_process(provider: MLProvider) -> bool:
    """Say whether a provider answers in this process, where there is nothing to be guarded against."""
    return bool(getattr(provider, "in_process", False))


def _answers_here(provider: MLProvider, model: ModelConfig, guards: ProviderGuards | None) -> bool:
    """Say whether nothing is to be guarded; then no breaker of a provider that the model had before concerns it any more."""
    if not is_in_process(provider):
        return False
    if guards is not None:
        guards.leave(model.id)
    return True


def _told(model: ModelConfig, override: str | None) -> ModelConfig:
    """Return the model as errors tell of it: with the provider that was really asked."""
    return model if override is None else msgspec.structs.replace(model, provider=override)


async def _ask_many_once(
    provider: MLProvider, model: ModelConfig, questions: Sequence[PredictionInput], seconds: float, told: ModelConfig
) -> list[PredictionOutput | ProviderError]:
    answers: Any = await call_provider(lambda: provider.batch_predict(model, questions), told, seconds)
    if not isinstance(answers, list | tuple) or len(answers) != len(questions):
        count = len(answers) if isinstance(answers, list | tuple) else "no list of"
        raise ProviderBadAnswer(
            f"The provider of model {model.id!r} gave {count} answers to {len(questions)} questions; none of them was used. "
            "Check the provider's batch_predict.",
            model_id=model.id,
        )
    return [_answer_or_error(answer, told) for answer in answers]


def checked_answer(answer: Any, model: ModelConfig) -> PredictionOutput:
    """Return a copy of an answer that shares nothing with the provider's own.

    Raises:
        ProviderBadAnswer: it is no ``PredictionOutput``, or holds what is not finite, no JSON value, or no per cent.
    """
    if not isinstance(answer, PredictionOutput):
        raise _bad_answer(model, f"it is of type {type(answer).__name__!r}, not PredictionOutput")
    if answer.prediction is None:
        raise _bad_answer(model, "its prediction is empty (None)")
    try:
        prediction = copied_json(answer.prediction)
        metadata = copied_json(answer.metadata) if answer.metadata else {}
    except ValueError as problem:
        raise _bad_answer(model, str(problem)) from problem
    return PredictionOutput(
        prediction=prediction, confidence=_checked_confidence(answer.confidence, model), metadata=metadata
    )


async def call_provider(begin: Callable[[], Awaitable[ResultT]], model: ModelConfig, seconds: float) -> ResultT:
    """Return what one call of a model's provider gives in time.

    Raises:
        ProviderError: it was too slow, or raised something that is none of our errors, which is the cause.
    """
    if seconds <= 0:
        raise _timeout(model)
    with _TranslatedFaults(model):
        try:
            return await run_until(begin(), seconds)
        except DeadlinePassed as passed:
            raise _timeout(model) from passed


class _TranslatedFaults:
    """Turns whatever a plug-in raises into a ``ProviderError`` with its cause; our own errors and cancellations pass."""

    __slots__ = ("_model",)

    def __init__(self, model: ModelConfig) -> None:
        self._model = model

    def __enter__(self) -> None:
        return

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or isinstance(error, HotCRMAIError) or not isinstance(error, Exception):
            return
        provider = self._model.provider
        facts: dict[str, Any] = {"model_id": self._model.id, "provider": provider}
        if isinstance(error, TimeoutError):
            raise ProviderTimeout(
                f"Provider {provider!r} gave up waiting for model {self._model.id!r}; try again later.", **facts
            ) from error
        if isinstance(error, ConnectionError):
            raise ProviderUnavailable(
                f"Provider {provider!r} of model {self._model.id!r} could not be reached ({type(error).__name__}); "
                "check its address, then try again.",
                kind="unreachable",
                **facts,
            ) from error
        raise ProviderError(
            f"Provider {provider!r} of model {self._model.id!r} failed with {type(error).__name__}; nothing was predicted. "
            "The cause is attached to this error.",
            **facts,
        ) from error


def _answer_or_error(answer: Any, model: ModelConfig) -> PredictionOutput | ProviderError:
    try:
        return checked_answer(answer, model)
    except ProviderBadAnswer as error:
        return error


def _checked_confidence(confidence: Any, model: ModelConfig) -> float | None:
    if confidence is None:
        return None
    if isinstance(confidence, bool) or not isinstance(confidence, int | float):
        raise _bad_answer(model, f"its confidence is of type {type(confidence).__name__!r}, not a number or None")
    if not math.isfinite(confidence) or not 0 <= confidence <= 100:
        raise _bad_answer(model, f"its confidence {confidence!r} is not within 0 to 100")
    return float(confidence)


def _bad_answer(model: ModelConfig, reason: str) -> ProviderBadAnswer:
    return ProviderBadAnswer(
        f"The answer of model {model.id!r} (provider {model.provider!r}) cannot be used: {reason}. Nothing was predicted.",
        model_id=model.id,
        provider=model.provider,
    )


def _timeout(model: ModelConfig) -> ProviderTimeout:
    return ProviderTimeout(
        f"Model {model.id!r} (provider {model.provider!r}) did not answer before the deadline; try again, or allow more time "
        "with `timeout=SECONDS`.",
        model_id=model.id,
        provider=model.provider,
    )
