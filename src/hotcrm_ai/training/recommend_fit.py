"""Chooses how a recommender ranks on a cut of the past, learns what its sums are worth, and puts it together."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # scikit-learn ships no types

from hotcrm_ai.local_models.recommender import MAX_LIMIT, Recommender, segment_key, size_band
from hotcrm_ai.training.recommend_rank import (
    Cut,
    Ranked,
    Ranker,
    Settings,
    cut_history,
    ndcg,
    rank,
    sample_accounts,
    shares_of,
    usual_top,
)
from hotcrm_ai.training.recommend_table import Purchases
from hotcrm_ai.training.recommend_weights import Floats, History, fit_weights

RIDGES: Final = (3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0)
BASKETS: Final = (0.0, 1.0)
DECAYS: Final = ((None, 1.0), (7.0, 0.1), (30.0, 0.1), (90.0, 0.1))
POPULARITIES: Final = (1e-6, 0.1, 0.3)
"""The smallest decides between products of which nothing else is known."""
JUDGED_ACCOUNTS: Final = 1_500
_TINY: Final = 1e-12
_FIRST_RIDGE: Final = RIDGES.index(100.0)
_AT: Final = 10
_SEGMENT_PRODUCTS: Final = 2 * MAX_LIMIT
_SEGMENT_ACCOUNTS: Final = 20
_PRIOR_ACCOUNTS: Final = 20.0


def fit_ranker(history: History, count: int, settings: Settings) -> Ranker:
    """Fit weights and popularity to what accounts have bought."""
    weights = fit_weights(history, count, ridge=settings.ridge, basket_weight=settings.basket_weight)
    usual = usual_top(weights, history, _some(history), count)
    return Ranker(
        weights=weights,
        settings=settings,
        popularity=settings.popularity * usual,
        shares=shares_of(history, list(history), count),
    )


class _Trial:
    """The past before each account's last basket (or purchase), on which settings are compared by NDCG@10."""

    def __init__(self, history: History, count: int, *, kind: Cut, dated: bool, seed: int) -> None:
        self._known, targets = cut_history(history, kind)
        self._judged = sample_accounts(targets, most=JUDGED_ACCOUNTS, seed=seed)
        self._wanted = [targets[account] for account in self._judged]
        self._shares = shares_of(self._known, list(self._known), count)
        self._count = count
        self._decays = DECAYS if dated else DECAYS[:1]

    def best(self, ridge: float, basket_weight: float) -> tuple[float, Settings]:
        """Return the best way to let purchases fade and popularity count with weights of this kind, and its quality."""
        weights = fit_weights(self._known, self._count, ridge=ridge, basket_weight=basket_weight)
        usual = usual_top(weights, self._known, _some(self._known), self._count)
        tried = []
        for (days, floor), popularity in itertools.product(self._decays, POPULARITIES):
            settings = Settings(
                ridge=ridge, basket_weight=basket_weight, decay_days=days, floor=floor, popularity=popularity
            )
            ranker = Ranker(weights=weights, settings=settings, popularity=popularity * usual, shares=self._shares)
            ranked = rank(ranker, self._known, self._judged, limit=_AT).numbers
            tried.append((ndcg(ranked, self._wanted, at=_AT), settings))
        return max(tried, key=_quality)

    def __bool__(self) -> bool:
        """Whether there is an account to judge by."""
        return bool(self._judged)


def choose_settings(history: History, count: int, *, kind: Cut, dated: bool, seed: int) -> Settings:
    """Return the settings that rank each account's last basket (or purchase) best, by NDCG@10 on a sample of accounts.

    From the usual ridge it goes to larger and to smaller ones as long as they are better, and then tries baskets.
    """
    trial = _Trial(history, count, kind=kind, dated=dated, seed=seed)
    if not trial:
        return Settings(ridge=RIDGES[_FIRST_RIDGE], basket_weight=0.0, decay_days=None, floor=1.0, popularity=0.1)
    first = best = trial.best(RIDGES[_FIRST_RIDGE], BASKETS[0])
    for ridges in (RIDGES[_FIRST_RIDGE + 1 :], RIDGES[:_FIRST_RIDGE][::-1]):
        before = first
        for ridge in ridges:
            found = trial.best(ridge, BASKETS[0])
            best = max(best, found, key=_quality)
            if found[0] <= before[0]:
                break
            before = found
    for basket_weight in BASKETS[1:] if dated else ():
        best = max(best, trial.best(best[1].ridge, basket_weight), key=_quality)
    return best[1]


