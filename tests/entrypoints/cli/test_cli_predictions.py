"""``predict``, ``explain`` and ``compare`` for single records."""

from __future__ import annotations

import asyncio
import json
import sqlite3

import pytest

from hotcrm_ai import AI, Settings

MODEL = "lead-scoring-v1"


def test_predict_prints_one_camel_case_document(cli, lead_json):
    """``--json`` gives the response of the contract and nothing else."""
    answer = cli("predict", MODEL, "--features", lead_json, "--json")
    assert answer.code == 0
    assert answer.err == ""
    document = answer.document
    assert {
        "prediction",
        "confidence",
        "modelId",
        "modelVersion",
        "requestedModelId",
        "processingTime",
        "cached",
    } <= set(document)
    assert document["modelId"] == MODEL
    assert set(document["prediction"]) == {"score", "class", "probability"}


def test_the_command_line_gives_the_numbers_of_python(cli, home, lead_json):
    """The same features through Python and the command line give the same prediction, confidence and explanation."""
    told = cli("predict", MODEL, "--features", lead_json, "--json").document
    reasons = cli("explain", MODEL, "--features", lead_json, "--json").document

    async def ask():
        async with AI.open(Settings(home=home)) as ai:
            features = json.loads(lead_json)
            return await ai.predict(MODEL, features), await ai.explain(MODEL, features)

    response, explanation = asyncio.run(ask())
    assert told["prediction"] == response.prediction
    assert told["confidence"] == response.confidence
    assert reasons["baseValue"] == explanation.base_value
    assert [part["contribution"] for part in reasons["featureContributions"]] == [
        part.contribution for part in explanation.feature_contributions
    ]


def test_predict_for_people_names_what_is_missing(cli):
    """The text shows score, class and answering model, and says which features were missing."""
    answer = cli("predict", MODEL, "--features", '{"company_size": 500}')
    assert answer.code == 0
    assert "Score" in answer.out
    assert f"{MODEL} 1.0.0" in answer.out
    assert "budget, engagement_score, industry and job_title are missing" in answer.out


def test_features_may_come_from_a_file(cli, tmp_path, lead_json):
    """``@FILE`` reads the features from a file, also one with a byte order mark."""
    (tmp_path / "lead.json").write_text(lead_json, encoding="utf-8-sig")
    from_file = cli("predict", MODEL, "--features", f"@{tmp_path / 'lead.json'}", "--json").document
    assert from_file["prediction"] == cli("predict", MODEL, "--features", lead_json, "--json").document["prediction"]


@pytest.mark.parametrize(
    ("features", "said"),
    [
        ("{", "is not valid JSON"),
        ("[1]", "must be a JSON object"),
        ('{"budget": NaN}', "NaN"),
        ('{"budget": 1, "budget": 2}', "'budget' is given twice"),
        ('{"budget": 1e400}', "'budget': is not a finite number"),
        ('{"budget": "much"}', "'budget': expected a number"),
        ("@missing.json", "cannot be read"),
    ],
)
def test_features_that_cannot_be_used_are_bad_input(cli, features, said):
    """Unreadable or misfitting features end with code 2 and one line that says why."""
    answer = cli("predict", MODEL, "--features", features)
    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.startswith("hotcrm-ai: ")
    assert answer.err.count("\n") == 1
    assert said in answer.err


def test_a_failure_for_machines_is_one_document_too(cli):
    """With ``--json`` a failure is one JSON document with code and message, beside the line on standard error."""
    answer = cli("predict", "no-such-model", "--features", "{}", "--json")
    assert answer.code == 2
    assert answer.document["error"]["code"] == "model_not_found"
    assert answer.document["error"]["details"]["modelId"] == "no-such-model"
    assert "no-such-model" in answer.err


def test_a_model_that_may_not_answer_fails(cli):
    """A deprecated model answers nothing: code 1."""
    assert cli("models", "status", "product-recommendation-v1", "deprecated", "--reason", "replaced").code == 0
    answer = cli("predict", "product-recommendation-v1", "--features", "{}")
    assert answer.code == 1
    assert "product-recommendation-v1" in answer.err


def test_explain_shows_the_words_and_a_ledger_that_adds_up(cli, lead_json):
    """The text has the wording of the contract, from the average to the score."""
    answer = cli("explain", MODEL, "--features", lead_json)
    assert answer.code == 0
    assert "The prediction was influenced by:" in answer.out
    assert "• Engagement Score: 85 (impact: +" in answer.out
    assert "Average" in answer.out
    document = cli("explain", MODEL, "--features", lead_json, "--json").document
    total = document["baseValue"] + 100 * sum(part["contribution"] for part in document["featureContributions"])
    assert total == pytest.approx(document["prediction"]["score"], abs=1e-6)


