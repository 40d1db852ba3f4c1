"""The HTTP server as a process of its own, over the model that comes with the package and the sample CRM."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotcrm_ai import AI, Settings
from hotcrm_ai.assembly.sample import ensure_sample_crm
from hotcrm_ai.entrypoints.http.openapi import build_document
from hotcrm_ai.entrypoints.http.operations import OPERATIONS

pytestmark = pytest.mark.alone  # it measures time, so nothing else may run beside it

MODEL = "lead-scoring-v1"
LEAD = {
    "company_size": 500,
    "industry": "Technology",
    "engagement_score": 85,
    "job_title": "VP of Sales",
    "budget": 10_000,
}
SERVE = "import sys; from hotcrm_ai.entrypoints.http import serve; serve(port=int(sys.argv[1]))"
MIB = 1024 * 1024


class RunningServer:
    """A server process that was asked for a free port."""

    def __init__(self, home: Path) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HOTCRM_AI_")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, "0"],
            env={**environment, "HOTCRM_AI_HOME": str(home), "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", self.line)
        assert found is not None, self.stop()
        self.port = int(found.group(1))
        self.address = f"http://127.0.0.1:{self.port}"

    def talk(self, sent: bytes, *, end: bool = False) -> bytes:
        """Send raw bytes on a fresh connection and return everything that comes back until the server closes it."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            try:
                connection.sendall(sent)
                if end:
                    connection.shutdown(socket.SHUT_WR)
            except (BrokenPipeError, ConnectionResetError):
                pass
            received = b""
            try:
                while piece := connection.recv(65_536):
                    received += piece
            except ConnectionResetError:
                pass
            return received

    def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> str:
        """Stop the process and return what it wrote to standard error."""
        self.process.send_signal(with_signal)
        _, told = self.process.communicate(timeout=30)
        return told


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace folder with a small sample CRM."""
    folder = tmp_path_factory.mktemp("workspace")
    with AI.open_sync(Settings(home=folder)) as ai:
        ai.run(ensure_sample_crm, leads=300, accounts=60)
        ai.registry.update_status("product-recommendation-v1", "deprecated")
    return folder


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[RunningServer]:
    """One server for all tests of this file; its log has to stay free of unexpected errors."""
    running = RunningServer(home)
    yield running
    assert "unexpected error" not in running.stop()


@pytest.fixture
def http(server: RunningServer) -> Iterator[httpx.Client]:
    """A client of the server."""
    with httpx.Client(base_url=server.address, timeout=30) as client:
        yield client


def predict_of(features: dict[str, Any]) -> dict[str, Any]:
    """Return the body of a request for the packaged model."""
    return {"modelId": MODEL, "features": features}


def test_the_server_says_where_it_listens_in_one_line(server: RunningServer, http: httpx.Client) -> None:
    """The first line on standard output has the address; the server is ready by then."""
    assert server.line.startswith(f"HotCRM AI serves on {server.address} ")
    assert http.get("/readyz").json() == {"status": "ready"}
    assert http.get("/docs").status_code == 200


def test_the_numbers_are_those_of_the_python_interface(home: Path, http: httpx.Client) -> None:
    """Prediction, explanation, comparison and importance are the same through HTTP and through Python."""
    other = {**LEAD, "engagement_score": 20, "budget": None}
    predicted = http.post("/v1/predict", json=predict_of(LEAD)).json()
    explained = http.post("/v1/explain", json=predict_of(LEAD)).json()
    compared = http.post("/v1/compare", json={"modelId": MODEL, "features1": other, "features2": LEAD}).json()
    important = http.get(f"/v1/models/{MODEL}/importance").json()["items"]
    with AI.open_sync(Settings(home=home)) as ai:
        same = ai.predict(MODEL, LEAD)
        why = ai.explain(MODEL, LEAD)
        difference = ai.compare(MODEL, other, LEAD)
        importance = ai.explainer.global_importance(MODEL)
    assert (predicted["prediction"], predicted["confidence"]) == (same.prediction, same.confidence)
    assert explained["baseValue"] == why.base_value
    assert [part["contribution"] for part in explained["featureContributions"]] == [
        part.contribution for part in why.feature_contributions
    ]
    assert [part["impactDifference"] for part in compared["differences"]] == [
        part.impact_difference for part in difference.differences
    ]
    assert [(part["feature"], part["importance"]) for part in important] == [
        (part.feature, part.importance) for part in importance
    ]


def test_an_explanation_adds_up_to_the_prediction(http: httpx.Client) -> None:
    """Base value and contributions give the score that the user sees, and an unused feature has no part in it."""
    score = http.post("/v1/predict", json=predict_of(LEAD)).json()["prediction"]["score"]
    explained = http.post("/v1/explain", json=predict_of(LEAD)).json()
    total = explained["baseValue"] + 100 * sum(part["contribution"] for part in explained["featureContributions"])
    assert total == pytest.approx(score, abs=1e-6)


def test_a_false_prediction_changes_no_number(http: httpx.Client) -> None:
    """An explanation is flagged or refused where the prediction passed in is not the model's."""
    true = http.post("/v1/explain", json=predict_of(LEAD)).json()
    false = http.post("/v1/explain", json={**predict_of(LEAD), "prediction": {"score": 3.0}, "confidence": 1.0})
    assert false.status_code == 422 or (
        false.json()["warnings"] != true["warnings"]
        and false.json()["featureContributions"] == true["featureContributions"]
        and false.json()["prediction"] == true["prediction"]
    )


