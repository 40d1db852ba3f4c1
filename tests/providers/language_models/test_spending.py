"""Tokens and money of each call, and a day's budget that holds however many calls run at once."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from hotcrm_ai.domain.errors import ConfigError, ProviderError, ProviderMisconfigured, ProviderUnavailable
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import PredictionInput
from hotcrm_ai.domain.spending import PriceTable, TokenUsage
from hotcrm_ai.settings import Settings
from hotcrm_ai.testing import Said

OLD = {"as_of": date(2025, 1, 1), "source": "price list of January 2025", "input": 3.0, "output": 9.0}
NOW = {
    "as_of": date(2025, 12, 1),
    "source": "price list of December 2025",
    "input": 1.0,
    "output": 4.0,
    "cached_input": 0.5,
}
LATER = {"as_of": date(2026, 2, 1), "source": "announced for February 2026", "input": 0.1, "output": 0.4}
PRICES = {vendor: {"small": [LATER, OLD, NOW]} for vendor in ("openai", "anthropic")}


async def test_responses_counts_cached_tokens_at_their_own_price(opened_wire: Any) -> None:
    """100 new at 1, 20 cached at 0.5 and 12 written at 4 for a million: 158 millionths, at the price that holds on the day."""
    async with opened_wire("responses", prices=PRICES) as front:
        usage = (await front.ask()).metadata["usage"]
    assert usage == {
        "input_tokens": 120,
        "cached_tokens": 20,
        "output_tokens": 12,
        "total_tokens": 132,
        "cost": 0.000158,
        "currency": "USD",
        "price_as_of": "2025-12-01",
    }


async def test_anthropic_leaves_cached_tokens_out_and_they_are_added(opened_wire: Any, replies: Any) -> None:
    """100 new, 30 read from the cache, 10 written to it: 140 in all; writing costs as much as reading unless priced."""
    reply = replies["messages"][1](cache_read_input_tokens=30, cache_creation_input_tokens=10)
    async with opened_wire("messages", reply, prices=PRICES) as front:
        usage = (await front.ask()).metadata["usage"]
    assert (usage["input_tokens"], usage["cached_tokens"], usage["total_tokens"]) == (140, 30, 152)
    assert usage["cost"] == pytest.approx((100 + 15 + 10 + 48) / 1e6)


async def test_without_a_price_the_cost_is_unknown(wire: str, opened_wire: Any) -> None:
    """Tokens are counted, and no money is invented."""
    async with opened_wire(wire) as front:
        usage = (await front.ask()).metadata["usage"]
        spent = await front.kit.ledger.spent("m", front.clock.now().date())
    assert (usage["cost"], usage["currency"], usage["price_as_of"]) == (None, None, None)
    assert (spent.calls, spent.unpriced, spent.tokens) == (1, 1, usage["total_tokens"])


async def test_a_vendor_that_says_no_usage_is_booked_at_the_most(wire: str, opened_wire: Any, replies: Any) -> None:
    """The answer stands with a warning, and the whole claim counts."""
    reply = replies[wire][1]()
    del reply.body["usage"]
    async with opened_wire(wire, reply, prices=PRICES) as front:
        answer = await front.ask()
        spent = await front.kit.ledger.spent("m", front.clock.now().date())
    assert answer.metadata == {"warnings": ["the provider did not say how many tokens it used"]}
    assert (spent.calls, spent.unsettled, spent.tokens > 2000, spent.amounts["USD"] > 0) == (1, 1, True, True)


@pytest.mark.parametrize(
    "usage", ["x", {"prompt_tokens": -1}, {"prompt_tokens": 1.5}, {"prompt_tokens": True}], ids=str
)
async def test_a_count_that_is_none_is_no_reply(usage: Any, opened_wire: Any, replies: Any) -> None:
    """Negative or broken counts cannot lower what was spent."""
    reply = replies["chat-completions"][1]()
    reply.body["usage"] = usage
    async with opened_wire("chat-completions", reply) as front:
        if usage == "x":
            assert "usage" not in (await front.ask()).metadata
        else:
            with pytest.raises(ProviderError):
                await front.ask()
        spent = await front.kit.ledger.spent("m", front.clock.now().date())
    assert (spent.unsettled, spent.tokens > 1000) == (1, True)


async def test_fifty_calls_at_once_stay_within_a_budget_of_tokens(wire: str, opened_wire: Any, replies: Any) -> None:
    """What every call could use is set aside before it leaves, so that the sum is never over, at no moment."""
    arrived = asyncio.Event()
    maker = replies[wire][1]

    async def slow(heard: Any) -> Said:
        await asyncio.wait_for(arrived.wait(), 5)
        reply: Said = maker()
        return reply

    budget = {"tokens": 20_000}
    async with opened_wire(wire, slow) as front:
        calls = [asyncio.create_task(front.ask(daily_budget=budget)) for _ in range(50)]
        while sum(call.done() for call in calls) + len(front.server.heard) < 50:  # noqa: ASYNC110 - two sides of one sum
            await asyncio.sleep(0)
        sent = len(front.server.heard)
        most = max(len(heard.body) for heard in front.server.heard) + 1024 + 1024
        assert sent * most <= 20_000 < (sent + 1) * most
        arrived.set()
        found = await asyncio.gather(*calls, return_exceptions=True)
        refused = [error for error in found if isinstance(error, ProviderUnavailable)]
        assert len(refused) == 50 - sent
        assert {error.kind for error in refused} == {"budget_spent"}
        used = (await front.kit.ledger.spent("m", front.clock.now().date())).tokens
        assert used == sum(answer.metadata["usage"]["total_tokens"] for answer in found if answer not in refused)


async def test_a_budget_in_money_is_spent_to_the_last_call_and_never_over(opened_wire: Any) -> None:
    """Rounds of 50 calls at once until nothing is answered any more: what is left is less than one call can cost."""
    budget = {"amount": 0.05, "currency": "USD"}
    async with opened_wire("chat-completions", prices=PRICES) as front:
        answered = 1
        while answered:
            calls = [front.ask(daily_budget=budget) for _ in range(50)]
            found = await asyncio.gather(*calls, return_exceptions=True)
            answered = sum(not isinstance(answer, Exception) for answer in found)
        spent = await front.kit.ledger.spent("m", front.clock.now().date())
        most = (len(front.server.heard[0].body) + 1024 + 4 * 1024) / 1e6
    assert spent.amounts["USD"] == spent.calls * Decimal("0.000168")
    assert 0.05 - most < spent.amounts["USD"] <= Decimal("0.05")


async def test_a_spent_budget_is_not_retried_and_ends_with_the_day(opened_wire: Any) -> None:
    """The error says when it is over, blames no provider, and another model goes on."""
    async with opened_wire("messages") as front:
        with pytest.raises(ProviderUnavailable, match="daily budget") as caught:
            await front.ask(daily_budget={"tokens": 10})
        assert (caught.value.retries, caught.value.counts_for_breaker, caught.value.may_fall_back) == (0, False, True)
        assert caught.value.details["retry_after_seconds"] == 24 * 3600
        budget = {"tokens": 4_000}
        await front.ask(daily_budget=budget)
        for _ in range(40):
            try:
                await front.ask(daily_budget=budget)
            except ProviderUnavailable:
                break
        else:
            raise AssertionError("the budget never ended")
        await front.ask(id="another", daily_budget=budget)
        front.clock.advance(24 * 3600)
        await front.ask(daily_budget=budget)


async def test_a_budget_in_money_needs_a_price_in_that_money(opened_wire: Any) -> None:
    """Nothing is asked whose cost cannot be bounded."""
    async with opened_wire("messages", prices=PRICES) as front:
        with pytest.raises(ProviderMisconfigured, match="price of 'other'"):
            await front.ask(model="other", daily_budget={"amount": 5})
        with pytest.raises(ProviderMisconfigured, match="in EUR"):
            await front.ask(daily_budget={"amount": 5, "currency": "EUR"})
        assert front.server.heard == []


async def test_a_refused_call_costs_nothing_and_one_whose_end_nobody_saw_costs_the_most(
    opened_wire: Any, replies: Any
) -> None:
    """A 429 gives its claim back; a call that was given up may have been charged."""
    script = [Said(status=429, body={}), Said(status=529, body={})]
    never = asyncio.Event()

    async def reply(heard: Any) -> Said:
        if script:
            return script.pop()
        await never.wait()
        raise AssertionError("nobody waits for this")

    async with opened_wire("messages", reply) as front:
        today = front.clock.now().date()
        for _ in range(2):
            with pytest.raises(ProviderUnavailable):
                await front.ask()
        assert (await front.kit.ledger.spent("m", today)).tokens == 0
        call = asyncio.create_task(front.ask())
        while len(front.server.heard) < 3:  # noqa: ASYNC110 - the server keeps a list, no event
            await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        spent = await front.kit.ledger.spent("m", today)
        assert (spent.calls, spent.unsettled, spent.tokens > 2000) == (1, 1, True)


async def test_a_server_that_is_not_there_costs_nothing(opened_wire: Any) -> None:
    """No connection, no charge: a dead endpoint cannot use the budget up."""
    async with opened_wire("messages") as front:
        await front.ask()
        used = await front.kit.ledger.spent("m", front.clock.now().date())
        front.server._server.close()
        await front.server.__aexit__(None, None, None)
        await front.provider.aclose()
        with pytest.raises(ProviderUnavailable):
            await front.ask()
        assert await front.kit.ledger.spent("m", front.clock.now().date()) == used


async def test_a_batch_is_as_many_calls_in_order_and_few_at_a_time(opened_wire: Any, replies: Any) -> None:
    """Two at a time where two are allowed; one failure ends the batch with its own error."""
    running, most, two = 0, 0, asyncio.Event()

    async def reply(heard: Any) -> Said:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 2:
            two.set()
        await asyncio.wait_for(two.wait(), 5)
        running -= 1
        text = heard.json()["messages"][0]["content"][0]["text"]
        number = int("".join(sign for sign in text if sign.isdigit()))
        found: Said = replies["messages"][1]({"score": number} if number != 99 else "no")
        return found

    model = ModelConfig(id="m", provider="anthropic", parameters={"task": "scoring", "model": "small"})
    questions = [PredictionInput(features={"n": str(number)}, prediction_id=f"p{number}") for number in range(12)]
    async with opened_wire("messages", reply, concurrency=2) as front:
        answers = await front.provider.batch_predict(model, questions)
        assert [answer.prediction["score"] for answer in answers] == list(range(12))
        assert most == 2
        bad = PredictionInput(features={"n": "99"}, prediction_id="bad")
        with pytest.raises(ProviderError, match="not one JSON object"):
            await front.provider.batch_predict(model, [*questions[:3], bad])


def test_a_price_is_found_by_its_day() -> None:
    """The latest that holds; none before the first; half a million tokens at 1 and a quarter at 4 cost 1.5."""
    table = PriceTable(PRICES)
    usage = TokenUsage(input_tokens=500_000, output_tokens=250_000)
    found = table.find("openai", "small", date(2026, 1, 15))
    assert found is not None
    assert found.cost(usage) == Decimal("1.5")
    assert table.find("openai", "small", date(2024, 1, 1)) is None
    assert table.find("openai", "unknown", date(2026, 1, 15)) is None


def test_prices_are_settings_and_all_mistakes_are_said(tmp_path: Any) -> None:
    """A file holds them with date and source; one without is refused at start."""
    (tmp_path / "settings.toml").write_text(
        '[prices.openai."small"]\nas_of = 2025-12-01\nsource = "price list"\ninput = 1\noutput = 4\n', encoding="utf-8"
    )
    settings = Settings.load({"HOTCRM_AI_HOME": str(tmp_path)})
    price = settings.price_table.find("openai", "small", date(2026, 1, 1))
    assert price is not None
    assert (price.input, price.output, price.currency) == (1.0, 4.0, "USD")
    for wrong in ({**OLD, "source": " "}, {**OLD, "input": -1}, {**OLD, "inptu": 1}, {"input": 1, "output": 2}):
        with pytest.raises(ConfigError, match="prices: the price of 'openai', model 'small'"):
            Settings(prices={"openai": {"small": wrong}})
