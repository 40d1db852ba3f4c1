"""Ids, passed in so that tests can count on them."""

from __future__ import annotations

import os
from typing import Final

_ID_BYTES: Final = 16
_IDS_A_BLOCK: Final = 256


class RandomIds:
    """Makes ids of 128 random bits, drawn from the system in blocks: one call a prediction would cost more than the model."""

    def __init__(self) -> None:
        self._block = b""
        self._at = 0

    def __call__(self) -> str:
        """Return the next id, 32 hexadecimal digits."""
        if self._at >= len(self._block):
            self._block, self._at = os.urandom(_ID_BYTES * _IDS_A_BLOCK), 0
        start, self._at = self._at, self._at + _ID_BYTES
        return self._block[start : start + _ID_BYTES].hex()
