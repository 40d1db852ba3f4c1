"""Hostile, broken and oversized bodies are refused with the right status, never with a 5xx, and nothing is executed."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotcrm_ai.domain.errors import InvalidRequest
from hotcrm_ai.entrypoints.http.predict_door import read_prediction_request
from hotcrm_ai.entrypoints.http.refusals import UnreadableRequest
from hotcrm_ai.entrypoints.http.strict_json import read_json_object

JSON = {"content-type": "application/json"}
MIB = 1024 * 1024


def request_with(features: str) -> bytes:
    """Return the bytes of a request with these features, as they stand."""
    return b'{"modelId":"lead-scoring-v1","features":' + features.encode("utf-8", "surrogatepass") + b"}"


def nested(depth: int) -> str:
    """Return a list in a list in a list."""
    return "[" * depth + "]" * depth


CASES = [
    pytest.param(b"", 400, "empty", id="empty"),
    pytest.param(b"   ", 400, "empty", id="blank"),
    pytest.param(b"{", 400, "cannot be read", id="cut off"),
    pytest.param(b"not json", 400, "cannot be read", id="no json"),
    pytest.param(b"{'modelId': 'x'}", 400, "cannot be read", id="single quotes"),
    pytest.param(b'{"modelId":"x","features":{},}', 400, "cannot be read", id="trailing comma"),
    pytest.param(b'{"modelId":"x","features":{}} {}', 400, "cannot be read", id="two documents"),
    pytest.param(b"[]", 422, "a list", id="a list"),
    pytest.param(b"null", 422, "null", id="null"),
    pytest.param(b"5", 422, "a number", id="a number"),
    pytest.param(b'"text"', 422, "text", id="text"),
    pytest.param(b"\xef\xbb\xbf" + request_with("{}"), 400, "byte order mark", id="byte order mark"),
    pytest.param(request_with("{}").decode().encode("utf-16"), 400, "UTF-8", id="utf-16"),
    pytest.param(request_with("{}").decode().encode("utf-16-be"), 400, "cannot be read", id="utf-16 without mark"),
    pytest.param(request_with('{"x":"') + b'\xff"}}', 400, "UTF-8", id="invalid utf-8"),
    pytest.param(request_with('{"x":"\xed\xa0\x80"}').replace(b"\xc3\xad\xc2\xa0\xc2\x80", b"\xed\xa0\x80"), 400, "UTF-8",
                 id="surrogate in utf-8"),
    pytest.param(request_with('{"x":"\\ud800"}'), 400, "'x'", id="lone surrogate"),
    pytest.param(request_with('{"x":["\\udc00\\ud800"]}'), 400, "'x'", id="surrogates the wrong way round"),
    pytest.param(request_with('{"\\ud800":1}'), 400, "surrogate", id="lone surrogate in a name"),
    pytest.param(request_with('{"x":"a\x00b"}'), 400, "cannot be read", id="control character"),
    pytest.param(request_with('{"x":NaN}'), 400, "'x'", id="NaN"),
    pytest.param(request_with('{"x":-Infinity}'), 400, "'x'", id="minus infinity"),
    pytest.param(request_with('{"x":[1,[2,Infinity]]}'), 400, "'x'", id="infinity in lists"),
    pytest.param(request_with('{"budget":1e400}'), 400, "'budget'", id="1e400"),
    pytest.param(request_with('{"x":' + "9" * 5000 + "}"), 400, "thousands of digits", id="5000 digits"),
    pytest.param(request_with('{"x":' + "9" * 400 + "}"), 422, "'x'", id="400 digits"),
    pytest.param(request_with('{"x":1,"x":2}'), 400, "'x'", id="name twice"),
    pytest.param(request_with('{"x" :1 , "x"\n:2}'), 400, "'x'", id="name twice with blanks"),
    pytest.param(request_with('{"x":1,"\\u0078":2}'), 400, "'x'", id="name twice, once escaped"),
    pytest.param(request_with('{"y":":","x":1,"x":2}'), 400, "'x'", id="name twice beside a colon"),
    pytest.param(request_with('{"y":{"x":1,"x":2}}'), 400, "'x'", id="name twice further in"),
    pytest.param(b'{"modelId":"a","modelId":"b","features":{}}', 400, "'modelId'", id="modelId twice"),
    pytest.param(b'{"modelId":"a","model_id":"a","features":{}}', 400, "both spellings", id="both spellings"),
    pytest.param(b'{"modelId":"lead-scoring-v1","features":{},"context":{"userId":"a","user_id":"a"}}', 400,
                 "both spellings", id="both spellings in the context"),
    pytest.param(request_with('{"x":' + nested(31) + "}"), 400, "32 levels", id="33 levels"),
    pytest.param(request_with('{"x":' + nested(10_000) + "}"), 400, "32 levels", id="10,002 levels"),
    pytest.param(b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 400, "32 levels", id="10,000 objects deep"),
    pytest.param(b"[" * 500_000, 400, "50,000 values", id="half a million brackets"),
    pytest.param(b'{"modelId":"x","features":{},"feature":{},"__class__":1}', 422, "'feature', '__class__'", id="unknown names"),
    pytest.param(b'{"modelId":"lead-scoring-v1","features":{},"context":{"tenant":"x"}}', 422, "'tenant'",
                 id="unknown name in the context"),
    pytest.param(b'{"features":{}}', 422, "modelId", id="no model"),
    pytest.param(b'{"modelId":"x"}', 422, "features", id="no features"),
    pytest.param(b'{"modelId":5,"features":{}}', 422, "modelId", id="model a number"),
    pytest.param(b'{"modelId":null,"features":{}}', 422, "modelId", id="model null"),
    pytest.param(b'{"modelId":"x","features":[]}', 422, "features", id="features a list"),
    pytest.param(b'{"modelId":"x","features":{},"useCache":1}', 422, "useCache", id="useCache a number"),
    pytest.param(b'{"modelId":"x","features":{},"useCache":null}', 422, "useCache", id="useCache null"),
    pytest.param(b'{"modelId":"x","features":{},"context":"me"}', 422, "context", id="context text"),
    pytest.param(b'{"modelId":"x","features":{},"context":{"userId":7}}', 422, "userId", id="user a number"),
    pytest.param(request_with(json.dumps({f"f{n}": n for n in range(1001)})), 422, "1000", id="1,001 features"),
    pytest.param(request_with(json.dumps({"n" * 129: 1})), 422, "128 characters", id="name of 129 characters"),
    pytest.param(request_with('{"":1}'), 422, "name", id="empty name"),
    pytest.param(request_with(json.dumps({"x": "a" * 65_537})), 422, "65536 bytes", id="text of 64 KiB and one"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "status", "told"), CASES)
async def test_a_bad_body_is_refused_with_its_reason(
    client: httpx.AsyncClient, ai: Any, body: bytes, status: int, told: str
) -> None:
    """Each bad body has its status, a stable code and a text that names the offence; no model is asked."""
    response = await client.post("/v1/predict", content=body, headers=JSON)
    problem = response.json()
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert problem["code"] in ("invalid_request", "invalid_features")
    assert told in problem["detail"]
    assert len(problem["detail"]) < 2000
    assert ai.asked == []


@pytest.mark.parametrize(
    "route", ["/v1/predict/batch", "/v1/explain", "/v1/compare", "/v1/outcomes", "/v1/leads/score"]
)
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"a":1,"a":2}', 400),
        (b'{"x":NaN}', 400),
        (b"[" * 10_000, 400),
        (b"[]", 422),
        (b'{"a":1}', 422),
    ],
    ids=["empty", "cut off", "twice", "NaN", "deep", "list", "unknown"],
)
async def test_every_route_reads_as_strictly(client: httpx.AsyncClient, route: str, body: bytes, status: int) -> None:
    """The other routes refuse what the predict route refuses."""
    response = await client.post(route, content=body, headers=JSON)
    assert (response.status_code, response.json()["code"]) == (status, "invalid_request")


@pytest.mark.parametrize(
    "body",
    [request_with('{"x":' + nested(10_000) + "}"), b'{"a":' * 100_000, b"[" * (MIB - 1)],
    ids=["10,000", "objects", "1 MiB"],
)
async def test_deep_bodies_are_refused_fast(client: httpx.AsyncClient, body: bytes) -> None:
    """Nesting of any depth costs less than 100 ms of CPU."""
    before = time.process_time()
    response = await client.post("/v1/predict", content=body, headers=JSON)
    assert response.status_code == 400
    assert time.process_time() - before < 0.1


@pytest.mark.parametrize(
    ("unit", "told"),
    [
        ("[]", "50,000 values"),
        ("[" * 29 + "]" * 29, "50,000 values"),
        ('{"a":[1]}', "50,000 values"),
        ("1.7976931348623157e308", "exponent of three digits"),
        ("4.9E-0000000000000000324", "exponent of three digits"),
    ],
)
@pytest.mark.parametrize("route", ["/v1/predict", "/v1/explain"])
async def test_what_costs_more_to_read_than_to_send_is_refused(
    client: httpx.AsyncClient, route: str, unit: str, told: str
) -> None:
    """A mebibyte of tiny lists, or of numbers that are slow to read, costs less than 100 ms of CPU."""
    many = ",".join([unit] * ((MIB - 100) // (len(unit) + 1)))
    before = time.process_time()
    response = await client.post(route, content=request_with(f'{{"x":[{many}]}}'), headers=JSON)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")
    assert told in response.json()["detail"]
    assert time.process_time() - before < 0.1


async def test_a_wide_batch_and_a_long_text_are_read(client: httpx.AsyncClient, ai: Any) -> None:
    """A list of 10,000 numbers, a batch with more values than a single request may have, and a text full of e's and commas are fine."""
    numbers = request_with(json.dumps({"x": [1.5e-300] * 900 + [7] * 9_100}))
    assert (await client.post("/v1/predict", content=numbers, headers=JSON)).status_code == 200
    text = request_with(json.dumps({"x": "7e, " * 10_000}))
    assert (await client.post("/v1/predict", content=text, headers=JSON)).status_code == 200
    wide = {"modelId": "lead-scoring-v1", "features": [{f"f{n}": n for n in range(600)}] * 100}
    assert (await client.post("/v1/predict/batch", json=wide)).status_code == 200
    assert len(ai.asked) == 102


