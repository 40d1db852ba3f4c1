"""Sets up our side of the serving benchmark: ``python benchmarks/serving/prepare.py --harness DIR --work DIR``.

Writes into ``--work`` what ``serve_bench.py --add`` of the harness reads (``servers.json``), and two prepared workspaces, one without
keys and one with a key. Each holds two models of the work item's leads:

- ``leads-lightgbm`` is the harness's own LightGBM file behind a provider plug-in: the same model, the same call, so that servers can be
  compared; the harness checks each answer against the file.
- ``leads-ours`` is what ``AI.train`` makes of as many leads, whose outcomes are drawn with the file's probabilities: what a user of the
  product would serve. Its answers over HTTP are checked here against the model itself, since another model gives other scores.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np

import hotcrm_ai
from hotcrm_ai import AI, Settings

ROWS, SEED = 20_000, 11
FEATURES = ("company_size", "industry", "engagement_score", "job_title", "budget")
CATEGORIES = ("industry", "job_title")
HERE = Path(__file__).resolve().parent
PLUG_IN = "bench_lightgbm-1.dist-info"
TOLERANCE = 1e-6
CHECK_PORT = 18081


def _signature() -> dict[str, Any]:
    kinds = {name: "category" if name in CATEGORIES else "number" for name in FEATURES}
    return {"features": [{"name": name, "type": kind} for name, kind in kinds.items()]}


def _labelled_leads(item: Any, booster: lgb.Booster) -> list[dict[str, Any]]:
    """Return leads drawn as the work item's are, with outcomes drawn by the booster's probabilities."""
    _, size, industry, engagement, job, budget = item._raw(ROWS, SEED)
    chance = booster.predict(np.column_stack([size, industry, engagement, job, budget]).astype(float), num_threads=1)
    won = np.random.default_rng(SEED).random(ROWS) < chance
    return [
        {
            "company_size": int(size[row]),
            "industry": item.INDUSTRIES[industry[row]],
            "engagement_score": float(engagement[row]),
            "job_title": item.JOB_TITLES[job[row]],
            "budget": float(budget[row]),
            "converted": bool(won[row]),
        }
        for row in range(ROWS)
    ]


async def _fill(home: Path, rows: list[dict[str, Any]], leads: list[dict[str, Any]]) -> dict[str, Any]:
    """Make the workspace without keys, with both models, and return what was measured of ours."""
    async with AI.open(Settings(home=home)) as ai:
        report = await ai.train("lead-scoring", rows, target="converted", model_id="leads-ours", promote=True)
        await ai.registry.register(
            {
                "id": "leads-lightgbm",
                "type": "classification",
                "provider": "lightgbm-file",
                "status": "active",
                "signature": _signature(),
            }
        )
        ours = [(await ai.predict("leads-ours", lead, use_cache=False)).prediction["probability"] for lead in leads]
    return {"metrics": report.metrics, "ours": ours}


async def _with_key(home: Path) -> str:
    async with AI.open(Settings(home=home)) as ai:
        return (await ai.keys.create(name="benchmark", scopes=["predict"])).secret.reveal()


def _plug_in(work: Path, item: Any) -> Path:
    """Install the provider plug-in into a folder for PYTHONPATH, as a package would be."""
    folder = work / "plug-in"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / PLUG_IN).mkdir(parents=True)
    shutil.copy(HERE / "lightgbm_provider.py", folder)
    (folder / PLUG_IN / "METADATA").write_text("Metadata-Version: 2.1\nName: bench-lightgbm\nVersion: 1\n")
    (folder / PLUG_IN / "entry_points.txt").write_text(
        "[hotcrm_ai.providers]\nlightgbm-file = lightgbm_provider:create\n"
    )
    (folder / "categories.json").write_text(json.dumps({"industry": item.INDUSTRY_CODE, "job_title": item.JOB_CODE}))
    return folder


def _servers(work: Path, plug_in: Path, key: str) -> list[dict[str, Any]]:
    """Return the entries for the harness: each start has a fresh copy of its workspace, so that no log grows from run to run."""
    code = f"{Path(hotcrm_ai.__file__).parent.parent}:{plug_in}:$BENCH"
    command = Path(sys.executable).parent / "hotcrm-ai"
    always = {
        "PYTHONPATH": code,
        "HOTCRM_AI_HOME": str(work / "run"),
        "BENCH_MODEL": "$ART/model.txt",
        "BENCH_CATEGORIES": str(plug_in / "categories.json"),
    }

    def entry(name: str, model: str, home: str = "open", **settings: str) -> dict[str, Any]:
        server = {
            "name": name,
            "tags": ["product"],
            "url": "http://127.0.0.1:$PORT/v1/predict",
            "body": json.dumps({"modelId": model, "features": 0}).replace(" 0}", " {{LEAD}}}"),
            "env": {**always, **{f"HOTCRM_AI_{setting.upper()}": value for setting, value in settings.items()}},
            "cmd": f"rm -rf {work}/run && cp -r {work}/{home} {work}/run && exec {command} serve --port $PORT",
        }
        if model == "leads-lightgbm":
            server |= {"score": "prediction.probability", "tolerance": TOLERANCE}
        if home == "keyed":
            server["headers"] = {"Authorization": f"Bearer {key}"}
        return server

    return [
        variant
        for short, model in (("same-model", "leads-lightgbm"), ("own-model", "leads-ours"))
        for variant in (
            entry(f"hotcrm-{short}", model),
            entry(f"hotcrm-{short}-key", model, "keyed"),
            entry(f"hotcrm-{short}-no-cache", model, cache_enabled="false"),
            entry(f"hotcrm-{short}-2-workers", model, workers="2"),
        )
    ]


def _check(server: dict[str, Any], leads: list[dict[str, Any]], expected: list[float]) -> float:
    """Start one of our servers and return how far its probabilities are from those that the model gave in process."""
    command = server["cmd"].replace("$PORT", str(CHECK_PORT))
    process = subprocess.Popen(["bash", "-c", command], env={**os.environ, **server["env"]}, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        answers = [_asked(lead) for lead in leads]
    finally:
        process.terminate()
        process.wait(20)
    return max(abs(answer - wanted) for answer, wanted in zip(answers, expected, strict=True))


def _asked(lead: dict[str, Any]) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", CHECK_PORT, timeout=10)
    body = json.dumps({"modelId": "leads-ours", "features": lead})
    connection.request("POST", "/v1/predict", body, {"Content-Type": "application/json"})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return float(answer["prediction"]["probability"])


def main() -> None:
    """Prepare everything, and say what to run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--harness", type=Path, required=True, help="the folder of serve_bench.py")
    parser.add_argument("--work", type=Path, required=True, help="a folder for what this makes")
    given = parser.parse_args()
    sys.path.insert(0, str(given.harness))
    item = importlib.import_module("workitem")
    work = given.work.resolve()
    for name in ("open", "keyed", "run"):
        shutil.rmtree(work / name, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    booster = lgb.Booster(model_file=str(item.artifacts() / "model.txt"))
    leads = json.loads((item.artifacts() / "leads.json").read_text())
    filled = asyncio.run(_fill(work / "open", _labelled_leads(item, booster), leads[:1_000]))
    theirs = booster.predict(np.array([item.encode(lead) for lead in leads[:1_000]]), num_threads=1)
    shutil.copytree(work / "open", work / "keyed")
    key = asyncio.run(_with_key(work / "keyed"))
    servers = _servers(work, _plug_in(work, item), key)
    (work / "servers.json").write_text(json.dumps(servers, indent=1))
    ours = next(server for server in servers if server["name"] == "hotcrm-own-model")
    off = _check(ours, leads[:50], filled["ours"][:50])
    assert off <= TOLERANCE, f"our server's answers are off by {off}"
    print(f"our model over HTTP beside itself in process: {off:.1e}")
    print(f"our model, held out: {filled['metrics']}")
    print(f"correlation with the LightGBM file on 1,000 leads: {np.corrcoef(filled['ours'], theirs)[0, 1]:.4f}")
    print(f"python serve_bench.py --add {work / 'servers.json'} {' '.join(server['name'] for server in servers)}")


if __name__ == "__main__":
    main()
