"""Sends requests to a server at a steady rate, whether it answers or not, and notes what came back and when.

Run as a program, so that the sender's work does not stand in the server's way; it prints one JSON object per phase. Phases of peak and
overload take turns, so that what else the machine does meets both alike.

Rates are those of the server's own clock, which stands still while its main thread stands in line for a processor: on a machine
that others use, too, three times the capacity then stays three times what the server can do with what it gets of the machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MODEL = "lead-scoring-v1"
HEAD = "POST /v1/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n"
MOST_CONNECTIONS = 1_500
AT_ONCE = 8
TICK_SECONDS = 0.002
LOOK_SECONDS = 0.001
FRESH_SECONDS = 3.0
LONGEST_WAIT_SECONDS = 0.1


@dataclass
class Phase:
    """What came back of the requests of one phase: seconds of each answer by status; ``seconds`` are how long the server had for it."""

    seconds: float = 0.0
    sent: int = 0
    unsent: int = 0
    lost: int = 0
    took: dict[int, list[float]] = field(default_factory=dict)
    retry_after: int = 0

    @property
    def settled(self) -> int:
        """How many requests came to an end."""
        return sum(map(len, self.took.values())) + self.lost

    def report(self) -> dict[str, Any]:
        """Return counts, rates and percentiles."""
        answers = {
            str(status): {
                "count": len(took),
                "rate": len(took) / self.seconds,
                "p50_ms": 1000 * nearest_rank(took, 50),
                "p99_ms": 1000 * nearest_rank(took, 99),
            }
            for status, took in sorted(self.took.items())
        }
        return {
            "sent": self.sent,
            "unsent": self.unsent,
            "lost": self.lost,
            "retry_after": self.retry_after,
            "seconds": self.seconds,
            "answers": answers,
        }


def nearest_rank(values: list[float], per_cent: float) -> float:
    """Return the percentile by nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * int(per_cent) // 100) - 1)]


class Wire(asyncio.Protocol):
    """One connection with at most one request under way."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._received = b""
        self.phase: Phase | None = None
        self.sent_at = 0.0
        self.idle_since = load.loop.time()
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        """Be ready for requests."""
        self.transport = transport  # uvloop's transports derive from none of asyncio's

    def send(self, phase: Phase, request: bytes) -> None:
        """Send one request, which belongs to a phase."""
        self.phase, self.sent_at = phase, self._load.loop.time()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Note an answer once it is complete."""
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        lowered = head.lower()
        at = lowered.index(b"content-length: ") + 16
        length = int(lowered[at : lowered.index(b"\r\n", at) if b"\r\n" in lowered[at:] else None])
        if len(body) < length:
            return
        self._received = b""
        phase, self.phase = self.phase, None
        assert phase is not None
        phase.took.setdefault(int(head[9:12]), []).append(self._load.loop.time() - self.sent_at)
        phase.retry_after += b"\r\nretry-after: " in lowered
        self.idle_since = self._load.loop.time()
        self._load.idle.append(self)
        self._load.answered.set()

    def connection_lost(self, error: Exception | None) -> None:
        """Note an answer that will never come."""
        if self.phase is not None:
            self.phase.lost += 1
            self._load.answered.set()
        if self in self._load.idle:
            self._load.idle.remove(self)
        self._load.replace_one()


class Load:
    """Connections to one server, and the phases of requests over them."""

    def __init__(self, port: int, pid: int) -> None:
        self._schedule = Path(f"/proc/{pid}/task/{pid}/schedstat")
        self.now = 0.0
        self._looked_at = 0.0
        self.loop = asyncio.get_running_loop()
        self.idle: deque[Wire] = deque()
        self._connecting: set[asyncio.Task[None]] = set()
        self.answered = asyncio.Event()
        self._port = port
        self._number = 0

    def look(self) -> float:
        """Return the server's clock, as it was a millisecond ago at most."""
        at = self.loop.time()
        if at - self._looked_at >= LOOK_SECONDS:
            self._looked_at, self.now = at, at - int(self._schedule.read_text().split()[1]) / 1e9
        return self.now

    def take(self) -> Wire | None:
        """Return an idle connection; one that the server may be about to close, as idle ones are, is closed and replaced."""
        while self.idle:
            wire = self.idle.popleft()
            if self.loop.time() - wire.idle_since < FRESH_SECONDS:
                return wire
            wire.transport.close()
        return None

    def request(self) -> bytes:
        """Return a request that no other equals."""
        self._number += 1
        features = {"company_size": self._number % 4999 + 1, "budget": self._number, "industry": "Technology"}
        body = json.dumps({"modelId": MODEL, "features": features, "useCache": False}).encode()
        return HEAD.format(len(body)).encode() + body

    async def connect(self, number: int) -> None:
        """Open more connections."""
        for _ in range(number):
            _, wire = await self.loop.create_connection(lambda: Wire(self), "127.0.0.1", self._port)
            self.idle.append(wire)

    def replace_one(self) -> None:
        """Open a connection for one that ended."""
        task = self.loop.create_task(self.connect(1))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def closed_loop(self, seconds: float, at_once: int) -> Phase:
        """Keep so many requests under way: what comes back is what the server can do."""
        phase, began = Phase(), self.look()
        ends_at = self.loop.time() + seconds
        while self.loop.time() < ends_at:
            self.answered.clear()
            for _ in range(at_once - (phase.sent - phase.settled)):
                if (wire := self.take()) is not None:
                    wire.send(phase, self.request())
                    phase.sent += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.answered.wait(), LONGEST_WAIT_SECONDS)
        phase.seconds = self.look() - began
        await self._settle(phase)
        return phase

    async def open_loop(self, seconds: float, rate: float) -> Phase:
        """Send at a rate, whatever comes back; what finds no free connection counts as ``unsent``."""
        phase, began = Phase(), self.look()
        ends_at = self.loop.time() + seconds
        while self.loop.time() < ends_at:
            for _ in range(int((self.look() - began) * rate) - phase.sent - phase.unsent):
                if (wire := self.take()) is not None:
                    wire.send(phase, self.request())
                    phase.sent += 1
                else:
                    phase.unsent += 1
            await asyncio.sleep(TICK_SECONDS)
        phase.seconds = self.look() - began
        await self._settle(phase)
        return phase

    async def _settle(self, phase: Phase) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(10):
                while phase.settled < phase.sent:
                    self.answered.clear()
                    await self.answered.wait()


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def main(port: int, pid: int, rounds: int, seconds: float, times: float) -> None:
    """In each round find the peak and send that many times it; after the last, send a rate that the server can keep."""
    load = Load(port, pid)
    await load.connect(MOST_CONNECTIONS)
    await load.closed_loop(2.0, AT_ONCE)

    def tell(name: str, phase: Phase) -> float:
        told = phase.report()
        say(json.dumps({"phase": name, **told}))
        rate: float = told["answers"]["200"]["rate"]
        return rate

    capacity = 0.0
    for _ in range(rounds):
        capacity = tell("peak", await load.closed_loop(seconds, AT_ONCE))
        tell("over", await load.open_loop(seconds, times * capacity))
    tell("after", await load.open_loop(2.0, 0.3 * capacity))


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(*map(int, sys.argv[1:4]), *map(float, sys.argv[4:6])))