def test_a_batch_is_its_singles(http: httpx.Client) -> None:
    """A batch gives the same values as single requests, and errors in the place of bad records."""
    rows: list[dict[str, Any]] = [{**LEAD, "budget": 1000 * n, "engagement_score": n} for n in range(1, 41)]
    singles = [http.post("/v1/predict", json={**predict_of(row), "useCache": False}).json() for row in rows]
    batch = http.post("/v1/predict/batch", json={"modelId": MODEL, "features": rows, "useCache": False}).json()[
        "results"
    ]
    for field in ("modelId", "modelVersion", "requestedModelId"):
        assert [result[field] for result in batch] == [result[field] for result in singles]
    for one, other in zip(batch, singles, strict=True):
        assert one["prediction"]["class"] == other["prediction"]["class"]
        assert one["prediction"] == other["prediction"]
        assert one["confidence"] == other["confidence"]
    for bad in (3, 17, 39):
        rows[bad] = {**LEAD, "budget": "a lot"}
    collected = http.post("/v1/predict/batch", json={"modelId": MODEL, "features": rows, "onError": "collect"}).json()
    assert [place for place, result in enumerate(collected["results"]) if "code" in result] == [3, 17, 39]
    raised = http.post("/v1/predict/batch", json={"modelId": MODEL, "features": rows})
    assert (raised.status_code, raised.json()["code"], raised.json()["index"]) == (422, "invalid_features", 3)


def test_a_repeated_question_is_answered_from_the_cache(http: httpx.Client) -> None:
    """The second answer is cached, whatever the spelling and order of the request; clearing forgets it."""
    features = {**LEAD, "budget": 4242}
    assert http.post("/v1/predict", json=predict_of(features)).json()["cached"] is False
    turned = {"features": dict(reversed(list(features.items()))), "model_id": MODEL}
    assert http.post("/v1/predict", json=turned).json()["cached"] is True
    assert http.delete("/v1/cache").json()["cleared"] >= 1
    assert http.post("/v1/predict", json=predict_of(features)).json()["cached"] is False


def test_an_outcome_finds_its_prediction(http: httpx.Client) -> None:
    """An outcome is joined with the prediction that was answered; an unknown one is 404."""
    answered = http.post("/v1/predict", json=predict_of({**LEAD, "budget": 77})).json()
    told = http.post("/v1/outcomes", json={"predictionId": answered["predictionId"], "actual": True})
    assert (told.status_code, told.json()) == (202, {"joined": 1})
    unknown = http.post("/v1/outcomes", json={"predictionId": "no-such-prediction", "actual": True})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "prediction_not_found")


