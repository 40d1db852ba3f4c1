"""Incidents and their messages, in both kinds of database, as several processes see them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from hotcrm_ai.domain.alert import Delivery, Finding
from hotcrm_ai.storage import Database, SQLAlertStore

BAD = Finding(rule="model_unhealthy", subject="m", reason="High error rate")
GOOD = Finding(rule="model_unhealthy", subject="m", reason=None)


@pytest.fixture
def stores(database: Database) -> list[SQLAlertStore]:
    """Two processes of one workspace, and one of another workspace in the same database."""
    numbers = count(1)
    return [SQLAlertStore(database, name, new_id=lambda: f"i{next(numbers)}") for name in ("ours", "ours", "theirs")]


async def note(store: SQLAlertStore, finding: Finding, clock: Any) -> Any:
    return await store.note(finding, now=clock.now(), sinks=("log", "ops"), good_minutes=3)


async def claim(store: SQLAlertStore, clock: Any) -> list[Delivery]:
    return await store.claim(now=clock.now(), until=clock.now() + timedelta(seconds=40))


async def test_one_incident_at_a_time_whoever_sees_it(stores: list[SQLAlertStore], clock: Any) -> None:
    """Two processes that find the same thing at once open one incident; another workspace has its own."""
    opened = await asyncio.gather(*(note(store, BAD, clock) for store in stores))
    assert sum(one is not None for one in opened[:2]) == 1
    assert opened[2] is not None
    assert [one.reason for one in await stores[0].incidents(is_open=True)] == ["High error rate"]
    assert len(await claim(stores[0], clock)) == 2


async def test_three_good_minutes_end_it(stores: list[SQLAlertStore], clock: Any) -> None:
    """It is over after three minutes in which only good was seen; several looks in one minute count once, a bad one starts anew."""
    ours, again, _ = stores
    await note(ours, BAD, clock)
    for finding in (GOOD, GOOD, BAD, GOOD, GOOD):
        clock.seconds += 60
        assert await note(ours, finding, clock) is None
    assert await note(again, GOOD, clock) is None
    clock.seconds += 60
    closed = await note(again, GOOD, clock)
    assert closed is not None
    assert closed.closed_at == clock.now()
    assert await ours.incidents(is_open=True) == []
    assert [one.closed_at for one in await ours.incidents()] == [clock.now()]
    assert await note(ours, GOOD, clock) is None


async def test_a_jump_of_the_clock_makes_no_minutes(stores: list[SQLAlertStore], clock: Any) -> None:
    """An hour's step of the wall clock, forth and back, counts as one minute each, not as sixty."""
    await note(stores[0], BAD, clock)
    clock.seconds += 3600
    assert await note(stores[0], GOOD, clock) is None
    clock.seconds -= 3600
    assert await note(stores[0], GOOD, clock) is None
    assert len(await stores[0].incidents(is_open=True)) == 1


async def test_each_message_is_claimed_by_one_process(stores: list[SQLAlertStore], clock: Any) -> None:
    """What one process is about to send no other one sends, unless the first is gone and its time is over."""
    await note(stores[0], BAD, clock)
    shares = await asyncio.gather(claim(stores[0], clock), claim(stores[1], clock))
    assert sorted(one.sink for share in shares for one in share) == ["log", "ops"]
    clock.seconds += 41
    assert sorted(one.sink for one in await claim(stores[1], clock)) == ["log", "ops"]


async def test_a_message_is_kept_until_it_arrives_or_is_given_up(stores: list[SQLAlertStore], clock: Any) -> None:
    """A failed one comes back at its time; an arrived one does not; one given up stays visible with its problem."""
    ours = stores[0]
    await note(ours, BAD, clock)
    log, ops = sorted(await claim(ours, clock), key=lambda one: one.sink)
    await ours.settle(log, delivered_at=clock.now(), next_attempt_at=None)
    failed = Delivery(message=ops.message, sink="ops", attempts=1, problem="nobody there")
    await ours.settle(failed, delivered_at=None, next_attempt_at=clock.now() + timedelta(seconds=15))
    assert await claim(ours, clock) == []
    clock.seconds += 15
    assert await claim(ours, clock) == [failed]
    await ours.settle(failed, delivered_at=None, next_attempt_at=None)
    clock.seconds += 86_400
    assert await claim(ours, clock) == []
    assert await ours.waiting() == [failed]


async def test_the_end_is_told_after_the_beginning(stores: list[SQLAlertStore], clock: Any) -> None:
    """A sink that is away gets the alert first and then the recovery, each in its own words."""
    ours = stores[0]
    await note(ours, BAD, clock)
    (_, ops) = sorted(await claim(ours, clock), key=lambda one: one.sink)
    later = clock.now() + timedelta(seconds=600)
    await ours.settle(
        Delivery(message=ops.message, sink="ops", attempts=1, problem="away"), delivered_at=None, next_attempt_at=later
    )
    for _ in range(3):
        clock.seconds += 60
        await note(ours, GOOD, clock)
    assert [one.message.kind for one in await claim(ours, clock) if one.sink == "ops"] == []
    clock.seconds += 600
    (alert,) = [one for one in await claim(ours, clock) if one.sink == "ops"]
    assert alert.message.title == "Alert: m is unhealthy"
    assert alert.message.incident.closed_at is None
    await ours.settle(alert, delivered_at=clock.now(), next_attempt_at=None)
    (recovery,) = [one for one in await claim(ours, clock) if one.sink == "ops"]
    assert recovery.message.title == "Recovered: m is unhealthy no longer"


async def test_incidents_come_in_pages(stores: list[SQLAlertStore], clock: Any) -> None:
    """The newest come first, and a page begins after the last one of the page before, also where two began together."""
    ours = stores[0]
    for number in range(5):
        clock.seconds += number % 2
        await note(ours, Finding(rule="model_degraded", subject=f"m{number}", reason="slow"), clock)
    whole = await ours.incidents()
    pages, after = [], None
    while page := await ours.incidents(limit=2, after=after):
        pages += page
        after = page[-1].id
    assert pages == whole
    assert len(whole) == 5
    assert whole[0].opened_at > whole[-1].opened_at
