"""Answers one call of a tool: reads its arguments, asks the workspace, and says what went wrong in words that may leave the house."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from hotcrm_ai.domain import errors
from hotcrm_ai.domain.access import mask_keys
from hotcrm_ai.domain.errors import ConfigError, HotCRMAIError, InvalidRequest
from hotcrm_ai.domain.json_value import copied_json
from hotcrm_ai.domain.spelling import read_record
from hotcrm_ai.domain.ways import told
from hotcrm_ai.entrypoints.mcp.tool import Tool

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI

_TOLD_IN_FULL: Final = (
    errors.ModelNotFound,
    errors.ModelNotActive,
    errors.InvalidFeatures,
    errors.InvalidOutcome,
    errors.InvalidRequest,
    errors.NotExplainable,
    errors.ConfigError,
    errors.RecordNotFound,
    errors.NewerAnswer,
    errors.PredictionNotFound,
)
"""What the assistant can mend is told in its own words; all else may name paths, hosts or what a provider said, and goes to the log."""

_logger: Final = logging.getLogger("hotcrm_ai.mcp")


async def answer_call(ai: AI, tool: Tool, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return a tool's answer as JSON values with camelCase names.

    Raises:
        HotCRMAIError: the arguments do not fit, or the workspace could not answer.
    """
    question = read_question(tool, arguments)
    answered: dict[str, Any] = msgspec.to_builtins(await tool.answer(ai, question))
    return answered


def read_question(tool: Tool, arguments: Mapping[str, Any]) -> msgspec.Struct:
    """Read arguments, in either spelling of their names; raises ``InvalidRequest``."""
    try:
        return read_record(tool.takes, copied_json(dict(arguments)), what="question")
    except ValueError as problem:
        raise InvalidRequest(f"The arguments are no JSON that can be taken: {problem}.") from problem
    except ConfigError as problem:
        raise InvalidRequest(problem.message) from problem


def told_to_assistant(error: HotCRMAIError, tool: Tool) -> str:
    """Return what an assistant is told of an error: its code and words, general ones where its own may hold what is nobody's business."""
    if isinstance(error, _TOLD_IN_FULL) and not isinstance(error, errors.MissingExtra):
        return f"{error.code}: {mask_keys(told(error.message, 'assistant'))}"
    _logger.error("tool %s failed: %s", tool.name, mask_keys(repr(error)))
    words = (type(error).__doc__ or "The question could not be answered.").split("\n")[0]
    return f"{error.code}: {words} The log of this program has the details."
