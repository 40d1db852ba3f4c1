"""One file of the prediction journal: framed records, appended by the process that holds its lock, read by whoever holds it next."""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

SUFFIX: Final = ".journal"
_MAGIC: Final = b"hotcrm-ai prediction journal 1\n"
_MARK: Final = b"\xf7rec"
_FRAME: Final = struct.Struct("<4sII")


def framed(payload: bytes) -> bytes:
    """Return a record as it stands in the file: a mark, its length and its CRC-32 (little-endian), then the payload."""
    return _FRAME.pack(_MARK, len(payload), zlib.crc32(payload)) + payload


def records_in(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Return the place and payload of every whole record; what is torn or altered is passed over, up to the next whole one."""
    place = content.find(_MARK)
    while place >= 0:
        payload = _payload_at(content, place)
        if payload is None:
            place = content.find(_MARK, place + 1)
            continue
        yield place, payload
        place = content.find(_MARK, place + _FRAME.size + len(payload))


def _payload_at(content: bytes, place: int) -> bytes | None:
    body = place + _FRAME.size
    if body > len(content):
        return None
    _, length, checksum = _FRAME.unpack_from(content, place)
    payload = content[body : body + length]
    return payload if len(payload) == length and zlib.crc32(payload) == checksum else None


class Segment:
    """An open journal file, locked for this process; ``waiting`` maps the ids of records to their places, oldest first.

    The kernel lets go of the lock when the process ends, however it ends. A record is written at the end of the last whole one, so that
    what a failed write left behind is overwritten, never read.
    """

    def __init__(self, path: Path, descriptor: int, *, header: int, size: int) -> None:
        self.path = path
        self.size = size
        self._header = header
        self.waiting: dict[str, tuple[int, int]] = {}
        self.is_synced = True
        self._descriptor = descriptor

    @classmethod
    def create(cls, path: Path, workspace: str) -> Segment:
        """Make a new file, locked before anyone can see it under its name; raises ``OSError``."""
        unseen = path.with_suffix(".new")
        descriptor = os.open(unseen, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            header = _MAGIC + workspace.encode() + b"\n"
            if os.pwrite(descriptor, header, 0) != len(header):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.rename(unseen, path)
        except OSError:
            os.close(descriptor)
            unseen.unlink(missing_ok=True)
            raise
        return cls(path, descriptor, header=len(header), size=len(header))

    @classmethod
    def adopt(cls, path: Path, workspace: str) -> Segment | None:
        """Open a file that no living process holds; None where one does, or where the file is another workspace's, or gone."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = os.fstat(descriptor).st_nlink > 0 and _workspace_of(descriptor) == workspace
        except BlockingIOError:
            is_ours = False
        if not is_ours:
            os.close(descriptor)
            return None
        header = len(_MAGIC + workspace.encode()) + 1
        return cls(path, descriptor, header=header, size=os.fstat(descriptor).st_size)

    def content(self) -> bytes:
        """Return the whole file as it is now; raises ``OSError``."""
        return os.pread(self._descriptor, self.size, 0)

    def append(self, prediction_id: str, payload: bytes) -> None:
        """Write one record so that the end of this process cannot lose it; raises ``OSError``, and then nothing was kept."""
        record = framed(payload)
        written = os.pwrite(self._descriptor, record, self.size)
        if written != len(record):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.waiting[prediction_id] = (self.size + _FRAME.size, len(payload))
        self.size += len(record)
        self.is_synced = False

    def index(self, prediction_id: str, place: int, length: int) -> None:
        """Note where a record of an adopted file is."""
        self.waiting[prediction_id] = (place + _FRAME.size, length)

    def read(self, prediction_id: str) -> bytes:
        """Return the payload of a waiting record; raises ``OSError``."""
        place, length = self.waiting[prediction_id]
        return os.pread(self._descriptor, length, place)

    def oldest(self, count: int) -> dict[str, bytes]:
        """Return the payloads of the records that wait longest, by id; raises ``OSError``.

        They stand one behind the other, so they are read at once: the event loop does this, and a call for each would keep it.
        """
        places = dict(islice(self.waiting.items(), count))
        if not places:
            return {}
        first = next(iter(places.values()))[0]
        last, length = next(reversed(places.values()))
        content = os.pread(self._descriptor, last + length - first, first)
        return {id_: content[place - first : place - first + size] for id_, (place, size) in places.items()}

    def duplicate(self) -> int:
        """Return a further descriptor of the file, which its taker closes: for bringing it to the disk in a thread."""
        self.is_synced = True
        return os.dup(self._descriptor)

    def empty(self) -> None:
        """Take all records out of the file: every one of them is in the database; raises ``OSError``."""
        if self.size > self._header:
            os.ftruncate(self._descriptor, self._header)
            self.size = self._header

    def remove(self) -> None:
        """Delete the file and let go of it; raises ``OSError``."""
        self.path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Let go of the file; what is in it waits for the next start."""
        os.close(self._descriptor)


def records_of_living(path: Path, workspace: str) -> Iterator[bytes]:
    """Return the payloads in another process's file, without touching it; of a file that has gone meanwhile, nothing."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    if content.startswith(_MAGIC + workspace.encode() + b"\n"):
        yield from (payload for _, payload in records_in(content))


def _workspace_of(descriptor: int) -> str | None:
    head = os.pread(descriptor, len(_MAGIC) + 256, 0)
    if not head.startswith(_MAGIC) or b"\n" not in head[len(_MAGIC) :]:
        return None
    return head[len(_MAGIC) :].split(b"\n", 1)[0].decode("utf-8", "replace")
