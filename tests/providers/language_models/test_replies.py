"""What is taken for an answer and what is not; and that nothing a vendor says reaches an error."""

from __future__ import annotations

import logging
import traceback
from typing import Any

import pytest

from hotcrm_ai.domain.errors import (
    ProviderBadAnswer,
    ProviderError,
    ProviderMisconfigured,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
)
from hotcrm_ai.testing import Said

USABLE = '{"sentiment": "negative", "score": 0.1}'
UNUSABLE = {
    "prose": f"Sure! Here it is: {USABLE}",
    "fenced": f"```json\n{USABLE}\n```",
    "trailing words": f"{USABLE} I hope this helps.",
    "two objects": f"{USABLE}{USABLE}",
    "empty": "",
    "a list": f"[{USABLE}]",
    "a foreign label": '{"sentiment": "angry", "score": 0.1}',
    "another case": '{"sentiment": "Negative", "score": 0.1}',
    "a number as label": '{"sentiment": 0, "score": 0.1}',
    "above its range": '{"sentiment": "positive", "score": 1.01}',
    "below its range": '{"sentiment": "negative", "score": -0.1}',
    "NaN": '{"sentiment": "negative", "score": NaN}',
    "infinite": '{"sentiment": "negative", "score": 1e999}',
    "text for a number": '{"sentiment": "negative", "score": "0.1"}',
    "true for a number": '{"sentiment": "positive", "score": true}',
    "null": '{"sentiment": "negative", "score": null}',
    "one field short": '{"sentiment": "negative"}',
    "one field more": '{"sentiment": "negative", "score": 0.1, "why": "late"}',
    "a field twice": '{"sentiment": "negative", "score": 0.9, "score": 0.1}',
    "a contradiction": '{"sentiment": "negative", "score": 0.9}',
    "too deep": "[" * 5000 + "]" * 5000,
}


async def test_an_answer_is_given_as_it_came(wire: str, opened_wire: Any) -> None:
    """Label and score are the model's; without calibration the confidence is None."""
    async with opened_wire(wire) as front:
        answer = await front.ask()
    assert answer.prediction == {"sentiment": "negative", "score": 0.1}
    assert answer.confidence is None


async def test_zero_is_an_answer(wire: str, replies: Any, opened_wire: Any) -> None:
    """Score 0 is a value, and no missing one."""
    reply = replies[wire][1]({"sentiment": "negative", "score": 0})
    async with opened_wire(wire, reply) as front:
        assert (await front.ask()).prediction == {"sentiment": "negative", "score": 0}


@pytest.mark.parametrize("text", UNUSABLE.values(), ids=UNUSABLE)
async def test_what_is_not_of_the_schema_is_no_answer(wire: str, text: str, replies: Any, opened_wire: Any) -> None:
    """Nothing is picked out of prose, repaired or rounded; the call may be repeated once."""
    async with opened_wire(wire, replies[wire][1](text)) as front:
        with pytest.raises(ProviderBadAnswer, match="Nothing was predicted") as caught:
            await front.ask()
    assert (caught.value.kind, caught.value.retries) == ("bad_answer", 1)


UNFINISHED = [
    ("chat-completions", {"finish_reason": "length"}),
    ("chat-completions", {"finish_reason": "content_filter"}),
    ("chat-completions", {"finish_reason": "tool_calls"}),
    ("chat-completions", {"refusal": "I cannot help with that."}),
    ("responses", {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}),
    ("responses", {"status": "failed", "error": {"code": "invalid_prompt", "message": "no"}}),
    ("responses", {"status": "in_progress"}),
    ("responses", {"refusal": "I cannot help with that."}),
    ("responses", {"output": []}),
    ("messages", {"stop_reason": "max_tokens"}),
    ("messages", {"stop_reason": "refusal"}),
    ("messages", {"stop_reason": "pause_turn"}),
    ("messages", {"stop_reason": "tool_use"}),
    ("messages", {"stop_reason": "model_context_window_exceeded"}),
    ("messages", {"stop_reason": "something new"}),
]


@pytest.mark.parametrize(("wire_name", "how"), UNFINISHED, ids=str)
async def test_an_answer_that_was_cut_or_refused_is_none(
    wire_name: str, how: dict[str, Any], replies: Any, opened_wire: Any
) -> None:
    """Even where its text could be read; its tokens were paid all the same."""
    async with opened_wire(wire_name, replies[wire_name][1](**how)) as front:
        with pytest.raises(ProviderBadAnswer):
            await front.ask()
        spent = await front.kit.ledger.spent("m", front.clock.now().date())
    assert (spent.calls, spent.tokens > 100) == (1, True)


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b"[]", b"null", b'{"choices": []}', b'{"status": 7}', b'{"stop_reason": null}', b"\xff\xfe"],
)
async def test_a_reply_of_another_form_is_no_answer(wire: str, body: bytes, opened_wire: Any) -> None:
    """A success that is not of the vendor's form is an error, whatever it holds."""
    async with opened_wire(wire, Said(body=body)) as front:
        with pytest.raises(ProviderBadAnswer):
            await front.ask()


