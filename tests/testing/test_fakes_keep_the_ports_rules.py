"""The fakes of the test kit keep the rules of their ports, and the shared checks fail on deliberately broken twins."""

from __future__ import annotations

import math
from typing import Any

import pytest

from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.ports.clock import Clock, SystemClock
from hotcrm_ai.ports.model_catalogue import ModelCatalogue, NumberedCatalogue
from hotcrm_ai.ports.prediction_log import PredictionLog
from hotcrm_ai.ports.provider import MLProvider
from hotcrm_ai.ports.provider_source import ProviderSource
from hotcrm_ai.testing import (
    FakeCatalogue,
    FakeClock,
    FakePredictionLog,
    FakeProvider,
    FakeProviders,
    check_provider,
)
from hotcrm_ai.testing.provider import score_of

MODEL = ModelConfig(id="lead-v1", status="active")
RECORDS = [{"size": 1.0}, {"size": 2.0}, {"size": 3.0}]

CLOCKS: list[Clock] = [FakeClock(), SystemClock()]
CATALOGUE: ModelCatalogue = FakeCatalogue()
LOG: PredictionLog = FakePredictionLog()
SOURCE: ProviderSource = FakeProviders()


class Reversing(FakeProvider):
    """Gives a batch's answers in the wrong order."""

    async def batch_predict(self, model: Any, inputs: Any) -> list[PredictionOutput]:
        return list(reversed(await super().batch_predict(model, inputs)))


class Dropping(FakeProvider):
    """Leaves the last answer of a batch out."""

    async def batch_predict(self, model: Any, inputs: Any) -> list[PredictionOutput]:
        return (await super().batch_predict(model, inputs))[:-1]


class Guessing(FakeProvider):
    """Answers another value every time."""

    def __init__(self) -> None:
        super().__init__(lambda model, asked: PredictionOutput(prediction=len(self.attempts)))


class Consuming(FakeProvider):
    """Takes the features out of the question."""

    def __init__(self) -> None:
        super().__init__(self._consume)

    def _consume(self, model: Any, asked: Any) -> PredictionOutput:
        answer = (
            score_of(model, asked) if asked.features else PredictionOutput(prediction={"score": 1}, confidence=80.0)
        )
        asked.features.clear()
        return answer


def answering(value: Any, confidence: Any = None) -> FakeProvider:
    return FakeProvider(lambda model, asked: PredictionOutput(prediction=value, confidence=confidence))


async def test_the_fake_provider_conforms() -> None:
    """The scripted provider passes the check that every provider has to pass."""
    await check_provider(FakeProvider(), MODEL, RECORDS)


@pytest.mark.parametrize(
    ("twin", "words"),
    [
        (Reversing(), "another order"),
        (Dropping(), "2 answers to 3 questions"),
        (Guessing(), "two answers"),
        (Consuming(), "two answers|changed the features"),
        (answering({"score": 50}), "same answer"),
        (answering(None), "no prediction"),
        (answering(math.nan), "JSON"),
        (answering(1.0, 150.0), "confidence"),
        (FakeProvider(lambda model, asked: {"score": 1}), "not PredictionOutput"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, FakeProvider) else None,
)
async def test_the_check_notices_a_broken_provider(twin: FakeProvider, words: str) -> None:
    """Each rule of the check fails on a provider that breaks it."""
    with pytest.raises(AssertionError, match=words):
        await check_provider(twin, MODEL, RECORDS)


def test_the_fakes_are_what_the_ports_ask_for() -> None:
    """The fakes can stand wherever their ports are asked for."""
    assert isinstance(FakeProvider(), MLProvider)
    assert isinstance(FakeCatalogue(), NumberedCatalogue)


def test_the_fake_clock_moves_only_when_told() -> None:
    """Advancing moves both clocks; a step of the wall clock moves that one alone."""
    clock = FakeClock()
    before = clock.now()
    clock.advance(90.0)
    clock.step_wall_clock(-3600.0)
    assert clock.monotonic() == 90.0
    assert (clock.now() - before).total_seconds() == -3510.0


async def test_the_fake_catalogue_numbers_its_revisions() -> None:
    """Every change gives a model its next revision and the catalogue its next generation."""
    catalogue = FakeCatalogue(MODEL)
    catalogue.change("lead-v1", version="2.0.0")
    model = await catalogue.get_model("lead-v1")
    assert model is not None
    assert (model.version, model.revision, catalogue.generation) == ("2.0.0", 2, 2)
    catalogue.remove("lead-v1")
    assert await catalogue.list_models() == []
