"""Fronts of ours that speak the wires of language models, and a provider before each."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from hotcrm_ai.ai_features import discover_ai_features
from hotcrm_ai.domain.addresses import AllowedHosts
from hotcrm_ai.domain.model import ModelConfig, ProviderConfig
from hotcrm_ai.domain.prediction import PredictionInput
from hotcrm_ai.domain.spending import PriceTable
from hotcrm_ai.local_models.loader import LocalModelLoader
from hotcrm_ai.ports.spend_ledger import SpendLedger
from hotcrm_ai.providers import ProviderFactory, ProviderKit
from hotcrm_ai.providers._spend_ledger import InProcessSpendLedger
from hotcrm_ai.testing import FakeClock, Heard, ModelServer, Said

SENTIMENT = {"sentiment": "negative", "score": 0.1}


class NoBundles:
    """A bundle store without bundles."""

    def publish(self, members: object) -> str:
        raise AssertionError("nothing is published here")

    def read(self, digest: str) -> dict[str, bytes]:
        raise AssertionError("nothing is read here")


@dataclass
class Front:
    """A provider before a front: what the front heard, and the kit that the provider was made with."""

    provider: Any
    server: ModelServer
    kit: ProviderKit
    clock: FakeClock

    async def ask(self, features: dict[str, Any] | None = None, *, id: str = "m", **parameters: Any) -> Any:  # noqa: A002
        """Ask a model with these parameters; a sentiment of a short text unless told otherwise."""
        declared = {"task": "sentiment", "model": "small", **parameters}
        model = ModelConfig(id=id, provider="front", feature=declared.pop("feature", None), parameters=declared)
        question = PredictionInput(
            features={"text": "late again"} if features is None else features, prediction_id="p-1", timeout_seconds=5.0
        )
        return await self.provider.predict(model, question)


@asynccontextmanager
async def open_front(
    kind: str,
    reply: Said | Callable[[Heard], Any],
    *,
    path: str = "/v1",
    key: str | None = "sk-front-9d1c4a7e",
    prices: dict[str, Any] | None = None,
    ledger: SpendLedger | None = None,
    **config: Any,
) -> Any:
    """Start a front that answers by ``reply``, and a provider before it."""
    async with ModelServer(reply if callable(reply) else lambda _: reply) as server:
        clock = FakeClock()
        kit = ProviderKit(
            models=LocalModelLoader(NoBundles()),
            features=discover_ai_features(),
            clock=clock,
            hosts=AllowedHosts([server.host]),
            environ={} if key is None else {"FRONT_KEY": key},
            prices=PriceTable(prices),
            ledger=ledger or InProcessSpendLedger(),
            connect_seconds=10.0,
        )
        factory = ProviderFactory(kit)
        endpoint = server.url + ("" if kind == "anthropic" else path)
        credentials = {} if key is None else {"api_key": {"env": "FRONT_KEY"}}
        made = ProviderConfig(provider=kind, endpoint=endpoint, credentials=credentials, config=config)
        try:
            yield Front(factory.get_provider(made), server, kit, clock)
        finally:
            await factory.aclose()


def chat_reply(answer: Any = None, *, finish_reason: str = "stop", refusal: str | None = None, **usage: Any) -> Said:
    """Return a reply of Chat Completions; an answer that is no text is sent as JSON."""
    content = answer if isinstance(answer, str) else json.dumps(SENTIMENT if answer is None else answer)
    message = {"role": "assistant", "content": None if refusal else content, "refusal": refusal}
    return Said(
        body={
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "model": "small-2026-01-01",
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish_reason}],
            "usage": {"prompt_tokens": 120, "completion_tokens": 12, "total_tokens": 132, **usage},
        }
    )


def responses_reply(answer: Any = None, *, status: str = "completed", refusal: str | None = None, **more: Any) -> Said:
    """Return a reply of Responses, with a part of reasoning before its message."""
    text = answer if isinstance(answer, str) else json.dumps(SENTIMENT if answer is None else answer)
    part = {"type": "refusal", "refusal": refusal} if refusal else {"type": "output_text", "text": text, "logprobs": []}
    message = {"type": "message", "role": "assistant", "status": status, "content": [part]}
    return Said(
        body={
            "id": "resp_1",
            "object": "response",
            "status": status,
            "error": None,
            "incomplete_details": None,
            "output": [{"type": "reasoning", "summary": []}, message],
            "usage": {
                "input_tokens": 120,
                "input_tokens_details": {"cached_tokens": 20},
                "output_tokens": 12,
                "output_tokens_details": {"reasoning_tokens": 4},
                "total_tokens": 132,
            },
            **more,
        }
    )


def messages_reply(answer: Any = None, *, stop_reason: str = "end_turn", **usage: Any) -> Said:
    """Return a reply of Messages."""
    text = answer if isinstance(answer, str) else json.dumps(SENTIMENT if answer is None else answer)
    return Said(
        body={
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "content": [{"type": "text", "text": text}],
            "stop_reason": stop_reason,
            "stop_sequence": None,
            "usage": {"input_tokens": 100, "output_tokens": 12, **usage},
        }
    )


REPLIES = {
    "chat-completions": ("openai", chat_reply),
    "responses": ("openai", responses_reply),
    "messages": ("anthropic", messages_reply),
}


@pytest.fixture
def opened_front() -> Callable[..., Any]:
    """Opens a provider before a front that answers as it is told."""
    return open_front


@pytest.fixture
def replies() -> dict[str, Any]:
    """The kind of provider and the maker of replies of each wire."""
    return REPLIES


@pytest.fixture
def opened_wire() -> Callable[..., Any]:
    """Opens a provider before a front of one wire; without a reply, every question gets the usual sentiment."""

    def opened(wire: str, reply: Said | Callable[[Heard], Any] | None = None, **options: Any) -> Any:
        kind, usual = REPLIES[wire]
        api = {} if kind == "anthropic" else {"api": wire}
        return open_front(kind, usual() if reply is None else reply, **api, **options)

    return opened


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that takes a ``wire`` once for each."""
    if "wire" in metafunc.fixturenames:
        metafunc.parametrize("wire", sorted(REPLIES))