def fit_chance(ranked: Ranked, wanted: Sequence[Sequence[int]]) -> tuple[float, float]:
    """Return slope and shift of the logistic curve from sums to the chance of a purchase, over the lists of held-out accounts.

    A place of a list counts by the inverse root of its number, since few look at the hundredth.
    """
    inside = ranked.numbers >= 0
    bought = np.array([np.isin(row, list(want)) for row, want in zip(ranked.numbers, wanted, strict=True)])
    places = np.broadcast_to(np.arange(1, inside.shape[1] + 1) ** -0.5, inside.shape)
    sums, hits = ranked.sums[inside], bought[inside]
    spread = float(np.std(sums))
    if not hits.any() or hits.all() or spread <= _TINY:
        return 1.0, float(np.log((hits.mean() + 1e-6) / (1.0 - hits.mean() + 1e-6)))
    curve = LogisticRegression(C=1e6, max_iter=200)
    curve.fit(sums.reshape(-1, 1) / spread, hits, sample_weight=places[inside])
    return round(max(1e-6, float(curve.coef_[0][0]) / spread), 9), round(float(curve.intercept_[0]), 9)


def fit_segments(purchases: Purchases, history: History) -> dict[str, tuple[npt.NDArray[np.int32], Floats]]:
    """Return the products of each segment of accounts, most common first, with the share of accounts that have them.

    Segments are industry and size band, each alone, and all accounts; one with fewer than 20 accounts is left out. Shares of a segment
    are shrunk towards those of all accounts by 20 accounts' worth. Of all accounts every product is kept, since explanations begin there.
    """
    count = len(purchases.products)
    members: dict[str, list[str]] = {segment_key(None, None): list(history)}
    for account in history:
        trade, size = purchases.kin.get(account, (None, None))
        band = size_band(size)
        keys = {segment_key(trade, band), segment_key(trade, None), segment_key(None, band)} - {segment_key(None, None)}
        for key in sorted(keys):
            members.setdefault(key, []).append(account)
    overall = shares_of(history, members[segment_key(None, None)], count)
    segments = {}
    for key, accounts in sorted(members.items()):
        if key != segment_key(None, None) and len(accounts) < _SEGMENT_ACCOUNTS:
            continue
        own = shares_of(history, accounts, count)
        share = (own * len(accounts) + overall * _PRIOR_ACCOUNTS) / (len(accounts) + _PRIOR_ACCOUNTS)
        kept = count if key == segment_key(None, None) else _SEGMENT_PRODUCTS
        best = np.lexsort((np.arange(count), -share))[:kept]
        segments[key] = (best.astype(np.int32), np.round(share[best], 9))
    return segments


def build_recommender(
    purchases: Purchases,
    ranker: Ranker,
    chance: tuple[float, float],
    *,
    rates: tuple[tuple[float, ...], tuple[float, ...]],
) -> Recommender:
    """Put the fitted parts together."""
    weights, settings = ranker.weights, ranker.settings
    return Recommender(
        products=purchases.products,
        starts=weights.starts,
        neighbours=weights.neighbours,
        weights=weights.values,
        decay_days=settings.decay_days,
        floor=settings.floor,
        slope=chance[0],
        shift=chance[1],
        segments=fit_segments(purchases, purchases.accounts),
        hit_rates=rates[0],
        new_hit_rates=rates[1],
        names=purchases.names,
        popularity=ranker.popularity,
    )


def _quality(tried: tuple[float, Settings]) -> float:
    return tried[0]


def _some(history: History) -> list[str]:
    """Return up to twice as many accounts as are judged, spread over all of them."""
    accounts = list(history)
    return accounts[:: max(1, len(accounts) // JUDGED_ACCOUNTS)]
