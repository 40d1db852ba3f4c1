"""A language model in a workspace: budget, retry and fallback as a caller sees them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from hotcrm_ai import AI, Settings
from hotcrm_ai.domain.errors import ProviderUnavailable
from hotcrm_ai.testing import Heard, ModelServer, Said


def _model(model_id: str, url: str, **changes: Any) -> dict[str, Any]:
    parameters = {"task": "scoring", "model": model_id, "max_output_tokens": 50, **changes.pop("parameters", {})}
    return {
        "id": model_id,
        "provider": "openai",
        "status": "active",
        "provider_config": {"provider": "openai", "endpoint": f"{url}/v1"},
        "parameters": parameters,
        "signature": {"features": [{"name": "text", "type": "text"}]},
        **changes,
    }


def _score(score: Any) -> Said:
    message = {"role": "assistant", "content": json.dumps({"score": score}), "refusal": None}
    usage = {"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105}
    return Said(body={"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage})


async def test_when_the_budget_is_spent_the_fallback_answers_and_says_so(tmp_path: Path) -> None:
    """Fifty callers at once: those for whom there is budget get the dear model, all others the cheap one, named as fallback."""

    def reply(heard: Heard) -> Said:
        return _score(90 if heard.json()["model"] == "dear" else 10)

    async with ModelServer(reply) as server:
        settings = Settings(home=tmp_path, provider_hosts=(server.host,), timeout_seconds=30)
        async with AI.open(settings) as ai:
            await ai.registry.register(_model("cheap", server.url))
            await ai.registry.register(
                _model("dear", server.url, fallback_model_id="cheap", parameters={"daily_budget": {"tokens": 15_000}})
            )
            answers = await asyncio.gather(*[ai.predict("dear", {"text": f"message {number}"}) for number in range(50)])
            spent = await ai.providers.for_model(await ai.registry.get_model("dear")).spent_today("dear")  # type: ignore[arg-type, attr-defined]
    dear = [answer for answer in answers if answer.model_id == "dear"]
    cheap = [answer for answer in answers if answer.model_id == "cheap"]
    assert 0 < len(dear) < 50
    assert len(dear) + len(cheap) == 50
    assert {answer.prediction["score"] for answer in dear} == {90}
    assert {(answer.prediction["score"], answer.metadata["fallback"]) for answer in cheap} == {(10, "dear")}
    assert (spent.calls, spent.tokens) == (len(dear), 105 * len(dear))
    assert spent.tokens <= 15_000


async def test_an_unusable_answer_is_asked_for_once_more_and_an_empty_purse_never(tmp_path: Path) -> None:
    """Prose, then a score: one retry. A spent quota: one attempt, and the next call does not leave at all."""
    script: list[Said] = []

    async with ModelServer(lambda _: script.pop(0)) as server:
        settings = Settings(home=tmp_path, provider_hosts=(server.host,), timeout_seconds=30)
        async with AI.open(settings) as ai:
            await ai.registry.register(_model("scorer", server.url))
            script += [_score("a hundred"), _score(55)]
            answer = await ai.predict("scorer", {"text": "one"})
            assert answer.prediction == {"score": 55}
            assert [attempt["kind"] for attempt in answer.metadata["attempts"]] == ["bad_answer", "ok"]
            script.append(Said(status=429, body={"error": {"code": "insufficient_quota"}}))
            for text in ("two", "three"):
                with pytest.raises(ProviderUnavailable):
                    await ai.predict("scorer", {"text": text})
            assert len(server.heard) == 3
