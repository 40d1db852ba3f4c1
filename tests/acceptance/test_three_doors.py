"""One model, three doors: Python, command line and HTTP give the same numbers, from prediction to explanation."""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from hotcrm_ai import AI, Settings
from hotcrm_ai.domain.model import ABTest
from hotcrm_ai.entrypoints.http import create_app

LEADS = Path(__file__).resolve().parents[3] / "shared" / "data" / "leads" / "x_education_leads.csv.gz"
MODEL = "x-education"
CHALLENGER = "x-education-challenger"

pytestmark = [
    pytest.mark.reference_data,
    pytest.mark.slow,
    pytest.mark.skipif(not LEADS.is_file(), reason="the reference data are not beside the project"),
]


def _command(home: Path, *arguments: str) -> Any:
    done = subprocess.run(
        [Path(sys.executable).with_name("hotcrm-ai"), *arguments, "--home", str(home), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two models trained on the public leads by the command line, under an A/B test."""
    home = tmp_path_factory.mktemp("doors")
    trained = _command(home, "train", "lead-scoring", "--data", str(LEADS), "--target", "Converted", "--id", MODEL)
    assert trained["modelId"] == MODEL
    excluded = {one["column"] for one in trained["excluded"]}
    assert {"Prospect ID", "Lead Number", "Tags", "Lead Quality", "Lead Profile", "Last Activity"} <= excluded
    with AI.open_sync(Settings(home=home)) as ai:
        ai.registry.update_status(MODEL, "active")
        other = ai.registry.get_model("lead-scoring-v1")
        test = ABTest(champion_model_id=MODEL, traffic_percentage=50)
        ai.registry.register(msgspec.structs.replace(other, id=CHALLENGER, ab_test=test))
    return home


@pytest.fixture(scope="module")
def lead() -> dict[str, Any]:
    """One public lead, numbers as numbers."""
    with gzip.open(LEADS, "rt", encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    numbers = ("TotalVisits", "Total Time Spent on Website", "Page Views Per Visit")
    wanted = ("Lead Origin", "Lead Source", "What is your current occupation", "Country", *numbers)
    return {name: float(row[name]) if name in numbers else row[name] for name in wanted}


async def test_prediction_and_explanation_are_the_same_through_all_three(workspace: Path, lead: dict[str, Any]) -> None:
    """Score, class, probability, confidence, base value and every contribution, to the last bit."""
    async with AI.open(Settings(home=workspace)) as ai:
        predicted = await ai.predict(MODEL, lead)
        explained = await ai.explain(MODEL, lead)
        transport = httpx.ASGITransport(app=create_app(ai))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            body = {"modelId": MODEL, "features": lead}
            over_http = (await client.post("/v1/predict", json=body)).json()
            explained_over_http = (await client.post("/v1/explain", json=body)).json()
    printed = _command(workspace, "predict", MODEL, "--features", json.dumps(lead))
    explained_in_print = _command(workspace, "explain", MODEL, "--features", json.dumps(lead))
    assert predicted.prediction == over_http["prediction"] == printed["prediction"]
    assert predicted.confidence == over_http["confidence"] == printed["confidence"]
    assert over_http["cached"] is True
    parts = {part.feature: part.contribution for part in explained.feature_contributions}
    for other in (explained_over_http, explained_in_print):
        assert other["baseValue"] == pytest.approx(explained.base_value, abs=1e-9)
        assert {part["feature"]: part["contribution"] for part in other["featureContributions"]} == pytest.approx(
            parts, abs=1e-9
        )
        assert other["explanation"] == explained.explanation
    total = explained.base_value + 100 * sum(parts.values())
    assert total == pytest.approx(predicted.prediction["score"], abs=1e-4)


async def test_the_arm_of_an_ab_test_is_the_same_through_all_three(workspace: Path, lead: dict[str, Any]) -> None:
    """The subject decides, not the door, and the log counts each arm."""
    async with AI.open(Settings(home=workspace)) as ai:
        transport = httpx.ASGITransport(app=create_app(ai))
        arms = set()
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            for number in range(6):
                context = {"objectType": "Lead", "objectId": f"L{number}"}
                here = await ai.predict(CHALLENGER, lead, context=context)
                body = {"modelId": CHALLENGER, "features": lead, "context": context}
                there = (await client.post("/v1/predict", json=body)).json()
                assert here.model_id == there["modelId"]
                assert here.metadata["variant"] == there["metadata"]["variant"]
                arms.add(here.metadata["variant"])
        assert arms == {"champion", "challenger"}
        report = await ai.experiments.report(CHALLENGER)
    printed = _command(workspace, "predict", CHALLENGER, "--features", json.dumps(lead), "--record", "Lead:L0")
    async with AI.open(Settings(home=workspace)) as ai:
        again = await ai.predict(CHALLENGER, lead, context={"objectType": "Lead", "objectId": "L0"})
    assert printed["modelId"] == again.model_id
    assert sum(arm.predictions for arm in report.arms) == 12
    assert sum(arm.subjects for arm in report.arms) == 6
