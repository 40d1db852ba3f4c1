"""A TCP proxy on loopback that spoils connections: refuses, swallows, delays, trickles, cuts, resets, garbles, lies about lengths."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from typing import Final, Literal, get_args

from hotcrm_ai.testing.loopback_server import LoopbackServer

Fault = Literal[
    "none",
    "refuse",
    "blackhole",
    "latency",
    "trickle",
    "cut",
    "reset",
    "garbage",
    "wrong-length",
    "short-length",
    "status",
]
FAULTS: Final[tuple[Fault, ...]] = get_args(Fault)


class FaultProxy(LoopbackServer):
    """Stands before a server at ``port`` of loopback; ``fault`` says what happens to the connections to come.

    ``latency_seconds`` is the delay of ``latency``; ``status`` and ``retry_after`` are the reply of ``status``. Where it cuts and what
    garbage it sends follow from the seed.
    """

    def __init__(self, port: int, *, seed: int = 0) -> None:
        super().__init__()
        self._upstream = port
        self._random = random.Random(seed)  # noqa: S311 - a seeded test
        self.fault: Fault = "none"
        self.latency_seconds = 10.0
        self.status = 503
        self.retry_after: str | None = None

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fault = self.fault
        if fault == "refuse":
            _reset(writer)
            return
        request = await _read_message(reader)
        if fault == "blackhole":
            await asyncio.Event().wait()
        if fault == "reset":
            _reset(writer)
            return
        if fault == "status":
            writer.write(self._status_reply())
            await writer.drain()
            return
        if fault == "garbage":
            writer.write(bytes(self._random.randrange(256) for _ in range(512)))
            await writer.drain()
            return
        reply = await self._forward(request)
        if fault == "latency":
            await asyncio.sleep(self.latency_seconds)
        await self._give(reply, fault, writer)

    async def _give(self, reply: bytes, fault: Fault, writer: asyncio.StreamWriter) -> None:
        head, _, body = reply.partition(b"\r\n\r\n")
        if fault == "cut":
            writer.write(reply[: len(reply) - self._random.randrange(1, len(body) + 1)])
        elif fault in ("wrong-length", "short-length"):
            change = 10 if fault == "wrong-length" else -min(5, len(body) - 1)
            writer.write(head.replace(_length(body), _length(body, change)) + b"\r\n\r\n" + body)
        elif fault == "trickle":
            for place in range(len(reply)):
                writer.write(reply[place : place + 1])
                await writer.drain()
                await asyncio.sleep(1.0)
        else:
            writer.write(reply)
        await writer.drain()

    async def _forward(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._upstream)
        try:
            writer.write(request)
            await writer.drain()
            return await _read_message(reader)
        finally:
            writer.close()

    def _status_reply(self) -> bytes:
        wait = f"retry-after: {self.retry_after}\r\n" if self.retry_after is not None else ""
        return f"HTTP/1.1 {self.status} X\r\ncontent-length: 2\r\n{wait}\r\n{{}}".encode()


async def _read_message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-length":
            length = int(value)
    return head + await reader.readexactly(length)


def _length(body: bytes, change: int = 0) -> bytes:
    return f"content-length: {len(body) + change}".encode()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close a connection by a reset, as a crashed process does."""
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
