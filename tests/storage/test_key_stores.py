"""The stores of keys and sign-ins keep the same rules in memory, in SQLite and in PostgreSQL, and never mix two workspaces."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hotcrm_ai.domain.access import APIKey
from hotcrm_ai.ports.key_store import KeptKey
from hotcrm_ai.ports.sign_in_store import KeptSignIn
from hotcrm_ai.storage import (
    MemoryKeyStore,
    MemorySignInStore,
    SQLKeyStore,
    SQLSignInStore,
    open_database,
    upgrade,
)

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
KEY = APIKey(id="abcdefgh", name="CRM ü", scopes=("predict", "read"), created_at=NOON, expires_at=LATER, rate=2.5)
KEPT = KeptKey(KEY, "d" * 64)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def stores(request, sqlite_url):
    """Both stores of the workspace ``ours``, and those of ``theirs`` in the same place."""
    if request.param == "memory":
        ours, theirs = MemoryKeyStore(), MemoryKeyStore()
        yield (ours, MemorySignInStore(ours)), (theirs, MemorySignInStore(theirs))
        return
    database = open_database(sqlite_url if request.param == "sqlite" else request.getfixturevalue("postgres_url"))
    await upgrade(database)
    yield tuple((SQLKeyStore(database, name), SQLSignInStore(database, name)) for name in ("ours", "theirs"))
    await database.aclose()


async def test_a_key_comes_back_as_it_was_kept(stores):
    """Every field and the digest survive, moments with their time zone."""
    (keys, _), _ = stores
    await keys.add(KEPT)
    await keys.add(KeptKey(APIKey(id="zz", name="", scopes=("admin",), created_at=NOON - timedelta(days=1)), "e" * 64))
    assert await keys.find("abcdefgh") == KEPT
    assert [key.id for key in await keys.list_keys()] == ["zz", "abcdefgh"]
    assert await keys.find("nothing") is None


async def test_a_revocation_is_kept_once(stores):
    """The first moment stays, the use is noted, and an unknown key is None."""
    (keys, _), _ = stores
    await keys.add(KEPT)
    assert (await keys.revoke("abcdefgh", at=NOON)).revoked_at == NOON
    assert (await keys.revoke("abcdefgh", at=LATER)).revoked_at == NOON
    await keys.note_use("abcdefgh", at=LATER)
    found = (await keys.find("abcdefgh")).key
    assert (found.revoked_at, found.last_used_at) == (NOON, LATER)
    assert await keys.revoke("nothing", at=NOON) is None


async def test_a_sign_in_comes_back_with_its_key(stores):
    """The sign-in is found by its digest, with the key in its present state; removed, it is gone."""
    (keys, sign_ins), _ = stores
    await keys.add(KEPT)
    kept = KeptSignIn("f" * 64, "abcdefgh", NOON, LATER)
    await sign_ins.add(kept)
    await keys.revoke("abcdefgh", at=LATER)
    found, key = await sign_ins.find("f" * 64)
    assert (found, key.revoked_at) == (kept, LATER)
    await sign_ins.remove("f" * 64)
    assert await sign_ins.find("f" * 64) is None


async def test_sign_ins_that_ended_are_forgotten(stores):
    """A new sign-in clears away those that ended before it, and no others."""
    (keys, sign_ins), _ = stores
    await keys.add(KEPT)
    await sign_ins.add(KeptSignIn("1" * 64, "abcdefgh", NOON, LATER))
    await sign_ins.add(KeptSignIn("2" * 64, "abcdefgh", NOON, LATER + timedelta(seconds=1)))
    await sign_ins.add(KeptSignIn("3" * 64, "abcdefgh", LATER, LATER + timedelta(hours=1)))
    assert [await sign_ins.find(digit * 64) is not None for digit in "123"] == [False, True, True]


async def test_two_workspaces_never_meet(stores):
    """What one workspace keeps, another one neither finds, lists, revokes nor removes; both may have the same id."""
    (keys, sign_ins), (other_keys, other_sign_ins) = stores
    await keys.add(KEPT)
    await sign_ins.add(KeptSignIn("f" * 64, "abcdefgh", NOON, LATER))
    assert await other_keys.find("abcdefgh") is None
    assert await other_keys.list_keys() == []
    assert await other_keys.revoke("abcdefgh", at=NOON) is None
    assert await other_sign_ins.find("f" * 64) is None
    await other_sign_ins.remove("f" * 64)
    await other_keys.note_use("abcdefgh", at=NOON)
    await other_keys.add(KeptKey(KEY, "e" * 64))
    assert await keys.find("abcdefgh") == KEPT
    assert await sign_ins.find("f" * 64) is not None
