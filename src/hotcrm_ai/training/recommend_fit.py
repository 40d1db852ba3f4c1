"""Fits item-to-item weights in closed form, chooses their settings on a cut of the past, and learns what scores are worth."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import msgspec
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp  # type: ignore[import-untyped]  # scipy ships no types
from scipy.linalg import lapack  # type: ignore[import-untyped]  # as above
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # scikit-learn ships no types

from hotcrm_ai.local_models.recommender import MAX_LIMIT, Recommender, segment_key, size_band
from hotcrm_ai.training.recommend_table import Purchase, Purchases

Floats = npt.NDArray[np.float64]
History = Mapping[str, Sequence[Purchase]]
Cut = Literal["basket", "purchase"]

DENSE_PRODUCTS: Final = 5_000
KEPT_WEIGHTS: Final = 5_000_000
MOST_NEIGHBOURS: Final = 300
RIDGES: Final = (100.0, 300.0)
BASKETS: Final = (0.0, 1.0)
DECAYS: Final = ((None, 1.0), (7.0, 0.1), (30.0, 0.1), (90.0, 0.1))
JUDGED_ACCOUNTS: Final = 1_500
_AT: Final = 10
_SCORES_AT_ONCE: Final = 4_000_000
"""Scores of accounts by products that are in memory together: 32 MB of them, and as much again to put them in order."""
_SEGMENT_PRODUCTS: Final = 2 * MAX_LIMIT
_SEGMENT_ACCOUNTS: Final = 20
_PRIOR_ACCOUNTS: Final = 20.0


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the cut of the past decides: ridge, weight of baskets beside accounts, and how purchases fade (days, floor)."""

    ridge: float
    basket_weight: float
    decay_days: float | None
    floor: float


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """Item-to-item weights, row by row."""

    starts: npt.NDArray[np.int64]
    neighbours: npt.NDArray[np.int32]
    values: npt.NDArray[np.float32]

    def matrix(self, count: int) -> Any:
        """Return the weights as a sparse matrix of owned by recommended products."""
        return sp.csr_matrix((self.values, self.neighbours, self.starts), shape=(count, count))


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


def fit_weights(history: History, count: int, settings: Settings) -> Weights:
    """Return EASE weights (Steck 2019) of the most bought products, and cosine weights of the others where there are too many.

    Baskets, weighted by ``basket_weight``, stand beside the accounts as further rows: what is bought together belongs together.
    """
    gram = _gram(history, count, settings.basket_weight)
    if count <= DENSE_PRODUCTS:
        return _sparse(_ease(gram.toarray(), settings.ridge))
    popular = np.sort(np.argsort(-gram.diagonal(), kind="stable")[:DENSE_PRODUCTS])
    head = _ease(gram[popular][:, popular].toarray(), settings.ridge)
    return _joined(head, popular, gram)


def choose_settings(history: History, count: int, *, kind: Cut, dated: bool, seed: int) -> Settings:
    """Return the settings that rank each account's last basket (or purchase) best, by NDCG@10 on a sample of accounts."""
    known, targets = cut_history(history, kind)
    judged = _sample(targets, seed=seed)
    decays = DECAYS if dated else DECAYS[:1]
    best: tuple[float, Settings] | None = None
    for ridge, basket in itertools.product(RIDGES, BASKETS if dated else BASKETS[:1]):
        fitted = fit_weights(known, count, Settings(ridge=ridge, basket_weight=basket, decay_days=None, floor=1.0))
        for days, floor in decays:
            settings = Settings(ridge=ridge, basket_weight=basket, decay_days=days, floor=floor)
            ranked = rank(fitted, known, judged, settings, count, limit=_AT)
            quality = ndcg(ranked, [targets[account] for account in judged], at=_AT)
            if best is None or quality > best[0]:
                best = (quality, settings)
    return (
        best[1]
        if best is not None and judged
        else Settings(ridge=RIDGES[-1], basket_weight=0.0, decay_days=None, floor=1.0)
    )


