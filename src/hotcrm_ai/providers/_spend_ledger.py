"""The ledger of one process: budgets hold among all calls of this workspace here, and begin anew when it restarts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from hotcrm_ai.domain.spending import Account, Budget, Claim, DayOfSpending, Spent

_DAYS_KEPT: Final = 2


class InProcessSpendLedger:
    """A `SpendLedger` in memory; no step of it waits, so that each is atomic within the event loop that all calls share."""

    def __init__(self) -> None:
        self._accounts: dict[tuple[date, str], Account] = {}

    async def reserve(self, claim: Claim, *, budget: Budget | None) -> bool:
        """Set a claim aside; false where spent, claimed and this one together are more than the budget."""
        account = self._account(claim.model_id, claim.day)
        if budget is not None and not account.has_room(claim, budget):
            return False
        self._accounts[claim.day, claim.model_id] = account.with_claim(claim)
        return True

    async def settle(
        self, claim: Claim, *, tokens: int | None, amount: Decimal | None = None, is_call: bool = True
    ) -> None:
        """Replace a claim by what was used."""
        account = self._account(claim.model_id, claim.day)
        settled = account.settled(claim, tokens=tokens, amount=amount, is_call=is_call)
        self._accounts[claim.day, claim.model_id] = settled

    async def spent(self, model_id: str, day: date) -> Spent:
        """Return what a model has used in a day."""
        return self._accounts.get((day, model_id), Account()).spent

    async def days(self, *, model_id: str | None = None, since: date) -> list[DayOfSpending]:
        """Return the accounts of one model, or of all, from a day on, the latest day first."""
        found = [
            DayOfSpending(model_id=name, day=day, account=account)
            for (day, name), account in self._accounts.items()
            if day >= since and model_id in (None, name)
        ]
        return sorted(found, key=lambda one: (-one.day.toordinal(), one.model_id))

    def _account(self, model_id: str, day: date) -> Account:
        if (day, model_id) not in self._accounts:
            for key in [key for key in self._accounts if (day - key[0]).days >= _DAYS_KEPT]:
                del self._accounts[key]
        return self._accounts.get((day, model_id), Account())
