"""Counts on a Redis server what each caller has used of its rate, for all processes that share the workspace."""

from __future__ import annotations

from typing import Any, Final

from hotcrm_ai.caches.redis_connections import RedisConnections
from hotcrm_ai.domain.canonical import digest_of
from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.domain.rates import Rate

_SCRIPT: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local rate, burst, most, cost, asks = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5] == '1'
local kept = redis.pcall('GET', KEYS[1])
local used = 0
if type(kept) == 'string' then
    local before, at = string.match(kept, '^(%d+%.?%d*) (%d+)$')
    if before then
        used = math.max(0, math.min(tonumber(before), most) - math.max(0, now - tonumber(at)) / 1000000 * rate)
    end
end
if asks and used + cost > burst + 0.000001 then
    return math.ceil((used + cost - burst) / rate * 1000000)
end
used = math.min(used + cost, most)
redis.call('SET', KEYS[1], string.format('%.6f %.0f', used, now), 'PX', math.ceil(used / rate * 1000) + 1000)
return 0
"""
"""One bucket in one step: what was used drains at the rate. The server's own clock counts; set back, it drains nothing for once, and
whatever stands under the key without being ours counts as an empty past."""


class RedisRates:
    """Buckets under ``hotcrm-ai:<workspace>:rate:<digest of the caller>``, each until it is full again.

    Every method raises ``StorageError`` where the server fails or talks nonsense; nothing is tried twice.
    """

    def __init__(self, connections: RedisConnections, *, workspace: str) -> None:
        self._connections = connections
        self._workspace = workspace

    async def take(self, caller: str, rate: Rate) -> float:
        """Take one request; return 0.0 where it was there, else the seconds until it will be."""
        return await self._run(caller, rate, 1, asks=True) / 1_000_000

    async def charge(self, caller: str, rate: Rate, requests: int) -> None:
        """Take more for something already done."""
        await self._run(caller, rate, requests, asks=False)

    @property
    def slow_calls(self) -> int:
        """How many exchanges with the server were slow, in a row."""
        return self._connections.slow_exchanges

    async def probe(self) -> None:
        """Find out whether the server runs the script, with time for a new connection, on a bucket that nobody uses."""
        (reply,) = await self._connections.run_patiently(self._command("", Rate(1.0, 1.0), 0, asks=False))
        _checked(reply)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._connections.aclose()

    async def _run(self, caller: str, rate: Rate, cost: int, *, asks: bool) -> int:
        (reply,) = await self._connections.run(self._command(caller, rate, cost, asks=asks))
        return _checked(reply)

    def _command(self, caller: str, rate: Rate, cost: int, *, asks: bool) -> tuple[str | int, ...]:
        place = f"hotcrm-ai:{self._workspace}:rate:{digest_of(self._workspace, caller)}"
        numbers = (f"{rate.per_second!r}", f"{rate.burst!r}", f"{rate.most_used!r}", cost, int(asks))
        return ("EVAL", _SCRIPT, 1, place, *numbers)


def _checked(reply: Any) -> int:
    if not isinstance(reply, int) or reply < 0:
        said = type(reply).__name__ if isinstance(reply, Exception) else "an unexpected reply"
        raise StorageError(
            f"The Redis server that counts requests refused ({said}); see its memory, its role and the rights of the user in REDIS_URL."
        )
    return reply
