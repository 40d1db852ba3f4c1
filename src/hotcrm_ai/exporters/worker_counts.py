"""Joins the counts of several worker processes: each writes its own into a file of a folder that all of them read."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from typing import Final

import msgspec

_NO_NUMBER: Final = 0


class Snapshot(msgspec.Struct, frozen=True):
    """What one worker counted since the server started, and its states now; both by series."""

    counters: dict[str, float] = {}
    gauges: dict[str, float] = {}


class WorkerCounts:
    """The counts of one worker beside those of the others.

    A worker that takes the place of one that died goes on from what that one had written, so that no sum ever falls. Without a folder
    there are no others.
    """

    def __init__(self, folder: Path | None = None, *, number: int = _NO_NUMBER) -> None:
        self._path = None if folder is None else folder / f"worker-{number}.json"
        self._before = Snapshot() if self._path is None else _read(self._path)

    def publish(self, own: Snapshot) -> None:
        """Let the others read what this worker counted by now."""
        if self._path is None:
            return
        whole = Snapshot(counters=_sums(self._before.counters, own.counters), gauges=own.gauges)
        draft = self._path.with_suffix(".new")
        draft.write_bytes(msgspec.json.encode(whole))
        os.replace(draft, self._path)

    def joined(self, own: Snapshot) -> tuple[Snapshot, int]:
        """Return the sums over all workers, this one as it is now, and how many workers those are."""
        others = [] if self._path is None else [_read(path) for path in self._path.parent.glob("worker-*.json")
                                                if path != self._path]  # fmt: skip
        counters = _sums(self._before.counters, own.counters, *(one.counters for one in others))
        return Snapshot(counters=counters, gauges=_sums(own.gauges, *(one.gauges for one in others))), 1 + len(others)


def _read(path: Path) -> Snapshot:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Snapshot)
    except FileNotFoundError:
        return Snapshot()


def _sums(*parts: dict[str, float]) -> dict[str, float]:
    together: dict[str, float] = defaultdict(float)
    for part in parts:
        for key, value in part.items():
            together[key] += value
    return dict(together)
