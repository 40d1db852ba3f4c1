"""The probability of a label from the tokens that spell it, checked by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from hotcrm_ai.testing import Said


def _token(token: str, probability: float, **others: float) -> dict[str, Any]:
    listed = {token: probability, **others}
    return {
        "token": token,
        "bytes": list(token.encode()),
        "logprob": math.log(probability),
        "top_logprobs": [
            {"token": text, "bytes": list(text.encode()), "logprob": math.log(share)} for text, share in listed.items()
        ],
    }


def _chat(*tokens: dict[str, Any], text: str | None = None) -> Said:
    content = "".join(token["token"] for token in tokens) if text is None else text
    message = {"role": "assistant", "content": content, "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": {"content": list(tokens)}}
    return Said(body={"choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}})


LABELS = ["refund", "refusal", "praise"]
TASK = {"task": "classification", "labels": LABELS, "logprobs": True}
BEGIN, END = _token('{"label":"', 1.0), _token('"}', 1.0)


async def _probability(opened_wire: Any, *tokens: dict[str, Any], **more: Any) -> Any:
    async with opened_wire("chat-completions", _chat(*tokens)) as front:
        return await front.ask(**{**TASK, **more})


async def test_one_token_that_decides(opened_wire: Any) -> None:
    """0.6 for this label against 0.2 for another: 0.75, since the 0.2 that begin no label could not be written."""
    answer = await _probability(opened_wire, BEGIN, _token("refund", 0.6, praise=0.2, sorry=0.2), END)
    assert answer.metadata["label_probability"] == pytest.approx(0.75)
    assert answer.confidence is None


async def test_a_shared_beginning_is_followed_until_it_decides(opened_wire: Any) -> None:
    """0.8 begin both of two labels, then 0.75 go on to this one: 0.8 x 0.75, and 0.1 that spell it at once."""
    first = _token("ref", 0.8, praise=0.1, refund=0.1)
    answer = await _probability(opened_wire, BEGIN, first, _token("und", 0.75, usal=0.25), END)
    assert answer.metadata["label_probability"] == pytest.approx(0.8 * 0.75 + 0.1)


async def test_a_label_that_begins_another_is_told_apart_by_its_end(opened_wire: Any) -> None:
    """``hot`` is not yet told from ``hotter``; the closing quote decides."""
    end = {**_token('"}', 0.9, ter=0.1)}
    answer = await _probability(opened_wire, BEGIN, _token("hot", 1.0), end, labels=["hot", "hotter"])
    assert answer.metadata["label_probability"] == pytest.approx(0.9)


async def test_a_token_may_begin_before_its_label(opened_wire: Any) -> None:
    """A vendor's token can hold the quote and the label's first letters."""
    begin = _token('{"label":', 1.0)
    answer = await _probability(opened_wire, begin, _token('"refund', 0.5, **{'"praise': 0.5}), END)
    assert answer.metadata["label_probability"] == pytest.approx(0.5)


async def test_a_table_makes_a_confidence_of_it(opened_wire: Any) -> None:
    """Between two points of the table it is straight: 0.75 lies half-way from 0.5 to 1, so 0.6 to 0.8 gives 70 per cent."""
    tokens = BEGIN, _token("refund", 0.6, praise=0.2, sorry=0.2), END
    answer = await _probability(opened_wire, *tokens, calibration=[[0.5, 0.6], [1.0, 0.8]])
    assert answer.confidence == pytest.approx(70.0)


async def test_tokens_that_are_not_the_text_give_no_confidence(opened_wire: Any) -> None:
    """A server whose log-probabilities tell of other tokens than it wrote is not believed."""
    reply = _chat(BEGIN, _token("praise", 0.6), END, text='{"label":"refund"}')
    async with opened_wire("chat-completions", reply) as front:
        answer = await front.ask(**TASK, calibration=[[0, 0], [1, 1]])
    assert answer.prediction == {"label": "refund"}
    assert answer.confidence is None


@pytest.mark.parametrize(
    "wrong", [None, "x", [{}], [{"token": "a", "logprob": 3.0}], [{"token": "a", "logprob": "NaN"}]]
)
async def test_log_probabilities_that_are_none_are_left_alone(wrong: Any, opened_wire: Any, replies: Any) -> None:
    """The answer stands; only its confidence is unknown."""
    reply = replies["chat-completions"][1]({"label": "praise"})
    reply.body["choices"][0]["logprobs"] = {"content": wrong}
    async with opened_wire("chat-completions", reply) as front:
        answer = await front.ask(**TASK, calibration=[[0, 0], [1, 1]])
    assert (answer.prediction, answer.confidence) == ({"label": "praise"}, None)


async def test_responses_gives_them_beside_its_text(opened_wire: Any, replies: Any) -> None:
    """The same reading for the other interface."""
    tokens = [BEGIN, _token("praise", 0.9, refund=0.1), END]
    reply = replies["responses"][1]('{"label":"praise"}')
    reply.body["output"][1]["content"][0]["logprobs"] = tokens
    async with opened_wire("responses", reply) as front:
        answer = await front.ask(**TASK, calibration=[[0, 0], [1, 1]])
        asked = front.server.heard[0].json()
    assert answer.confidence == pytest.approx(90.0)
    assert (asked["include"], asked["top_logprobs"]) == (["message.output_text.logprobs"], 20)
