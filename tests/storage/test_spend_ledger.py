"""A day's budget holds for all calls and all processes together, and what is not known to be unused counts as used."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.domain.spending import Budget, Claim
from hotcrm_ai.providers._spend_ledger import InProcessSpendLedger
from hotcrm_ai.storage import Database, SQLSpendLedger

DAY = date(2026, 3, 31)
BUDGET = Budget(tokens=2_000, amount=0.3)

PROCESS = """
import asyncio, sys
from datetime import date
from decimal import Decimal
from hotcrm_ai.domain.spending import Budget, Claim
from hotcrm_ai.storage import SQLSpendLedger, open_database

async def main():
    database = open_database(sys.argv[1])
    ledger = SQLSpendLedger(database, "ours")
    claim = Claim(model_id="m", day=date(2026, 3, 31), tokens=100, amount=Decimal("0.1"))
    sys.stdin.readline()
    granted = 0
    for _ in range(20):
        granted += await ledger.reserve(claim, budget=Budget(amount=3.0))
    print(granted, flush=True)
    sys.stdin.readline()
    if sys.argv[2] == "settle":
        for _ in range(granted):
            await ledger.settle(claim, tokens=40, amount=Decimal("0.04"))
    await ledger.aclose()
    await database.aclose()

asyncio.run(main())
"""


def claim(tokens: int = 100, amount: str | None = "0.01", **changes: Any) -> Claim:
    money = None if amount is None else Decimal(amount)
    return Claim(**{"model_id": "m", "day": DAY, "tokens": tokens, "amount": money} | changes)


@pytest.fixture(params=["shared", "one process"])
async def ledger(request: pytest.FixtureRequest, database: Database) -> Any:
    """The ledger in the database, and its twin in memory."""
    if request.param == "one process":
        yield InProcessSpendLedger()
        return
    shared = SQLSpendLedger(database, "ours")
    yield shared
    await shared.aclose()


async def test_calls_at_once_never_claim_more_than_the_budget(ledger: Any) -> None:
    """Sixty claims of 100 tokens where 2,000 may be used: twenty are set aside, whoever comes first."""
    granted = await asyncio.gather(*[ledger.reserve(claim(amount="0.001"), budget=BUDGET) for _ in range(60)])
    assert sum(granted) == 20
    assert (await ledger.spent("m", DAY)).tokens == 0


async def test_money_holds_to_the_last_cent(ledger: Any) -> None:
    """Three tenths are thirty hundredths, which no float would say, and each model and day has its own."""
    granted = [await ledger.reserve(claim(tokens=1), budget=BUDGET) for _ in range(40)]
    assert sum(granted) == 30
    assert await ledger.reserve(claim(tokens=1, model_id="other"), budget=BUDGET)
    assert await ledger.reserve(claim(tokens=1, day=date(2026, 4, 1)), budget=BUDGET)


async def test_what_was_used_takes_the_place_of_what_was_set_aside(ledger: Any) -> None:
    """Known usage, unknown usage, no price and no call are each booked as what they are."""
    priced = claim(1_000, "0.1", price_as_of=date(2026, 1, 1))
    for _ in range(3):
        await ledger.reserve(priced, budget=None)
    await ledger.reserve(claim(1_000, None), budget=None)
    await ledger.settle(priced, tokens=40, amount=Decimal("0.004"))
    await ledger.settle(priced, tokens=None)
    await ledger.settle(priced, tokens=0, is_call=False)
    await ledger.settle(claim(1_000, None), tokens=7)
    spent = await ledger.spent("m", DAY)
    assert (spent.calls, spent.tokens, spent.amounts) == (3, 1_047, {"USD": Decimal("0.104")})
    assert (spent.unpriced, spent.unsettled, spent.price_as_of) == (1, 1, date(2026, 1, 1))
    (day,) = await ledger.days(since=DAY)
    assert (day.model_id, day.day, day.account.claimed_tokens) == ("m", DAY, 0)
    assert await ledger.days(since=date(2026, 4, 1)) == []
    assert await ledger.days(since=DAY, model_id="other") == []


async def test_the_shared_ledger_is_its_twin(database: Database) -> None:
    """A hundred and twenty random steps leave the same account in the database as in memory."""
    chance = random.Random(5)
    shared, twin = SQLSpendLedger(database, "ours"), InProcessSpendLedger()
    open_claims = []
    for _ in range(120):
        if open_claims and chance.random() < 0.5:
            done = open_claims.pop(chance.randrange(len(open_claims)))
            used = chance.choice([None, 0, 30])
            how = {"tokens": used, "amount": Decimal("0.003"), "is_call": chance.random() < 0.8}
            await shared.settle(done, **how)
            await twin.settle(done, **how)
            continue
        asked = claim(chance.randrange(200), chance.choice(["0.01", "0.02"]), currency=chance.choice(["USD", "EUR"]))
        budget = Budget(tokens=9_000, amount=0.9, currency=asked.currency)
        granted = await twin.reserve(asked, budget=budget)
        await shared.spent("m", DAY)
        assert await shared.reserve(asked, budget=budget) is granted
        open_claims += [asked] if granted else []
    assert await shared.days(since=DAY) == await twin.days(since=DAY)


async def test_processes_share_one_budget(database: Database, database_url: str) -> None:
    """Three processes ask for sixty claims where thirty may be: thirty are granted, and those of dead processes stay set aside."""
    granted = await asyncio.to_thread(_granted_to_processes, database_url, ("settle", "die", "settle"))
    assert sum(granted) == 30
    (day,) = await SQLSpendLedger(database, "ours").days(since=DAY)
    booked = granted[0] + granted[2]
    assert (day.account.spent.calls, day.account.spent.tokens) == (booked, 40 * booked)
    assert day.account.claimed_tokens == 100 * granted[1]


def _granted_to_processes(url: str, ends: tuple[str, ...]) -> list[int]:
    """Let processes claim at the same time, and settle or die once all of them have."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, url, end],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        for end in ends
    ]
    pipes = [(process.stdin, process.stdout) for process in started]
    for given, _ in pipes:
        given.write("\n")  # type: ignore[union-attr]
    granted = [int(told.readline()) for _, told in pipes]  # type: ignore[union-attr]
    for process in started:
        process.communicate("\n", timeout=60)
    return granted


