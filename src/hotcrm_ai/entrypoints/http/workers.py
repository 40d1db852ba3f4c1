"""Runs several worker processes on one listening socket, starts a new one where one dies, and stops them all together."""

from __future__ import annotations

import logging
import os
import select
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.ports.clock import Clock, SystemClock

LOOK_SECONDS: Final = 0.2
STOP_SECONDS: Final = 12.0
"""How long workers may take to stop before they are killed: longer than a worker gives itself."""

FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 30.0
STEADY_SECONDS: Final = 10.0
_FORWARDED: Final = (signal.SIGTERM, signal.SIGINT)

_logger: Final = logging.getLogger("hotcrm_ai.workers")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerPlace:
    """What a worker process knows of its place: its number from 1, and what the supervisor lends it.

    ``ready`` is a descriptor that it writes to once it answers; ``lifeline`` one that ends when the supervisor is gone; ``folder`` is
    where the workers find one another's counts.
    """

    number: int
    ready: int
    lifeline: int
    folder: Path


@dataclass(slots=True)
class _Worker:
    pid: int
    ready: int
    started_at: float
    is_ready: bool = False
    has_ended: bool = False


class Supervisor:
    """The parent of the workers: it answers nothing itself and holds no workspace.

    ``work`` is what a worker does until it is told to stop; it returns the exit code. The first worker starts alone, for it brings the
    database up to date, and where it cannot start, neither can the others. ``announce`` is called once, when all are ready.
    """

    def __init__(
        self,
        number: int,
        *,
        work: Callable[[WorkerPlace], int],
        announce: Callable[[], None],
        clock: Clock | None = None,
    ) -> None:
        if not hasattr(os, "fork"):
            raise ConfigError("Several workers need a system that can fork processes; start the server with one.")
        self._number = number
        self._work = work
        self._announce = announce
        self._seconds = (clock or SystemClock()).monotonic
        self._workers: dict[int, _Worker] = {}
        self._due: dict[int, float] = {1: 0.0}
        self._pauses: dict[int, float] = {}
        self._told_to_stop: signal.Signals | None = None
        self._is_steady = False
        self._lifeline, self._held = os.pipe()

    def run(self) -> int:
        """Run the workers until told to stop, and return the exit code: that of the first worker where it could not start."""
        before = {number: signal.signal(number, self._stop) for number in _FORWARDED}
        with tempfile.TemporaryDirectory(prefix="hotcrm-ai-") as folder:
            code = self._supervise(Path(folder))
            self._stop_all()
        for number, handler in before.items():
            signal.signal(number, handler)
        return code

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self._told_to_stop = signal.Signals(number)

    def _supervise(self, folder: Path) -> int:
        while self._told_to_stop is None:
            for number in [number for number, due in self._due.items() if due <= self._seconds()]:
                del self._due[number]
                self._start(number, folder)
            self._look()
            for number, status in self._ended():
                if not self._is_steady:
                    return os.waitstatus_to_exitcode(status) or 1
                self._plan_restart(number, status)
        return 0

    def _start(self, number: int, folder: Path) -> None:
        ready, told = os.pipe()
        place = WorkerPlace(number=number, ready=told, lifeline=self._lifeline, folder=folder)
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", DeprecationWarning
            )  # threads of numerical libraries are at rest here, and survive a fork
            pid = os.fork()
        if pid == 0:
            os.close(self._held)
            os.close(ready)
            self._be_worker(place)
        os.close(told)
        self._workers[number] = _Worker(pid=pid, ready=ready, started_at=self._seconds())

    def _be_worker(self, place: WorkerPlace) -> NoReturn:
        """Work in the child and end it; a terminal's Ctrl+C is for the supervisor, which passes it on once."""
        code = 1
        try:
            os.setpgid(0, 0)
            for number in _FORWARDED:
                signal.signal(number, signal.SIG_DFL)
            code = self._work(place)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _look(self) -> None:
        """Wait a moment, or until a worker says that it is ready."""
        waiting = {worker.ready: number for number, worker in self._workers.items() if not worker.is_ready}
        try:
            told, _, _ = select.select(list(waiting), [], [], LOOK_SECONDS)
        except InterruptedError:
            return
        for descriptor in told:
            worker = self._workers[waiting[descriptor]]
            if os.read(descriptor, 1):
                worker.is_ready = True
            else:
                worker.is_ready = worker.has_ended = True
        if self._is_steady or not all(worker.is_ready and not worker.has_ended for worker in self._workers.values()):
            return
        if len(self._workers) < self._number:
            self._due.update({number: 0.0 for number in range(2, self._number + 1) if number not in self._workers})
        elif self._workers:
            self._is_steady = True
            self._announce()

    def _ended(self) -> list[tuple[int, int]]:
        """Return the numbers of the workers that ended, each with its status, and forget them."""
        ended = []
        for number, worker in list(self._workers.items()):
            pid, status = os.waitpid(worker.pid, os.WNOHANG)
            if pid:
                os.close(worker.ready)
                del self._workers[number]
                self._pauses[number] = self._next_pause(number, self._seconds() - worker.started_at)
                ended.append((number, status))
        return ended

    def _next_pause(self, number: int, lived: float) -> float:
        if lived >= STEADY_SECONDS:
            return 0.0
        return min(max(2 * self._pauses.get(number, 0.0), FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)

    def _plan_restart(self, number: int, status: int) -> None:
        pause = self._pauses[number]
        _logger.error(
            "worker %d ended with code %d; another one takes its place in %g s",
            number,
            os.waitstatus_to_exitcode(status),
            pause,
        )
        self._due[number] = self._seconds() + pause

    def _stop_all(self) -> None:
        """Stop every worker; one that does not stop in time is killed."""
        with_signal = self._told_to_stop or signal.SIGTERM
        for worker in self._workers.values():
            os.kill(worker.pid, with_signal)
        ends_at = self._seconds() + STOP_SECONDS
        while self._workers and self._seconds() < ends_at:
            select.select([], [], [], LOOK_SECONDS)
            self._ended()
        for number, worker in self._workers.items():
            _logger.error("worker %d did not stop in time and is killed", number)
            os.kill(worker.pid, signal.SIGKILL)
            os.waitpid(worker.pid, 0)
