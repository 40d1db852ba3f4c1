"""Says in one line what went wrong, and with which code the program ends."""

from __future__ import annotations

import os
import sys
from typing import Any, Final

import click
import msgspec

from hotcrm_ai.domain.errors import (
    ConfigError,
    HotCRMAIError,
    InvalidFeatures,
    InvalidOutcome,
    InvalidRequest,
    KeyNotFound,
    MissingExtra,
    ModelNotFound,
    PredictionNotFound,
    RecordNotFound,
    TrainingDataError,
)
from hotcrm_ai.domain.spelling import camel_facts
from hotcrm_ai.domain.value_text import printable
from hotcrm_ai.domain.ways import told

DONE: Final = 0
FAILED: Final = 1
BAD_INPUT: Final = 2
INTERRUPTED: Final = 130

_INPUT_ERRORS: Final = (
    ConfigError,
    InvalidFeatures,
    InvalidOutcome,
    InvalidRequest,
    KeyNotFound,
    ModelNotFound,
    PredictionNotFound,
    RecordNotFound,
    TrainingDataError,
)


def code_of(problem: Exception, *, as_json: bool) -> int:
    """Report a failure and return the exit code that belongs to it."""
    match problem:
        case click.exceptions.Exit():
            return problem.exit_code
        case click.exceptions.NoArgsIsHelpError():
            problem.show()
            return BAD_INPUT
        case click.ClickException():
            report(_usage(problem), code="usage", as_json=as_json)
            return BAD_INPUT
        case HotCRMAIError():
            report(told(problem.message, "command"), code=problem.code, details=dict(problem.details), as_json=as_json)
            is_input = isinstance(problem, _INPUT_ERRORS) and not isinstance(problem, MissingExtra)
            return BAD_INPUT if is_input else FAILED
        case OSError():
            reason = problem.strerror or type(problem).__name__
            place = repr(problem.filename) if problem.filename else "Standard output, or a file,"
            report(f"{place} cannot be used: {reason}; check it.", code="io_error", as_json=as_json)
            return FAILED
        case _:
            report(
                f"Unexpected {type(problem).__name__}: {problem}. Run the same again with --debug to see where.",
                code="unexpected",
                as_json=as_json,
            )
            return FAILED


def report(message: str, *, code: str, as_json: bool, details: dict[str, Any] | None = None) -> None:
    """Write one line to standard error; for machines also one JSON document to standard output, unless its reader has gone."""
    line = printable(" ".join(message.replace("\n  - ", " • ").split()))
    click.echo(f"hotcrm-ai: {line}", err=True)
    if as_json:
        document = {"error": {"code": code, "message": message, "details": camel_facts(details or {})}}
        try:
            click.echo(msgspec.json.encode(document, enc_hook=str))
        except BrokenPipeError:
            discard_output()


def discard_output() -> None:
    """Send what is still buffered nowhere: the reader of the pipe has gone and wants no more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _usage(problem: click.ClickException) -> str:
    message = problem.format_message()
    context = problem.ctx if isinstance(problem, click.UsageError) else None
    if context is None:
        return message
    end = "" if message.endswith((".", "!", "?")) else "."
    return f"{message}{end} See `{context.command_path} --help`."
