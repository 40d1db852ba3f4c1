"""The local model that recommends products: what accounts with the same products bought next, and what accounts alike buy first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from hotcrm_ai.domain.errors import ArtifactIntegrity

Floats = npt.NDArray[np.float64]

MAX_LIMIT: Final = 100
_TINY: Final = 1e-12
_STEEPEST: Final = 500.0
SIZE_LIMITS: Final = (10.0, 50.0, 250.0, 1000.0)
SIZE_NAMES: Final = ("up to 10", "11 to 50", "51 to 250", "251 to 1,000", "more than 1,000")
"""Bands of company size, in employees."""


@dataclass(frozen=True, slots=True)
class Recommended:
    """One recommended product.

    ``score`` is the calibrated chance (0-1) that it is among the account's next purchases. For an account with known products it is
    ``base`` plus the ``parts`` of those products. For a new account it is the share of ``kin`` that have it: ``base``, the share of all
    accounts, plus the parts of ``industry`` and ``company_size``.
    """

    product: str
    score: float
    base: float
    parts: tuple[tuple[str, float], ...]
    kin: str | None = None


@dataclass(frozen=True, eq=False)
class Recommender:
    """Item-to-item weights, learned in closed form (EASE, Steck 2019), with recent purchases counting more.

    An owned product ``i`` adds ``weights`` to the products ``neighbours`` of its row (``starts[i]:starts[i + 1]``), times
    ``floor + (1 - floor) * exp(-days / decay_days)`` for the days between it and the account's latest purchase. Each product begins
    with ``popularity`` times its ``familiarity``. ``slope`` and ``shift`` turn the sum into the chance of a purchase. ``segments``
    holds, for accounts without known products, product numbers and the share of such accounts that have them. ``hit_rates[k - 1]`` is
    the measured share of accounts that bought one of ``k`` recommended products next. ``names`` says what people call each product,
    in the order of ``products``, or nothing at all.
    """

    products: tuple[str, ...]
    starts: npt.NDArray[np.int64]
    neighbours: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float32]
    decay_days: float | None
    floor: float
    slope: float
    shift: float
    segments: Mapping[str, tuple[npt.NDArray[np.int32], Floats]]
    hit_rates: tuple[float, ...]
    new_hit_rates: tuple[float, ...]
    names: tuple[str, ...] = ()
    popularity: float = 1e-6

    @cached_property
    def number_of(self) -> dict[str, int]:
        """The number of each product."""
        return {product: number for number, product in enumerate(self.products)}

    def name_of(self, product: str) -> str | None:
        """Return what people call a product; nothing where the training did not say it."""
        number = self.number_of.get(product)
        return self.names[number] or None if self.names and number is not None else None

    def title_of(self, product: str) -> str:
        """Return a product for people: its name with its id behind, or the id alone."""
        name = self.name_of(product)
        return product if name is None else f"{name} ({product})"

    def recommend(
        self,
        owned: Sequence[str],
        *,
        days_ago: Sequence[float] | None = None,
        industry: str | None = None,
        company_size: float | None = None,
        limit: int = 10,
        only: str | None = None,
    ) -> list[Recommended]:
        """Return up to ``limit`` products that the account does not have, the likeliest first; with ``only`` that product alone.

        ``days_ago`` says for each owned product how long before the account's latest purchase it was bought; without it all count alike.
        """
        known = self._known(owned, days_ago)
        taken = {self.number_of[product] for product in owned if product in self.number_of}
        if only is not None:
            taken, limit = set(range(len(self.products))) - {self.number_of[only]}, 1
        if known:
            return self._from_products(known, taken, limit)
        return self._from_kin(taken, industry, company_size, limit)

    @cached_property
    def shares(self) -> Floats:
        """The share of all accounts that have each product."""
        numbers, shares = self.segments[segment_key(None, None)]
        of_all = np.zeros(len(self.products))
        of_all[numbers] = shares
        return of_all

    @cached_property
    def prior(self) -> Floats:
        """What each product begins with, whatever an account has."""
        return self.popularity * familiarity(self.shares)

    def chance(self, raw: float) -> float:
        """Return the calibrated chance of a purchase for a sum of weights."""
        return 1.0 / (1.0 + math.exp(-min(_STEEPEST, max(-_STEEPEST, self.slope * raw + self.shift))))

    def row(self, number: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """Return the neighbours of a product and their weights."""
        place = slice(int(self.starts[number]), int(self.starts[number + 1]))
        return self.neighbours[place], self.weights[place]

    def input_weights(self, days_ago: Sequence[float]) -> Floats:
        """Return how much each owned product counts, by the days between it and the latest purchase."""
        if self.decay_days is None:
            return np.ones(len(days_ago))
        return np.asarray(
            self.floor + (1.0 - self.floor) * np.exp(-np.asarray(days_ago, dtype=np.float64) / self.decay_days)
        )

    def _known(self, owned: Sequence[str], days_ago: Sequence[float] | None) -> dict[int, float]:
        """Return the number and weight of each known owned product; the latest purchase of a product counts."""
        weights = np.ones(len(owned)) if days_ago is None else self.input_weights(days_ago)
        known: dict[int, float] = {}
        for product, weight in zip(owned, weights.tolist(), strict=True):
            number = self.number_of.get(product)
            if number is not None:
                known[number] = max(weight, known.get(number, 0.0))
        return known

    def _from_products(self, known: Mapping[int, float], taken: set[int], limit: int) -> list[Recommended]:
        rows = [self.row(number) for number in known]
        columns = np.concatenate([row for row, _ in rows])
        shares = np.concatenate([weight * values for weight, (_, values) in zip(known.values(), rows, strict=True)])
        raw: Floats = np.bincount(columns, weights=shares, minlength=len(self.products)).astype(np.float64)
        sums = raw + self.prior
        sums[list(taken)] = -np.inf
        best = [int(number) for number in largest(sums, limit) if sums[number] > -np.inf]
        owners = np.repeat(np.fromiter(known, dtype=np.int64), [len(row) for row, _ in rows])
        place = np.full(len(self.products), -1, dtype=np.int16)
        place[best] = np.arange(len(best), dtype=np.int16)
        at = place[columns]
        helping = np.flatnonzero(at >= 0)
        parts: list[list[tuple[int, float]]] = [[] for _ in best]
        for which, owner, share in zip(
            at[helping].tolist(), owners[helping].tolist(), shares[helping].tolist(), strict=True
        ):
            parts[which].append((owner, share))
        return [self._explained(number, float(raw[number]), parts[which]) for which, number in enumerate(best)]

    def _explained(self, number: int, raw: float, shares: Sequence[tuple[int, float]]) -> Recommended:
        prior = float(self.prior[number])
        base, score = self.chance(prior), self.chance(prior + raw)
        scale = (score - base) / raw if abs(raw) > _TINY else self.slope * score * (1.0 - score)
        parts = [(self.products[owner], scale * share) for owner, share in shares]
        parts.sort(key=lambda part: (-abs(part[1]), part[0]))
        return Recommended(product=self.products[number], score=score, base=base, parts=tuple(parts))

    def _from_kin(
        self, taken: set[int], industry: str | None, company_size: float | None, limit: int
    ) -> list[Recommended]:
        key, kin = self.kin_of(industry, company_size)
        by_trade, by_size = self.kin_of(industry, None)[0], self.kin_of(None, company_size)[0]
        numbers, shares = self.segments[key]
        found: list[Recommended] = []
        for number, share in zip(numbers.tolist(), shares.tolist(), strict=True):
            if len(found) == limit:
                break
            if number not in taken:
                base = self._share(segment_key(None, None), number, share)
                trade, size = (self._share(one, number, base) for one in (by_trade, by_size))
                parts = (
                    ("industry", 0.5 * (trade - base + share - size)),
                    ("company_size", 0.5 * (size - base + share - trade)),
                )
                found.append(Recommended(product=self.products[number], score=share, base=base, parts=parts, kin=kin))
        return found

    def _share(self, key: str, number: int, otherwise: float) -> float:
        """Return the share of a segment's accounts that have a product; ``otherwise`` where it is none of the products kept there."""
        return self._shares.get(key, {}).get(number, otherwise)

    @cached_property
    def _shares(self) -> dict[str, dict[int, float]]:
        return {
            key: dict(zip(numbers.tolist(), shares.tolist(), strict=True))
            for key, (numbers, shares) in self.segments.items()
        }

    def kin_of(self, industry: str | None, company_size: float | None) -> tuple[str, str]:
        """Return the narrowest segment that the model knows for an account, and its description in words."""
        trade = None if industry is None else industry.strip().casefold()
        band = size_band(company_size)
        words_of_band = "" if band is None else f"{SIZE_NAMES[band]} employees"
        if trade is not None and band is not None and segment_key(trade, band) in self.segments:
            return segment_key(trade, band), f"accounts in {industry} with {words_of_band}"
        if trade is not None and segment_key(trade, None) in self.segments:
            return segment_key(trade, None), f"accounts in {industry}"
        if band is not None and segment_key(None, band) in self.segments:
            return segment_key(None, band), f"accounts with {words_of_band}"
        return segment_key(None, None), "all accounts"

    def verify(self) -> None:
        """Check that the arrays fit together.

        Raises:
            ArtifactIntegrity: counts, numbers or values are out of range.
        """
        count = len(self.products)
        sound = (
            count > 0
            and len(set(self.products)) == count
            and len(self.names) in (0, count)
            and len(self.starts) == count + 1
            and self.starts[0] == 0
            and bool(np.all(np.diff(self.starts) >= 0))
            and self.starts[-1] == len(self.neighbours) == len(self.weights)
            and _numbers_fit(self.neighbours, count)
            and bool(np.all(np.isfinite(self.weights)))
            and all(math.isfinite(value) for value in (self.slope, self.shift, self.floor, self.popularity))
            and (self.decay_days is None or (math.isfinite(self.decay_days) and self.decay_days > 0))
            and self.slope > 0
            and self.popularity >= 0
            and 0.0 <= self.floor <= 1.0
            and segment_key(None, None) in self.segments
            and all(self._segment_fits(numbers, shares) for numbers, shares in self.segments.values())
            and all(_is_rates(rates) for rates in (self.hit_rates, self.new_hit_rates))
        )
        if not sound:
            raise ArtifactIntegrity("A recommender's file is malformed; publish the model again.")

    def _segment_fits(self, numbers: npt.NDArray[np.int32], shares: Floats) -> bool:
        inside = bool(np.all((shares >= 0.0) & (shares <= 1.0)))
        return len(numbers) == len(shares) and _numbers_fit(numbers, len(self.products)) and inside


