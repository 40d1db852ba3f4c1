"""Tells what language models used, day by day, beside what they may use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.spending import Budget, DayOfSpending, ModelUsage
from hotcrm_ai.ports.spend_ledger import SpendLedger

MOST_DAYS: Final = 366


async def usage_of(
    ledger: SpendLedger, models: Mapping[str, ModelConfig], *, now: datetime, model_id: str | None = None, days: int = 1
) -> list[ModelUsage]:
    """Return what one model, or each, used in the last so many days (UTC, today included), the latest day first.

    Raises:
        ConfigError: the number of days makes no sense.
        StorageError: the database failed.
    """
    if not 1 <= days <= MOST_DAYS:
        raise ConfigError(f"Usage of {days!r} days cannot be told; give 1 to {MOST_DAYS}.")
    since = now.astimezone(UTC).date() - timedelta(days=days - 1)
    found = await ledger.days(model_id=model_id, since=since)
    return [_usage(day, models.get(day.model_id)) for day in found]


def _usage(day: DayOfSpending, model: ModelConfig | None) -> ModelUsage:
    spent = day.account.spent
    return ModelUsage(
        model_id=day.model_id,
        day=day.day,
        calls=spent.calls,
        tokens=spent.tokens,
        amounts={currency: float(amount) for currency, amount in sorted(spent.amounts.items())},
        unpriced=spent.unpriced,
        unsettled=spent.unsettled,
        set_aside_tokens=day.account.claimed_tokens,
        price_as_of=spent.price_as_of,
        daily_budget=None if model is None else _budget(model.parameters.get("daily_budget")),
    )


def _budget(declared: Any) -> Budget | None:
    try:
        return None if declared is None else msgspec.convert(declared, Budget)
    except msgspec.ValidationError:
        return None
