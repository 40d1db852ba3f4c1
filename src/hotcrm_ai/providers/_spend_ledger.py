"""The ledger of one process: budgets hold among all calls of this workspace here, and begin anew when it restarts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from hotcrm_ai.domain.spending import Budget, Claim, Spent

_DAYS_KEPT: Final = 2


@dataclass(slots=True)
class _Account:
    calls: int = 0
    tokens: int = 0
    amounts: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    unpriced: int = 0
    unsettled: int = 0
    claimed_tokens: int = 0
    claimed_amounts: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


class InProcessSpendLedger:
    """A `SpendLedger` in memory; no step of it waits, so that each is atomic within the event loop that all calls share."""

    def __init__(self) -> None:
        self._accounts: dict[tuple[date, str], _Account] = {}

    async def reserve(self, claim: Claim, *, budget: Budget | None) -> bool:
        """Set a claim aside; false where spent, claimed and this one together are more than the budget."""
        account = self._account(claim.model_id, claim.day)
        if budget is not None and not _has_room(account, claim, budget):
            return False
        account.claimed_tokens += claim.tokens
        if claim.amount is not None:
            account.claimed_amounts[claim.currency] += claim.amount
        return True

    async def settle(
        self, claim: Claim, *, tokens: int | None, amount: Decimal | None = None, is_call: bool = True
    ) -> None:
        """Replace a claim by what was used."""
        account = self._account(claim.model_id, claim.day)
        account.claimed_tokens -= claim.tokens
        if claim.amount is not None:
            account.claimed_amounts[claim.currency] -= claim.amount
        if not is_call:
            return
        account.calls += 1
        account.unsettled += tokens is None
        account.tokens += claim.tokens if tokens is None else tokens
        booked = claim.amount if tokens is None else amount
        if booked is None:
            account.unpriced += 1
        else:
            account.amounts[claim.currency] += booked

    async def spent(self, model_id: str, day: date) -> Spent:
        """Return what a model has used in a day."""
        account = self._accounts.get((day, model_id))
        if account is None:
            return Spent()
        return Spent(
            calls=account.calls,
            tokens=account.tokens,
            amounts=dict(account.amounts),
            unpriced=account.unpriced,
            unsettled=account.unsettled,
        )

    def _account(self, model_id: str, day: date) -> _Account:
        found = self._accounts.get((day, model_id))
        if found is None:
            self._forget_before(day)
            found = self._accounts[day, model_id] = _Account()
        return found

    def _forget_before(self, day: date) -> None:
        for key in [key for key in self._accounts if (day - key[0]).days >= _DAYS_KEPT]:
            del self._accounts[key]


def _has_room(account: _Account, claim: Claim, budget: Budget) -> bool:
    if budget.tokens is not None and account.tokens + account.claimed_tokens + claim.tokens > budget.tokens:
        return False
    if budget.amount is None:
        return True
    if claim.amount is None:
        raise ValueError("a budget in money needs claims in money")
    used = account.amounts[budget.currency] + account.claimed_amounts[budget.currency]
    return used + claim.amount <= Decimal(str(budget.amount))
