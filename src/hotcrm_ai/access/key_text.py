"""The text of an API key: ``hk_<id>_<secret><checksum>``, in letters and digits that survive every terminal and mail program."""

from __future__ import annotations

import hashlib
import re
import zlib
from base64 import b32encode
from collections.abc import Callable
from typing import Final

RandomBytes = Callable[[int], bytes]
"""Gives so many bytes that nobody can guess."""

ID_AT: Final = slice(3, 11)
_ID_BYTES: Final = 5
_SECRET_BYTES: Final = 25
_CHECKSUM_LENGTH: Final = 7
_SHAPE: Final = re.compile(r"hk_[a-z2-7]{8}_[a-z2-7]{47}")


def new_key_text(random_bytes: RandomBytes) -> tuple[str, str]:
    """Return the id and the whole text of a new key; its secret has 200 random bits."""
    key_id, secret = _letters(random_bytes(_ID_BYTES)), _letters(random_bytes(_SECRET_BYTES))
    text = f"hk_{key_id}_{secret}"
    return key_id, text + _checksum(text)


def is_well_formed(text: str) -> bool:
    """Whether a text could be a key: the right letters in the right number, and a checksum that no typing mistake keeps."""
    if not _SHAPE.fullmatch(text):
        return False
    return text[-_CHECKSUM_LENGTH:] == _checksum(text[:-_CHECKSUM_LENGTH])


def digest_of(text: str) -> str:
    """Return the SHA-256 under which a key or a token is kept; both are random enough that nobody can try them all."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _checksum(text: str) -> str:
    return _letters(zlib.crc32(text.encode()).to_bytes(4, "big"))


def _letters(content: bytes) -> str:
    return b32encode(content).decode("ascii").rstrip("=").lower()