FAULTS: list[tuple[str, int, dict[str, Any], dict[str, str], type[ProviderError], str, int]] = [
    ("openai", 400, {"code": "context_length_exceeded"}, {}, ProviderRejected, "bad_request", 0),
    ("openai", 401, {"code": "invalid_api_key"}, {}, ProviderMisconfigured, "auth", 0),
    ("openai", 403, {}, {}, ProviderMisconfigured, "auth", 0),
    ("openai", 404, {"code": "model_not_found"}, {}, ProviderRejected, "bad_request", 0),
    ("openai", 408, {}, {}, ProviderTimeout, "timeout", 2),
    ("openai", 429, {"code": "rate_limit_exceeded"}, {"retry-after": "7"}, ProviderUnavailable, "throttled", 2),
    ("openai", 429, {"code": "rate_limit_exceeded"}, {}, ProviderUnavailable, "throttled", 2),
    ("openai", 429, {"code": "insufficient_quota"}, {}, ProviderUnavailable, "quota_spent", 0),
    ("openai", 429, {"type": "insufficient_quota"}, {"x-should-retry": "true"}, ProviderUnavailable, "quota_spent", 0),
    ("openai", 500, {"code": "server_error"}, {}, ProviderUnavailable, "overloaded", 2),
    ("openai", 503, {}, {"x-should-retry": "false"}, ProviderUnavailable, "overloaded", 0),
    ("anthropic", 400, {"type": "invalid_request_error"}, {}, ProviderRejected, "bad_request", 0),
    ("anthropic", 401, {"type": "authentication_error"}, {}, ProviderMisconfigured, "auth", 0),
    ("anthropic", 402, {"type": "billing_error"}, {}, ProviderUnavailable, "quota_spent", 0),
    ("anthropic", 413, {"type": "request_too_large"}, {}, ProviderRejected, "bad_request", 0),
    ("anthropic", 422, {}, {}, ProviderRejected, "bad_request", 0),
    ("anthropic", 429, {"type": "rate_limit_error"}, {"retry-after": "7"}, ProviderUnavailable, "throttled", 2),
    (
        "anthropic",
        429,
        {"type": "rate_limit_error", "details": {"error_code": "enforced_spend_limit_reached"}},
        {},
        ProviderUnavailable,
        "quota_spent",
        0,
    ),
    ("anthropic", 499, {}, {}, ProviderTimeout, "timeout", 2),
    ("anthropic", 500, {"type": "api_error"}, {}, ProviderUnavailable, "overloaded", 2),
    ("anthropic", 529, {"type": "overloaded_error"}, {}, ProviderUnavailable, "overloaded", 2),
]


@pytest.mark.parametrize(("vendor", "status", "error", "headers", "kind_of_error", "kind", "retries"), FAULTS, ids=str)
async def test_each_fault_has_its_kind(
    vendor: str,
    status: int,
    error: dict[str, Any],
    headers: dict[str, str],
    kind_of_error: type[ProviderError],
    kind: str,
    retries: int,
    opened_front: Any,
) -> None:
    """The vendor's own code decides where the status alone would be retried in vain; a wait that was named is kept."""
    async with opened_front(vendor, Said(status=status, body={"error": error}, headers=headers)) as front:
        with pytest.raises(ProviderError) as caught:
            await front.ask()
        spent = await front.kit.ledger.spent("m", front.clock.now().date())
    assert type(caught.value) is kind_of_error
    assert (caught.value.kind, caught.value.retries) == (kind, retries)
    assert caught.value.retry_after_seconds == (7.0 if "retry-after" in headers else None)
    assert spent.tokens == 0


async def test_a_key_that_is_echoed_goes_nowhere(wire: str, opened_wire: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Case 47: the vendor repeats our key in its 401; no text, detail, trace or log line does."""
    key = "sk-front-9d1c4a7e"

    def echo(heard: Any) -> Said:
        return Said(status=401, body={"error": {"message": f"Incorrect API key provided: {key}", "code": key}})

    caplog.set_level(logging.DEBUG)
    async with opened_wire(wire, echo) as front:
        with pytest.raises(ProviderMisconfigured) as caught:
            await front.ask()
        health = await front.provider.health_check()
        shown = [str(caught.value), repr(caught.value), repr(caught.value.details), caplog.text, repr(health)]
        shown += [
            "".join(traceback.format_exception(caught.value)),
            repr(front.provider),
            repr(front.provider.__dict__),
        ]
    assert not health.healthy
    assert [text for text in shown if key in text] == []