@pytest.mark.parametrize(("suffix", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_explain_draws_a_picture(cli, tmp_path, lead_json, suffix, begins):
    """``--plot`` writes a picture of the kind that its name says."""
    picture = tmp_path / f"why.{suffix}"
    assert cli("explain", MODEL, "--features", lead_json, "--plot", str(picture), "--json").document["modelId"] == MODEL
    assert picture.read_bytes().startswith(begins)


def test_a_picture_of_another_kind_is_refused(cli, tmp_path, lead_json):
    """A name that ends in neither .png nor .svg is bad input, and no file is made."""
    answer = cli("explain", MODEL, "--features", lead_json, "--plot", str(tmp_path / "why.bmp"))
    assert answer.code == 2
    assert not (tmp_path / "why.bmp").exists()


def test_compare_adds_up_to_the_difference(cli):
    """The impact differences of ``compare`` add up to the difference of the two probabilities."""
    document = cli(
        "compare", MODEL, "--features1", '{"budget": 10}', "--features2", '{"budget": 90000}', "--json"
    ).document
    apart = document["prediction2"]["probability"] - document["prediction1"]["probability"]
    assert sum(part["impactDifference"] for part in document["differences"]) == pytest.approx(apart, abs=1e-6)
    assert (
        "Key differences"
        in cli("compare", MODEL, "--features1", '{"budget": 10}', "--features2", '{"budget": 90000}').out
    )


def test_hostile_characters_of_a_record_are_shown_not_obeyed(cli):
    """Control and direction characters of record data appear escaped on the terminal."""
    features = json.dumps({"industry": "Tech\x1b[31m\u202eevil", "job_title": "[bold]CTO[/bold]"})
    answer = cli("explain", MODEL, "--features", features)
    assert "\x1b" not in answer.out
    assert "\u202e" not in answer.out
    assert "Tech\\x1b[31m\\u202eevil" in answer.out
    assert "[bold]CTO[/bold]" in answer.out


def test_the_record_decides_the_arm_and_is_kept_in_the_log(cli, home, lead_json):
    """``--record`` gives the prediction its subject: the log leads back to the record."""
    told = cli("predict", MODEL, "--features", lead_json, "--record", "Lead:L-7", "--json").document
    with sqlite3.connect(home / "workspace.db") as log:
        found = log.execute("SELECT object_type, object_id FROM ai_prediction WHERE id = ?", (told["predictionId"],))
        assert found.fetchone() == ("Lead", "L-7")
    assert cli("explain", MODEL, "--features", lead_json, "--record", "Lead:L-7", "--json").code == 0


@pytest.mark.parametrize("record", ["L-7", "Lead:", ":L-7", ""])
def test_a_record_needs_type_and_id(cli, lead_json, record):
    """Anything but TYPE:ID is bad input."""
    answer = cli("explain", MODEL, "--features", lead_json, "--record", record)
    assert answer.code == 2
    assert "TYPE:ID" in answer.err


def test_explain_says_what_would_have_to_change(cli, lead_json):
    """`--what-if` names the fields that may change, `--goal` the answer; one without the other is wrong usage."""
    cold = json.dumps(json.loads(lead_json) | {"engagement_score": 5})
    asked = ("explain", "lead-scoring-v1", "--features", cold, "--what-if", "engagement_score")
    found = cli(*asked, "--goal", "hot", "--json").document
    assert found["whatIf"]["reached"] is True
    assert [change["feature"] for change in found["whatIf"]["changes"]] == ["engagement_score"]
    assert "The smallest change that reaches 0.3" in cli(*asked, "--goal", "0.3").out
    assert cli(*asked).code == 2
    assert cli(*asked, "--goal", "lukewarm").code == 2


def test_an_answer_learned_from_few_outcomes_shows_how_sure_it_is(cli, lead_json):
    """``predict`` and ``explain`` show the same interval beside the answer; a model of many outcomes shows none."""
    account = '{"support_tickets": 6, "nps_score": 10}'
    low, high = cli("predict", "churn-prediction-v1", "--features", account, "--json").document["metadata"]["interval"]
    answer = cli("predict", "churn-prediction-v1", "--features", account)
    assert f"{low:.4f} to {high:.4f}" in answer.out
    explained = cli("explain", "churn-prediction-v1", "--features", account)
    assert f"{100 * low:.1f} to {100 * high:.1f}" in explained.out
    assert cli("explain", "churn-prediction-v1", "--features", account, "--json").document["interval"] == [low, high]
    assert "95 % interval" not in cli("predict", MODEL, "--features", lead_json).out


def test_missing_features_share_one_line(cli):
    """Several missing features are named together, a single one alone; the JSON has a warning for each."""
    several = cli("predict", "lead-scoring-v1", "--features", '{"company_size": 500, "job_title": "CTO"}')
    assert several.out.count("note:") == 1
    assert "budget, engagement_score and industry are missing; the model treated them as unknown" in " ".join(
        several.out.split()
    )
    lead = '{"company_size": 500, "job_title": "CTO", "industry": "Retail", "engagement_score": 5}'
    one = cli("explain", "lead-scoring-v1", "--features", lead)
    assert "note: budget is missing; the model treated it as unknown" in one.out
    told = cli("explain", "lead-scoring-v1", "--features", "{}", "--json").document["warnings"]
    assert len(told) == 5
