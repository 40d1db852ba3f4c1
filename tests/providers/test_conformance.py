"""Every provider that is discovered passes the same checks, in front of a peer that speaks its wire."""

from __future__ import annotations

from typing import Any

import pytest

from hotcrm_ai.testing import ModelServer, check_provider

RECORDS = [{"size": float(size), "industry": "Finance"} for size in (0, 1, 7, 40)]
IN_PROCESS = {"local"}
"""Checked with real bundles in the tests of local models."""


def test_every_provider_has_a_peer(peers: Any, factory_for: Any) -> None:
    """A provider without a peer in ``peers/`` would never be checked."""
    built_in = set(factory_for().names()) - IN_PROCESS
    assert built_in - set(peers) == set()


async def test_a_provider_conforms(remote: str, opened_peer: Any) -> None:
    """Single and batch answers agree, in order, as JSON, with confidence in per cent or none."""
    async with opened_peer(remote) as peer:
        await check_provider(peer.provider, peer.model, RECORDS)


async def test_each_answer_is_what_the_peer_sent_for_that_record(
    remote: str, opened_peer: Any, ask: Any, true_answer: Any
) -> None:
    """Nothing is shifted, rounded or invented on the way; a chance of 0 is 0."""
    async with opened_peer(remote) as peer:
        sizes = [float(size) for size in range(30)]
        answers = await peer.provider.batch_predict(peer.model, [ask(size) for size in sizes])
        given = [answer.prediction["probability"] for answer in answers]
        assert given == pytest.approx([true_answer({"size": size}) for size in sizes], abs=1e-12)
        assert all(answer.confidence is None for answer in answers)


async def test_the_health_check_asks_the_endpoint(remote: str, opened_peer: Any) -> None:
    """Healthy while the peer answers, and unhealthy with a reason when the connection breaks."""
    async with opened_peer(remote) as peer:
        found = await peer.provider.health_check()
        assert (found.healthy, found.error) == (True, None)
        assert found.latency > 0
        peer.proxy.fault = "refuse"
        await peer.factory.aclose()
        broken = await peer.provider.health_check()
        assert not broken.healthy
        assert broken.error


async def test_the_key_is_sent_and_a_rotated_one_from_the_next_call_on(
    remote: str, peers: Any, factory_for: Any, ask: Any, true_answer: Any
) -> None:
    """The variable is read at each call, so no restart is needed; the scope of failures changes with it."""
    environ = {"PEER_KEY": "first-key"}
    async with ModelServer(lambda heard: peers[remote].reply(heard, true_answer)) as server:
        factory = factory_for(server.host, environ=environ)
        made = peers[remote].peer(server.url)
        provider = factory.get_provider(made.config)
        await provider.predict(made.model, ask(1.0))
        before = provider.scope(made.model)  # type: ignore[attr-defined]
        environ["PEER_KEY"] = "second-key"
        await provider.predict(made.model, ask(2.0))
        sent = [" ".join(heard.headers.values()) for heard in server.heard]
        assert "first-key" in sent[0]
        assert "second-key" in sent[-1]
        assert "first-key" not in sent[-1]
        assert provider.scope(made.model) != before  # type: ignore[attr-defined]
        await factory.aclose()
