"""A Redis behind TLS is reached only where its certificate is right."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hotcrm_ai.caches import RedisCache, RedisConnections, RedisLimits, read_address
from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.domain.secret import Secret

PATIENT = RedisLimits(call_seconds=10.0, connect_seconds=10.0)


@contextlib.asynccontextmanager
async def tls_before(port: int, certificate: tuple[Path, Path]) -> AsyncIterator[int]:
    """Give the port of a door that speaks TLS outside and plain Redis inside."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    served: set[asyncio.Task[None]] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while some := await reader.read(65_536):
                writer.write(some)
                await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.add(asyncio.current_task())
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(carry(reader, inner_writer), carry(inner_reader, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.gather(*served)


@pytest.fixture
async def door(redis_server: Any, certificate: tuple[Path, Path]) -> AsyncIterator[int]:
    async with tls_before(redis_server.port, certificate) as port:
        yield port


async def test_a_certificate_that_is_trusted_and_fits_is_used(door: int, certificate: tuple[Path, Path]) -> None:
    """With the authority's file named in the URL, entries go and come over TLS."""
    url = f"rediss://localhost:{door}?ssl_ca_certs={certificate[0]}"
    cache = RedisCache(RedisConnections(read_address(Secret(url)), PATIENT), workspace="sales")
    await cache.set("key", b"1", ttl_seconds=60)
    assert await cache.get("key") == b"1"
    await cache.aclose()


@pytest.mark.parametrize("url", ["rediss://localhost:{port}", "rediss://127.0.0.1:{port}?ssl_ca_certs={authority}"])
async def test_a_wrong_certificate_is_refused(door: int, certificate: tuple[Path, Path], url: str) -> None:
    """One of an unknown authority, or for another name, is a failure, and nothing is sent."""
    address = read_address(Secret(url.format(port=door, authority=certificate[0])))
    cache = RedisCache(RedisConnections(address, PATIENT), workspace="sales")
    with pytest.raises(StorageError):
        await cache.get("key")
    await cache.aclose()
