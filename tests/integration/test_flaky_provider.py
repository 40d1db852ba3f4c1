"""What callers get from a provider that fails now and then, or goes away and comes back, in compressed time.

A workspace asks a real server over HTTP through the fault front; seconds are those of a clock that the test turns, retries included.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from hotcrm_ai.ai_features import discover_ai_features
from hotcrm_ai.domain.addresses import AllowedHosts
from hotcrm_ai.domain.errors import ProviderError
from hotcrm_ai.domain.model import ModelConfig, ProviderConfig
from hotcrm_ai.local_models.loader import LocalModelLoader
from hotcrm_ai.monitoring import PerformanceMonitor
from hotcrm_ai.pipeline import PredictionService
from hotcrm_ai.pipeline.guards import ProviderGuards
from hotcrm_ai.providers import ProviderFactory, ProviderKit
from hotcrm_ai.storage import FileBundleStore
from hotcrm_ai.testing import FakeCatalogue, FakeClock, FakePredictionLog, Heard, ModelServer, Said

MODEL = "remote"
CALLS_A_SECOND = 20


class Flaky:
    """A server that fails by a rule, asked twenty times a second through a prediction service whose time the test turns."""

    def __init__(self, home: Path, *, seed: int) -> None:
        self.clock = FakeClock()
        self.chance = random.Random(seed)
        self.fails: Callable[[], bool] = lambda: False
        self.server = ModelServer(self._reply)
        self._bundles = home

    def open(self) -> None:
        """Make the service; the server runs by now."""
        kit = ProviderKit(
            models=LocalModelLoader(FileBundleStore(self._bundles)),
            features=discover_ai_features(),
            clock=self.clock,
            hosts=AllowedHosts([self.server.host]),
        )
        self.factory = ProviderFactory(kit)
        config = ProviderConfig(provider="mlflow", endpoint=self.server.url)
        model = ModelConfig(
            id=MODEL,
            status="active",
            provider="mlflow",
            provider_config=config,
            parameters={"output": {"as": "probability"}},
        )
        numbers = count(1)
        self.guards = ProviderGuards(clock=self.clock, random=self.chance.random, sleep=self._sleep)
        self.service = PredictionService(
            models=FakeCatalogue(model),
            providers=self.factory,
            cache=None,
            monitor=PerformanceMonitor(clock=self.clock),
            log=FakePredictionLog(),
            clock=self.clock,
            new_id=lambda: f"p-{next(numbers)}",
            workspace="ws",
            guards=self.guards,
        )

    @property
    def state(self) -> str:
        """The state of the breaker of the place."""
        return self.guards.states()[0].state

    async def ask(self, number: int) -> bool:
        """Ask once, at the next twentieth of a second; true where the answer came, which is then the one for this very record."""
        began = self.clock.monotonic()
        try:
            answer = await self.service.predict(MODEL, {"size": number})
        except ProviderError:
            return False
        finally:
            self.clock.advance(max(0.0, began + 1.0 / CALLS_A_SECOND - self.clock.monotonic()))
        assert answer.prediction["probability"] == (number % 97) / 97
        return True

    async def _sleep(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def _reply(self, heard: Heard) -> Said:
        if self.fails():
            return Said(status=503, body={})
        table = heard.json()["dataframe_split"]
        return Said(body={"predictions": [(row[0] % 97) / 97 for row in table["data"]]})


@pytest.fixture
async def flaky(tmp_path: Path) -> AsyncIterator[Any]:
    made = Flaky(tmp_path, seed=40)
    async with made.server:
        made.open()
        yield made
        await made.factory.aclose()


@pytest.mark.slow
async def test_one_failure_in_three_opens_no_breaker(flaky: Flaky) -> None:
    """Thirty per cent of all attempts fail, each for itself, for a minute of twenty calls a second: four fifths are answered.

    Slow: twelve hundred calls over HTTP with their retries.
    """
    flaky.fails = lambda: flaky.chance.random() < 0.3
    states, answered = set(), 0
    for number in range(60 * CALLS_A_SECOND):
        answered += await flaky.ask(number)
        states.add(flaky.state)
    attempts = len(flaky.server.heard)
    assert states == {"closed"}
    assert answered >= 0.8 * 1200
    assert 1200 < attempts <= 1200 * 1.25


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_provider_that_comes_back_is_used_within_one_open_period(tmp_path: Path, seed: int) -> None:
    """Twenty seconds up, twenty down, twenty up: few calls reach the dead server, and the healed one is used as soon as the open period
    that was running when it healed is over, which is at most the third: 5, 10, then 20 seconds.

    Slow: twelve hundred calls, though most of those to the dead server never leave.
    """
    flaky = Flaky(tmp_path, seed=seed)
    async with flaky.server:
        flaky.open()
        flaky.fails = lambda: 20 <= flaky.clock.monotonic() < 40
        number, back_at, open_until, sent_while_down = 0, None, 0.0, 0
        answered_up, asked_up = 0, 0
        while flaky.clock.monotonic() < 60:
            now = flaky.clock.monotonic()
            before = len(flaky.server.heard)
            is_answered = await flaky.ask(number)
            number += 1
            if now < 20:
                answered_up, asked_up = answered_up + is_answered, asked_up + 1
            elif now < 40:
                sent_while_down += len(flaky.server.heard) - before
                open_until = flaky.clock.monotonic() + flaky.guards.states()[0].retry_in_seconds
            elif is_answered and back_at is None:
                back_at = now
        await flaky.factory.aclose()
    assert answered_up == asked_up
    assert sent_while_down <= 60
    assert back_at is not None
    assert 40 < open_until <= back_at <= open_until + 1.0 / CALLS_A_SECOND
    assert back_at - 40 <= 20
    assert flaky.state == "closed"