def test_a_large_body_is_not_read_twice_to_name_its_mistake() -> None:
    """Of a batch of mebibytes the reader says what is wrong, but not where: finding out costs seconds."""
    records = ",".join(['{"a":1}'] * 90_000)
    body = '{"features":[' + records + ',{"a":1,"a":2}]}'
    with pytest.raises(UnreadableRequest, match="'a' twice"):
        read_json_object(body.encode(), most_values=1_000_000)
    with pytest.raises(UnreadableRequest, match="send fewer records to be told where"):
        read_json_object(body.encode().ljust(2 * MIB), most_values=1_000_000)


async def test_thirty_two_levels_are_read(client: httpx.AsyncClient, ai: Any) -> None:
    """A body of exactly 32 levels passes the reader; whether its values fit is for the signature to say."""
    response = await client.post("/v1/predict", content=request_with('{"x":' + nested(30) + "}"), headers=JSON)
    assert response.status_code == 200
    assert len(ai.asked) == 1


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({}, "application/json"),
        ({"content-type": "text/plain"}, "application/json"),
        ({"content-type": "application/json; charset=latin-1"}, "application/json"),
        ({"content-type": "application/jsonp"}, "application/json"),
        ({"content-type": "multipart/form-data; boundary=x"}, "application/json"),
        ({"content-type": "application/json", "content-encoding": "gzip"}, "Compressed"),
        ({"content-type": "application/json", "content-encoding": "identity, br"}, "Compressed"),
    ],
)
async def test_only_plain_json_is_read(client: httpx.AsyncClient, headers: dict[str, str], told: str) -> None:
    """Another media type, another charset and a compressed body are 415."""
    response = await client.post("/v1/predict", content=request_with("{}"), headers=headers)
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")
    assert told in response.json()["detail"]


