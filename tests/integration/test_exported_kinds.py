"""Every kind of local model leaves for every target with the same answers, or is refused with a reason and leaves nothing."""

from __future__ import annotations

import asyncio
import json
import math
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from hotcrm_ai import AI, ConfigError, Settings
from hotcrm_ai.assembly.exporting import export_for

AssertAlike = Callable[[Any, Any], None]
ASK = """
import json, sys
from pathlib import Path
import hotcrm_ai
from hotcrm_ai.entrypoints.exported.predictor import ExportedModel
assert hotcrm_ai.__file__.startswith(sys.argv[1])
print(json.dumps(ExportedModel.open(Path(sys.argv[2])).answer(json.load(sys.stdin))))
"""
PACKAGED: dict[str, list[dict[str, Any]]] = {
    "lead-scoring-v1": [{"budget": 5.0 * number, "engagement_score": 3 * number} for number in range(30)] + [{}],
    "churn-prediction-v1": [{"support_tickets": number, "nps_score": 10 - number} for number in range(10)] + [{}],
    "sentiment-analysis-v1": [
        {"text": text} for text in ("Thank you, wonderful!", "Das ist leider kaputt.", "We met on Monday.", "x" * 400)
    ],
    "revenue-forecast-v1": [
        {"historical_revenue": [100, 104, 98, 110, 115, 117], "pipeline_value": 250, "horizon": horizon}
        for horizon in (1, 2, 6)
    ],
    "product-recommendation-v1": [
        {"current_products": ["PR-001", "PR-009"], "industry": "Technology", "company_size": 500, "limit": 3},
        {"current_products": [], "limit": 5},
    ],
}
DEALS = "deals"


def deals(count: int) -> list[dict[str, Any]]:
    """Return closed deals whose chance follows ``calls``, with an amount."""
    chance = random.Random(8)
    found = []
    for _ in range(count):
        calls = chance.gauss(0.0, 1.0)
        won = int(chance.random() < 1 / (1 + math.exp(-1.5 * calls)))
        region, amount = chance.choice(["North", "South"]), round(chance.lognormvariate(8.0, 1.0), 2)
        found.append({"calls": round(calls, 4), "region": region, "amount": amount, "won": won})
    return found


async def answers_of_folder(folder: Path, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Ask the folder's own code in a process that does not see the package."""
    code = folder / "code" if (folder / "code").exists() else folder
    command = [sys.executable, "-c", ASK, str(code), str(folder / "bundle")]
    asked = await asyncio.create_subprocess_exec(
        *command, cwd=code, env={"PYTHONPATH": str(code)}, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await asked.communicate(json.dumps(records).encode())
    assert asked.returncode == 0
    return json.loads(out)


async def assert_folders_answer_alike(
    ai: AI, model_id: str, records: list[dict[str, Any]], place: Path, *, assert_alike: AssertAlike
) -> None:
    here = [await ai.predict(model_id, record) for record in records]
    expected = [msgspec.to_builtins({"prediction": one.prediction, "confidence": one.confidence}) for one in here]
    assert len({json.dumps(one) for one in expected}) > 1
    for target in ("sagemaker", "azure-ml", "mlflow"):
        await export_for(ai, model_id, target, place / target)
        assert_alike(await answers_of_folder(place / target, records), expected)


@pytest.mark.slow  # a process of its own for each folder
@pytest.mark.parametrize("model_id", PACKAGED)
async def test_a_packaged_model_of_each_kind_answers_alike_elsewhere(
    model_id: str, tmp_path: Path, assert_alike: AssertAlike
) -> None:
    """Scores, moods, forecasts and recommendations come out of the three folders as they come out here."""
    async with AI.open(Settings(home=tmp_path / "home")) as ai:
        await assert_folders_answer_alike(ai, model_id, PACKAGED[model_id], tmp_path, assert_alike=assert_alike)


@pytest.mark.parametrize(
    ("model_id", "reason"),
    [
        ("sentiment-analysis-v1", "of kind 'text', which ONNX cannot express"),
        ("revenue-forecast-v1", "of kind 'forecast', which ONNX cannot express"),
        ("product-recommendation-v1", "of kind 'recommender', which ONNX cannot express"),
    ],
)
async def test_what_onnx_cannot_express_is_refused_and_leaves_nothing(
    model_id: str, reason: str, tmp_path: Path
) -> None:
    """The message says the kind and the other targets."""
    async with AI.open(Settings(home=tmp_path / "home")) as ai:
        with pytest.raises(ConfigError, match=f"{reason}; export it for mlflow, sagemaker or azure-ml"):
            await export_for(ai, model_id, "onnx", tmp_path / "onnx")
    assert not (tmp_path / "onnx").exists()


@pytest.mark.slow  # trains a model, and starts a process for each folder
async def test_a_model_with_worth_and_a_direction_answers_alike_elsewhere(
    tmp_path: Path, assert_alike: AssertAlike
) -> None:
    """Expected value included; the ONNX graph gives the probability, and its README what to multiply it with."""
    evaluator = pytest.importorskip("onnx.reference").ReferenceEvaluator
    records = [{"calls": number / 4 - 2, "region": "North", "amount": 100.0 * number} for number in range(16)]
    records += [{"calls": 1.0}, {}]
    async with AI.open(Settings(home=tmp_path / "home")) as ai:
        await ai.train(
            "opportunity-scoring",
            deals(500),
            target="won",
            model_id=DEALS,
            keep=("calls",),
            monotone={"calls": "+"},
            value="amount",
            promote=True,
        )
        await assert_folders_answer_alike(ai, DEALS, records, tmp_path, assert_alike=assert_alike)
        answers = [(await ai.predict(DEALS, record)).prediction for record in records]
        await export_for(ai, DEALS, "onnx", tmp_path / "onnx")
    assert answers[4]["worth"] == pytest.approx(400.0 * answers[4]["probability"])
    session = evaluator(str(tmp_path / "onnx" / "model.onnx"))
    feed = {
        name: np.array([[record.get(name, "" if name == "region" else math.nan)] for record in records])
        for name in session.input_names
    }
    feed = {name: values.astype(object) if name == "region" else values for name, values in feed.items()}
    probability = session.run(["probability"], feed)[0][:, 0]
    np.testing.assert_allclose(probability, [answer["probability"] for answer in answers], rtol=0, atol=1e-9)
    assert "`probability` times `amount`" in (tmp_path / "onnx" / "README.md").read_text()
