"""Keeps what comes through standard input as a file, so that it can be looked at before it is read."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_STARTS: Final = ((b"PAR1", ".parquet"), (b"PK\x03\x04", ".xlsx"), (b"{", ".jsonl"), (b"[", ".json"))
_PACKED: Final = b"\x1f\x8b"


@contextmanager
def file_of(path: Path) -> Iterator[Path]:
    """Give the file that was named, or for ``-`` one that holds all of standard input, with the ending that its beginning shows."""
    if str(path) != "-":
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="hotcrm-ai-") as folder:
        kept = Path(folder) / "standard input"
        with kept.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield kept.rename(kept.with_name(kept.name + _ending(kept)))


def _ending(kept: Path) -> str:
    with kept.open("rb") as file:
        start = file.read(64)
    if start.startswith(_PACKED):
        return ".csv.gz"
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((ending for sign, ending in _STARTS if start.startswith(sign)), ".csv")