def test_leads_are_scored_and_written_back(home: Path, http: httpx.Client) -> None:
    """The score that HTTP gives is the one that the CRM has afterwards; an unknown lead is 404."""
    with AI.open_sync(Settings(home=home)) as ai:
        first, second = [lead["id"] for lead in ai.crm.find("Lead", [], ["id"])][:2]
    scored = http.post(f"/v1/leads/{first}/score").json()
    many = http.post("/v1/leads/score", json={"ids": [second, "nobody"]}).json()["results"]
    with AI.open_sync(Settings(home=home)) as ai:
        assert ai.crm.get("Lead", first)["ai_score"] == pytest.approx(scored["score"], abs=0.01)
        assert ai.crm.get("Lead", second)["ai_score"] == pytest.approx(many[0]["score"], abs=0.01)
    assert many[1]["error"]["code"] == "record_not_found"
    assert http.post("/v1/leads/nobody/score").status_code == 404


def test_statuses_of_models_that_cannot_answer(http: httpx.Client) -> None:
    """A model that is not active is 409, an unknown one 404: alone, in a batch, explained and compared."""
    for model, status, code in (
        ("product-recommendation-v1", 409, "model_not_active"),
        ("nobody", 404, "model_not_found"),
    ):
        for path, rest in (
            ("/v1/predict", {"features": {}}),
            ("/v1/predict/batch", {"features": [{}]}),
            ("/v1/explain", {"features": {}}),
            ("/v1/compare", {"features1": {}, "features2": {}}),
        ):
            response = http.post(path, json={"modelId": model, **rest})
            assert (response.status_code, response.json()["code"]) == (status, code), path


def test_every_reading_route_answers_in_its_schema(http: httpx.Client) -> None:
    """Over the real workspace, every GET without path parameter is 200 and fits the document."""
    jsonschema = pytest.importorskip("jsonschema", reason="answers are checked against the schema with jsonschema")
    document = build_document(OPERATIONS)
    for operation in OPERATIONS:
        if operation.method != "GET" or operation.path == "/v1/experiments/{id}":
            continue
        response = http.get(operation.path.replace("{id}", MODEL))
        assert response.status_code == 200, operation.path
        ((media_type, content),) = document["paths"][operation.path]["get"]["responses"]["200"]["content"].items()
        assert response.headers["content-type"].split(";")[0] == media_type.split(";")[0], operation.path
        if media_type == "application/json":
            jsonschema.validate(response.json(), {**content["schema"], "components": document["components"]})


HEAD = b"POST /v1/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
BODY = json.dumps(predict_of(LEAD)).encode()

