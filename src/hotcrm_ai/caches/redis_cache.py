"""Keeps entries on a Redis server that many processes and other applications share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from hotcrm_ai.caches.redis_connections import RedisConnections
from hotcrm_ai.caches.sealed_value import seal, unseal
from hotcrm_ai.domain.canonical import digest_of
from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.domain.performance import CacheCounts, CacheStats

_MOST_BYTES: Final = 1024 * 1024
"""A larger value is not kept, and no more is read of what somebody else put under our key."""
_LONGEST_SECONDS: Final = 10 * 366 * 86_400
_KEYS_A_CALL: Final = 200
_SCANNED_A_CALL: Final = 1_000
_MOST_SCANS: Final = 100_000
ItemT = TypeVar("ItemT")

_GLOB: Final = str.maketrans({letter: "\\" + letter for letter in "*?[]^\\"})


class RedisCache:
    """A `CacheBackend` and `SharedCache` on a Redis server.

    Keys are ``hotcrm-ai:<workspace>:entry:<digest of the group>:<digest>``; no name or value of a record is in them. A value is JSON
    that says where it belongs; whatever is not certainly ours counts as absent. Only keys of this workspace are ever touched.
    Every method raises ``StorageError`` where the server fails or talks nonsense; nothing is tried twice.
    """

    def __init__(self, connections: RedisConnections, *, workspace: str) -> None:
        self._connections = connections
        self._workspace = workspace
        self._prefix = f"hotcrm-ai:{workspace}:"
        self._hits = 0
        self._misses = 0

    async def get(self, key: str, *, group: str = "") -> bytes | None:
        """Return the entry, or nothing where there is none, its time is over, or it is not certainly ours."""
        return (await self.get_many(((key, group),)))[0]

    async def get_many(self, keys: Sequence[tuple[str, str]]) -> list[bytes | None]:
        """Return the entries of pairs of key and group, in order."""
        found: list[bytes | None] = []
        for some in _chunks(keys):
            places = [self._place(key, group) for key, group in some]
            replies = await self._connections.run(*(("GETRANGE", place, 0, 2 * _MOST_BYTES) for place in places))
            found += [
                self._opened(reply, place, group)
                for reply, place, (_, group) in zip(replies, places, some, strict=True)
            ]
        self._hits += sum(value is not None for value in found)
        self._misses += sum(value is None for value in found)
        return found

    async def set(self, key: str, value: bytes, *, ttl_seconds: float, group: str = "") -> None:
        """Keep a JSON value for that many seconds, ten years at most; with 0 or less, or more than 1 MiB, nothing is kept under the key."""
        await self.set_many(((key, group, value, ttl_seconds),))

    async def set_many(self, entries: Sequence[tuple[str, str, bytes, float]]) -> None:
        """Keep entries given as key, group, value and seconds."""
        for some in _chunks(entries):
            replies = await self._connections.run(*(self._set(*entry) for entry in some))
            for reply in replies:
                if reply != b"OK" and not isinstance(reply, int):
                    raise _refused(reply)

    async def delete(self, key: str, *, group: str = "") -> bool:
        """Forget an entry; true where one was there."""
        return await self._count("UNLINK", self._place(key, group)) > 0

    async def forget(self, keys: Sequence[str]) -> None:
        """Forget entries without a group."""
        for some in _chunks(keys):
            await self._count("UNLINK", *(self._place(key, "") for key in some))

    async def clear(self, group: str | None = None) -> int:
        """Forget this workspace's entries, or those of one group; return how many. Keys of others are left alone."""
        cleared = 0
        async for keys in self._scan(group):
            for some in _chunks(keys):
                cleared += await self._count("UNLINK", *some)
        return cleared

    async def stats(self) -> CacheStats:
        """Entries now, hits and misses of this process since start, and evictions of the whole server, whoever's keys they were."""
        size = 0
        async for keys in self._scan(None):
            size += len(keys)
        counts = self.counts()
        evicted = _evicted(await self._one("INFO", "stats"))
        return CacheStats(size=size, hits=counts.hits, misses=counts.misses, backend="redis", evictions=evicted)

    def counts(self) -> CacheCounts:
        """Return hits and misses of this process since start, without asking the server."""
        return CacheCounts(hits=self._hits, misses=self._misses)

    @property
    def slow_calls(self) -> int:
        """How many exchanges with the server were slow, in a row."""
        return self._connections.slow_exchanges

    async def claim(self, keys: Sequence[str], *, seconds: float) -> Mapping[str, bool]:
        """Claim the keys that nobody holds; true for those that are now ours."""
        claimed: dict[str, bool] = {}
        for some in _chunks(keys):
            commands = (("SET", self._claim(key), "1", "NX", "PX", _milliseconds(seconds)) for key in some)
            for key, reply in zip(some, await self._connections.run(*commands), strict=True):
                if reply not in (b"OK", None):
                    raise _refused(reply)
                claimed[key] = reply is not None
        return claimed

    async def renew(self, keys: Sequence[str], *, seconds: float) -> None:
        """Make claims of ours last that many seconds from now."""
        for some in _chunks(keys):
            await self._connections.run(*(("PEXPIRE", self._claim(key), _milliseconds(seconds)) for key in some))

    async def release(self, keys: Sequence[str]) -> None:
        """Give claims up. One that ended in time may be another's by now: then two ask for the same, which harms nobody."""
        for some in _chunks(keys):
            await self._count("UNLINK", *(self._claim(key) for key in some))

    async def probe(self) -> None:
        """Find out whether the server reads and writes, with time for a new connection; the key ends after a second."""
        place = self._prefix + "probe"
        written, read = await self._connections.run_patiently(("SET", place, "1", "PX", 1_000), ("GET", place))
        if (written, read) != (b"OK", b"1"):
            raise _refused(written if isinstance(written, Exception) else read)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._connections.aclose()

    def _place(self, key: str, group: str) -> str:
        return f"{self._entries_of(group)}{digest_of(self._workspace, group, key)}"

    def _entries_of(self, group: str) -> str:
        return f"{self._prefix}entry:{digest_of(group)[:16]}:"

    def _claim(self, key: str) -> str:
        return f"{self._prefix}claim:{digest_of(self._workspace, key)}"

    def _opened(self, reply: Any, place: str, group: str) -> bytes | None:
        if isinstance(reply, Exception) and not str(reply).startswith("WRONGTYPE"):
            raise _refused(reply)
        if not isinstance(reply, bytes) or not reply:
            return None
        return unseal(reply, workspace=self._workspace, group=group, key=place)

    def _set(self, key: str, group: str, value: bytes, seconds: float) -> Sequence[str | bytes | int]:
        place = self._place(key, group)
        if not seconds > 0 or len(value) > _MOST_BYTES:
            return ("UNLINK", place)
        return (
            "SET",
            place,
            seal(value, workspace=self._workspace, group=group, key=place),
            "PX",
            _milliseconds(seconds),
        )

    async def _scan(self, group: str | None) -> AsyncIterator[list[bytes]]:
        """Walk over our keys, of all groups or one, page by page; what comes or goes meanwhile may be missed."""
        pattern = (f"{self._prefix}entry:" if group is None else self._entries_of(group)).translate(_GLOB) + "*"
        cursor = b"0"
        for _ in range(_MOST_SCANS):
            reply = await self._one("SCAN", cursor, "MATCH", pattern, "COUNT", _SCANNED_A_CALL)
            if not isinstance(reply, list) or len(reply) != 2 or not isinstance(reply[1], list):
                raise _refused(reply)
            cursor, keys = reply
            yield [key for key in keys if isinstance(key, bytes) and key.startswith(self._prefix.encode())]
            if cursor == b"0":
                return
        raise _refused(None)

    async def _one(self, *command: str | bytes | int) -> Any:
        return (await self._connections.run(command))[0]

    async def _count(self, *command: str | bytes | int) -> int:
        reply = await self._one(*command)
        if not isinstance(reply, int):
            raise _refused(reply)
        return reply


def _milliseconds(seconds: float) -> int:
    return max(1, round(min(seconds, _LONGEST_SECONDS) * 1_000))


def _chunks(items: Iterable[ItemT]) -> Iterable[list[ItemT]]:
    rest = iter(items)
    while some := list(islice(rest, _KEYS_A_CALL)):
        yield some


def _evicted(info: Any) -> int:
    lines = info.decode(errors="replace").splitlines() if isinstance(info, bytes) else ()
    counts = [line.partition(":")[2] for line in lines if line.startswith("evicted_keys:")]
    return int(counts[0]) if counts and counts[0].isdecimal() else 0


def _refused(reply: Any) -> StorageError:
    said = type(reply).__name__ if isinstance(reply, Exception) else "an unexpected reply"
    return StorageError(
        f"The Redis server of the cache refused a command ({said}); see its memory, its role and the rights of the user in REDIS_URL."
    )
