"""MLflow's own scoring server, which nobody here wrote, answers a model that is registered with us."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotcrm_ai import AI, ModelConfig, ProviderRejected, Settings
from hotcrm_ai.domain.model import ProviderConfig
from hotcrm_ai.domain.signature import FeatureSpec, Signature

pytestmark = pytest.mark.slow

MODEL = """
import mlflow

class Rule(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        if (model_input["engagement"] < 0).any():
            raise ValueError("no such engagement")
        return [float(value) / 100 for value in model_input["engagement"].fillna(50)]

mlflow.models.set_model(Rule())
"""
SAVE = "import mlflow.pyfunc; mlflow.pyfunc.save_model('saved', python_model='model.py', pip_requirements=[])"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An MLflow model saved from code, and MLflow's server for it on a port of loopback."""
    pytest.importorskip("mlflow", reason="mlflow-skinny is part of the development environment")
    folder: Path = tmp_path_factory.mktemp("mlflow")
    (folder / "model.py").write_text(MODEL, encoding="utf-8")
    environment = {**os.environ, "__pyfunc_model_path__": "saved", "MLFLOW_DISABLE_TELEMETRY": "true"}
    subprocess.run([sys.executable, "-c", SAVE], cwd=folder, env=environment, check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "--port", str(port), "mlflow.pyfunc.scoring_server.app:app"]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            _await_answer(f"http://127.0.0.1:{port}/ping", process)
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()


def _await_answer(url: str, process: subprocess.Popen[bytes]) -> None:
    ends_at = time.monotonic() + 60
    while time.monotonic() < ends_at and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310 - loopback
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    pytest.fail("MLflow's server did not start")


async def test_a_model_of_mlflow_predicts_and_is_explained(server: str, tmp_path: Path) -> None:
    """Single, batch with a missing value, health, refusal and reasons, all from the real server."""
    model = ModelConfig(
        id="mlflow-lead",
        status="active",
        feature="lead-scoring",
        provider="mlflow",
        provider_config=ProviderConfig(provider="mlflow", endpoint=f"http://{server}"),
        signature=Signature(features=(FeatureSpec(name="engagement", type="number"),)),
        parameters={"output": {"as": "probability"}, "background": [{"engagement": 20}, {"engagement": 40}]},
    )
    async with AI.open(Settings(home=tmp_path / "home", provider_hosts=(server,), timeout_seconds=20.0)) as ai:
        await ai.registry.register(model)
        response = await ai.predict("mlflow-lead", {"engagement": 85})
        assert response.prediction == {"score": 85.0, "class": "hot", "probability": 0.85}
        batch = await ai.batch_predict("mlflow-lead", [{"engagement": 10}, {}, {"engagement": 30}])
        assert [one.prediction["probability"] for one in batch] == [0.1, 0.5, 0.3]  # type: ignore[union-attr]
        assert (await ai.providers.for_model(model).health_check()).healthy
        found = await ai.explain("mlflow-lead", {"engagement": 85})
        assert found.base_value == pytest.approx(30.0)
        assert found.feature_contributions[0].contribution == pytest.approx(0.55)
        with pytest.raises(ProviderRejected):
            await ai.predict("mlflow-lead", {"engagement": -1})
