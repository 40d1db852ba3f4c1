"""One alert and one recovery for each incident, told to every sink, tried again until it arrives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from hotcrm_ai.domain.alert import AlertMessage, Look, ModelState
from hotcrm_ai.domain.alert_settings import AlertSettings
from hotcrm_ai.domain.errors import AlertNotDelivered, ConfigError
from hotcrm_ai.domain.performance import Health
from hotcrm_ai.monitoring import AlertService
from hotcrm_ai.storage import Database, SQLAlertStore, open_database, upgrade
from hotcrm_ai.testing import FakeClock


class Sink:
    """A sink that keeps what it is told, refuses while it is away, and where all are to meet, waits for the others twice."""

    def __init__(self) -> None:
        self.told: list[AlertMessage] = []
        self.is_away = False
        self.meeting: asyncio.Barrier | None = None

    async def send(self, message: AlertMessage) -> None:
        if self.meeting is not None:
            await self.meeting.wait()
            await self.meeting.wait()
        if self.is_away:
            raise AlertNotDelivered("Nobody took the message.")
        self.told.append(message)


class Scene:
    """A watched workspace whose model does as the test says."""

    def __init__(self, database: Database) -> None:
        self.clock = FakeClock()
        self.database = database
        self.sink = Sink()
        self.health: Health | None = Health(status="healthy", samples=100)
        self.models: tuple[str, ...] = ("m",)
        self.numbers = count(1)
        self.service = self.process()

    def process(self) -> AlertService:
        """Return the alerts of one more process of the workspace."""
        return AlertService(
            store=SQLAlertStore(self.database, "ours", new_id=lambda: f"i{next(self.numbers)}"),
            sinks={"ops": self.sink},
            look=self.look,
            settings=AlertSettings(),
            clock=self.clock,
            new_id=lambda: f"n{next(self.numbers)}",
            workspace="ours",
        )

    async def look(self) -> Look:
        models = () if self.health is None else tuple(self.model(id_, self.health) for id_ in self.models)
        return Look(models=models, cache_degraded=None)

    def model(self, model_id: str, health: Health) -> ModelState:
        return ModelState(
            model_id=model_id, health=health, provider_is_out=False, silent_seconds=1.0, watched_seconds=1.0,
            judged=0, correct=0, held_out_accuracy=None,
        )  # fmt: skip

    async def live(self, seconds: int, *, every: int = 20) -> None:
        """Let time pass with a round at every step, as a server does."""
        for _ in range(seconds // every):
            self.clock.advance(every)
            await self.service.check()
            await self.service.deliver()


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """A workspace where all is well."""
    database = open_database(f"sqlite:///{tmp_path / 'w.db'}")
    await upgrade(database)
    yield Scene(database)
    await database.aclose()


SICK = Health(status="unhealthy", reason="High error rate: 50.0% (50 of 100)", samples=100)
WELL = Health(status="healthy", samples=100)


async def test_ten_bad_minutes_give_one_alert_and_one_recovery(scene: Scene) -> None:
    """The alert comes within a minute, nothing more follows while it lasts, and the recovery after three good minutes."""
    scene.health = SICK
    await scene.live(20)
    assert [message.kind for message in scene.sink.told] == ["alert"]
    assert scene.sink.told[0].text.startswith("High error rate: 50.0% (50 of 100) (since 2026-01-01 00:00:20 UTC)")
    await scene.live(600)
    assert len(scene.sink.told) == 1
    scene.health = WELL
    await scene.live(120)
    assert len(scene.sink.told) == 1
    await scene.live(80)
    assert [message.kind for message in scene.sink.told] == ["alert", "recovery"]
    await scene.live(600)
    assert len(scene.sink.told) == 2


async def test_one_failed_call_of_one_alerts_nobody(scene: Scene) -> None:
    """Below twenty samples nobody is told, however bad they look."""
    scene.health = Health(status="degraded", reason="High error rate: 100.0% (1 of 1)", samples=1)
    await scene.live(600)
    assert scene.sink.told == []


async def test_a_message_outlives_a_sink_that_is_away_and_a_restart(scene: Scene) -> None:
    """What could not be told is told once the sink is back, by whichever process lives then, with the same id."""
    scene.health, scene.sink.is_away = SICK, True
    await scene.live(300)
    assert scene.sink.told == []
    (waiting,) = await scene.service.waiting()
    assert (waiting.sink, waiting.attempts, waiting.problem) == ("ops", 5, "Nobody took the message.")
    scene.service = scene.process()
    scene.sink.is_away = False
    await scene.live(300)
    assert [message.id for message in scene.sink.told] == [waiting.message.id]
    assert await scene.service.waiting() == []


async def test_a_message_is_given_up_after_a_day_and_stays_visible(scene: Scene) -> None:
    """A sink that never comes back is not tried for ever; the message can still be seen."""
    scene.health, scene.sink.is_away = SICK, True
    await scene.live(26 * 3600, every=1200)
    (waiting,) = await scene.service.waiting()
    before = waiting.attempts
    await scene.live(3 * 3600, every=1200)
    assert [one.attempts for one in await scene.service.waiting()] == [before]


async def test_a_model_that_is_no_longer_active_ends_its_incident(scene: Scene) -> None:
    """What is not watched any more does not stay wrong for ever."""
    scene.health = SICK
    await scene.live(20)
    scene.health = None
    await scene.live(300)
    assert await scene.service.incidents(is_open=True) == []


async def test_a_sink_can_be_tried(scene: Scene) -> None:
    """A test message goes to one sink at once and is returned; a name that is none says which there are."""
    sent = await scene.service.send_test("ops")
    assert scene.sink.told == [sent]
    assert sent.title == "Test of this alert sink"
    with pytest.raises(ConfigError, match="'ops'"):
        await scene.service.send_test("pager")


async def test_a_slow_sink_keeps_no_message_waiting_until_another_process_tells_it_too(scene: Scene) -> None:
    """All that is due is on its way at once, so no claim runs out behind a receiver that takes its time."""
    scene.models = ("a", "b", "c")
    scene.health = SICK
    scene.sink.meeting = meeting = asyncio.Barrier(len(scene.models) + 1)
    await scene.service.check()
    telling = asyncio.create_task(scene.service.deliver())
    async with asyncio.timeout(5):
        await meeting.wait()
    scene.clock.advance(30)
    assert await scene.process().deliver() == []
    await meeting.wait()
    await telling
    assert sorted(message.incident.subject for message in scene.sink.told) == ["a", "b", "c"]