async def test_a_body_at_the_limit_is_read_and_one_byte_more_is_not(client: httpx.AsyncClient) -> None:
    """The limit of a prediction is 1 MiB, to the byte."""
    padded = request_with("{}").ljust(MIB)
    assert (await client.post("/v1/predict", content=padded, headers=JSON)).status_code == 200
    response = await client.post("/v1/predict", content=padded + b" ", headers=JSON)
    assert (response.status_code, response.json()["code"]) == (413, "request_too_large")
    assert "1,048,576" in response.json()["detail"]


async def test_a_body_is_counted_as_it_arrives(client: httpx.AsyncClient) -> None:
    """A chunked body past the limit is refused before it ends, whatever it did not announce."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 50 * MIB:
            sent += MIB // 4
            yield b" " * (MIB // 4)

    response = await client.post("/v1/predict", content=endless(), headers=JSON)
    assert (response.status_code, response.json()["code"]) == (413, "request_too_large")


@pytest.mark.parametrize("declared", ["-1", "abc", "1e3", "9" * 30])
async def test_a_content_length_that_is_no_number_is_unreadable(client: httpx.AsyncClient, declared: str) -> None:
    """A Content-Length that says nothing is 400."""
    response = await client.post("/v1/predict", content=b"{}", headers={**JSON, "content-length": declared})
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")


async def test_too_many_items_are_refused_before_any_is_executed(client: httpx.AsyncClient, ai: Any) -> None:
    """A batch of 10,001 records is refused as a whole."""
    body = {"modelId": "lead-scoring-v1", "features": [{}] * 10_001}
    response = await client.post("/v1/predict/batch", json=body)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
    assert "10000" in response.json()["detail"]
    assert ai.asked == []


async def test_a_batch_may_be_larger_than_a_single_request(client: httpx.AsyncClient) -> None:
    """The limit of a batch is 10 MiB."""
    body = json.dumps({"modelId": "lead-scoring-v1", "features": [{}, {}]}).encode()
    assert (await client.post("/v1/predict/batch", content=body.ljust(10 * MIB), headers=JSON)).status_code == 200
    over = await client.post("/v1/predict/batch", content=body.ljust(10 * MIB + 1), headers=JSON)
    assert over.status_code == 413


async def test_a_slow_sender_is_let_go(client: httpx.AsyncClient) -> None:
    """A body that does not arrive in time is 408, and the connection is closed."""
    import asyncio

    async def stalled() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    response = await client.post("/v1/predict", content=stalled(), headers=JSON)
    assert (response.status_code, response.json()["code"]) == (408, "request_timeout")
    assert response.headers["connection"] == "close"


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(document=st.dictionaries(st.text(max_size=6), JSON_VALUES, max_size=5), indent=st.sampled_from([None, 1]))
def test_any_json_object_is_read_as_the_standard_library_reads_it(document: dict[str, Any], indent: int | None) -> None:
    """Strictness refuses no valid object: what json writes is what we read."""
    body = json.dumps(document, ensure_ascii=False, indent=indent).encode("utf-8", "replace")
    assert read_json_object(body) == json.loads(body)


TRICKY_TEXT = st.text('":\\\\{}[], ax\n', max_size=8)


@given(document=st.dictionaries(TRICKY_TEXT, TRICKY_TEXT, min_size=1, max_size=6), place=st.integers(0, 5))
def test_a_repeated_name_never_hides(document: dict[str, str], place: int) -> None:
    """Whatever quotes, colons and braces the texts hold, a name given twice is refused, at the top and further in."""
    pairs = [f"{json.dumps(name)} : {json.dumps(text)}" for name, text in document.items()]
    repeated = [*pairs, pairs[place % len(pairs)]]
    for body in ("{%s}", '{"features": {%s}}', '{"rows": [{%s}]}'):
        assert read_json_object((body % ",".join(pairs)).encode())
        with pytest.raises(UnreadableRequest, match="twice"):
            read_json_object((body % ",".join(repeated)).encode())


@given(body=st.binary(max_size=60) | st.text('{}[]":,0123eE+-.\\untrfalse \n', max_size=60).map(str.encode))
@settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """Whatever the bytes, the reader gives a request or one of our own refusals."""
    with suppress(InvalidRequest):
        read_prediction_request(read_json_object(body))
