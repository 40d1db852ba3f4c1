"""Whatever the network does to a provider, the caller gets a typed error in time and never a value that was not sent."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any

import pytest

from hotcrm_ai.domain.errors import (
    ProviderBadAnswer,
    ProviderError,
    ProviderMisconfigured,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
)
from hotcrm_ai.testing import FAULTS, ModelServer, Said

SECONDS = 0.25
SPOILT = [fault for fault in FAULTS if fault != "none"]


@pytest.mark.parametrize("fault", SPOILT)
async def test_a_spoilt_connection_is_an_error_in_time(remote: str, opened_peer: Any, ask: Any, fault: Any) -> None:
    """Each fault of the proxy gives a provider's error within the deadline and 100 ms, whose words hold nothing of the reply."""
    async with opened_peer(remote) as peer:
        peer.proxy.fault = fault
        began = time.monotonic()
        with pytest.raises(ProviderError) as raised:
            await peer.provider.predict(peer.model, ask(3.0, seconds=SECONDS))
        assert time.monotonic() - began <= SECONDS + 0.1
        expected = {
            "blackhole": ProviderTimeout,
            "latency": ProviderTimeout,
            "trickle": ProviderTimeout,
            "wrong-length": (ProviderBadAnswer, ProviderTimeout),
            "refuse": ProviderUnavailable,
            "reset": ProviderUnavailable,
            "status": ProviderUnavailable,
        }.get(fault, ProviderBadAnswer)
        assert isinstance(raised.value, expected), (fault, raised.value)


async def test_no_value_is_invented_under_changing_faults(
    remote: str, opened_peer: Any, ask: Any, true_answer: Any
) -> None:
    """Two hundred calls through all faults in turn: each one that answers gives what the peer sent for that very record."""
    async with opened_peer(remote) as peer:
        turn: list[Any] = ["none", "refuse", "reset", "cut", "garbage", "short-length", "status", "none"]
        answered = 0
        for number in range(200):
            peer.proxy.fault = turn[number % len(turn)]
            try:
                answer = await peer.provider.predict(peer.model, ask(float(number), seconds=SECONDS))
            except ProviderError:
                continue
            answered += 1
            assert answer.prediction["probability"] == pytest.approx(true_answer({"size": number}), abs=1e-12)
        assert answered == 50


@pytest.mark.slow  # two hundred calls for each fault, half of them up to their deadline
@pytest.mark.parametrize("fault", SPOILT)
async def test_two_hundred_calls_under_each_fault_give_nothing_but_what_was_sent(
    opened_peer: Any, ask: Any, true_answer: Any, fault: Any
) -> None:
    """Half of the calls meet the fault, all of those fail, and every answer is the one for its own record."""
    async with opened_peer("mlflow") as peer:
        answered, failed = 0, 0
        for start in range(0, 200, 25):
            peer.proxy.fault = fault if start % 50 else "none"
            seconds = SECONDS if start % 50 else 5.0
            questions = [ask(float(number), seconds=seconds) for number in range(start, start + 25)]
            asked = [peer.provider.predict(peer.model, question) for question in questions]
            for number, answer in enumerate(await asyncio.gather(*asked, return_exceptions=True), start=start):
                if isinstance(answer, ProviderError):
                    failed += 1
                    continue
                answered += 1
                assert answer.prediction["probability"] == pytest.approx(true_answer({"size": number}), abs=1e-12)
        assert (answered, failed) == (100, 100)


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, ProviderRejected, "bad_request"),
        (401, ProviderMisconfigured, "auth"),
        (402, ProviderUnavailable, "quota_spent"),
        (403, ProviderMisconfigured, "auth"),
        (404, ProviderRejected, "bad_request"),
        (408, ProviderTimeout, "timeout"),
        (413, ProviderRejected, "bad_request"),
        (422, ProviderRejected, "bad_request"),
        (429, ProviderUnavailable, "throttled"),
        (500, ProviderUnavailable, "overloaded"),
        (503, ProviderUnavailable, "overloaded"),
        (504, ProviderTimeout, "timeout"),
        (529, ProviderUnavailable, "overloaded"),
        (302, ProviderMisconfigured, "misconfigured"),
    ],
)
async def test_a_status_says_what_kind_of_fault_it_is(
    opened_peer: Any, ask: Any, status: int, error: Any, kind: str
) -> None:
    """The one table of statuses, with the seconds that a reply asks to wait."""
    async with opened_peer("mlflow") as peer:
        peer.proxy.fault, peer.proxy.status, peer.proxy.retry_after = "status", status, "7"
        with pytest.raises(error) as raised:
            await peer.provider.predict(peer.model, ask(1.0))
        assert (raised.value.kind, raised.value.retry_after_seconds) == (kind, 7.0)
        assert raised.value.details["status"] == status


