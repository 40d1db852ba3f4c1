"""What calls of language models cost: tokens, dated prices, and a day's budget of one model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

import msgspec

TOKENS_PER_PRICE: Final = 1_000_000
_NOTHING: Final = Decimal(0)


class TokenUsage(msgspec.Struct, frozen=True, kw_only=True):
    """The tokens of one call: read new, read from the provider's cache, written to it, and given out (reasoning included)."""

    input_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0

    @property
    def total(self) -> int:
        """All tokens that were read and written."""
        return self.input_tokens + self.cached_tokens + self.cache_write_tokens + self.output_tokens


class Price(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a million tokens of one model cost from a day on, and where that was read."""

    as_of: date
    source: str
    input: float
    output: float
    cached_input: float | None = None
    cache_write: float | None = None
    currency: str = "USD"

    def cost(self, usage: TokenUsage) -> Decimal:
        """Return what these tokens cost; cached ones cost as much as others where no price of their own is given."""
        total = (
            usage.input_tokens * _exact(self.input)
            + usage.cached_tokens * _exact(self.input if self.cached_input is None else self.cached_input)
            + usage.cache_write_tokens * _exact(self.input if self.cache_write is None else self.cache_write)
            + usage.output_tokens * _exact(self.output)
        )
        return total / TOKENS_PER_PRICE

    def most(self, *, input_tokens: int, output_tokens: int) -> Decimal:
        """Return what so many tokens cost at most, however the provider counts those that it reads."""
        dearest = max(price for price in (self.input, self.cached_input, self.cache_write) if price is not None)
        return (input_tokens * _exact(dearest) + output_tokens * _exact(self.output)) / TOKENS_PER_PRICE


class PriceTable:
    """Prices by provider and by the provider's own name of the model, each with its date and source.

    >>> table = PriceTable({"openai": {"m": {"as_of": date(2026, 1, 1), "source": "the price list", "input": 1.0, "output": 4.0}}})
    >>> table.find("openai", "m", date(2026, 6, 1)).cost(TokenUsage(input_tokens=500_000, output_tokens=250_000))
    Decimal('1.5')

    Raises:
        ValueError: an entry is no price; the text names it.
    """

    def __init__(self, declared: Mapping[str, Any] | None = None) -> None:
        self._prices: dict[tuple[str, str], list[Price]] = {}
        for provider, models in (declared or {}).items():
            if not isinstance(models, Mapping):
                raise ValueError(f"{provider!r} holds no table of models")
            for model, entries in models.items():
                listed = entries if isinstance(entries, list | tuple) else [entries]
                self._prices[str(provider), str(model)] = [_price(provider, model, entry) for entry in listed]

    def find(self, provider: str, model: str, day: date) -> Price | None:
        """Return the price that holds on a day, or None where none is known yet."""
        known = [price for price in self._prices.get((provider, model), ()) if price.as_of <= day]
        return max(known, key=lambda price: price.as_of, default=None)


class Budget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one model may use in a day (UTC): tokens, money in a currency, or both."""

    tokens: int | None = None
    amount: float | None = None
    currency: str = "USD"


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """What one model has used in a day; ``unsettled`` counts calls whose usage never came, booked at their upper bound.

    ``amounts`` are by currency; calls without a known price are in ``unpriced`` and in no amount. ``price_as_of`` is the date of the price
    that the latest priced call was booked at.
    """

    calls: int = 0
    tokens: int = 0
    amounts: Mapping[str, Decimal] = {}
    unpriced: int = 0
    unsettled: int = 0
    price_as_of: date | None = None


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """The most that one call can use, set aside before it is made; ``amount`` is None where the price is not known."""

    model_id: str
    day: date
    tokens: int
    amount: Decimal | None = None
    currency: str = "USD"
    price_as_of: date | None = None


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What one model has used in a day, and what calls under way have set aside.

    >>> claim = Claim(model_id="m", day=date(2026, 1, 1), tokens=600)
    >>> Account().has_room(claim, Budget(tokens=1000)), Account().with_claim(claim).has_room(claim, Budget(tokens=1000))
    (True, False)
    """

    spent: Spent = Spent()
    claimed_tokens: int = 0
    claimed_amounts: Mapping[str, Decimal] = {}

    def has_room(self, claim: Claim, budget: Budget) -> bool:
        """Say whether spent, claimed and this claim together are within the budget; raises ``ValueError`` for money without a price."""
        if budget.tokens is not None and self.spent.tokens + self.claimed_tokens + claim.tokens > budget.tokens:
            return False
        if budget.amount is None:
            return True
        if claim.amount is None:
            raise ValueError("a budget in money needs claims in money")
        used = self.spent.amounts.get(budget.currency, _NOTHING) + self.claimed_amounts.get(budget.currency, _NOTHING)
        return used + claim.amount <= _exact(budget.amount)

    def with_claim(self, claim: Claim) -> Account:
        """Return the account with a claim set aside."""
        return self._claimed(claim, 1)

    def settled(self, claim: Claim, *, tokens: int | None, amount: Decimal | None, is_call: bool) -> Account:
        """Return the account with a claim replaced by what was used; the whole of it where nobody knows, nothing where it was no call."""
        freed = self._claimed(claim, -1)
        if not is_call:
            return freed
        booked = claim.amount if tokens is None else amount
        amounts = dict(self.spent.amounts)
        if booked is not None:
            amounts[claim.currency] = amounts.get(claim.currency, _NOTHING) + booked
        spent = Spent(
            calls=self.spent.calls + 1,
            tokens=self.spent.tokens + (claim.tokens if tokens is None else tokens),
            amounts=amounts,
            unpriced=self.spent.unpriced + (booked is None),
            unsettled=self.spent.unsettled + (tokens is None),
            price_as_of=self.spent.price_as_of if booked is None else claim.price_as_of,
        )
        return msgspec.structs.replace(freed, spent=spent)

    def _claimed(self, claim: Claim, sign: int) -> Account:
        amounts = dict(self.claimed_amounts)
        if claim.amount is not None:
            amounts[claim.currency] = amounts.get(claim.currency, _NOTHING) + sign * claim.amount
        return msgspec.structs.replace(
            self, claimed_tokens=self.claimed_tokens + sign * claim.tokens, claimed_amounts=amounts
        )


class ModelUsage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What one language model used in one day (UTC), as people read it.

    ``amounts`` is money by currency; ``unpriced`` calls have no known price and are in no amount, ``unsettled`` ones are booked at the most
    that they could use. ``set_aside_tokens`` belong to calls under way, or to those whose process died. ``price_as_of`` is the date of the
    price that the latest priced call was booked at. ``daily_budget`` is what the model may use in a day now.
    """

    model_id: str
    day: date
    calls: int
    tokens: int
    amounts: dict[str, float]
    unpriced: int
    unsettled: int
    set_aside_tokens: int
    price_as_of: date | None
    daily_budget: Budget | None


class DayOfSpending(msgspec.Struct, frozen=True, kw_only=True):
    """The account of one model on one day."""

    model_id: str
    day: date
    account: Account


def _price(provider: str, model: str, entry: Any) -> Price:
    try:
        price = msgspec.convert(entry, Price)
    except msgspec.ValidationError as problem:
        raise ValueError(f"the price of {provider!r}, model {model!r}, cannot be read: {problem}") from None
    numbers = (price.input, price.output, price.cached_input, price.cache_write)
    if not price.source.strip() or any(number is not None and not 0 <= number < 1e9 for number in numbers):
        raise ValueError(f"the price of {provider!r}, model {model!r}, needs a source and finite numbers from 0 on")
    return price


def _exact(number: float) -> Decimal:
    return Decimal(str(number))
