"""Whichever door a record is asked about through, the same answer is told and written."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from hotcrm_ai import AI, Settings
from hotcrm_ai.actions import batch_score_leads, score_lead
from hotcrm_ai.actions.record_insight import ask_about
from hotcrm_ai.actions.write_back import write_one
from hotcrm_ai.ai_features import discover_ai_features
from hotcrm_ai.assembly.releases import promote_model
from hotcrm_ai.assembly.sample import ensure_sample_crm
from hotcrm_ai.entrypoints.cli.program import run
from hotcrm_ai.entrypoints.http import create_app

FEATURES = ("churn-prediction", "lead-scoring", "product-recommendation", "revenue-forecast", "sentiment-analysis")
TOLD = ("prediction", "score", "class", "confidence", "explanation", "topFeatures", "modelId", "modelVersion")


async def _in_python_and_over_http(home: Path, name: str) -> tuple[str, list[Any], list[Any]]:
    """Ask about the first record in Python, then over HTTP; return its id, what was told and what was written."""
    declared = discover_ai_features()[name]
    fields = declared.write_back
    answers = [field for field in fields.fields if field != fields.date]
    async with AI.open(Settings(home=home)) as ai:
        await ensure_sample_crm(ai, leads=20, accounts=20)
        id_ = (await ai.crm.find(declared.crm_object, (), ["id"], page=1))[0]["id"]

        async def written() -> Any:
            return (await ai.crm.find(declared.crm_object, [["id", "=", id_]], answers))[0]

        told: list[Any] = [await write_one(ai, name, id_)]
        kept = [await written()]
        await ai.crm.update(declared.crm_object, id_, dict.fromkeys(fields.fields))
        transport = httpx.ASGITransport(app=create_app(ai))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            reply = await http.post(f"/v1/{fields.records}/{fields.what}", json={"ids": [id_]})
        told += reply.json()["results"]
        kept.append(await written())
        await ai.crm.update(declared.crm_object, id_, dict.fromkeys(fields.fields))
    return id_, told, kept


async def _written(home: Path, name: str, id_: str) -> Any:
    declared = discover_ai_features()[name]
    answers = [field for field in declared.write_back.fields if field != declared.write_back.date]
    async with AI.open(Settings(home=home)) as ai:
        return (await ai.crm.find(declared.crm_object, [["id", "=", id_]], answers))[0]


@pytest.mark.parametrize("name", FEATURES)
def test_the_same_is_told_and_written_through_all_three(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Python, HTTP and the command line tell the same numbers and reasons, and leave the same fields in the record."""
    id_, told, kept = asyncio.run(_in_python_and_over_http(tmp_path, name))
    capsys.readouterr()
    command = discover_ai_features()[name].write_back.command
    assert run(["score", command, "--id", id_, "--json", "--home", str(tmp_path)]) == 0
    told += json.loads(capsys.readouterr().out)["results"]
    kept.append(asyncio.run(_written(tmp_path, name, id_)))
    if name == "lead-scoring":
        prediction = told[0].pop("prediction")
        told[0] |= {"score": prediction["score"], "class": prediction["class"]}
    shown = [json.loads(json.dumps({field: one.get(field) for field in TOLD})) for one in told]
    assert shown[0] == shown[1] == shown[2]
    assert kept[0] == kept[1] == kept[2]
    assert None not in [value for field, value in kept[0].items() if not field.endswith("_confidence")]


async def _asked_without_a_model(home: Path, *, promoted: str | None) -> list[str]:
    """Return who answers a lead in Python, over HTTP and on its page of the dashboard, after a promotion where one is named."""
    async with AI.open(Settings(home=home)) as ai:
        await ensure_sample_crm(ai, leads=20, accounts=20)
        record = (await ai.crm.find("Lead", (), page=1))[0]
        if promoted is not None:
            packaged = await ai.registry.get_model("lead-scoring-v1")
            assert packaged is not None
            await ai.registry.register(msgspec.structs.replace(packaged, id=promoted, status="testing"))
            await promote_model(ai, promoted, reason="ours")
        transport = httpx.ASGITransport(app=create_app(ai))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            one = (await http.post(f"/v1/leads/{record['id']}/score")).json()
            many = (await http.post("/v1/leads/score", json={"ids": [record["id"]]})).json()["results"][0]
        told = [await score_lead(ai, record["id"]), *await batch_score_leads(ai, [record["id"]]), one, many]
        return [*(answer["modelId"] for answer in told), (await ask_about(ai, "Lead", record)).requested_model_id]


def test_without_a_model_the_champion_answers_through_every_door(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before a promotion the pre-registered model, after it the promoted one: in Python, over HTTP, on pages, on the command line."""
    assert asyncio.run(_asked_without_a_model(tmp_path, promoted=None)) == ["lead-scoring-v1"] * 5
    assert asyncio.run(_asked_without_a_model(tmp_path, promoted="ours")) == ["ours"] * 5
    capsys.readouterr()
    assert run(["score", "leads", "--all", "--json", "--home", str(tmp_path)]) == 0
    assert {one["modelId"] for one in json.loads(capsys.readouterr().out)["results"]} == {"ours"}
