"""Reads purchase rows into the first purchases of each account, in order of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.training.infer_types import cell_text, infer_types
from hotcrm_ai.training.raw_table import RawTable
from hotcrm_ai.training.spelling import misspellings_of
from hotcrm_ai.training.target import check_column
from hotcrm_ai.training.typed_table import TypedColumn

_DAY_SECONDS: Final = 86_400.0
_TOLERATED_SHARE: Final = 0.01
_LONGEST_NAME: Final = 200


class Purchase(NamedTuple):
    """The first purchase of a product by an account: its day (fractional, any zero point) and the product's number."""

    day: float
    product: int


class Purchases(msgspec.Struct, frozen=True, kw_only=True):
    """All first purchases by account, oldest first, and what is known of each account.

    ``dated`` says whether days are real; else they are the order of rows. ``kin`` holds industry (folded) and company size. ``names``
    says what people call each product, empty where no row says it; there are none where no product has one.
    """

    products: tuple[str, ...]
    accounts: dict[str, tuple[Purchase, ...]]
    kin: dict[str, tuple[str | None, float | None]]
    dated: bool
    rows: int
    warnings: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def read_purchases(
    table: RawTable,
    *,
    account: str = "account",
    product: str = "product",
    product_name: str | None = None,
    date: str | None = None,
    quantity: str | None = None,
    industry: str | None = None,
    company_size: str | None = None,
    allow_bad_rows: bool = False,
) -> Purchases:
    """Return the first purchase of each product by each account; returns (a quantity of 0 or less) are left out and counted.

    A row without a quantity is a purchase: what is missing is not 0. What describes an account is taken from its last row that has it.
    Columns that are not named are looked for under the names ``product_name``, ``date``, ``quantity``, ``industry`` and
    ``company_size``.

    Raises:
        TrainingDataError: a column is missing, or more than 1 % of the rows have no account, product or readable date.
    """
    for name, option in ((account, "account"), (product, "target")):
        check_column(table, name, option=option)
    names = {
        key: _found(table, key, given)
        for key, given in (
            ("product_name", product_name), ("date", date), ("quantity", quantity), ("industry", industry),
            ("company_size", company_size),
        )
    }  # fmt: skip
    accounts, products = _texts(table.columns[account]), _texts(table.columns[product])
    days = _days(table, names["date"])
    kept = [at for at in range(len(accounts)) if accounts[at] and products[at] and np.isfinite(days[at])]
    warnings = _unusable(table, len(accounts) - len(kept), allow=allow_bad_rows)
    kept, returned = _bought(kept, _numbers(table, names["quantity"]))
    warnings = (*warnings, *returned)
    numbers = {name: number for number, name in enumerate(sorted({str(products[at]) for at in kept}))}
    first: dict[str, dict[int, tuple[float, int]]] = {}
    for at in kept:
        own = first.setdefault(str(accounts[at]), {})
        number, moment = numbers[str(products[at])], (float(days[at]), at)
        own[number] = min(moment, own.get(number, moment))
    ordered = {
        name: tuple(
            Purchase(day, number) for number, (day, _) in sorted(own.items(), key=lambda entry: (entry[1], entry[0]))
        )
        for name, own in sorted(first.items())
    }
    kin, merged = _well_spelt(_kin(table, accounts, names["industry"], names["company_size"]))
    return Purchases(
        products=tuple(numbers),
        accounts=ordered,
        kin=kin,
        dated=names["date"] is not None,
        rows=len(kept),
        warnings=(*warnings, *merged),
        names=_names(table, names["product_name"], products, list(numbers)),
    )


def _found(table: RawTable, key: str, given: str | None) -> str | None:
    if given is not None:
        check_column(table, given)
        return given
    return key if key in table.columns else None


def _texts(cells: Sequence[Any]) -> list[str]:
    """Return ids as text; a missing one is empty."""
    return [(cell_text(cell) or "").strip() for cell in cells]


def _days(table: RawTable, name: str | None) -> np.ndarray[Any, np.dtype[np.float64]]:
    rows = len(next(iter(table.columns.values())))
    if name is None:
        return np.arange(rows, dtype=np.float64)
    column = _typed(table, name)
    if column is None or column.type != "date":
        found = "nothing" if column is None else column.type
        raise TrainingDataError(
            f"The column {name!r} should hold dates, but reads as {found}; write them as 2026-03-31.", column=name
        )
    return np.array([np.nan if cell is None else _day(cell) for cell in column.cells])


