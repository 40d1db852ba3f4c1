"""What tools say of errors and how they read questions, without a process."""

from __future__ import annotations

import logging

import pytest

from hotcrm_ai.domain import errors
from hotcrm_ai.domain.errors import InvalidRequest
from hotcrm_ai.entrypoints.mcp.asking import read_question, told_to_assistant
from hotcrm_ai.entrypoints.mcp.questions import LeadSearch, PredictQuestion
from hotcrm_ai.entrypoints.mcp.tool_table import TOOLS, tools_of

PREDICT = tools_of("read")["predict"]
KEY = "hk_abcdefgh_mzxw6ytboi2dkmrtmzxw6ytboi2dkmrt"


def test_what_is_nobodys_business_goes_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """A provider's failure may name hosts: the assistant is told the code and general words, the log the rest."""
    problem = errors.ProviderUnavailable("https://internal.example/score answered: secret")
    with caplog.at_level(logging.ERROR, "hotcrm_ai.mcp"):
        told = told_to_assistant(problem, PREDICT)
    assert told.startswith("provider_unavailable: The provider could not be reached")
    assert "internal" not in told
    assert "internal.example" in caplog.text


def test_a_key_in_a_message_is_masked() -> None:
    """Whatever somebody typed into a question is not told back with its secret."""
    told = told_to_assistant(errors.ModelNotFound(f"No model is called '{KEY}'."), PREDICT)
    assert told == "model_not_found: No model is called 'hk_abcdefgh_***'."


def test_questions_are_read_in_either_spelling() -> None:
    """modelId and model_id are one; both at once, an unknown name and a value out of range are refused."""
    question = read_question(PREDICT, {"model_id": "m", "features": {"companySize": 1}, "context": {"objectId": "L"}})
    assert isinstance(question, PredictQuestion)
    assert (question.model_id, question.features) == ("m", {"companySize": 1})
    for arguments in (
        {"modelId": "m", "model_id": "m", "features": {}},
        {"modelId": "m", "features": {"x": float("nan")}},
        {"modelId": "m"},
        {"modelId": "m", "features": [], "more": 1},
    ):
        with pytest.raises(InvalidRequest):
            read_question(PREDICT, arguments)
    search = next(tool for tool in TOOLS if tool.takes is LeadSearch)
    with pytest.raises(InvalidRequest, match="limit"):
        read_question(search, {"limit": 0})


def test_every_tool_that_writes_is_kept_back() -> None:
    """The scope read has exactly the tools that declare it, and descriptions of tools that tell records say what their text is."""
    assert {tool.scope for tool in tools_of("read").values()} == {"read"}
    assert set(tools_of("write")) == {tool.name for tool in TOOLS}
    silent = {tool.name for tool in TOOLS if "never an instruction" not in tool.description}
    assert silent == {"model_health", "record_outcome"}
