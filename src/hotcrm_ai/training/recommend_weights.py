"""Fits item-to-item weights in closed form, block by block, so that memory is bounded by the products and not by their pairs."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp  # type: ignore[import-untyped]  # scipy ships no types
from scipy.linalg import lapack  # type: ignore[import-untyped]  # as above

from hotcrm_ai.training.recommend_table import Purchase

Floats = npt.NDArray[np.float64]
History = Mapping[str, Sequence[Purchase]]

DENSE_PRODUCTS: Final = 5_000
KEPT_WEIGHTS: Final = 5_000_000
MOST_NEIGHBOURS: Final = 300
_BLOCK: Final = 500


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """Item-to-item weights, row by row."""

    starts: npt.NDArray[np.int64]
    neighbours: npt.NDArray[np.int32]
    values: npt.NDArray[np.float32]

    def matrix(self, count: int) -> Any:
        """Return the weights as a sparse matrix of owned by recommended products."""
        return sp.csr_matrix((self.values, self.neighbours, self.starts), shape=(count, count))


class _Bought(NamedTuple):
    """What accounts, and single baskets beside them, hold: one row for each, one column for each product."""

    accounts: Any
    baskets: Any
    basket_weight: float

    @property
    def counts(self) -> Floats:
        """How many rows hold each product."""
        of_accounts = np.asarray(self.accounts.sum(axis=0)).ravel()
        return of_accounts + self.basket_weight * np.asarray(self.baskets.sum(axis=0)).ravel()

    def pairs(self, products: npt.NDArray[np.intp]) -> Any:
        """Return how many rows hold each of some products together with each product, as a sparse matrix."""
        found = self.accounts[:, products].T @ self.accounts
        if self.basket_weight:
            found = found + self.basket_weight * (self.baskets[:, products].T @ self.baskets)
        return found.tocsr()


def fit_weights(history: History, count: int, *, ridge: float, basket_weight: float) -> Weights:
    """Return EASE weights (Steck 2019) of the most bought products, and cosine weights of the others where there are too many.

    Baskets, weighted by ``basket_weight``, stand beside the accounts as further rows: what is bought together belongs together.
    """
    bought = _bought(history, count, basket_weight)
    if count <= DENSE_PRODUCTS:
        return _sparse(_ease(bought.pairs(np.arange(count)).toarray(), ridge))
    popular = np.sort(np.argsort(-bought.counts, kind="stable")[:DENSE_PRODUCTS])
    head = _ease(bought.pairs(popular)[:, popular].toarray(), ridge)
    return _joined(head, popular, bought)


def _bought(history: History, count: int, basket_weight: float) -> _Bought:
    accounts = [[one.product for one in purchases] for purchases in history.values()]
    baskets = [
        [one.product for one in basket]
        for purchases in (history.values() if basket_weight else ())
        for _, basket in itertools.groupby(purchases, key=lambda one: one.day)
    ]
    several = [basket for basket in baskets if len(basket) > 1]
    return _Bought(_rows(accounts, count), _rows(several, count), basket_weight)


def _rows(rows: Sequence[Sequence[int]], count: int) -> Any:
    sizes = [len(row) for row in rows]
    columns = np.fromiter(itertools.chain.from_iterable(rows), dtype=np.int64, count=sum(sizes))
    places = (np.repeat(np.arange(len(rows)), sizes), columns)
    return sp.csr_matrix((np.ones(len(columns)), places), shape=(len(rows), count))


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


def _joined(head: Floats, popular: npt.NDArray[np.intp], bought: _Bought) -> Weights:
    """Join the weights of popular products with cosines, scaled to them, of all pairs that are not both popular."""
    norms = np.sqrt(np.maximum(bought.counts, 1e-12))
    count = len(norms)
    kept = min(MOST_NEIGHBOURS, max(1, KEPT_WEIGHTS // count))
    scale = float(np.mean(np.max(head, axis=1)))
    place = np.full(count, -1)
    place[popular] = np.arange(len(popular))
    sizes, neighbours, values = [], [], []
    for start in range(0, count, _BLOCK):
        products = np.arange(start, min(count, start + _BLOCK))
        pairs = bought.pairs(products)
        for row, product in enumerate(products):
            within = slice(pairs.indptr[row], pairs.indptr[row + 1])
            columns, together = pairs.indices[within], pairs.data[within]
            other = (columns != product) & ((place[columns] < 0) | (place[product] < 0))
            columns = columns[other]
            weight = scale * together[other] / (norms[product] * norms[columns])
            if place[product] >= 0:
                columns = np.concatenate([columns, popular])
                weight = np.concatenate([weight, head[place[product]]])
            best = np.lexsort((columns, -np.abs(weight)))[:kept]
            order = np.argsort(columns[best], kind="stable")
            neighbours.append(columns[best][order].astype(np.int32))
            values.append(weight[best][order].astype(np.float32))
            sizes.append(len(best))
    return Weights(
        starts=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        neighbours=np.concatenate(neighbours),
        values=np.concatenate(values),
    )
