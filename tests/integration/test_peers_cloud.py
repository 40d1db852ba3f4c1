"""Exported models run in servers and runtimes that others wrote, and give there what they give here, to within 1e-9.

The peers live in an environment of their own, which ``make test-peers`` makes; without it these tests are skipped.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import random
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from hotcrm_ai import AI, Settings
from hotcrm_ai.assembly.exporting import export_for
from hotcrm_ai.domain.errors import ProviderError
from hotcrm_ai.testing.model_server import Heard, ModelServer, Said

REPOSITORY = Path(__file__).parents[2]
MODEL = "lead-scoring-v1"
OUTPUT = {"as": "raw", "path": "prediction", "confidence": "confidence"}
OTHER_KINDS = {
    "churn-prediction-v1": [{"support_tickets": number, "nps_score": 10 - number} for number in range(10)] + [{}],
    "sentiment-analysis-v1": [
        {"text": text} for text in ("Thank you, wonderful!", "Das ist leider kaputt.", "We met on Monday.", "x" * 400)
    ],
}

ONNX = """
import json, sys
import numpy as np, onnxruntime
records = json.load(sys.stdin)
session = onnxruntime.InferenceSession(sys.argv[1])
feed = {}
for given in session.get_inputs():
    values = [record[given.name] for record in records]
    if "double" in given.type:
        feed[given.name] = np.array([[np.nan if value is None else value] for value in values], dtype=np.float64)
    else:
        feed[given.name] = np.array([[value or ""] for value in values], dtype=object)
print(json.dumps(session.run(["probability"], feed)[0][:, 0].tolist()))
"""
PYFUNC = """
import json, sys
import mlflow, pandas
model = mlflow.pyfunc.load_model(sys.argv[1])
assert sys.modules["hotcrm_ai"].__file__.startswith(sys.argv[1])
print(json.dumps([one["prediction"]["probability"] for one in model.predict(pandas.DataFrame(json.load(sys.stdin)))]))
"""


@pytest.fixture(scope="module")
def peers(programs_of: Callable[[str], Path]) -> Path:
    """The folder of the peers' programs."""
    return programs_of("HOTCRM_PEERS")


@pytest.fixture(scope="module")
def ports() -> dict[str, int]:
    """A free port for each server."""
    found = {}
    with contextlib.ExitStack() as held:
        for name in ("container", "azure", "mlflow", "moto", *OTHER_KINDS):
            taken = held.enter_context(socket.socket())
            taken.bind(("127.0.0.1", 0))
            found[name] = taken.getsockname()[1]
    return found


@pytest.fixture
async def ai(tmp_path, ports, monkeypatch):
    """A workspace that may ask all of them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AZURE_ML_API_KEY", "key")
    hosts = tuple(f"127.0.0.1:{port}" for port in ports.values())
    async with AI.open(Settings(home=tmp_path / "home", provider_hosts=hosts)) as opened:
        yield opened


async def records_and_answers(ai: AI, count: int = 150) -> tuple[list[dict[str, object]], list[float]]:
    """Return records of all sorts, missing and unknown values among them, with the probability that they have here."""
    model = await ai.registry.get_model(MODEL)
    assert model is not None
    assert model.signature is not None
    chance = random.Random(7)
    records = [{spec.name: value_of(spec, chance) for spec in model.signature.features} for _ in range(count)]
    answers = await ai.batch_predict(MODEL, records)
    return records, [answer.prediction["probability"] for answer in answers]


def value_of(spec, chance: random.Random) -> object:
    if chance.random() < 0.1:
        return None
    if spec.type == "number":
        return chance.uniform(spec.minimum - 1, spec.maximum * 1.1)
    return chance.choice([*spec.categories, spec.categories[0].lower(), "never seen"])


def assert_same(found: list[float], expected: list[float]) -> None:
    assert len(set(expected)) > 50
    assert len(found) == len(expected)
    assert max(abs(one - other) for one, other in zip(found, expected, strict=True)) < 1e-9


def output_of(command: list[str], records: list[dict[str, object]]) -> list[float]:
    ran = subprocess.run(command, input=json.dumps(records).encode(), capture_output=True, check=True)
    return json.loads(ran.stdout)


async def test_the_onnx_graph_gives_the_same_probabilities(ai, peers, tmp_path):
    """ONNX Runtime computes what the package computes, from raw numbers and categories on."""
    await export_for(ai, MODEL, "onnx", tmp_path / "onnx")
    records, expected = await records_and_answers(ai)
    command = [peers / "python", "-I", "-c", ONNX, tmp_path / "onnx" / "model.onnx"]
    assert_same(output_of(command, records), expected)


async def test_mlflow_loads_and_serves_the_folder(ai, peers, ports, tmp_path, running):
    """MLflow loads the pyfunc with the code beside it, and its server answers our provider as the model does here."""
    folder = tmp_path / "mlflow"
    await export_for(ai, MODEL, "mlflow", folder)
    records, expected = await records_and_answers(ai)
    command = [peers / "python", "-I", "-c", PYFUNC, str(folder)]
    assert_same(output_of(command, records), expected)
    serve = [str(peers / "mlflow"), "models", "serve", "-m", ".", "--env-manager", "local", "-p", str(ports["mlflow"])]
    path = os.pathsep.join([str(peers), os.environ["PATH"]])
    with running(serve, port=ports["mlflow"], path="/ping", folder=folder, PATH=path):
        await register(ai, "mlflow", {"endpoint": f"http://127.0.0.1:{ports['mlflow']}"})
        await assert_remote_is_local(ai, records, expected)


async def test_azures_own_server_runs_the_folder(ai, peers, ports, tmp_path, running, call):
    """The server of Azure's containers runs the scoring script, and our provider gets from it what the model gives here."""
    folder = tmp_path / "azure"
    await export_for(ai, MODEL, "azure-ml", folder)
    records, expected = await records_and_answers(ai)
    serve = [
        str(peers / "gunicorn"),
        "-b",
        f"127.0.0.1:{ports['azure']}",
        "azureml_inference_server_http.server.entry:app",
    ]
    environ = {"AML_APP_ROOT": str(folder), "AZUREML_ENTRY_SCRIPT": "score.py"}
    with running(serve, port=ports["azure"], path="/", folder=folder, **environ):
        config = {
            "endpoint": f"http://127.0.0.1:{ports['azure']}/score",
            "credentials": {"api_key": {"env": "AZURE_ML_API_KEY"}},
        }
        await register(ai, "azure-ml", config)
        await assert_remote_is_local(ai, records, expected)
        status, body = call(
            ports["azure"], "POST", "/score", b'{"data": [{"budget": "much"}]}', content_type="application/json"
        )
        assert status == 400
        assert b"expected a number" in body