RAW = [
    pytest.param(HEAD + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(BODY) + BODY, [200], id="as it should be"),
    pytest.param(HEAD + b"Content-Length: %d\r\n\r\n" % (MIB + 1) + b" " * (MIB + 1), [413], id="one byte over"),
    pytest.param(HEAD + b"Content-Length: 99999999999\r\n\r\n{", [413], id="announced too large"),
    pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + (b"40000\r\n" + b" " * 0x40000 + b"\r\n") * 6, [413],
                 id="chunked past the limit"),
    pytest.param(HEAD + b"Content-Length: 5\r\nConnection: close\r\n\r\n" + BODY, [400], id="content-length too small"),
    pytest.param(HEAD + b"Content-Length: 5\r\n\r\n" + BODY, [400], id="content-length too small, kept open"),
    pytest.param(HEAD + b"Content-Length: abc\r\n\r\n" + BODY, [400], id="content-length no number"),
    pytest.param(HEAD + b"Content-Length: -5\r\n\r\n" + BODY, [400], id="content-length negative"),
    pytest.param(HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n" + BODY, [400], id="two content-lengths"),
    pytest.param(HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", [400], id="length and chunks"),
    pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", [400], id="no chunk size"),
    pytest.param(HEAD + b"Connection: close\r\n\r\n", [400], id="no body at all"),
    pytest.param(HEAD + b"X-Padding: " + b"a" * 40_000 + b"\r\n\r\n", [431], id="40 kB of headers"),
    pytest.param(HEAD + b"X: y\r\n" * 10_000, [431], id="endless headers"),
    pytest.param(b"GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n", [400], id="no host"),
    pytest.param(b"GET /livez HTTP/1.1\r\nHost: evil.example\r\n\r\n", [400], id="another host"),
    pytest.param(b"GET http://evil.example/livez HTTP/1.1\r\nHost: evil.example\r\n\r\n", [400], id="absolute address"),
    pytest.param(b"GET /v1/models/\xff\xfe HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", [400], id="bytes in the path"),
    pytest.param(b"BREW /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", [400], id="no such method"),
    pytest.param(b"\x16\x03\x01\x02\x00\x01\x00", [400], id="tls"),
    pytest.param(b"\r\n\r\n\x00\x00\x00\r\n\r\n", [400], id="zeros"),
    pytest.param(b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\x00b\r\n\r\n", [400], id="zero in a header"),
    pytest.param(b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: upgrade, close\r\n"
                 b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", [200], id="websocket"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "statuses"), RAW)
def test_raw_requests_have_their_status_and_harm_nobody(
    server: RunningServer, http: httpx.Client, sent: bytes, statuses: list[int]
) -> None:
    """Whatever arrives on the wire, the answer is the one written here, never a 5xx, and the server goes on."""
    received = server.talk(sent)
    found = [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)]
    assert found == statuses, received[:300]
    if statuses[0] != 200:
        assert b"content-type: application/problem+json" in received
    assert http.post("/v1/predict", json=predict_of(LEAD)).status_code == 200


def test_a_client_that_leaves_in_the_middle_is_forgotten(server: RunningServer, http: httpx.Client) -> None:
    """Half a body and a closed connection give no answer and no error."""
    assert server.talk(HEAD + b"Content-Length: 100\r\n\r\n{", end=True) == b""
    assert http.get("/livez").status_code == 200


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=20),
    st.lists(st.integers(), max_size=3), st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip


@given(
    features=st.dictionaries(
        st.sampled_from([*LEAD, "companySize", "x", "__class__", "constructor"]), VALUES, max_size=8
    )
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_features_are_answered_or_refused(http: httpx.Client, features: dict[str, Any]) -> None:
    """Generated features give a score within its bounds or a 422 that names what is wrong; never a 5xx."""
    body = json.dumps(predict_of(features), ensure_ascii=False).encode("utf-8", "replace")
    response = http.post("/v1/predict", content=body, headers={"content-type": "application/json"})
    if response.status_code == 200:
        assert 0 <= response.json()["prediction"]["score"] <= 100
    else:
        assert (response.status_code, response.json()["code"]) == (422, "invalid_features")
        assert response.json()["problems"]


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_loses_nothing_that_was_answered(tmp_path: Path, with_signal: signal.Signals) -> None:
    """After a signal the server ends within ten seconds, quietly, and every answered prediction is in the log."""
    server = RunningServer(tmp_path)
    with httpx.Client(base_url=server.address, timeout=30) as client:
        ids = [client.post("/v1/predict", json=predict_of({"budget": n})).json()["predictionId"] for n in range(20)]
    began = time.monotonic()
    told = server.stop(with_signal)
    assert time.monotonic() - began < 10
    assert "Traceback" not in told
    assert server.process.returncode == (0 if with_signal is signal.SIGINT else -signal.SIGTERM)
    with AI.open_sync(Settings(home=tmp_path)) as ai:
        for prediction_id in ids:
            assert ai.predictions.record_outcome(prediction_id, True) == 1