def _typed(table: RawTable, name: str) -> TypedColumn | None:
    """Return one column in its type; an empty cell more keeps a column of one value, which the typing would drop as saying nothing."""
    longer = (*table.columns[name], None)
    alone = msgspec.structs.replace(table, columns={name: longer}, lines=(*table.lines, 0))
    found = infer_types(alone).columns.get(name)
    return None if found is None else found.take(np.arange(len(longer) - 1))


def _day(moment: datetime) -> float:
    return moment.timestamp() / _DAY_SECONDS


def _numbers(table: RawTable, name: str | None) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    if name is None:
        return None
    column = _typed(table, name)
    if column is None or column.type != "number":
        raise TrainingDataError(f"The column {name!r} should hold numbers; name another, or leave it out.", column=name)
    return np.asarray(column.cells, dtype=np.float64)


def _names(table: RawTable, column: str | None, products: Sequence[str], ordered: Sequence[str]) -> tuple[str, ...]:
    """Return what most rows of each product call it, the first by letter of several; empty where none says it."""
    if column is None:
        return ()
    called: dict[str, Counter[str]] = {}
    for product, cell in zip(products, table.columns[column], strict=True):
        name = " ".join((cell_text(cell) or "").split())[:_LONGEST_NAME]
        if name and name != product:
            called.setdefault(product, Counter())[name] += 1
    chosen = {product: min(counts, key=lambda name: (-counts[name], name)) for product, counts in called.items()}
    return tuple(chosen.get(product, "") for product in ordered) if chosen else ()


def _bought(
    rows: list[int], amounts: np.ndarray[Any, np.dtype[np.float64]] | None
) -> tuple[list[int], tuple[str, ...]]:
    """Return the rows that are no returns, and what was left out or taken for a purchase."""
    if amounts is None:
        return rows, ()
    bought = [at for at in rows if not amounts[at] <= 0]
    returned, unsaid = len(rows) - len(bought), int(np.isnan(amounts[bought]).sum())
    words = (
        (returned, "rows with a quantity of 0 or less (returns) were left out"),
        (unsaid, "rows without a quantity were taken for purchases"),
    )
    return bought, tuple(f"{count} {what}" for count, what in words if count)


def _kin(
    table: RawTable, accounts: Sequence[str], industry: str | None, company_size: str | None
) -> dict[str, tuple[str | None, float | None]]:
    trades = _texts(table.columns[industry]) if industry is not None else [""] * len(accounts)
    sizes = _numbers(table, company_size)
    known: dict[str, tuple[str | None, float | None]] = {}
    for at, account in enumerate(accounts):
        size = None if sizes is None or not np.isfinite(sizes[at]) else float(sizes[at])
        trade_before, size_before = known.get(account, (None, None))
        known[account] = (trades[at].casefold() or trade_before, size_before if size is None else size)
    return known


def _well_spelt(
    kin: dict[str, tuple[str | None, float | None]],
) -> tuple[dict[str, tuple[str | None, float | None]], tuple[str, ...]]:
    """Return the accounts with misspelt industries set right, and what was taken for what."""
    counts = Counter(trade for trade, _ in kin.values() if trade is not None)
    right = misspellings_of(counts)
    if not right:
        return kin, ()
    told = ", ".join(f"{wrong!r} ({counts[wrong]}) for {meant!r}" for wrong, meant in right.items())
    spelt = {name: (right.get(trade or "", trade), size) for name, (trade, size) in kin.items()}
    return spelt, (f"industries that look misspelt were taken for a frequent one that differs by one slip: {told}",)


def _unusable(table: RawTable, count: int, *, allow: bool) -> tuple[str, ...]:
    total = max(1, len(next(iter(table.columns.values()))))
    if not count:
        return ()
    if count > _TOLERATED_SHARE * total and not allow:
        raise TrainingDataError(
            f"{table.source}: {count} of {total} rows have no account, product or date; mend them, or leave them out with "
            "`allow_bad_rows=True`."
        )
    return (f"{count} of {total} rows have no account, product or date and were left out",)
