"""Opens a text file whatever its compression and its encoding, which are found by looking at all of it once, in pieces."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

from hotcrm_ai.domain.errors import TrainingDataError

MAX_FILE_BYTES: Final = 4 * 1024**3
_PIECE_BYTES: Final = 1 << 20
_WESTERN: Final = (("cp1252", "Windows-1252"), ("latin-1", "Latin-1"))


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file that holds text; ``warnings`` say where its encoding had to be guessed."""

    path: Path
    encoding: str
    is_packed: bool
    warnings: tuple[str, ...] = ()

    def open(self) -> io.TextIOWrapper:
        """Open it from its beginning, with the ends of its lines as they are."""
        return io.TextIOWrapper(_binary(self.path, self.is_packed), encoding=self.encoding, newline="")


def look_at_text(path: Path) -> TextFile:
    """Find out how a file has to be opened; bytes that are no UTF-8 are read as Windows-1252, with a warning that says so.

    Raises:
        TrainingDataError: the file cannot be read, is damaged, too large, or no text.
    """
    with readable(path):
        with path.open("rb") as file:
            is_packed = file.read(2) == b"\x1f\x8b"
        with _binary(path, is_packed) as stream:
            marked = stream.read(2) in (b"\xff\xfe", b"\xfe\xff")
        encoding = "utf-16" if marked else "utf-8-sig"
        line = _undecodable_line(path, encoding, is_packed)
        if line is None:
            return TextFile(path, encoding, is_packed)
        if marked:
            raise TrainingDataError(f"{path.name!r} is not readable as UTF-16; save it as UTF-8.")
        encoding, name = next((one, name) for one, name in _WESTERN if _undecodable_line(path, one, is_packed) is None)
    warning = f"{path.name!r} is not UTF-8 (line {line}); it was read as {name}: check accented letters"
    return TextFile(path, encoding, is_packed, (warning,))


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what the file system says while a file is read into an error that names the file."""
    try:
        yield
    except (OSError, EOFError, zlib.error) as problem:
        reason = (problem.strerror if isinstance(problem, OSError) else None) or str(problem)
        raise TrainingDataError(f"{path.name!r} cannot be read: {reason}; check the file.", file=str(path)) from problem


def _binary(path: Path, is_packed: bool) -> BinaryIO:
    return cast("BinaryIO", gzip.open(path) if is_packed else path.open("rb"))


def _undecodable_line(path: Path, encoding: str, is_packed: bool) -> int | None:
    """Return the line on which the file leaves an encoding, or nothing where all of it is text in that encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines, size = 1, 0
    with _binary(path, is_packed) as stream:
        while True:
            piece = stream.read(_PIECE_BYTES)
            size += len(piece)
            if size > MAX_FILE_BYTES:
                raise TrainingDataError(
                    f"{path.name!r} unpacks to more than {MAX_FILE_BYTES} bytes; give it in parts, or as Parquet."
                )
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as problem:
                return lines + problem.object.count(b"\n", 0, problem.start)
            if "\0" in text:
                line = lines + text.count("\n", 0, text.index("\0"))
                raise TrainingDataError(
                    f"{path.name!r}, line {line}: holds a NUL byte, so this is no text file; export it again as UTF-8.",
                    file=str(path),
                    line=line,
                )
            if not piece:
                return None
            lines += text.count("\n")
