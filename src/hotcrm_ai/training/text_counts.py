"""Counts the terms of many texts once, so that each fold of a training takes its rows and columns of the same table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse  # type: ignore[import-untyped]  # ships no types

from hotcrm_ai.local_models.text_terms import count_terms
from hotcrm_ai.local_models.text_tokens import Token

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class CountedTerms:
    """The terms of one block in alphabetical order, and how strong each is in each text: one plus the logarithm of its count."""

    terms: list[str]
    strengths: Any

    def frequency(self, rows: Whole) -> Floats:
        """Return in how many of some texts each term occurs."""
        return np.asarray(self.strengths[rows].getnnz(axis=0), dtype=np.float64)

    def scaled(self, rows: Whole, columns: Whole, rarity: Floats) -> Any:
        """Return some texts by some terms, rare ones stronger, each text scaled to length 1."""
        chosen = self.strengths[rows][:, columns] @ sparse.diags(rarity)
        lengths = np.sqrt(np.asarray(chosen.multiply(chosen).sum(axis=1)).ravel())
        return sparse.diags(1.0 / np.where(lengths > 0.0, lengths, 1.0)) @ chosen


def count_texts(
    texts: Sequence[Sequence[Token]], lexicon: Mapping[str, str], blocks: Sequence[str]
) -> dict[str, CountedTerms]:
    """Return the terms of each block that occur in the texts, counted."""
    return {block: _counted([count_terms(block, tokens, lexicon) for tokens in texts]) for block in blocks}


def _counted(bags: Sequence[Mapping[str, int]]) -> CountedTerms:
    terms = sorted(set().union(*bags))
    places = {term: at for at, term in enumerate(terms)}
    columns = np.fromiter((places[term] for bag in bags for term in bag), dtype=np.intp)
    counts = np.fromiter((count for bag in bags for count in bag.values()), dtype=np.float64)
    starts = np.cumsum([0, *map(len, bags)])
    strengths = sparse.csr_matrix((1.0 + np.log(counts), columns, starts), shape=(len(bags), len(terms)))
    return CountedTerms(terms=terms, strengths=strengths)
