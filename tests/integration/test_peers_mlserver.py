"""MLServer, which others wrote, runs a model of the test, and our provider gets from it what the model computes."""

from __future__ import annotations

import json
import math
import socket
from pathlib import Path
from typing import Any

import pytest

from hotcrm_ai import AI, Settings
from hotcrm_ai.domain.errors import ProviderRejected, ProviderUnavailable
from hotcrm_ai.testing import check_provider

WEIGHTS = {"intercept": -0.7, "size": 0.013, "industry": {"Finance": 0.9, "Retail": -0.4}}
RUNTIME = """
import json, pathlib
import numpy as np
from mlserver import MLModel
from mlserver.codecs import NumpyCodec, PandasCodec
from mlserver.types import InferenceResponse

class Leads(MLModel):
    async def load(self):
        self.weights = json.loads(pathlib.Path("weights.json").read_text())
        return True

    async def predict(self, payload):
        table = self.decode_request(payload, default_codec=PandasCodec)
        if (table["size"] < 0).any():
            raise ValueError("a negative size")
        raw = self.weights["intercept"] + self.weights["size"] * table["size"]
        raw = raw + table["industry"].map(self.weights["industry"])
        found = (1 / (1 + np.exp(-raw.to_numpy(dtype=float)))).reshape(-1, 1)
        outputs = [NumpyCodec.encode_output("probability", found)]
        return InferenceResponse(model_name=self.name, model_version="7", id=payload.id, outputs=outputs)
"""


def truth(record: dict[str, Any]) -> float:
    raw = WEIGHTS["intercept"] + WEIGHTS["size"] * record["size"] + WEIGHTS["industry"][record["industry"]]  # type: ignore[index, operator]
    return 1.0 / (1.0 + math.exp(-raw))


@pytest.fixture
async def served(tmp_path: Path, programs_of: Any, running: Any) -> Any:
    """The address of MLServer with a model written here."""
    folder = tmp_path / "served"
    folder.mkdir()
    with socket.socket() as one, socket.socket() as other:
        for free in (one, other):
            free.bind(("127.0.0.1", 0))
        ports = one.getsockname()[1], other.getsockname()[1]
    settings = {"host": "127.0.0.1", "http_port": ports[0], "grpc_port": ports[1]}
    files = {
        "leads_runtime.py": RUNTIME,
        "weights.json": json.dumps(WEIGHTS),
        "model-settings.json": json.dumps({"name": "leads", "implementation": "leads_runtime.Leads"}),
        "settings.json": json.dumps({**settings, "metrics_endpoint": None, "parallel_workers": 0}),
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    command = [str(programs_of("HOTCRM_MLSERVER") / "mlserver"), "start", "."]
    with running(command, port=ports[0], path="/v2/health/ready", folder=folder):
        yield ports[0]


def model_at(port: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": "remote",
        "status": "active",
        "provider_config": {
            "provider": "open-inference",
            "endpoint": f"http://127.0.0.1:{port}",
            "config": {"model_name": "leads", **changes},
        },
        "signature": {
            "features": [
                {"name": "size", "type": "number", "required": True},
                {"name": "industry", "type": "category", "required": True},
            ]
        },
        "parameters": {"output": {"as": "probability"}},
    }


async def test_mlserver_answers_our_provider(served: int, tmp_path: Path, call: Any) -> None:
    """Singles, a batch of sixty, the server's version of the model, health, and each error as what it is."""
    records = [{"size": float(size), "industry": ("Finance", "Retail")[size % 2]} for size in range(60)]
    async with AI.open(Settings(home=tmp_path / "home", provider_hosts=(f"127.0.0.1:{served}",))) as ai:
        model = await ai.registry.register(model_at(served))
        provider = ai.providers.for_model(model)
        await check_provider(provider, model, records[:3])
        answers = [await ai.predict("remote", records[0], timeout=30)]
        answers += await ai.batch_predict("remote", records[1:])
        for answer, record in zip(answers, records, strict=True):
            assert answer.prediction["probability"] == pytest.approx(truth(record), abs=1e-12)
            assert (answer.confidence, answer.metadata["remote_version"]) == (None, "7")
        assert json.loads(call(served, "GET", "/v2/models/leads")[1])["name"] == "leads"
        health = await provider.health_check()
        assert (health.healthy, health.error) == (True, None)
        with pytest.raises(ProviderUnavailable) as broken:
            await ai.predict("remote", {"size": -1, "industry": "Retail"}, timeout=30)
        assert broken.value.details["status"] == 500
        await ai.registry.register(model_at(served, model_name="no-such-model"))
        with pytest.raises(ProviderRejected) as unknown:
            await ai.predict("remote", records[0], timeout=30)
        assert unknown.value.details["status"] == 404
