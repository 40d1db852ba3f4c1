"""API keys: made once, verified by digest, and worth nothing once they are expired or revoked."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime, timedelta

import pytest

from hotcrm_ai.access import KeyService, verified_keys
from hotcrm_ai.access.key_text import is_well_formed, new_key_text
from hotcrm_ai.domain.access import KEY_SCOPES, APIKey
from hotcrm_ai.domain.errors import InvalidRequest, KeyNotFound, NotAuthenticated, StorageError
from hotcrm_ai.storage import MemoryKeyStore, MemorySignInStore


@pytest.mark.parametrize(
    ("held", "allowed"),
    [
        ("predict", {"predict"}),
        ("read", {"read"}),
        ("write", {"predict", "read", "write"}),
        ("admin", {"predict", "read", "write", "admin"}),
    ],
)
def test_each_scope_includes_what_it_says(held, allowed):
    """Predict and read are apart, write has both, admin has all."""
    key = APIKey(id="k", name="", scopes=(held,), created_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert {scope for scope in KEY_SCOPES if key.allows(scope)} == allowed


def test_the_text_of_a_key_has_200_random_bits_and_a_checksum():
    """The text is ``hk_<id>_<secret><checksum>``, made of the bytes that chance gave and of nothing else."""
    key_id, text = new_key_text(lambda length: bytes(range(length)))
    assert key_id == "aaaqeaye"
    assert text == "hk_aaaqeaye_aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyy" + text[-7:]
    assert is_well_formed(text)


def test_every_mistyped_letter_is_noticed():
    """A key with any one character replaced fails its checksum or its shape, so that it costs no look-up."""
    _, text = new_key_text(secrets.token_bytes)
    wrong = [
        text[:place] + other + text[place + 1 :]
        for place in range(len(text))
        for other in "ab7_A "
        if text[place] != other
    ]
    assert [one for one in wrong if is_well_formed(one)] == []


async def test_a_key_is_kept_as_its_digest_only(keys, store):
    """What is stored is SHA-256 of the text; neither record nor repr has the text."""
    made = await keys.create(name="CRM", scopes=["predict"])
    text = made.secret.reveal()
    kept = await store.find(made.key.id)
    assert re.fullmatch(r"hk_[a-z2-7]{8}_[a-z2-7]{47}", text)
    assert kept.digest == hashlib.sha256(text.encode()).hexdigest()
    secret = text.split("_")[2]
    assert all(secret not in repr(shown) for shown in (made, kept, made.key, await keys.list_keys(), keys))


async def test_a_key_opens_until_it_expires_to_the_second(keys, clock):
    """A key of one hour is valid for one hour, also when it was verified a moment before."""
    text = (await keys.create(scopes=["read"], expires=timedelta(hours=1))).secret.reveal()
    clock.advance(3599.9)
    assert (await keys.authenticate(text)).scopes == ("read",)
    clock.advance(0.1)
    with pytest.raises(NotAuthenticated):
        await keys.authenticate(text)


async def test_all_refusals_read_alike(keys, clock):
    """Malformed, unknown, expired and revoked keys are told apart by nobody."""
    revoked = await keys.create(scopes=["read"])
    await keys.revoke(revoked.key.id)
    expired = await keys.create(scopes=["read"], expires=timedelta(seconds=1))
    good = (await keys.create(scopes=["read"])).secret.reveal()
    clock.advance(2)
    _, unknown = new_key_text(secrets.token_bytes)
    same_id = new_key_text(lambda length: secrets.token_bytes(length) if length > 5 else b"\x00" * 5)[1]
    presented = ["", "hk_", "x" * 100_000, "\ud800", good[:-1], unknown, same_id]
    presented += [revoked.secret.reveal(), expired.secret.reveal()]
    told = set()
    for text in presented:
        with pytest.raises(NotAuthenticated) as refused:
            await keys.authenticate(text)
        told.add((str(refused.value), repr(refused.value.details)))
    assert len(told) == 1


async def test_a_revocation_elsewhere_works_within_a_second(store, keys, clock):
    """Another process that knew the key a moment ago refuses it at the latest one second after it was revoked."""
    elsewhere = KeyService(store, MemorySignInStore(store), clock=clock, random_bytes=secrets.token_bytes)
    made = await keys.create(scopes=["read"])
    text = made.secret.reveal()
    await elsewhere.authenticate(text)
    await keys.revoke(made.key.id)
    with pytest.raises(NotAuthenticated):
        await keys.authenticate(text)
    clock.advance(1.0)
    with pytest.raises(NotAuthenticated):
        await elsewhere.authenticate(text)


async def test_a_verified_key_is_looked_up_about_once_in_half_a_second(keys, store, clock):
    """A thousand calls in a second cost a handful of look-ups, and a wrong secret under a known id is no hit."""
    text = (await keys.create(scopes=["read"])).secret.reveal()
    for _ in range(1000):
        await keys.authenticate(text)
        clock.advance(0.001)
    assert store.lookups == 2
    forged = text[:12] + new_key_text(secrets.token_bytes)[1][12:]
    with pytest.raises(NotAuthenticated):
        await keys.authenticate(forged)


async def test_one_caller_renews_while_the_others_go_on(clock):
    """While a known key is looked up again, other callers are answered from what is known, until its second is over."""

    class SlowStore(MemoryKeyStore):
        gate = asyncio.Event()
        lookups = 0

        async def find(self, key_id):
            type(self).lookups += 1
            await self.gate.wait()
            return await super().find(key_id)

    store = SlowStore()
    keys = KeyService(store, MemorySignInStore(store), clock=clock, random_bytes=secrets.token_bytes)
    text = (await keys.create(scopes=["read"])).secret.reveal()
    store.gate.set()
    await keys.authenticate(text)
    store.gate.clear()
    clock.advance(0.6)
    renewing = asyncio.create_task(keys.authenticate(text))
    await asyncio.sleep(0)
    assert (await keys.authenticate(text)).scopes == ("read",)
    assert SlowStore.lookups == 2
    clock.advance(0.4)
    late = asyncio.create_task(keys.authenticate(text))
    await asyncio.sleep(0)
    assert SlowStore.lookups == 3
    store.gate.set()
    assert (await renewing).id == (await late).id
    await keys.aclose()


async def test_digests_are_compared_in_constant_time(keys, monkeypatch):
    """Both a looked-up key (its digest) and a remembered one (its text) are compared by ``hmac.compare_digest``, whole."""
    compared = []

    def compare(ours, theirs):
        compared.append((len(ours), len(theirs)))
        return real(ours, theirs)

    real = hmac.compare_digest
    text = (await keys.create(scopes=["read"])).secret.reveal()
    # The comparison is the standard library's; that it is the one which is called can be seen nowhere else.
    monkeypatch.setattr(verified_keys.hmac, "compare_digest", compare)
    await keys.authenticate(text)
    await keys.authenticate(text)
    assert compared == [(64, 64), (59, 59)]


async def test_the_last_use_is_noted_once_a_minute(keys, clock):
    """Uses within a minute write nothing; the stamp is never more than a minute old."""
    made = await keys.create(scopes=["read"])
    start = clock.now()
    noted = []
    for _ in range(4):
        await keys.authenticate(made.secret.reveal())
        await keys.aclose()
        noted.append(((await keys.list_keys())[0].last_used_at - start).total_seconds())
        clock.advance(30)
    assert noted == [0.0, 0.0, 60.0, 60.0]


async def test_a_use_that_cannot_be_noted_refuses_nobody(clock, caplog):
    """Where the stamp cannot be written the key still opens, and the log says so without the key."""

    class ReadOnlyStore(MemoryKeyStore):
        async def note_use(self, key_id, *, at):
            raise StorageError("The database is read-only.")

    store = ReadOnlyStore()
    keys = KeyService(store, MemorySignInStore(store), clock=clock, random_bytes=secrets.token_bytes)
    made = await keys.create(scopes=["read"])
    assert (await keys.authenticate(made.secret.reveal())).id == made.key.id
    await keys.aclose()
    assert "could not be written" in caplog.text
    assert made.secret.reveal() not in caplog.text


async def test_a_key_counts_as_made_also_when_it_is_revoked(store, keys, clock):
    """``any_exist`` stays true after a revocation, and another process learns of the first key within a second."""
    elsewhere = KeyService(store, MemorySignInStore(store), clock=clock, random_bytes=secrets.token_bytes)
    assert (await keys.any_exist(), await elsewhere.any_exist()) == (False, False)
    made = await keys.create(scopes=["admin"])
    await keys.revoke(made.key.id)
    clock.advance(1.0)
    assert (await keys.any_exist(), await elsewhere.any_exist()) == (True, True)


async def test_while_one_asks_anew_whether_keys_exist_the_others_go_on(clock):
    """From half a second on one caller asks the store again; the rest are answered at once, until the second is over."""
    store = WaitingKeyStore()
    keys = KeyService(store, MemorySignInStore(store), clock=clock, random_bytes=secrets.token_bytes)
    store.may_answer.set()
    assert not await keys.any_exist()
    clock.advance(0.6)
    store.may_answer.clear()
    asking = asyncio.create_task(keys.any_exist())
    await store.was_asked.wait()
    assert [await keys.any_exist() for _ in range(31)] == [False] * 31
    store.may_answer.set()
    assert not await asking
    assert store.lists == 2


async def test_after_an_idle_time_the_store_is_asked_once_for_all(clock):
    """However many come together, and whichever of them leaves, one look tells all others."""
    store = WaitingKeyStore()
    keys = KeyService(store, MemorySignInStore(store), clock=clock, random_bytes=secrets.token_bytes)
    store.may_answer.set()
    assert not await keys.any_exist()
    clock.advance(1.5)
    store.may_answer.clear()
    asking = [asyncio.create_task(keys.any_exist()) for _ in range(50)]
    await store.was_asked.wait()
    asking[0].cancel()
    store.may_answer.set()
    told = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(told[0], asyncio.CancelledError)
    assert told[1:] == [False] * 49
    assert store.lists == 2


class WaitingKeyStore(MemoryKeyStore):
    """Lists its keys only when it may, and counts how often it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.lists = 0
        self.may_answer = asyncio.Event()
        self.was_asked = asyncio.Event()

    async def list_keys(self):
        self.lists += 1
        if self.lists > 1:
            self.was_asked.set()
        await self.may_answer.wait()
        return await super().list_keys()


async def test_revoking_twice_keeps_the_first_moment_and_an_unknown_key_is_named(keys, clock):
    """A revocation cannot be moved, and an id that does not exist is an error that names it."""
    made = await keys.create(scopes=["read"])
    first = await keys.revoke(made.key.id)
    clock.advance(60)
    assert (await keys.revoke(made.key.id)).revoked_at == first.revoked_at
    with pytest.raises(KeyNotFound, match="'nothing'"):
        await keys.revoke("nothing")


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["root"]},
        {"scopes": "read"},
        {"scopes": ["read"], "name": "x" * 101},
        {"scopes": ["read"], "name": "a\nb"},
        {"scopes": ["read"], "expires": timedelta(0)},
        {"scopes": ["read"], "expires": timedelta(days=-1)},
        {"scopes": ["read"], "expires": timedelta(days=3651)},
    ],
)
async def test_a_key_that_cannot_be_is_not_made(keys, wrong):
    """Unknown scopes, names that break a line and times that are over or far off are refused; nothing is kept."""
    with pytest.raises(InvalidRequest):
        await keys.create(**wrong)
    assert await keys.list_keys() == []
