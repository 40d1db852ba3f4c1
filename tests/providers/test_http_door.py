"""The door to the network keeps its rules whatever a name resolves to and whatever a server sends."""

from __future__ import annotations

import socket
import time
from contextlib import AsyncExitStack

import pytest

from hotcrm_ai.domain.addresses import AllowedHosts
from hotcrm_ai.domain.errors import ProviderBadAnswer, ProviderMisconfigured, ProviderUnavailable
from hotcrm_ai.providers._http import HTTPDoor
from hotcrm_ai.testing import Heard, ModelServer, Said


def ok(heard: Heard) -> Said:
    return Said(body={"ok": True})


async def test_a_listed_name_that_leads_inwards_is_refused_before_connecting() -> None:
    """A public host's name may resolve to this machine or to the metadata service: no connection is made, to none of its addresses."""
    async with ModelServer(ok) as server:
        for address in ("127.0.0.1", "169.254.169.254", "::1", "64:ff9b::a9fe:a9fe"):

            async def resolve(host: str, port: int, address: str = address) -> list[str]:
                return ["93.184.216.34", address]

            door = HTTPDoor(allowed=AllowedHosts(["models.example.com"]), resolver=resolve)
            with pytest.raises(ProviderMisconfigured, match="may not be connected to"):
                await door.request("GET", "https://models.example.com/", timeout_seconds=1.0)
            await door.aclose()
        assert server.connections == 0


async def test_a_server_that_accepts_no_connection_is_given_up_after_300_milliseconds() -> None:
    """Its queue is full, so nothing answers: unreachable after the limit, however much time the call has."""
    async with AsyncExitStack() as held:
        listener = held.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        door = HTTPDoor(allowed=AllowedHosts([host]))
        began = time.monotonic()
        with pytest.raises(ProviderUnavailable, match="did not accept a connection in time") as raised:
            await door.request("GET", f"http://{host}/", timeout_seconds=5.0)
        assert 0.3 <= time.monotonic() - began <= 0.4
        assert raised.value.kind == "unreachable"
        await door.aclose()


async def test_a_name_without_address_is_unreachable() -> None:
    """The message names no host."""

    async def nowhere(host: str, port: int) -> list[str]:
        raise OSError("no such host: models.example.com")

    door = HTTPDoor(allowed=AllowedHosts(["models.example.com"]), resolver=nowhere)
    with pytest.raises(ProviderUnavailable) as raised:
        await door.request("GET", "https://models.example.com/", timeout_seconds=1.0)
    assert raised.value.kind == "unreachable"
    assert "models.example.com" not in str(raised.value)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Said(body=b"x" * 2000), "larger than 1000 bytes"),
        (Said(body=b"\x1f\x8b", headers={"content-encoding": "gzip"}), "compressed"),
        (Said(headers={"x-long": "y" * 40_000}), "headers are larger"),
    ],
)
async def test_an_oversized_or_compressed_reply_is_no_answer(said: Said, words: str) -> None:
    """Bodies and headers are bounded, and nothing is inflated."""
    async with ModelServer(lambda heard: said) as server:
        door = HTTPDoor(allowed=AllowedHosts([server.host]))
        with pytest.raises(ProviderBadAnswer, match=words):
            await door.request("GET", server.url, timeout_seconds=2.0, max_bytes=1000)
        await door.aclose()


async def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither proxies nor netrc of the machine are used."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with ModelServer(ok) as server:
        door = HTTPDoor(allowed=AllowedHosts([server.host]))
        reply = await door.request("POST", server.url + "/x?y=1", content=b"{}", timeout_seconds=2.0)
        assert (reply.status, reply.body) == (200, b'{"ok":true}')
        assert server.heard[0].headers["accept-encoding"] == "identity"
        assert server.heard[0].path == "/x?y=1"
        await door.aclose()


@pytest.mark.parametrize("end", ["\r\nx: y", "\u200b", "\u201d"])
async def test_a_key_that_no_header_carries_is_refused_without_showing_it(end: str) -> None:
    """A line break would split the header, an invisible space or a curly quote came along when it was copied; neither is repeated."""
    async with ModelServer(ok) as server:
        door = HTTPDoor(allowed=AllowedHosts([server.host]))
        with pytest.raises(ProviderMisconfigured, match="check the credential") as raised:
            await door.request("GET", server.url, headers={"authorization": f"Bearer s3cr3t{end}"}, timeout_seconds=2.0)
        assert "s3cr3t" not in f"{raised.value} {raised.value.__cause__!r}"
        assert server.heard == []
        await door.aclose()


async def test_an_address_outside_of_ascii_is_refused_in_words() -> None:
    """Such a path is to be written with percent signs; nothing is sent."""
    async with ModelServer(ok) as server:
        door = HTTPDoor(allowed=AllowedHosts([server.host]))
        with pytest.raises(ProviderMisconfigured, match="write the URL in ASCII"):
            await door.request("GET", f"{server.url}/m\u00fcller", timeout_seconds=2.0)
        assert server.heard == []
        await door.aclose()
