"""Sets aside what a call may cost before it is made, and books what it did cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from hotcrm_ai.domain.errors import (
    ConfigError,
    ProviderError,
    ProviderMisconfigured,
    ProviderUnavailable,
    StorageError,
)
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.spending import Budget, Claim, Price, PriceTable, TokenUsage
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.ports.spend_ledger import SpendLedger
from hotcrm_ai.providers._language_models.task import Parameters

FRAME_TOKENS: Final = 1024
"""What a vendor may add around our bytes: marks of turns, and its own wording of the schema."""


class OpenClaim(msgspec.Struct, frozen=True, kw_only=True):
    """One call whose cost is set aside; not ``is_held`` where the ledger was away, and the call is counted nowhere."""

    claim: Claim
    price: Price | None
    is_held: bool = True


class Spending:
    """The money side of one provider."""

    def __init__(self, *, provider: str, ledger: SpendLedger, prices: PriceTable, clock: Clock) -> None:
        self._provider = provider
        self._ledger = ledger
        self._prices = prices
        self._clock = clock

    async def open(self, model: ModelConfig, declared: Parameters, *, request_bytes: int) -> OpenClaim:
        """Set aside the most that a call can use: no vendor makes more tokens of a request than it has bytes, a frame added.

        Raises:
            ProviderUnavailable: the model's budget of the day has no room for it, or nobody can tell (kind ``budget_spent``).
            ProviderMisconfigured: the budget is in money, and the price in that money is not known.
        """
        now = self._clock.now().astimezone(UTC)
        price = self._prices.find(self._provider, declared.model, now.date())
        most_read = request_bytes + FRAME_TOKENS
        claim = Claim(
            model_id=model.id,
            day=now.date(),
            tokens=most_read + declared.max_output_tokens,
            amount=None
            if price is None
            else price.most(input_tokens=most_read, output_tokens=declared.max_output_tokens),
            currency="USD" if price is None else price.currency,
            price_as_of=None if price is None else price.as_of,
        )
        budget = declared.daily_budget
        if budget is not None and budget.amount is not None and (price is None or price.currency != budget.currency):
            raise self._no_price(model, declared, budget)
        try:
            has_room = await self._ledger.reserve(claim, budget=budget)
        except StorageError as problem:
            if budget is not None:
                raise self._unknown(model) from problem
            return OpenClaim(claim=claim, price=price, is_held=False)
        if not has_room:
            raise self._spent(model, now)
        return OpenClaim(claim=claim, price=price)

    async def close(self, opened: OpenClaim, usage: TokenUsage | None) -> dict[str, Any]:
        """Book what a call used, and return it for the answer's metadata; without usage, all that was set aside is booked."""
        cost = opened.price.cost(usage) if opened.price is not None and usage is not None else None
        if opened.is_held:
            await self._ledger.settle(opened.claim, tokens=None if usage is None else usage.total, amount=cost)
        if usage is None:
            return {}
        known = opened.price
        return {
            "input_tokens": usage.input_tokens + usage.cached_tokens + usage.cache_write_tokens,
            "cached_tokens": usage.cached_tokens,
            "output_tokens": usage.output_tokens,
            "total_tokens": usage.total,
            "cost": None if cost is None else float(cost),
            "currency": None if known is None else known.currency,
            "price_as_of": None if known is None else known.as_of.isoformat(),
        }

    async def close_failed(self, opened: OpenClaim, error: BaseException) -> None:
        """Give a claim back where nothing was sent; where the vendor may have worked and charged, book it whole."""
        never_sent = isinstance(error, ProviderMisconfigured | ConfigError) or (
            isinstance(error, ProviderError) and type(error.__cause__).__name__ in _NOT_CONNECTED
        )
        if opened.is_held:
            await self._ledger.settle(opened.claim, tokens=None, is_call=not never_sent)

    async def give_back(self, opened: OpenClaim) -> None:
        """Give a claim back: the vendor refused the call, and charges nothing for that."""
        if opened.is_held:
            await self._ledger.settle(opened.claim, tokens=0, is_call=False)

    def _unknown(self, model: ModelConfig) -> ProviderUnavailable:
        return ProviderUnavailable(
            f"Nobody can tell whether the daily budget of model {model.id!r} has room for another call, because the workspace's database "
            "is away; try again once it is back.",
            kind="budget_spent",
            model_id=model.id,
            provider=self._provider,
        )

    def _no_price(self, model: ModelConfig, declared: Parameters, budget: Budget) -> ProviderMisconfigured:
        return ProviderMisconfigured(
            f"Model {model.id!r} has a daily budget in {budget.currency}, but the price of {declared.model!r} at provider "
            f"{self._provider!r} in {budget.currency} is not known; give it in the setting prices, or give the budget in tokens.",
            model_id=model.id,
            provider=self._provider,
        )

    def _spent(self, model: ModelConfig, now: datetime) -> ProviderUnavailable:
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return ProviderUnavailable(
            f"The daily budget of model {model.id!r} has no room for another call; raise parameters['daily_budget'], or wait for the "
            "next day (UTC).",
            kind="budget_spent",
            retry_after_seconds=(midnight - now).total_seconds(),
            model_id=model.id,
            provider=self._provider,
        )


_NOT_CONNECTED: Final = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout"})
