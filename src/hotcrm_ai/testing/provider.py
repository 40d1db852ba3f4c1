"""A provider that answers by a function, fails by a script, and remembers every attempt."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec

from hotcrm_ai.domain.canonical import digest_of
from hotcrm_ai.domain.errors import ProviderMisconfigured
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.performance import ProviderHealth
from hotcrm_ai.domain.prediction import PredictionInput, PredictionOutput
from hotcrm_ai.ports.provider import MLProvider

Answer = Callable[[ModelConfig, PredictionInput], Any]


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One call that reached the provider: by which method, for which model, with how many questions."""

    method: Literal["predict", "batch_predict"]
    model_id: str
    questions: tuple[PredictionInput, ...]


def score_of(model: ModelConfig, asked: PredictionInput) -> PredictionOutput:
    """Answer with a score that is a function of the model's id and the features, and a confidence of 80."""
    score = int(digest_of(model.id, asked.features)[:8], 16) % 101
    return PredictionOutput(prediction={"score": score}, confidence=80.0)


class FakeProvider:
    """An `MLProvider` for tests.

    ``fail_next`` queues errors for the calls to come, ``hold`` keeps calls waiting until ``release``; ``attempts`` tells what arrived.
    """

    def __init__(self, answer: Answer = score_of) -> None:
        self._answer = answer
        self._failures: deque[BaseException | None] = deque()
        self._open = asyncio.Event()
        self._open.set()
        self.always: BaseException | None = None
        self.attempts: list[Attempt] = []
        self.is_closed = False

    def fail_next(self, *failures: BaseException | None) -> None:
        """Let the next calls raise these, one each; None lets one pass."""
        self._failures.extend(failures)

    def hold(self) -> None:
        """Keep every call waiting from now on."""
        self._open.clear()

    def release(self) -> None:
        """Let all waiting calls go on."""
        self._open.set()

    async def validate(self) -> None:
        """Nothing can be missing."""

    async def predict(self, model: ModelConfig, input: PredictionInput) -> PredictionOutput:  # noqa: A002 - the port's name
        """Answer one request, or do what the script says."""
        await self._arrive(Attempt(method="predict", model_id=model.id, questions=(input,)))
        return self._answer(model, input)  # type: ignore[no-any-return]  # a test may answer with anything

    async def batch_predict(self, model: ModelConfig, inputs: Sequence[PredictionInput]) -> list[PredictionOutput]:
        """Answer several requests, or do what the script says."""
        await self._arrive(Attempt(method="batch_predict", model_id=model.id, questions=tuple(inputs)))
        return [self._answer(model, asked) for asked in inputs]

    async def health_check(self) -> ProviderHealth:
        """Healthy as long as nothing fails always."""
        return ProviderHealth(healthy=self.always is None, latency=0.0)

    async def aclose(self) -> None:
        """Remember that it was closed."""
        self.is_closed = True

    async def _arrive(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)
        if not self._open.is_set():
            await self._open.wait()
        failure = self._failures.popleft() if self._failures else self.always
        if failure is not None:
            raise failure


class FakeProviders:
    """A `ProviderSource` over providers by name."""

    def __init__(self, **providers: MLProvider) -> None:
        self.by_name = providers

    def for_model(self, model: ModelConfig, *, name: str | None = None) -> MLProvider:
        """Return the provider of that name, or the model's."""
        wanted = name or model.provider
        try:
            return self.by_name[wanted]
        except KeyError:
            raise ProviderMisconfigured(
                f"No provider is called {wanted!r}; known are {sorted(self.by_name)}."
            ) from None