async def test_workspaces_share_no_budget(database: Database) -> None:
    """Two workspaces in one database never meet."""
    one, other = SQLSpendLedger(database, "one"), SQLSpendLedger(database, "other")
    assert await one.reserve(claim(2_000), budget=BUDGET)
    assert await other.reserve(claim(2_000), budget=BUDGET)
    assert not await one.reserve(claim(1), budget=BUDGET)


async def test_a_call_given_up_while_it_waits_for_the_ledger_sets_nothing_aside(database: Database) -> None:
    """The claim that the database still takes is taken back, for no call follows it."""
    ledger = SQLSpendLedger(database, "ours")
    call = asyncio.create_task(ledger.reserve(claim(2_000), budget=BUDGET))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert await ledger.reserve(claim(2_000), budget=BUDGET)
    (day,) = await ledger.days(since=DAY)
    assert (day.account.claimed_tokens, day.account.spent.calls) == (2_000, 0)


async def test_without_the_database_nothing_is_set_aside_and_nothing_is_freed(database: Database) -> None:
    """A claim that cannot be made is an error; one that cannot be booked stays as it is."""
    ledger = SQLSpendLedger(database, "ours")
    await ledger.reserve(claim(), budget=BUDGET)
    rename = "ALTER TABLE {} RENAME TO {}"
    await database.run(lambda one: one.execute(text(rename.format("ai_model_usage", "away"))), write=True)
    with pytest.raises(StorageError):
        await ledger.reserve(claim(), budget=BUDGET)
    await ledger.settle(claim(), tokens=1)
    await ledger.aclose()
    await database.run(lambda one: one.execute(text(rename.format("away", "ai_model_usage"))), write=True)
    (day,) = await ledger.days(since=DAY)
    assert (day.account.claimed_tokens, day.account.spent.calls) == (100, 0)
