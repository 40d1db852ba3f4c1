"""Sums the weights of the background records of many groups at once, from tables of eight records each."""

from __future__ import annotations

from typing import Final

import numpy as np

from hotcrm_ai.explainers.leaf_paths import Floats, Ints

_BYTE: Final = 8
_WORD: Final = 64
_VALUES: Final = 1 << _BYTE
_BITS: Final = np.unpackbits(np.arange(_VALUES, dtype=np.uint8)[:, None], axis=1).astype(np.float64)


class MemberSums:
    """The sum of weights over the members of each group, where many groups have the same members and each weight is in many groups.

    A group's members are the bits of a row of bytes, and equal rows are kept once. The weights of eight records have 256 possible sums, so
    a group costs one look-up for each byte, whatever its size (the "four Russians": Arlazarov, Dinic, Kronrod, Faradzev, 1970).
    """

    def __init__(self, group: Ints, member: Ints, *, n_groups: int, n_rows: int) -> None:
        """Take the pairs of group and member; each pair once."""
        n_words = -(-n_rows // _WORD) or 1
        belongs = np.zeros((n_groups, n_words * _WORD), dtype=np.bool_)
        belongs[group, member] = True
        packed = np.packbits(belongs, axis=1)
        words = packed.view(np.uint64)
        order = np.lexsort(words.T)
        is_new = np.append(True, (words[order[1:]] != words[order[:-1]]).any(axis=1))[:n_groups]
        self._place = np.empty(n_groups, dtype=np.intp)
        self._place[order] = np.cumsum(is_new) - 1
        n_bytes = -(-n_rows // _BYTE)
        self._look_up = packed[order[is_new], :n_bytes] + _VALUES * np.arange(n_bytes, dtype=np.intp)
        self._padding = n_bytes * _BYTE - n_rows

    def __call__(self, weights: Floats, groups: Ints) -> Floats:
        """Return the sums of these groups."""
        eights = np.append(weights, np.zeros(self._padding)).reshape(-1, _BYTE)
        tables = eights @ _BITS.T
        return np.asarray(tables.take(self._look_up).sum(axis=1)[self._place[groups]], dtype=np.float64)
