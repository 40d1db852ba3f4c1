"""Keeps what each model has used today, so that a budget holds however many calls run at once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Protocol

from hotcrm_ai.domain.spending import Budget, Claim, DayOfSpending, Spent


class SpendLedger(Protocol):
    """Sets aside what a call may use before it is made, and books what it used after.

    A ledger that several processes share must do each of these in one atomic step.
    """

    async def reserve(self, claim: Claim, *, budget: Budget | None) -> bool:
        """Set a claim aside; false, and nothing set aside, where the day's budget has no room for it."""
        ...

    async def settle(
        self, claim: Claim, *, tokens: int | None, amount: Decimal | None = None, is_call: bool = True
    ) -> None:
        """Replace a claim by what the call used; without ``tokens``, nobody knows, and the whole claim is booked.

        ``is_call=False`` gives a claim back whose call was refused or never left.
        """
        ...

    async def spent(self, model_id: str, day: date) -> Spent:
        """Return what a model has used in a day, open claims not counted."""
        ...

    async def days(self, *, model_id: str | None = None, since: date) -> list[DayOfSpending]:
        """Return the accounts of one model, or of all, from a day on: the latest day first, then in order of id."""
        ...