@pytest.mark.parametrize("wait", ["soon", "-1", "Mon, 99999999999999999999 Jan 2026 00:00:00 GMT"])
async def test_a_wait_that_cannot_be_read_leaves_the_fault_what_it_is(opened_peer: Any, ask: Any, wait: str) -> None:
    """A 503 stays an overload that may be repeated, however its Retry-After is written."""
    async with opened_peer("mlflow") as peer:
        peer.proxy.fault, peer.proxy.status, peer.proxy.retry_after = "status", 503, wait
        with pytest.raises(ProviderUnavailable) as raised:
            await peer.provider.predict(peer.model, ask(1.0))
        assert (raised.value.kind, raised.value.retry_after_seconds) == ("overloaded", None)


async def test_an_echoed_key_reaches_nobody(remote: str, opened_peer: Any, ask: Any, key: str) -> None:
    """An upstream that repeats our key in a 401, or in what it calls an answer, finds it in no message, detail or repr."""
    for status in (401, 200):

        def echo(heard: Any, status: int = status) -> Said:
            return Said(status=status, body={"error": f"bad key {heard.headers}"}, headers={"x-echo": key})

        async with opened_peer(remote, echo) as peer:
            with pytest.raises(ProviderError) as raised:
                await peer.provider.predict(peer.model, ask(1.0))
            shown = (
                f"{raised.value} {raised.value!r} {raised.value.details} {raised.value.__cause__!r} {peer.provider!r}"
            )
            assert key in " ".join(peer.server.heard[0].headers.values())
            assert key not in shown


async def test_a_redirect_inwards_is_not_followed(
    remote: str, peers: Any, factory_for: Any, ask: Any, true_answer: Any
) -> None:
    """An allowed host that redirects to another port of this machine makes no connection there."""
    async with ModelServer(lambda heard: Said(body={})) as inner:
        redirect = Said(status=307, body={}, headers={"location": inner.url})
        async with ModelServer(lambda heard: redirect) as outer:
            factory = factory_for(outer.host)
            made = peers[remote].peer(outer.url)
            with pytest.raises(ProviderMisconfigured, match="not followed"):
                await factory.get_provider(made.config).predict(made.model, ask(1.0))
            assert (outer.connections, inner.connections) == (1, 0)
            await factory.aclose()


async def test_an_address_that_is_not_listed_is_never_connected_to(
    remote: str, peers: Any, factory_for: Any, ask: Any
) -> None:
    """Loopback, the metadata service and private addresses are refused before any connection."""
    async with ModelServer(lambda heard: Said(body={})) as server:
        inner = f"https://[::ffff:127.0.0.1]:{server.port}"
        for url in (server.url, "http://169.254.169.254", "http://[::1]", "https://10.0.0.1", inner):
            made = peers[remote].peer(url)
            factory = factory_for("models.example.com")
            with pytest.raises(ProviderMisconfigured, match="cannot be used"):
                await factory.get_provider(made.config).predict(made.model, ask(1.0))
        assert server.connections == 0


async def test_a_closed_port_is_unreachable_at_once(remote: str, peers: Any, factory_for: Any, ask: Any) -> None:
    """Nobody listens: the error comes in milliseconds, and counts as one of the five that open the breaker."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{taken.getsockname()[1]}"
        factory = factory_for(host)
        made = peers[remote].peer(f"http://{host}")
        with pytest.raises(ProviderUnavailable) as raised:
            await factory.get_provider(made.config).predict(made.model, ask(1.0))
        assert raised.value.kind == "unreachable"
        await factory.aclose()


async def test_a_missing_key_is_one_clear_line_before_any_call(
    remote: str, peers: Any, factory_for: Any, ask: Any
) -> None:
    """The message names the variable to set, and nobody was asked."""
    async with ModelServer(lambda heard: Said(body={})) as server:
        factory = factory_for(server.host, environ={})
        made = peers[remote].peer(server.url)
        provider = factory.get_provider(made.config)
        for call in (provider.validate(), provider.predict(made.model, ask(1.0))):
            with pytest.raises(ProviderMisconfigured, match="set the environment variable PEER_KEY"):
                await call
        assert server.connections == 0
        await factory.aclose()


async def test_a_cancelled_call_leaves_no_task_behind(opened_peer: Any, ask: Any) -> None:
    """Giving a call up closes its connection."""
    async with opened_peer("mlflow") as peer:
        peer.proxy.fault = "blackhole"
        before = len(asyncio.all_tasks())
        call = asyncio.create_task(peer.provider.predict(peer.model, ask(1.0, seconds=5.0)))
        while not peer.proxy.connections:  # noqa: ASYNC110 - the proxy counts, it does not signal
            await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert len(asyncio.all_tasks()) <= before + 1
