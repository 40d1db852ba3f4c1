"""Keeps every answered prediction on the disk from before it is answered until it is in the database."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final

import msgspec

from hotcrm_ai.domain.errors import InvalidRequest, StorageError
from hotcrm_ai.domain.prediction import LoggedPrediction
from hotcrm_ai.storage.journal_segment import SUFFIX, Segment, records_in, records_of_living

SEGMENT_BYTES: Final = 4 * 1024 * 1024
LARGEST_BYTES: Final = 256 * 1024 * 1024
_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(LoggedPrediction)
_FULL_DISK: Final = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EIO})


def read_logged(payload: bytes) -> LoggedPrediction:
    """Return the prediction of a journal's record."""
    return _decoder.decode(payload)


class Journal:
    """The predictions of one process that are not in the database yet, in files of a folder that several processes share.

    ``append`` writes into a file before it returns: kill -9 loses nothing of it. A file is emptied once all its records are in the
    database, and a new one begun where one grows past 4 MiB. Files of processes that have died are taken over by ``adopt``, each by one
    process alone, since its lock goes with it. At most ``largest_bytes`` wait. No method waits for anything but the disk.
    """

    def __init__(
        self, folder: Path, workspace: str, *, largest_bytes: int = LARGEST_BYTES, segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        self._folder = folder
        self._workspace = workspace
        self._largest_bytes = largest_bytes
        self._segment_bytes = segment_bytes
        self._segments: list[Segment] = []
        self._numbers = count(1)
        self._current: Segment | None = None

    def __len__(self) -> int:
        return sum(len(segment.waiting) for segment in self._segments)

    def __contains__(self, prediction_id: object) -> bool:
        return any(prediction_id in segment.waiting for segment in self._segments)

    @property
    def needs_sync(self) -> bool:
        """Whether something was written that a loss of power could still take."""
        return self._current is not None and not self._current.is_synced

    def append(self, prediction: LoggedPrediction) -> None:
        """Write one prediction; an id that already waits is kept as it is.

        Raises:
            StorageError: the disk is full or failed, or as much waits as may; nothing of the prediction was kept.
            InvalidRequest: the prediction holds something that is no JSON.
        """
        if prediction.id in self:
            return
        try:
            payload = _encoder.encode(prediction)
        except (TypeError, ValueError) as problem:
            raise InvalidRequest(
                f"Prediction {prediction.id!r} cannot be logged, because it holds something that is no JSON: {problem}."
            ) from problem
        waiting = sum(segment.size for segment in self._segments)
        if waiting + len(payload) > self._largest_bytes:
            raise StorageError(
                f"The prediction log is full: {len(self)} predictions wait for the database; bring the database back, then try again."
            )
        try:
            self._writable().append(prediction.id, payload)
        except OSError as problem:
            raise self._error(problem) from problem

    def oldest(self, count: int) -> dict[str, bytes]:
        """Return what was written of the predictions that wait longest, by id; ``read_logged`` reads it. Raises ``StorageError``."""
        found: dict[str, bytes] = {}
        try:
            for segment in self._segments:
                if len(found) == count:
                    break
                found |= segment.oldest(count - len(found))
        except OSError as problem:
            raise self._error(problem) from problem
        return found

    def get(self, prediction_id: str) -> LoggedPrediction | None:
        """Return a prediction that waits here or in the journal of another living process."""
        for segment in self._segments:
            if prediction_id in segment.waiting:
                return _decoder.decode(segment.read(prediction_id))
        return next((one for one in self.elsewhere() if one.id == prediction_id), None)

    def elsewhere(self) -> Iterator[LoggedPrediction]:
        """Return the predictions that wait in the journals of other processes; some of them may be in the database by now."""
        own = {segment.path for segment in self._segments}
        for path in sorted(self._folder.glob(f"*{SUFFIX}")):
            if path not in own:
                yield from map(read_logged, records_of_living(path, self._workspace))

    def newest_id(self) -> str | None:
        """Return the id of the prediction that was written last."""
        last = next((segment for segment in reversed(self._segments) if segment.waiting), None)
        return None if last is None else next(reversed(last.waiting))

    def others_wait(self) -> bool:
        """Tell whether other processes' files are there, which hold what the database does not yet."""
        own = {segment.path for segment in self._segments}
        return any(path not in own for path in self._folder.glob(f"*{SUFFIX}"))

    def done(self, prediction_ids: list[str]) -> None:
        """Forget predictions that are in the database; files with nothing left are emptied or deleted.

        Raises:
            StorageError: a file could not be changed; writing its predictions into the database again changes nothing.
        """
        for prediction_id in prediction_ids:
            for segment in self._segments:
                if segment.waiting.pop(prediction_id, None) is not None:
                    break
        self._tidy()

    def waiting(self) -> Iterator[LoggedPrediction]:
        """Return every prediction that waits here, oldest first."""
        yield from map(read_logged, self.oldest(len(self)).values())

    def adopt(self) -> int:
        """Take over the files that processes left behind when they died; return how many predictions wait in them.

        Raises:
            StorageError: a file cannot be read.
        """
        return self.take(self.left_behind())

    def left_behind(self) -> list[Segment]:
        """Lock and read the files of processes that died, for ``take``; may be called in another thread.

        Raises:
            StorageError: a file cannot be read.
        """
        found: list[Segment] = []
        try:
            for path in sorted(self._folder.glob(f"*{SUFFIX}")):
                segment = Segment.adopt(path, self._workspace)
                if segment is None:
                    continue
                if _indexed(segment):
                    found.append(segment)
                else:
                    segment.close()
        except OSError as problem:
            for segment in found:
                segment.close()
            raise self._error(problem) from problem
        return found

    def take(self, segments: list[Segment]) -> int:
        """Make files that were left behind this journal's own; return how many predictions wait in them. Raises ``StorageError``."""
        self._segments += segments
        found = sum(len(segment.waiting) for segment in segments)
        self._tidy()
        return found

    def unsynced(self) -> int | None:
        """Return a descriptor to be brought to the disk and closed by the caller, or None where all is on the disk."""
        return self._current.duplicate() if self._current is not None and self.needs_sync else None

    def begin_anew(self) -> None:
        """Write to another file from now on: the disk did not take the present one."""
        self._current = None

    def close(self) -> None:
        """Let go of all files; those with predictions in them wait for the next start, the others are deleted."""
        self._current = None
        self._tidy()
        for segment in self._segments:
            segment.close()
        self._segments.clear()

    def _writable(self) -> Segment:
        if self._current is None or self._current.size > self._segment_bytes:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = self._folder / f"{os.getpid()}-{next(self._numbers):08d}-{secrets.token_hex(6)}{SUFFIX}"
            self._current = Segment.create(path, self._workspace)
            self._segments.append(self._current)
        return self._current

    def _tidy(self) -> None:
        try:
            for segment in [one for one in self._segments if not one.waiting]:
                if segment is self._current:
                    segment.empty()
                else:
                    segment.remove()
                    self._segments.remove(segment)
        except OSError as problem:
            raise self._error(problem) from problem

    def _error(self, problem: OSError) -> StorageError:
        what = "because the disk is full" if problem.errno in _FULL_DISK else f"({problem.strerror})"
        return StorageError(
            f"The prediction journal in {self._folder.name!r} of the workspace folder cannot be written {what}; "
            "free some space or mend the disk, then try again."
        )


def _indexed(segment: Segment) -> bool:
    """Note the records of an adopted file; false where another version wrote what this one cannot read: it stays for that version."""
    try:
        for place, payload in records_in(segment.content()):
            segment.index(read_logged(payload).id, place, len(payload))
    except msgspec.MsgspecError:
        return False
    return True