def rank(
    weights: Weights, known: History, accounts: Sequence[str], settings: Settings, count: int, *, limit: int
) -> npt.NDArray[np.intp]:
    """Return for each account the products ranked first that it does not have, of shape accounts by ``limit``; -1 where none is left."""
    limit = min(limit, count)
    ranked = np.full((len(accounts), limit), -1, dtype=np.intp)
    step = max(1, _SCORES_AT_ONCE // count)
    for start in range(0, len(accounts), step):
        sums = raw_scores(weights, known, accounts[start : start + step], settings, count)
        best = np.argpartition(-sums, limit - 1, axis=1)[:, :limit]
        scores = np.take_along_axis(sums, best, axis=1)
        order = np.argsort(-scores, axis=1, kind="stable")
        is_new = np.isfinite(np.take_along_axis(scores, order, axis=1))
        ranked[start : start + step] = np.where(is_new, np.take_along_axis(best, order, axis=1), -1)
    return ranked


def raw_scores(weights: Weights, known: History, accounts: Sequence[str], settings: Settings, count: int) -> Floats:
    """Return the sums of weights for each account and product; what the account has is minus infinity."""
    rows, columns, counts = [], [], []
    for row, account in enumerate(accounts):
        latest = known[account][-1].day
        for one in known[account]:
            rows.append(row)
            columns.append(one.product)
            counts.append(_fade(latest - one.day, settings))
    inputs = sp.csr_matrix((counts, (rows, columns)), shape=(len(accounts), count))
    sums = np.asarray((inputs @ weights.matrix(count)).todense(), dtype=np.float64)
    sums[rows, columns] = -np.inf
    return sums


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


def fit_chance(
    weights: Weights, known: History, targets: Mapping[str, Sequence[int]], settings: Settings, count: int, *, seed: int
) -> tuple[float, float]:
    """Return slope and shift of the logistic curve from sums of weights to the chance of a purchase, over all candidates."""
    accounts = _sample(targets, seed=seed)
    sums = raw_scores(weights, known, accounts, settings, count)
    bought = np.zeros(sums.shape, dtype=bool)
    for row, account in enumerate(accounts):
        bought[row, list(targets[account])] = True
    inside = (sums > 0.0) & np.isfinite(sums)
    if not bought[inside].any() or bought[inside].all():
        return 1.0, float(np.log((bought.mean() + 1e-6) / (1.0 - bought.mean())))
    curve = LogisticRegression(C=1e6, max_iter=200).fit(sums[inside].reshape(-1, 1), bought[inside])
    return round(max(1e-6, float(curve.coef_[0][0])), 9), round(float(curve.intercept_[0]), 9)


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
    overall = _shares(history, members[segment_key(None, None)], count)
    segments = {}
    for key, accounts in sorted(members.items()):
        if key != segment_key(None, None) and len(accounts) < _SEGMENT_ACCOUNTS:
            continue
        own = _shares(history, accounts, count)
        share = (own * len(accounts) + overall * _PRIOR_ACCOUNTS) / (len(accounts) + _PRIOR_ACCOUNTS)
        kept = count if key == segment_key(None, None) else _SEGMENT_PRODUCTS
        best = np.lexsort((np.arange(count), -share))[:kept]
        segments[key] = (best.astype(np.int32), np.round(share[best], 9))
    return segments


def build_recommender(
    purchases: Purchases,
    weights: Weights,
    settings: Settings,
    chance: tuple[float, float],
    *,
    rates: tuple[tuple[float, ...], tuple[float, ...]],
) -> Recommender:
    """Put the fitted parts together."""
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
    )


def _fade(days: float, settings: Settings) -> float:
    if settings.decay_days is None:
        return 1.0
    return settings.floor + (1.0 - settings.floor) * float(np.exp(-days / settings.decay_days))