async def test_the_container_of_sagemaker_runs_without_the_package(ai, peers, ports, tmp_path, running, call):
    """The folder answers /ping and /invocations with NumPy and msgspec alone, in JSON, JSON lines and CSV."""
    folder = tmp_path / "sagemaker"
    await export_for(ai, MODEL, "sagemaker", folder)
    records, expected = await records_and_answers(ai)
    port = ports["container"]
    environ = {"HOTCRM_AI_CONTAINER_HOST": "127.0.0.1", "SAGEMAKER_BIND_TO_PORT": str(port)}
    with running([str(peers / "python"), "serve.py", "serve"], port=port, path="/ping", folder=folder, **environ):
        assert call(port, "GET", "/ping")[0] == 200
        body = json.dumps({"instances": records}).encode()
        status, answer = call(port, "POST", "/invocations", body, content_type="application/json")
        assert status == 200
        assert_same([one["prediction"]["probability"] for one in json.loads(answer)["predictions"]], expected)
        lines = b"\n".join(map(msgspec.json.encode, records))
        kind = "application/jsonlines"
        _, answer = call(port, "POST", "/invocations", lines, content_type=kind, accept=kind)
        assert_same([json.loads(line)["prediction"]["probability"] for line in answer.splitlines()], expected)
        rows = io.StringIO(newline="")
        csv.writer(rows).writerows([record.values() for record in records])
        _, answer = call(port, "POST", "/invocations", rows.getvalue().encode(), content_type="text/csv")
        assert_same([one["prediction"]["probability"] for one in json.loads(answer)["predictions"]], expected)
        assert call(port, "POST", "/invocations", b"{", content_type="application/json")[0] == 400

        def forwarded(heard: Heard) -> Said:
            status, answer = call(port, "POST", "/invocations", heard.body, content_type=heard.headers["content-type"])
            return Said(status=status, body=answer)

        async with ModelServer(forwarded) as front:
            names = ("access_key_id", "secret_access_key")
            config = {
                "endpoint": front.url,
                "config": {"endpoint_name": "leads", "region": "eu-central-1", "max_records": 40},
                "credentials": {name: {"env": f"AWS_{name.upper()}"} for name in names},
            }
            settings = Settings(home=tmp_path / "second", provider_hosts=(front.host,))
            async with AI.open(settings) as second:
                await register(second, "aws-sagemaker", config)
                await assert_remote_is_local(second, records, expected)


