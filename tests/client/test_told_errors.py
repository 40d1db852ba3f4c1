"""Errors that a server tells come back as the errors that the AI object raises, by their code and with their facts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hotcrm_ai.client.request import Answer
from hotcrm_ai.client.told_errors import error_of
from hotcrm_ai.domain import errors
from hotcrm_ai.entrypoints.http import refusals
from hotcrm_ai.entrypoints.http.problems import STATUS, problem_of, retry_after_seconds
from hotcrm_ai.entrypoints.http.reply import encode_json

SPECIAL: dict[type[errors.HotCRMAIError], errors.HotCRMAIError] = {
    errors.InvalidFeatures: errors.InvalidFeatures({"budget": "is no number"}, model_id="m"),
    errors.ConfigError: errors.ConfigError("The model is wrong:", problems=("no id", "no provider")),
    errors.MissingExtra: errors.MissingExtra(feature="Training", extra="train"),
    refusals.MethodNotAllowed: refusals.MethodNotAllowed("No.", allow="GET"),
}
CHANGED = {
    errors.MissingExtra: errors.ServerError,
    refusals.Overloaded: errors.ServerUnavailable,
    refusals.Stopping: errors.ServerUnavailable,
    refusals.AnswerTooSlow: errors.ServerTimeout,
    refusals.IdempotencyUnknown: errors.ServerError,
    refusals.OriginNotAllowed: errors.AuthError,
}
"""What is the server's own affair is told by an error of a server; all other refusals are an InvalidRequest."""


def over_the_wire(error: errors.HotCRMAIError) -> errors.HotCRMAIError:
    """Tell an error as the server does, and read it as a client does."""
    problem = problem_of(error, request_id="r-7")
    later = retry_after_seconds(error)
    headers = {"content-type": "application/problem+json"} | ({} if later is None else {"retry-after": str(later)})
    return error_of(Answer(problem.status, headers, encode_json(problem)))


@pytest.mark.parametrize("kind", STATUS, ids=lambda kind: kind.code)
def test_every_error_comes_back_as_itself(kind: type[errors.HotCRMAIError]) -> None:
    """Class, code and the server's request id survive the way; a refusal of the HTTP door becomes an InvalidRequest."""
    sent = SPECIAL.get(kind) or kind("It is so.")
    got = over_the_wire(sent)
    of_the_door = errors.InvalidRequest if kind.__module__ == refusals.__name__ else kind
    assert type(got) is CHANGED.get(kind, of_the_door)
    assert got.details["server_code"] == sent.code
    assert (got.details["request_id"], got.details["status"]) == ("r-7", STATUS[kind])


def test_the_facts_come_along() -> None:
    """Features with their reasons, lists of problems, the model's id and the time to wait are where the AI object has them."""
    features = over_the_wire(SPECIAL[errors.InvalidFeatures])
    assert isinstance(features, errors.InvalidFeatures)
    assert features.problems == {"budget": "is no number"}
    assert features.message == "Invalid features for model 'm': 'budget': is no number."
    assert features.details["model_id"] == "m"
    config = over_the_wire(SPECIAL[errors.ConfigError])
    assert isinstance(config, errors.ConfigError)
    assert config.problems == ("no id", "no provider")
    assert config.message == "The model is wrong:\n  - no id\n  - no provider"
    away = over_the_wire(errors.ProviderUnavailable("secret host", retry_after_seconds=7))
    assert isinstance(away, errors.ProviderUnavailable)
    assert (away.retry_after_seconds, away.retryable) == (7.0, True)
    assert "secret host" not in away.message


@pytest.mark.parametrize(
    ("status", "media_type", "body", "kind"),
    [
        (502, "text/html", b"<html>nginx</html>", errors.ServerUnavailable),
        (401, "text/plain", b"no", errors.NotAuthenticated),
        (418, "application/json", b"{}", errors.InvalidRequest),
        (500, "application/problem+json", b'{"detail": ', errors.ServerError),
        (504, "application/problem+json", b'{"detail": 7, "code": "x"}', errors.ServerTimeout),
    ],
)
def test_what_stands_between_may_answer_anything(
    status: int, media_type: str, body: bytes, kind: type[errors.HotCRMAIError]
) -> None:
    """An answer that is no problem document is told by its status, without its text."""
    got = error_of(Answer(status, {"content-type": media_type}, body))
    assert type(got) is kind
    assert f"answered {status}" in got.message
    assert "nginx" not in got.message


def test_a_key_that_comes_back_in_an_error_is_masked() -> None:
    """Whatever stands between may repeat the request's key; its secret is not told on."""
    key = "hk_abcdefgh_mzxw6ytboi2dkmrtmzxw6ytboi2dkmrt"
    document: dict[str, Any] = {"detail": f"Bearer {key} is bad", "code": "not_authenticated"}
    got = error_of(Answer(401, {"content-type": "application/problem+json"}, json.dumps(document).encode()))
    assert key not in f"{got!r} {got.details}"
    assert "hk_abcdefgh_***" in got.message
