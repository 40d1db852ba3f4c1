"""Shapley values of any function of coalitions, exactly or by paired permutations, with a bound on how often it is asked.

Exact values weigh the gain of each player over all coalitions of the others. Sampled ones average the gains along random orders and
their reverses (Mitchell, Cooper, Frank and Holmes, JMLR 2022): every pair of walks alone adds up to the whole, so the mean does too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from math import factorial
from typing import Final

import msgspec
import numpy as np

Values = Callable[[Sequence[int]], Awaitable[Sequence[float]]]
"""Returns the value of each coalition, a number whose bit ``i`` says that player ``i`` takes part."""

EXACT_PLAYERS: Final = 8
_FEWEST_PAIRS: Final = 2


class Shares(msgspec.Struct, frozen=True, kw_only=True):
    """The value without and with all players, each player's share of the difference, and its standard error where shares were sampled."""

    empty: float
    full: float
    shares: tuple[float, ...]
    errors: tuple[float, ...] | None
    coalitions: int


class BudgetTooSmall(ValueError):
    """The number of coalitions that may be asked for is too small for an answer with an error; never leaves the explainers."""


async def exact_shares(values: Values, players: int) -> Shares:
    """Return exact Shapley values; asks once for each of the ``2 ** players`` coalitions."""
    worth = np.asarray(await values(range(2**players)), dtype=np.float64)
    sizes = np.bitwise_count(np.arange(2**players))
    weight = [factorial(size) * factorial(players - size - 1) / factorial(players) for size in range(players)]
    shares = []
    for player in range(players):
        without = np.flatnonzero((np.arange(2**players) >> player) & 1 == 0)
        gains = worth[without | (1 << player)] - worth[without]
        shares.append(float(np.dot(gains, np.asarray(weight)[sizes[without]])))
    return Shares(
        empty=float(worth[0]), full=float(worth[-1]), shares=tuple(shares), errors=None, coalitions=2**players
    )


async def sampled_shares(values: Values, players: int, *, most_coalitions: int, seed: int) -> Shares:
    """Return Shapley values estimated from random orders of the players, each walked forth and back.

    Every coalition is asked for once, however many walks pass it. The same seed gives the same orders.

    Raises:
        BudgetTooSmall: fewer than two pairs of walks fit into the budget.
    """
    orders = _orders(players, most_coalitions, seed)
    wanted = sorted({coalition for order in orders for coalition in _walk(order)})
    worth = dict(zip(wanted, await values(wanted), strict=True))
    gains = np.zeros((len(orders), players))
    for place, order in enumerate(orders):
        walk = _walk(order)
        for player, before, after in zip(order, walk, walk[1:], strict=False):
            gains[place, player] = worth[after] - worth[before]
    pairs = (gains[0::2] + gains[1::2]) / 2
    errors = pairs.std(axis=0, ddof=1) / np.sqrt(len(pairs))
    return Shares(
        empty=float(worth[0]),
        full=float(worth[2**players - 1]),
        shares=tuple(pairs.mean(axis=0).tolist()),
        errors=tuple(errors.tolist()),
        coalitions=len(wanted),
    )


def _orders(players: int, most_coalitions: int, seed: int) -> list[tuple[int, ...]]:
    """Draw orders and their reverses for as long as the coalitions on their way fit into the budget."""
    draw = np.random.default_rng(seed)
    orders: list[tuple[int, ...]] = []
    seen: set[int] = set()
    while len(orders) < 2 * most_coalitions:
        order = tuple(int(player) for player in draw.permutation(players))
        pair = (order, order[::-1])
        more = seen.union(*(_walk(one) for one in pair))
        if len(more) > most_coalitions:
            break
        orders += pair
        seen = more
    if len(orders) < 2 * _FEWEST_PAIRS:
        raise BudgetTooSmall(
            f"{players} parts need at least {4 * players} coalitions, and {most_coalitions} are allowed"
        )
    return orders


def _walk(order: Sequence[int]) -> list[int]:
    """Return the coalitions from nobody to everybody as players join in this order."""
    coalition, walk = 0, [0]
    for player in order:
        coalition |= 1 << player
        walk.append(coalition)
    return walk
