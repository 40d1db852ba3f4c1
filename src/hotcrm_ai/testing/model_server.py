"""A small HTTP server on loopback whose answers, faults and delays a test writes, and which remembers every request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from hotcrm_ai.testing.loopback_server import LoopbackServer


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """One request that arrived; the names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return msgspec.json.decode(self.body)


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One reply: JSON as ``body``, or bytes as they are."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = {}


Reply = Callable[[Heard], Said | Awaitable[Said]]


class ModelServer(LoopbackServer):
    """Answers each request by a function; used as ``async with ModelServer(reply) as server``, at ``server.url``."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply
        self.heard: list[Heard] = []

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{self.host}"

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await self._answer_one(reader, writer):
            pass

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        pairs = (line.split(":", 1) for line in head[1:] if line)
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        heard = Heard(method=method, path=path, headers=headers, body=body)
        self.heard.append(heard)
        said = self.reply(heard)
        said = said if isinstance(said, Said) else await said
        content = said.body if isinstance(said.body, bytes) else msgspec.json.encode(said.body)
        sent = {"content-type": "application/json", "content-length": str(len(content)), **said.headers}
        lines = [f"HTTP/1.1 {said.status} X", *(f"{name}: {value}" for name, value in sent.items())]
        sent_content = b"" if method == "HEAD" else content
        writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + sent_content)
        await writer.drain()
        return True