def _sample(targets: Mapping[str, Sequence[int]], *, seed: int) -> list[str]:
    accounts = sorted(targets)
    chosen = np.random.default_rng(seed).permutation(len(accounts))[:JUDGED_ACCOUNTS]
    return [accounts[at] for at in np.sort(chosen)]


def _gram(history: History, count: int, basket_weight: float) -> Any:
    rows = [[one.product for one in purchases] for purchases in history.values()]
    gram = _product(rows, count)
    if basket_weight:
        baskets = [
            [one.product for one in basket]
            for purchases in history.values()
            for _, basket in itertools.groupby(purchases, key=lambda one: one.day)
        ]
        gram = gram + basket_weight * _product([basket for basket in baskets if len(basket) > 1], count)
    return gram.tocsr()


def _product(rows: Sequence[Sequence[int]], count: int) -> Any:
    sizes = [len(row) for row in rows]
    columns = np.fromiter(itertools.chain.from_iterable(rows), dtype=np.int64, count=sum(sizes))
    owned = sp.csr_matrix(
        (np.ones(len(columns)), (np.repeat(np.arange(len(rows)), sizes), columns)), shape=(len(rows), count)
    )
    return owned.T @ owned


def _ease(gram: Floats, ridge: float) -> Floats:
    gram[np.diag_indices_from(gram)] += ridge
    factor, failed = lapack.dpotrf(gram, lower=1, overwrite_a=1)
    inverse, broken = lapack.dpotri(factor, lower=1, overwrite_c=1)
    if failed or broken:
        raise ArithmeticError("the ridge makes the matrix positive definite, so its factorisation cannot fail")
    inverse = np.tril(inverse) + np.tril(inverse, -1).T
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return np.asarray(weights)


def _sparse(weights: Floats) -> Weights:
    """Keep the largest weights of each row."""
    count = len(weights)
    kept = min(count, MOST_NEIGHBOURS, max(1, KEPT_WEIGHTS // count))
    columns = np.sort(np.argpartition(-np.abs(weights), kept - 1, axis=1)[:, :kept], axis=1).astype(np.int32)
    values = np.take_along_axis(weights, columns, axis=1).astype(np.float32)
    return Weights(
        starts=np.arange(0, kept * count + 1, kept, dtype=np.int64), neighbours=columns.ravel(), values=values.ravel()
    )


def _joined(head: Floats, popular: npt.NDArray[np.intp], gram: Any) -> Weights:
    """Join the weights of popular products with cosines, scaled to them, of all pairs that are not both popular."""
    count = gram.shape[0]
    kept = min(MOST_NEIGHBOURS, max(1, KEPT_WEIGHTS // count))
    norms = np.sqrt(np.maximum(gram.diagonal(), 1e-12))
    scale = float(np.mean(np.max(head, axis=1)))
    place = np.full(count, -1)
    place[popular] = np.arange(len(popular))
    starts, neighbours, values = [0], [], []
    for product in range(count):
        own = gram.getrow(product)
        columns = own.indices[own.indices != product]
        weight = scale * own.data[own.indices != product] / (norms[product] * norms[columns])
        if place[product] >= 0:
            tail = place[columns] < 0
            columns = np.concatenate([columns[tail], popular])
            weight = np.concatenate([weight[tail], head[place[product]]])
        best = np.argsort(-np.abs(weight), kind="stable")[:kept]
        order = np.argsort(columns[best], kind="stable")
        neighbours.append(columns[best][order].astype(np.int32))
        values.append(weight[best][order].astype(np.float32))
        starts.append(starts[-1] + len(best))
    return Weights(
        starts=np.array(starts, dtype=np.int64), neighbours=np.concatenate(neighbours), values=np.concatenate(values)
    )


def _shares(history: History, accounts: Sequence[str], count: int) -> Floats:
    owned = np.zeros(count)
    for account in accounts:
        owned[[one.product for one in history[account]]] += 1.0
    return owned / max(1, len(accounts))