def size_band(company_size: float | None) -> int | None:
    """Return the number of the size band of a company, nothing where the size is not known."""
    if company_size is None:
        return None
    return int(np.searchsorted(SIZE_LIMITS, company_size, side="left"))


def segment_key(industry: str | None, band: int | None) -> str:
    """Return the key of a segment; ``*`` stands for any."""
    return f"{'*' if industry is None else industry}|{'*' if band is None else band}"


def familiarity(shares: Floats) -> Floats:
    """Return how well known each product is, from 0 (nobody has it) to 1, by the share of accounts that have it."""
    mean = float(np.mean(shares))
    if mean <= 0.0:
        return np.zeros(len(shares))
    known: Floats = np.log1p(shares / mean)
    return np.asarray(known / np.max(known))


def largest(sums: Floats, limit: int) -> npt.NDArray[np.intp]:
    """Return the places of the largest sums, largest first, those of equal ones in their order."""
    if limit >= len(sums):
        return np.argsort(-sums, kind="stable")
    least = -np.partition(-sums, limit - 1)[limit - 1]
    reaching = np.flatnonzero(sums >= least)
    return np.asarray(reaching[np.argsort(-sums[reaching], kind="stable")][:limit])


def _numbers_fit(numbers: npt.NDArray[np.int32], count: int) -> bool:
    return bool(np.all((numbers >= 0) & (numbers < count)))


def _is_rates(rates: Sequence[float]) -> bool:
    return len(rates) == MAX_LIMIT and all(0.0 <= rate <= 1.0 for rate in rates)
