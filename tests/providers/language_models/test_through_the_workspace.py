"""A language model in a workspace: budget, retry and fallback as a caller sees them."""

from __future__ import annotations

import asyncio
import contextlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hotcrm_ai import AI, Settings
from hotcrm_ai.domain.errors import ProviderUnavailable, StorageError
from hotcrm_ai.domain.spending import Budget
from hotcrm_ai.providers._spend_ledger import InProcessSpendLedger
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
                _model("dear", server.url, fallback_model_id="cheap", parameters={"daily_budget": {"tokens": 5_000}})
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
    assert spent.tokens <= 5_000


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


async def test_two_processes_share_a_budget_and_see_one_usage(tmp_path: Path) -> None:
    """Two openings of one workspace, as two processes have: what one used is gone for the other, and both tell the same."""
    prices = {"openai": {"dear": {"as_of": date(2026, 1, 1), "source": "a test", "input": 10.0, "output": 20.0}}}
    async with ModelServer(lambda _: _score(90)) as server:
        settings = Settings(home=tmp_path, provider_hosts=(server.host,), prices=prices)
        async with AI.open(settings) as one, AI.open(settings) as other:
            budget = {"amount": 0.06, "currency": "USD"}
            await one.registry.register(_model("dear", server.url, parameters={"daily_budget": budget}))
            answered = 0
            for number in range(40):
                with contextlib.suppress(ProviderUnavailable):
                    await (one, other)[number % 2].predict("dear", {"text": f"message {number}"})
                    answered += 1
            usages = [await ai.get_usage("dear") for ai in (one, other, one)]
    assert usages[1] == usages[2]
    (usage,) = usages[1]
    assert 0 < answered < 40
    assert (usage.calls, usage.tokens, usage.price_as_of) == (answered, 105 * answered, date(2026, 1, 1))
    assert usage.amounts == {"USD": pytest.approx(answered * 0.0011)}
    assert usage.amounts["USD"] <= 0.06
    assert (usage.set_aside_tokens, usage.daily_budget) == (0, Budget(amount=0.06))


class AwayLedger(InProcessSpendLedger):
    """A ledger whose database is away."""

    async def reserve(self, claim: Any, *, budget: Any) -> bool:
        raise StorageError("the database is away")

    async def settle(self, claim: Any, **used: Any) -> None:
        raise AssertionError("what was not set aside is not booked")


async def test_without_the_ledger_only_a_budget_stops_a_call(opened_front: Any, replies: Any) -> None:
    """A model without a budget answers, uncounted; one with a budget is not asked, since nobody can tell what is left."""
    kind, reply = replies["messages"]
    async with opened_front(kind, reply(), ledger=AwayLedger()) as front:
        assert (await front.ask()).prediction["sentiment"] == "negative"
        with pytest.raises(ProviderUnavailable, match="database is away") as raised:
            await front.ask(daily_budget={"tokens": 1_000_000})
        assert (raised.value.kind, raised.value.may_fall_back, len(front.server.heard)) == ("budget_spent", True, 1)
