"""Sees to it that a POST under an ``Idempotency-Key`` has its effect once, however often it is sent."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Final

from hotcrm_ai.domain.canonical import digest_of
from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.domain.idempotency import KeptAnswer
from hotcrm_ai.entrypoints.http.exchange import Exchange
from hotcrm_ai.entrypoints.http.refusals import (
    IdempotencyInProgress,
    IdempotencyKeyReused,
    IdempotencyUnknown,
    UnreadableRequest,
)
from hotcrm_ai.entrypoints.http.reply import RawHeader, Reply
from hotcrm_ai.ports.idempotency_store import IdempotencyStore

IDEMPOTENCY_KEY: Final = b"idempotency-key"
LEASE_SECONDS: Final = 30.0
"""How long a request that is at work keeps its key after its last sign of life; a killed process blocks it for no longer."""

REPLAYED: Final[RawHeader] = (b"idempotent-replayed", b"true")
_KEY: Final = re.compile(rb"[\x21-\x7e]{1,255}")
_logger: Final = logging.getLogger("hotcrm_ai.http")


async def answer_once(
    exchange: Exchange,
    route: str,
    fingerprint: str,
    answer: Callable[[], Awaitable[Reply]],
    *,
    is_kept: bool = True,
    is_idempotent: bool = False,
) -> Reply:
    """Answer a request by ``answer``, or by what a request under the same key of the same caller and route was answered before.

    Only successes are kept: what was refused or failed had no effect, and may be sent again under its key. Without the header the
    request is simply answered. Where ``is_kept`` is false only the request is remembered: it had no effect and its answer repeats personal
    values, so it is found anew.

    A request whose process was killed between its effect and its answer is not done again, unless that leaves the same state
    (``is_idempotent``): nobody can know how far it came.

    Raises:
        UnreadableRequest: the key is none.
        IdempotencyInProgress: the first request is still at work.
        IdempotencyUnknown: the first request was cut off, and may have had its effect.
        IdempotencyKeyReused: the key was used for another content.
        StorageError: it cannot be known whether the key was used; nothing was done.
    """
    given = exchange.headers.get(IDEMPOTENCY_KEY)
    if given is None:
        return await answer()
    if not _KEY.fullmatch(given):
        raise UnreadableRequest(
            "The Idempotency-Key header must have 1 to 255 visible ASCII characters, such as a UUID."
        )
    store, owner = exchange.ai.idempotency, secrets.token_hex(8)
    caller = "" if exchange.key is None else exchange.key.id
    key = digest_of(caller, route, given.decode("ascii"))
    now = exchange.ai.now()
    begun = await store.begin(
        key,
        fingerprint=fingerprint,
        owner=owner,
        now=now,
        lease_until=now + timedelta(seconds=LEASE_SECONDS),
        is_idempotent=is_idempotent,
    )
    if begun.answer is not None:
        return _replayed(begun.answer) if is_kept else _repeated(await answer())
    if begun.state == "other_request":
        raise IdempotencyKeyReused("This Idempotency-Key was used for a request with another content; use a new key.")
    if begun.state == "running":
        raise IdempotencyInProgress(
            "A request under this Idempotency-Key is still at work; send it again in a moment to get its answer."
        )
    if begun.state == "interrupted":
        raise IdempotencyUnknown(
            "A request under this Idempotency-Key was begun, and its process ended before it answered: it may have had its effect, wholly "
            "or in part. Look at what it was to change, and send what is missing under a new key."
        )
    return await _first_answer(exchange, store, key, owner, answer, is_kept=is_kept)


async def _first_answer(
    exchange: Exchange,
    store: IdempotencyStore,
    key: str,
    owner: str,
    answer: Callable[[], Awaitable[Reply]],
    *,
    is_kept: bool,
) -> Reply:
    async with _kept_alive(exchange, store, key, owner):
        try:
            reply = await answer()
        except Exception:
            with contextlib.suppress(StorageError):
                await store.release(key, owner=owner)
            raise
    headers = {name.decode("ascii"): value.decode("ascii") for name, value in reply.extra}
    body = reply.body.decode() if is_kept else ""
    try:
        await store.finish(key, owner=owner, answer=KeptAnswer(status=reply.status, body=body, headers=headers))
    except StorageError as problem:
        _logger.error("request %s was done, but its answer could not be kept: %r", exchange.request_id, problem)
    return reply


@contextlib.asynccontextmanager
async def _kept_alive(exchange: Exchange, store: IdempotencyStore, key: str, owner: str) -> AsyncIterator[None]:
    """Prolong the claim for as long as the request is at work."""

    async def prolong() -> None:
        while True:
            await asyncio.sleep(LEASE_SECONDS / 3)
            with contextlib.suppress(StorageError):
                until = exchange.ai.now() + timedelta(seconds=LEASE_SECONDS)
                await store.renew(key, owner=owner, lease_until=until)

    task = asyncio.get_running_loop().create_task(prolong())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _replayed(kept: KeptAnswer) -> Reply:
    headers = tuple((name.encode("ascii"), value.encode("ascii")) for name, value in kept.headers.items())
    return Reply(kept.status, kept.body.encode(), extra=(*headers, REPLAYED))


def _repeated(reply: Reply) -> Reply:
    return Reply(reply.status, reply.body, reply.media_type, (*reply.extra, REPLAYED))
