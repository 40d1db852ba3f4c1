"""Ranks products for accounts of the past, and measures such lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp  # type: ignore[import-untyped]  # scipy ships no types

from hotcrm_ai.local_models.recommender import MAX_LIMIT, familiarity, largest
from hotcrm_ai.training.recommend_table import Purchase
from hotcrm_ai.training.recommend_weights import Floats, History, Weights

Cut = Literal["basket", "purchase"]

_CELLS: Final = 4_000_000
"""So many sums are held at once, whatever the numbers of accounts and products."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the cut of the past decides.

    Ridge, weight of baskets beside accounts, how purchases fade (days, floor), and how much the popularity of a product counts, as a
    share of the largest sum of weights that accounts usually have.
    """

    ridge: float
    basket_weight: float
    decay_days: float | None
    floor: float
    popularity: float


class Ranker(msgspec.Struct, frozen=True, kw_only=True):
    """Fitted weights with what else counts for a list: the settings, and the sum that the most popular product begins with."""

    weights: Weights
    settings: Settings
    popularity: float
    shares: Floats

    @property
    def prior(self) -> Floats:
        """What each product begins with, whatever an account has."""
        return self.popularity * familiarity(self.shares)


class Ranked(NamedTuple):
    """For each account the products ranked first that it does not have, -1 where there are no more, and their sums."""

    numbers: npt.NDArray[np.intp]
    sums: Floats


def cut_history(history: History, kind: Cut) -> tuple[dict[str, Sequence[Purchase]], dict[str, list[int]]]:
    """Return what was known before each account's last basket (or purchase), and what that was; short histories stay whole."""
    known: dict[str, Sequence[Purchase]] = {}
    targets: dict[str, list[int]] = {}
    for account, purchases in history.items():
        last = purchases[-1].day
        before = purchases[:-1] if kind == "purchase" else [one for one in purchases if one.day < last]
        if len(before) >= 2:
            known[account], targets[account] = before, [one.product for one in purchases[len(before) :]]
        else:
            known[account] = purchases
    return known, targets


def sample_accounts(targets: Mapping[str, object], *, most: int, seed: int) -> list[str]:
    """Return all accounts in order, or so many of them by chance."""
    accounts = sorted(targets)
    chosen = np.random.default_rng(seed).permutation(len(accounts))[:most]
    return [accounts[at] for at in np.sort(chosen)]


def shares_of(history: History, accounts: Sequence[str], count: int) -> Floats:
    """Return for each product the share of some accounts that have it."""
    owned = np.zeros(count)
    for account in accounts:
        owned[[one.product for one in history[account]]] += 1.0
    return owned / max(1, len(accounts))


def usual_top(weights: Weights, known: History, accounts: Sequence[str], count: int) -> float:
    """Return the largest sum of weights that accounts have on average, where no purchase fades."""
    settings = Settings(ridge=0.0, basket_weight=0.0, decay_days=None, floor=1.0, popularity=0.0)
    tops = [
        np.max(np.where(np.isfinite(sums), sums, 0.0), axis=1)
        for _, sums in _sums(weights, known, accounts, settings, np.zeros(count))
    ]
    return float(np.mean(np.concatenate(tops))) if tops else 0.0


def rank(ranker: Ranker, known: History, accounts: Sequence[str], *, limit: int) -> Ranked:
    """Rank for each account all products that it does not have; equal ones by their number."""
    numbers = np.full((len(accounts), limit), -1, dtype=np.intp)
    kept = np.full((len(accounts), limit), -np.inf)
    for start, sums in _sums(ranker.weights, known, accounts, ranker.settings, ranker.prior):
        for at, row in enumerate(sums, start=start):
            best = largest(row, limit)
            best = best[np.isfinite(row[best])]
            numbers[at, : len(best)], kept[at, : len(best)] = best, row[best]
    return Ranked(numbers, kept)


def ndcg(ranked: npt.NDArray[np.intp], targets: Sequence[Sequence[int]], *, at: int) -> float:
    """Return the mean normalised discounted cumulative gain of the first ``at`` products (Järvelin and Kekäläinen 2002)."""
    gains = ndcg_gains(ranked, targets, at=at)
    return float(np.mean(gains)) if gains else 0.0


def ndcg_gains(ranked: npt.NDArray[np.intp], targets: Sequence[Sequence[int]], *, at: int) -> list[float]:
    """Return the normalised discounted cumulative gain of each row."""
    discounts = 1.0 / np.log2(np.arange(2, at + 2))
    gains = []
    for row, wanted in zip(ranked[:, :at], targets, strict=True):
        hits = np.isin(row, list(wanted))
        gains.append(float(discounts[: len(row)][hits].sum() / discounts[: min(at, len(set(wanted)))].sum()))
    return gains


def hit_rates(ranked: npt.NDArray[np.intp], targets: Sequence[Sequence[int]]) -> tuple[float, ...]:
    """Return for each length of list up to 100 the share of accounts that bought at least one of its products."""
    first = np.full(len(targets), MAX_LIMIT + 1)
    for at, (row, wanted) in enumerate(zip(ranked, targets, strict=True)):
        hits = np.flatnonzero(np.isin(row, list(wanted)))
        if len(hits):
            first[at] = hits[0] + 1
    return tuple(round(float(np.mean(first <= length)), 6) for length in range(1, MAX_LIMIT + 1))


def _sums(
    weights: Weights, known: History, accounts: Sequence[str], settings: Settings, prior: Floats
) -> Iterator[tuple[int, Floats]]:
    """Give the sums of some accounts at a time, with the place of the first; what an account has is minus infinity."""
    count = len(prior)
    matrix = weights.matrix(count)
    step = max(1, _CELLS // count)
    for start in range(0, len(accounts), step):
        rows, columns, counts = [], [], []
        for row, account in enumerate(accounts[start : start + step]):
            latest = known[account][-1].day
            for one in known[account]:
                rows.append(row)
                columns.append(one.product)
                counts.append(_fade(latest - one.day, settings))
        size = min(step, len(accounts) - start)
        inputs = sp.csr_matrix((counts, (rows, columns)), shape=(size, count))
        sums = np.asarray((inputs @ matrix).todense(), dtype=np.float64) + prior
        sums[rows, columns] = -np.inf
        yield start, sums


def _fade(days: float, settings: Settings) -> float:
    if settings.decay_days is None:
        return 1.0
    return settings.floor + (1.0 - settings.floor) * float(np.exp(-days / settings.decay_days))
