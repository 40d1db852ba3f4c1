"""Named streams of random numbers, so that each column of the sample CRM is drawn independently of all others.

Only the uniform numbers of PCG64 are taken from NumPy; every distribution is derived from them here, because NumPy
keeps the right to change how its distributions are drawn, and the sample CRM must stay the same for a seed.
"""

import math
import zlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

T = TypeVar("T")
Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Stream:
    """A stream of random numbers that depends on the seed and on its name, and on nothing else."""

    def __init__(self, seed: int, name: str) -> None:
        """Open the stream called `name` (by custom "table.column") of the seed."""
        self.name = name
        sequence = np.random.SeedSequence(seed, spawn_key=(zlib.crc32(name.encode()),))
        self._generator = np.random.Generator(np.random.PCG64(sequence))

    def __repr__(self) -> str:
        return f"Stream(name={self.name!r})"

    def uniform(self, count: int) -> Floats:
        """Return numbers spread evenly from 0 up to, but without, 1."""
        return self._generator.random(count)

    def normal(self, count: int) -> Floats:
        """Return standard normal numbers (Box and Muller 1958)."""
        radius = np.sqrt(-2.0 * np.log1p(-self.uniform(count)))
        return radius * np.cos(2.0 * math.pi * self.uniform(count))

    def chance(self, probability: ArrayLike, count: int) -> Flags:
        """Return true with the given probability, one for all or one for each."""
        return self.uniform(count) < np.asarray(probability, dtype=np.float64)

    def whole(self, low: ArrayLike, high: ArrayLike, count: int) -> Whole:
        """Return whole numbers from `low` to `high`, both included."""
        lowest = np.asarray(low, dtype=np.int64)
        span = np.asarray(high, dtype=np.int64) - lowest + 1
        return lowest + np.floor(self.uniform(count) * span).astype(np.int64)

    def places(self, count: int, weights: Sequence[float]) -> Whole:
        """Return positions in `weights`, each as often as its weight says."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64))
        places: Whole = np.searchsorted(edges[:-1], self.uniform(count) * edges[-1], side="right").astype(np.int64)
        return places

    def pick(self, options: Sequence[T], count: int, weights: Sequence[float] | None = None) -> list[T]:
        """Return options, all equally often or as often as their weights say."""
        chances = weights if weights is not None else [1.0] * len(options)
        return [options[place] for place in self.places(count, chances).tolist()]

    def counts(self, means: Floats) -> Whole:
        """Return one Poisson count for each mean, by inverting the distribution; no count is above 400."""
        drawn = self.uniform(len(means))
        result = np.zeros(len(means), dtype=np.int64)
        term = np.exp(-means)
        reached = term.copy()
        for count in range(1, 401):
            beyond = drawn >= reached
            if not beyond.any():
                break
            result[beyond] = count
            term = term * means / count
            reached = reached + term
        return result

    def order(self, count: int) -> Whole:
        """Return the positions 0 to `count` - 1 in random order."""
        return np.argsort(self.uniform(count), kind="stable").astype(np.int64)