@pytest.mark.parametrize("model_id", OTHER_KINDS)
async def test_the_container_answers_for_other_kinds(
    ai, peers, ports, tmp_path, running, call, assert_alike, model_id: str
):
    """Churn and mood come out of the container as they come out here: every part of the answer, and its confidence."""
    folder, port, records = tmp_path / "sagemaker", ports[model_id], OTHER_KINDS[model_id]
    await export_for(ai, model_id, "sagemaker", folder)
    here = [await ai.predict(model_id, record) for record in records]
    expected = [msgspec.to_builtins({"prediction": one.prediction, "confidence": one.confidence}) for one in here]
    assert len({json.dumps(one) for one in expected}) > 2
    environ = {"HOTCRM_AI_CONTAINER_HOST": "127.0.0.1", "SAGEMAKER_BIND_TO_PORT": str(port)}
    with running([str(peers / "python"), "serve.py", "serve"], port=port, path="/ping", folder=folder, **environ):
        body = json.dumps({"instances": records}).encode()
        status, answer = call(port, "POST", "/invocations", body, content_type="application/json")
        assert status == 200
        assert_alike(json.loads(answer)["predictions"], expected)


async def test_moto_takes_our_requests_to_sagemaker(ai, peers, ports, tmp_path, running, call):
    """The simulated service, which others wrote from AWS's own description, takes what we send and gives what it was told to."""
    port = ports["moto"]
    canned = {"predictions": [{"score": 0.75}]}
    with running(
        [str(peers / "moto_server"), "-H", "127.0.0.1", "-p", str(port)], port=port, path="/moto-api/", folder=tmp_path
    ):
        result = {"Body": json.dumps(canned), "ContentType": "application/json", "InvokedProductionVariant": "blue"}
        told = json.dumps({"results": [result], "region": "eu-central-1"}).encode()
        place = "/moto-api/static/sagemaker/endpoint-results"
        assert call(port, "POST", place, told, content_type="application/json")[0] == 201
        config = {
            "endpoint": f"http://127.0.0.1:{port}",
            "config": {"endpoint_name": "leads", "region": "eu-central-1"},
            "credentials": {name: {"env": f"AWS_{name.upper()}"} for name in ("access_key_id", "secret_access_key")},
        }
        await register(ai, "aws-sagemaker", config, output={"as": "probability", "path": "score"})
        answer = await ai.predict("remote", {"budget": 3}, timeout=30)
        assert answer.prediction["probability"] == 0.75
        assert answer.confidence is None
        health = await ai.providers.get_provider({"provider": "aws-sagemaker", **config}).health_check()
        assert not health.healthy
        await moto_answers_asynchronously(ai, port, config, call)


async def moto_answers_asynchronously(ai: AI, port: int, config: dict, call) -> None:
    """Let moto's S3 and its asynchronous endpoint answer two single calls and a failure; it answers 200 where SageMaker answers 202."""
    told = {"results": [{"data": '{"predictions": [{"score": 0.25}]}'}, {"data": '{"predictions": [{"score": 0.5}]}'}]}
    told["results"].append({"is_failure": True, "data": "the container failed"})
    body = json.dumps({**told, "region": "eu-central-1"}).encode()
    place = "/moto-api/static/sagemaker/async-endpoint-results"
    assert call(port, "POST", place, body, content_type="application/json")[0] == 201
    signed = (
        "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260101/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=0"
    )
    where = (
        b"<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>"
    )
    assert call(port, "PUT", "/asked-bucket", where, authorization=signed)[0] == 200
    asynchronous = {**config["config"], "asynchronous": {"place": "s3://asked-bucket/leads"}}
    await register(
        ai, "aws-sagemaker", {**config, "config": asynchronous}, output={"as": "probability", "path": "score"}
    )
    for budget, probability in ((4, 0.25), (5, 0.5)):
        answer = await ai.predict("remote", {"budget": budget}, timeout=30)
        assert answer.prediction["probability"] == probability
    with pytest.raises(ProviderError) as raised:
        await ai.predict("remote", {"budget": 6}, timeout=30)
    assert raised.value.kind == "model_bug"


async def register(ai: AI, provider: str, config: dict[str, object], *, output: dict[str, str] = OUTPUT) -> None:
    local = await ai.registry.get_model(MODEL)
    assert local is not None
    await ai.registry.register(
        {
            "id": "remote",
            "provider": provider,
            "provider_config": {"provider": provider, **config},
            "signature": local.signature,
            "parameters": {"output": output},
            "status": "active",
            "feature": local.feature,
        }
    )


async def assert_remote_is_local(ai: AI, records: list[dict[str, object]], expected: list[float]) -> None:
    answers = [await ai.predict("remote", record, timeout=30) for record in records[:5]]
    answers += await ai.batch_predict("remote", records[5:])
    assert_same([answer.prediction["probability"] for answer in answers], expected)
    local = await ai.predict(MODEL, records[0])
    assert answers[0].confidence == pytest.approx(local.confidence, abs=1e-9)
    assert answers[0].prediction["class"] == local.prediction["class"]
