"""``models drift`` compares what a packaged model is asked with what it was judged on."""

from __future__ import annotations

import json
import random

MODEL = "lead-scoring-v1"
INDUSTRIES = ("Technology", "Retail", "Healthcare", "Manufacturing")


def asked(cli, tmp_path, leads):
    """Ask the model for leads, as a file."""
    (tmp_path / "leads.jsonl").write_text("\n".join(json.dumps(lead) for lead in leads))
    answer = cli("predict", MODEL, "--file", str(tmp_path / "leads.jsonl"), "--out", str(tmp_path / "out.jsonl"))
    assert answer.code == 0, answer.err


def test_few_predictions_and_models_without_training_data_say_so(cli):
    """Nothing is measured, and a model for texts keeps no distribution. Exit codes 0 and 1."""
    assert "Not enough predictions: 0 in the window" in cli("models", "drift", MODEL).out
    assert cli("models", "drift", MODEL, "--json").document["status"] == "not_enough_predictions"
    refused = cli("models", "drift", "sentiment-analysis-v1")
    assert refused.code != 0
    assert "keeps no distribution" in refused.err
    assert cli("models", "drift", "no-such-model").code == 2


def test_a_field_that_moved_is_found(cli, tmp_path):
    """Engagement that is suddenly 100 everywhere, and no budgets: both are named, with the chances that follow."""
    chance = random.Random(7)
    leads = [
        {
            "company_size": round(chance.lognormvariate(4.5, 1.3)),
            "industry": chance.choice(INDUSTRIES),
            "engagement_score": 100,
            "job_title": "CTO",
        }
        for _ in range(120)
    ]
    asked(cli, tmp_path, leads)
    report = cli("models", "drift", MODEL, "--json").document
    found = {one["name"]: one for one in report["features"]}
    assert report["samples"] == 120
    assert found["engagement_score"]["status"] == found["budget"]["status"] == "drifted"
    assert found["budget"]["missingRate"] == 100.0
    assert report["prediction"]["status"] == "drifted"
    assert "engagement_score drifted" in cli("models", "drift", MODEL).out
