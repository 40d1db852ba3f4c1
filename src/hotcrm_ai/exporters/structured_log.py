"""Writes the log: for machines one JSON object per line, for people on a terminal plain lines; neither holds a secret.

The standard library's logging with formatters of our own: everything that the server stands on logs through it already.
"""

from __future__ import annotations

import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final, TextIO

import msgspec

from hotcrm_ai.domain.value_text import printable
from hotcrm_ai.exporters.secret_scrubber import SecretScrubber

REQUEST_ID: Final[ContextVar[str | None]] = ContextVar("hotcrm_ai_request_id", default=None)
"""The id of the request that is being answered, for the lines that are logged meanwhile."""

FORMATS: Final = ("auto", "text", "json")
LEVELS: Final = ("debug", "info", "warning", "error")
_QUIET: Final = ("uvicorn", "sqlalchemy", "alembic", "asyncio")
"""Others' loggers tell from warnings on: what they have to say of a normal day is for their own developers."""


def configure_log(log_format: str, level: str, *, worker: int | None = None, stream: TextIO | None = None) -> None:
    """Send the log to standard error (or a stream), from a level on; ``auto`` is text on a terminal and JSON elsewhere."""
    target = sys.stderr if stream is None else stream
    as_json = log_format == "json" or (log_format == "auto" and not target.isatty())
    handler = logging.StreamHandler(target)
    handler.setFormatter(JSONLines(worker=worker) if as_json else TextLines(worker=worker))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


class JSONLines(logging.Formatter):
    """One JSON object per line: ``time``, ``level``, ``logger``, ``message``, and where there are any ``requestId``, ``worker``, ``error``.

    A logger's ``extra={"fields": {...}}`` adds fields of its own. JSON escapes control characters, so no value can begin a new line.
    """

    def __init__(self, *, worker: int | None = None) -> None:
        super().__init__()
        self._worker = worker
        self._scrubber = SecretScrubber()

    def format(self, record: logging.LogRecord) -> str:
        """Return a record's line."""
        told: dict[str, Any] = {
            "time": _time_of(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _sound(self._scrubber.scrub(record.getMessage())),
        }
        if (request_id := REQUEST_ID.get()) is not None:
            told["requestId"] = request_id
        if self._worker is not None:
            told["worker"] = self._worker
        if record.exc_info:
            told["error"] = _sound(self._scrubber.scrub(self.formatException(record.exc_info)))
        fields = getattr(record, "fields", {})
        told |= {name: _sound(value) if isinstance(value, str) else value for name, value in fields.items()}
        line = msgspec.json.encode(told, enc_hook=str).decode()
        return self._scrubber.scrub(
            line.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("\x7f", "\\u007f")
        )


class TextLines(logging.Formatter):
    """One line per record for people, control characters shown escaped; a traceback follows on lines of its own."""

    def __init__(self, *, worker: int | None = None) -> None:
        super().__init__()
        self._place = "" if worker is None else f" worker {worker}"
        self._scrubber = SecretScrubber()

    def format(self, record: logging.LogRecord) -> str:
        """Return a record's text."""
        head = f"{_time_of(record)} {record.levelname.lower()}{self._place} {printable(record.getMessage())}"
        if record.exc_info:
            trace = self.formatException(record.exc_info)
            head = "\n".join([head, *(printable(line) for line in trace.splitlines())])
        return self._scrubber.scrub(head)


def _sound(text: str) -> str:
    """Return a text with its half characters written as escapes; names of files may hold some, and JSON can carry none."""
    return text.encode(errors="backslashreplace").decode()


def _time_of(record: logging.LogRecord) -> str:
    stamp = datetime.fromtimestamp(record.created, UTC)
    return stamp.isoformat(timespec="milliseconds").replace("+00:00", "Z")
