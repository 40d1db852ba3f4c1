"""Keeps what language models use in ``ai_model_usage``, so that a day's budget holds for all processes of a workspace together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.domain.spending import Account, Budget, Claim, DayOfSpending, Spent
from hotcrm_ai.storage.database import Database
from hotcrm_ai.storage.tables import ai_model_usage as usage


class SQLSpendLedger:
    """A `SpendLedger` over SQLite or PostgreSQL: each step is one transaction that holds the row of its model and day.

    Claims are booked in the background, so that no answer waits for it. What is lost on the way, with the process or the database, stays
    set aside until the day is over: a budget is kept too well, never too badly.
    """

    def __init__(self, database: Database, workspace: str) -> None:
        self._database = database
        self._workspace = workspace
        self._under_way: set[asyncio.Task[Any]] = set()

    async def reserve(self, claim: Claim, *, budget: Budget | None) -> bool:
        """Set a claim aside; false where spent, claimed and this one together are more than the budget.

        Raises:
            StorageError: the database failed; nothing is set aside.
        """
        may_free_room = bool(
            self._under_way
        )  # also where it is booked behind this claim's back, before the refusal is heard
        if await self._reserve(claim, budget):
            return True
        if not (may_free_room or self._under_way):
            return False
        await self._booked()
        return await self._reserve(claim, budget)

    async def settle(
        self, claim: Claim, *, tokens: int | None, amount: Decimal | None = None, is_call: bool = True
    ) -> None:
        """Replace a claim by what was used; begins at once and waits for nothing."""
        self._start(self._settle(claim, tokens=tokens, amount=amount, is_call=is_call))

    async def spent(self, model_id: str, day: date) -> Spent:
        """Return what a model has used in a day; raises ``StorageError`` where the database failed."""
        await self._booked()
        chosen = self._of(model_id, day)
        row = await self._database.run(
            lambda connection: connection.execute(select(usage).where(*chosen)).mappings().first()
        )
        return Spent() if row is None else _account(row).spent

    async def days(self, *, model_id: str | None = None, since: date) -> list[DayOfSpending]:
        """Return the accounts of one model, or of all, from a day on; raises ``StorageError`` where the database failed."""
        await self._booked()
        chosen = [usage.c.workspace == self._workspace, usage.c.day >= since]
        chosen += [usage.c.model_id == model_id] if model_id is not None else []
        query = select(usage).where(*chosen).order_by(usage.c.day.desc(), usage.c.model_id)
        rows = await self._database.run(lambda connection: connection.execute(query).mappings().all())
        return [DayOfSpending(model_id=row["model_id"], day=row["day"], account=_account(row)) for row in rows]

    async def aclose(self) -> None:
        """Return once everything is booked."""
        await self._booked()

    async def _reserve(self, claim: Claim, budget: Budget | None) -> bool:
        def change(account: Account) -> Account | None:
            return account.with_claim(claim) if budget is None or account.has_room(claim, budget) else None

        reserving = self._start(self._change(claim, change))
        try:
            return bool(await asyncio.shield(reserving))
        except asyncio.CancelledError:
            self._start(self._give_back(claim, reserving))
            raise

    async def _give_back(self, claim: Claim, reserving: asyncio.Task[bool]) -> None:
        """Take back a claim that was set aside for a call which was given up meanwhile."""
        await asyncio.wait([reserving])
        if not reserving.cancelled() and reserving.exception() is None and reserving.result():
            await self._settle(claim, tokens=0, amount=None, is_call=False)

    async def _settle(self, claim: Claim, *, tokens: int | None, amount: Decimal | None, is_call: bool) -> None:
        try:
            await self._change(
                claim, lambda account: account.settled(claim, tokens=tokens, amount=amount, is_call=is_call)
            )
        except StorageError:
            return  # The claim stays set aside, which is the most that the call can have used.

    async def _change(self, claim: Claim, change: Callable[[Account], Account | None]) -> bool:
        return await self._database.run(lambda connection: self._change_row(connection, claim, change), write=True)

    def _change_row(self, connection: Connection, claim: Claim, change: Callable[[Account], Account | None]) -> bool:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        first = {"workspace": self._workspace, "model_id": claim.model_id, "day": claim.day, **_columns(Account())}
        connection.execute(dialect.insert(usage).values(first).on_conflict_do_nothing())
        chosen = self._of(claim.model_id, claim.day)
        row = connection.execute(select(usage).where(*chosen).with_for_update()).mappings().one()
        changed = change(_account(row))
        if changed is None:
            return False
        connection.execute(update(usage).where(*chosen).values(_columns(changed)))
        return True

    def _of(self, model_id: str, day: date) -> tuple[ColumnElement[bool], ...]:
        return usage.c.workspace == self._workspace, usage.c.model_id == model_id, usage.c.day == day

    def _start(self, work: Any) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def _booked(self) -> None:
        while self._under_way:
            await asyncio.wait(set(self._under_way))


def _columns(account: Account) -> dict[str, Any]:
    spent = account.spent
    return {
        "calls": spent.calls,
        "tokens": spent.tokens,
        "amounts": _texts(spent.amounts),
        "unpriced": spent.unpriced,
        "unsettled": spent.unsettled,
        "price_as_of": spent.price_as_of,
        "claimed_tokens": account.claimed_tokens,
        "claimed_amounts": _texts(account.claimed_amounts),
    }


def _account(row: Mapping[Any, Any]) -> Account:
    return Account(
        spent=Spent(
            calls=row["calls"],
            tokens=row["tokens"],
            amounts=_decimals(row["amounts"]),
            unpriced=row["unpriced"],
            unsettled=row["unsettled"],
            price_as_of=row["price_as_of"],
        ),
        claimed_tokens=row["claimed_tokens"],
        claimed_amounts=_decimals(row["claimed_amounts"]),
    )


def _texts(amounts: Mapping[str, Decimal]) -> dict[str, str]:
    return {currency: format(amount, "f") for currency, amount in amounts.items()}


def _decimals(texts: Mapping[str, str]) -> dict[str, Decimal]:
    return {currency: Decimal(text) for currency, text in texts.items()}
