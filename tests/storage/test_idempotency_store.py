"""A key is claimed by one request, kept with its answer for 24 hours, and never blocked by a process that died."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from hotcrm_ai.domain.idempotency import Begun, KeptAnswer
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.storage import Database, SQLIdempotencyStore, open_database, upgrade

ANSWER = KeptAnswer(status=201, body='{"id":"m"}', headers={"etag": '"1"'})


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url)
    await upgrade(opened)
    yield opened
    await opened.aclose()


@pytest.fixture
def store(database: Database) -> SQLIdempotencyStore:
    return SQLIdempotencyStore(database, "ours")


async def begin(
    store: SQLIdempotencyStore,
    now: datetime,
    *,
    owner: str = "first",
    fingerprint: str = "body",
    key: str = "k",
    is_idempotent: bool = True,
) -> Begun:
    return await store.begin(
        key,
        fingerprint=fingerprint,
        owner=owner,
        now=now,
        lease_until=now + timedelta(seconds=30),
        is_idempotent=is_idempotent,
    )


async def test_of_fifty_requests_at_once_one_claims_the_key(store: SQLIdempotencyStore, clock: Clock) -> None:
    """All others are told that it is at work."""
    begun = await asyncio.gather(*(begin(store, clock.now(), owner=f"o{number}") for number in range(50)))
    assert sorted(one.state for one in begun) == ["claimed"] + ["running"] * 49


async def test_an_answer_is_given_again_until_a_day_is_over(store: SQLIdempotencyStore, clock: Clock) -> None:
    """The same answer for 24 hours, also by a store of another process; then the key is new."""
    await begin(store, clock.now())
    await store.finish("k", owner="first", answer=ANSWER)
    later = SQLIdempotencyStore(store._database, "ours")
    assert (await begin(later, clock.now() + timedelta(hours=23))).answer == ANSWER
    assert (await begin(later, clock.now() + timedelta(hours=24))).state == "claimed"


async def test_another_content_under_the_key_is_told_at_once(store: SQLIdempotencyStore, clock: Clock) -> None:
    """While the first is at work, and after it."""
    await begin(store, clock.now())
    assert (await begin(store, clock.now(), fingerprint="other")).state == "other_request"
    await store.finish("k", owner="first", answer=ANSWER)
    assert (await begin(store, clock.now(), fingerprint="other")).state == "other_request"


async def test_a_dead_owner_blocks_the_key_only_until_its_lease_ends(store: SQLIdempotencyStore, clock: Clock) -> None:
    """30 seconds after its last sign of life another request takes over, and the dead one cannot speak any more."""
    start = clock.now()
    await begin(store, start)
    await store.renew("k", owner="first", lease_until=start + timedelta(seconds=60))
    assert (await begin(store, start + timedelta(seconds=59), owner="second")).state == "running"
    assert (await begin(store, start + timedelta(seconds=60), owner="second")).state == "claimed"
    await store.finish("k", owner="first", answer=ANSWER)
    await store.release("k", owner="first")
    assert (await begin(store, start + timedelta(seconds=61), owner="third")).state == "running"


async def test_what_a_dead_owner_did_is_unknown_where_it_cannot_be_done_again(
    store: SQLIdempotencyStore, clock: Clock
) -> None:
    """A request that must not be done twice meets an interrupted one, however often it asks, until the key is a day old."""
    start = clock.now()
    await begin(store, start)
    for seconds in (30, 3600):
        later = start + timedelta(seconds=seconds)
        assert (await begin(store, later, owner="second", is_idempotent=False)).state == "interrupted"
    assert (await begin(store, start + timedelta(hours=24), owner="second", is_idempotent=False)).state == "claimed"


async def test_a_released_key_is_free(store: SQLIdempotencyStore, clock: Clock) -> None:
    """A failed request gives it back; an answered one keeps it."""
    await begin(store, clock.now())
    await store.release("k", owner="first")
    assert (await begin(store, clock.now())).state == "claimed"
    await store.finish("k", owner="first", answer=ANSWER)
    await store.release("k", owner="first")
    assert (await begin(store, clock.now())).state == "answered"


async def test_keys_of_other_workspaces_are_others(
    store: SQLIdempotencyStore, database: Database, clock: Clock
) -> None:
    """The same key in another workspace is a key of its own."""
    await begin(store, clock.now())
    assert (await begin(SQLIdempotencyStore(database, "theirs"), clock.now())).state == "claimed"
