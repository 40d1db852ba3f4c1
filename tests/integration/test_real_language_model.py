"""Both wires against a server that nobody here wrote: llama.cpp's, with a language model of random weights that a grammar keeps in form."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hotcrm_ai import AI, Settings
from hotcrm_ai.domain.errors import ProviderBadAnswer, ProviderRejected

LABELS = ["billing", "fault", "praise"]
SCRIPT = Path(__file__).with_name("tiny_language_model.py")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of this module's own, which ends with it."""
    if importlib.util.find_spec("xllamacpp") is None:
        if os.environ.get("CI"):
            pytest.fail("xllamacpp is not installed; install the development dependencies")
        pytest.skip("xllamacpp is not installed; install the development dependencies")
    command = [sys.executable, SCRIPT, tmp_path_factory.mktemp("weights") / "tiny.gguf"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.stdin.close()
            server.wait(20)


def _model(provider: str, endpoint: str, config: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    return {
        "id": "ticket-topic",
        "type": "nlp",
        "provider": provider,
        "status": "active",
        "provider_config": {"provider": provider, "endpoint": endpoint, "config": config},
        "parameters": {
            "task": "classification",
            "model": "tiny",
            "labels": LABELS,
            "max_output_tokens": 400,
            "options": {"temperature": 0},
            **parameters,
        },
        "signature": {"features": [{"name": "text", "type": "text"}]},
    }


async def test_an_answer_of_a_real_server_is_one_of_the_labels(address: str, tmp_path: Path) -> None:
    """Request and reply pass between strangers; tokens are counted and priced; the same question has the same answer."""
    prices = {"openai": {"tiny": {"as_of": "2026-01-01", "source": "none, it is ours", "input": 1.0, "output": 2.0}}}
    settings = Settings(
        home=tmp_path, provider_hosts=(address.removeprefix("http://"),), prices=prices, timeout_seconds=30
    )
    async with AI.open(settings) as ai:
        await ai.registry.register(
            _model("openai", f"{address}/v1", {"api": "chat-completions"}, daily_budget={"amount": 1})
        )
        first = await ai.predict("ticket-topic", {"text": "The invoice is wrong."})
        again = await ai.predict("ticket-topic", {"text": "The invoice is wrong."}, use_cache=False)
        batch = await ai.batch_predict("ticket-topic", [{"text": "It does not start."}, {"text": "Lovely."}])
        provider = ai.providers.for_model(await ai.registry.get_model("ticket-topic"))
        health = await provider.health_check()
    assert health.healthy, health.error
    assert first.prediction["label"] in LABELS
    assert again.prediction == first.prediction
    assert {answer.prediction["label"] for answer in batch} <= set(LABELS)
    assert first.confidence is None
    usage = first.metadata["usage"]
    assert usage["output_tokens"] > 0
    fresh = usage["input_tokens"] + 2 * usage["output_tokens"]
    assert usage["cost"] == pytest.approx(fresh / 1e6)


@pytest.mark.parametrize(
    ("provider_name", "path", "config"), [("anthropic", "", {}), ("openai", "/v1", {"api": "responses"})]
)
async def test_what_a_real_server_does_not_bind_is_checked_here(
    provider_name: str, path: str, config: dict[str, Any], address: str, tmp_path: Path
) -> None:
    """This server speaks Messages and Responses but does not know their schemas: its random text is taken for no answer."""
    settings = Settings(home=tmp_path, provider_hosts=(address.removeprefix("http://"),), timeout_seconds=30)
    async with AI.open(settings) as ai:
        await ai.registry.register(_model(provider_name, f"{address}{path}", config, max_output_tokens=40))
        with pytest.raises(ProviderBadAnswer) as caught:
            await ai.predict("ticket-topic", {"text": "The invoice is wrong."})
        assert [attempt["kind"] for attempt in caught.value.details["attempts"]] == ["bad_answer", "bad_answer"]
        provider = ai.providers.for_model(await ai.registry.get_model("ticket-topic"))
        assert (await provider.health_check()).healthy


async def test_what_a_real_server_refuses_is_said_so(address: str, tmp_path: Path) -> None:
    """A record larger than its context is refused by the server, and neither retried nor answered."""
    settings = Settings(home=tmp_path, provider_hosts=(address.removeprefix("http://"),), timeout_seconds=30)
    async with AI.open(settings) as ai:
        await ai.registry.register(_model("openai", f"{address}/v1", {}))
        with pytest.raises(ProviderRejected) as caught:
            await ai.predict("ticket-topic", {"text": "x" * 20_000})
    assert len(caught.value.details["attempts"]) == 1
