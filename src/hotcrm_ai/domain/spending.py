"""What calls of language models cost: tokens, dated prices, and a day's budget of one model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

import msgspec

TOKENS_PER_PRICE: Final = 1_000_000


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

    ``amounts`` are by currency; calls without a known price are in ``unpriced`` and in no amount.
    """

    calls: int = 0
    tokens: int = 0
    amounts: Mapping[str, Decimal] = {}
    unpriced: int = 0
    unsettled: int = 0


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """The most that one call can use, set aside before it is made; ``amount`` is None where the price is not known."""

    model_id: str
    day: date
    tokens: int
    amount: Decimal | None = None
    currency: str = "USD"


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
