"""``score leads``: scores records of the CRM and writes back to them."""

from __future__ import annotations

import json
import sqlite3

import pytest

from hotcrm_ai.domain.errors import InvalidRequest
from hotcrm_ai.entrypoints.cli.conditions import read_condition


def written(home) -> dict[str, float]:
    """Return the scores that the CRM holds, by lead."""
    with sqlite3.connect(home / "crm.db") as connection:
        return dict(connection.execute("SELECT id, ai_score FROM leads WHERE ai_score IS NOT NULL").fetchall())


def test_a_condition_scores_exactly_the_leads_that_meet_it(cli, crm, home):
    """All conditions must be met; what is reported is what was written."""
    document = cli("score", "leads", "--where", "converted is null", "--where", "company_size > 50", "--json").document
    expected = {lead["id"] for lead in crm if lead["converted"] is None and (lead["company_size"] or 0) > 50}
    assert {result["id"] for result in document["results"]} == expected
    assert document["scored"] == len(expected) > 0
    assert written(home) == {result["id"]: round(result["score"], 2) for result in document["results"]}


def test_all_scores_every_lead(cli, crm, home):
    """``--all`` leaves no lead out, and the table shows the best with their reasons."""
    answer = cli("score", "leads", "--all")
    assert answer.code == 0
    assert f"{len(crm)} leads scored and written back, 0 not." in answer.out
    assert len(written(home)) == len(crm)


@pytest.mark.parametrize(
    ("command", "table", "field"),
    [
        ("churn", "accounts", "ai_churn_risk"),
        ("sentiment", "emails", "ai_sentiment"),
        ("recommendations", "accounts", "ai_recommendations"),
    ],
)
def test_each_feature_has_its_command(cli, crm, home, command, table, field):
    """What is reported is what was written: the named record has the field, and the table shows it; no other record has it."""
    with sqlite3.connect(home / "crm.db") as connection:
        ((one,), *_) = connection.execute(f"SELECT id FROM {table} ORDER BY id LIMIT 1").fetchall()
    answer = cli("score", command, "--id", one)
    assert (answer.code, one in answer.out) == (0, True)
    with sqlite3.connect(home / "crm.db") as connection:
        assert connection.execute(f"SELECT id FROM {table} WHERE {field} IS NOT NULL").fetchall() == [(one,)]


def test_the_table_says_what_confidence_is_of(cli, crm, home):
    """Beside a risk stands whether the account leaves and how sure that is; a bare number would be read as certainty of the risk."""
    with sqlite3.connect(home / "crm.db") as connection:
        ((one,), *_) = connection.execute("SELECT id FROM accounts ORDER BY id LIMIT 1").fetchall()
    answer = cli("score", "churn", "--id", one)
    (result,) = cli("score", "churn", "--id", one, "--json").document["results"]
    leaves = "yes" if result["prediction"]["probability"] >= 0.5 else "no"
    assert "Leaves?" in answer.out
    assert f"{leaves} {result['confidence']:.0f} %" in answer.out


def test_forecasts_are_written_to_their_series(cli, crm, home):
    """As JSON the answer is the forecast that stands in the CRM."""
    document = cli("score", "forecasts", "--id", "Small / Core", "--json").document
    with sqlite3.connect(home / "crm.db") as connection:
        ((kept,),) = connection.execute(
            "SELECT ai_forecast FROM revenue_series WHERE ai_forecast IS NOT NULL"
        ).fetchall()
    assert json.loads(kept) == document["results"][0]["prediction"]["forecast"]


def test_every_feature_is_offered(cli):
    """The help lists a command for each feature."""
    shown = cli("score", "--help", at_home=False).out
    assert all(
        name in shown for name in ("leads", "opportunities", "churn", "sentiment", "forecasts", "recommendations")
    )


def test_unknown_leads_are_named_and_the_others_scored(cli, crm, home):
    """One unknown id does not keep the others from being scored; nothing but unknown ids is code 1."""
    answer = cli("score", "leads", "--id", crm[0]["id"], "--id", "LD-none")
    assert answer.code == 0
    assert "LD-none" in answer.out
    assert list(written(home)) == [crm[0]["id"]]
    assert cli("score", "leads", "--id", "LD-none").code == 1


@pytest.mark.parametrize("condition", ["budget", "budget ~ 3", "country in Spain", "status = [1]", "= 3", ""])
def test_a_condition_that_cannot_be_read_is_bad_input(cli, crm, home, condition):
    """Code 2, one line with an example, and nothing is written."""
    answer = cli("score", "leads", "--where", condition)
    assert answer.code == 2
    assert "converted is null" in answer.err
    assert written(home) == {}


def test_an_unknown_field_is_bad_input_and_named(cli, crm):
    """The message names the field and those that there are."""
    answer = cli("score", "leads", "--where", "colour = red")
    assert answer.code == 2
    assert "'colour'" in answer.err


def test_which_leads_are_meant_is_said_once(cli, crm):
    """Two of the three options are wrong usage."""
    assert cli("score", "leads", "--all", "--id", "x").code == 2


def test_without_an_option_open_leads_are_scored_and_the_others_counted(cli, crm, home):
    """Closed leads stay without a score, and how many they are is said, for machines too."""
    answer = cli("score", "leads")
    opened = {lead["id"] for lead in crm if lead["converted"] is None}
    assert 0 < len(opened) < len(crm)
    assert set(written(home)) == opened
    assert f"{len(crm) - len(opened)} closed ones were left out; --all takes them too." in answer.out
    assert cli("score", "leads", "--json").document["leftOut"] == len(crm) - len(opened)


def test_a_crm_that_fills_the_field_of_open_leads_too_is_told_how_to_choose_them(cli, crm, home):
    """Where every lead says how it ended, none is taken for open, and the way to the open ones is said and works."""
    with sqlite3.connect(home / "crm.db") as connection:
        connection.execute("UPDATE leads SET converted = coalesce(converted, 0)")
    answer = cli("score", "leads")
    assert (answer.code, written(home)) == (0, {})
    assert f"'converted' is filled in all {len(crm)}" in " ".join(answer.out.split())
    unwon = {lead["id"] for lead in crm if not lead["converted"]}
    assert cli("score", "leads", "--where", "converted = 0").code == 0
    assert set(written(home)) == unwon


def test_where_the_crm_does_not_tell_which_are_closed_they_must_be_named(cli, crm, home):
    """Without a field for the outcome, or of records that never end, nothing is asked and the message says what to give."""
    with sqlite3.connect(home / "crm.db") as connection:
        connection.execute("ALTER TABLE leads RENAME COLUMN converted TO ended")
    answer = cli("score", "leads")
    assert (answer.code, "'converted'" in answer.err, written(home)) == (2, True, {})
    messages = cli("score", "sentiment")
    assert (messages.code, "never closed" in messages.err) == (2, True)


def test_who_is_going_to_answer_is_said_before_anything_is_written(cli, crm, home):
    """The champion by its name and version; with a test, both arms and their shares, and afterwards a column of models."""
    said = cli("score", "leads", "--id", crm[0]["id"])
    assert said.err == "note: asking lead-scoring-v1 1.0.0, the champion of lead-scoring.\n"
    assert "Model" not in said.out
    config = cli("models", "show", "lead-scoring-v1", "--json").document
    kept = {name: config[name] for name in ("version", "type", "feature", "signature", "bundleDigest")}
    test = {"championModelId": "lead-scoring-v1", "trafficPercentage": 50}
    twin = json.dumps({"id": "twin", "status": "active", "abTest": test, **kept})
    assert cli("models", "register", twin).code == 0
    halves = cli("score", "leads", "--model", "twin")
    assert halves.err == (
        "note: asking twin 1.0.0; it is in an A/B test, so it answers 50 % of the records and lead-scoring-v1 the others.\n"
    )
    assert "Model" in halves.out
    assert " by lead-scoring-v1 1.0.0, " in halves.out
    assert " by twin 1.0.0." in halves.out
    one = cli("score", "leads", "--json")
    assert one.document["model"] == "lead-scoring-v1"
    assert "twin is in an A/B test against lead-scoring-v1" in one.err


def test_the_promoted_model_answers_where_none_is_named(cli, crm, home):
    """A promotion changes who is asked, and its rollback changes that back."""
    config = cli("models", "show", "lead-scoring-v1", "--json").document
    kept = {name: config[name] for name in ("version", "type", "feature", "signature", "bundleDigest")}
    assert cli("models", "register", json.dumps({"id": "mine", **kept})).code == 0
    promoted = cli("models", "promote", "mine", "--reason", "ours")
    assert "It is the champion of lead-scoring: it answers where no model is named." in promoted.out
    assert cli("models", "list", "--json").document["champions"]["lead-scoring"] == "mine"
    assert "lead-scoring (champion)" in next(line for line in cli("models", "list").out.splitlines() if "mine" in line)
    assert {one["modelId"] for one in cli("score", "leads", "--json").document["results"]} == {"mine"}
    back = cli("models", "rollback", "mine", "--reason", "too soon")
    assert "Where no model is named for lead-scoring, lead-scoring-v1 answers." in back.out
    assert cli("score", "leads", "--json").document["model"] == "lead-scoring-v1"


def test_without_a_crm_the_message_says_so(cli):
    """No CRM file: code 1 and the name of the file that is not there."""
    answer = cli("score", "leads", "--all")
    assert answer.code == 1
    assert "crm.db" in answer.err


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("status = open", ["status", "=", "open"]),
        ("status='in work'", ["status", "=", "in work"]),
        ("budget>=1e3", ["budget", ">=", 1000.0]),
        ("phone = 030", ["phone", "=", "030"]),
        ("name != a = b", ["name", "!=", "a = b"]),
        ("company LIKE %soft%", ["company", "like", "%soft%"]),
        ('country in ["Spain", "Italy"]', ["country", "in", ["Spain", "Italy"]]),
        ("id not in [1]", ["id", "not in", [1]]),
        ("converted IS  NOT null", ["converted", "is not null", None]),
        ("flag = true", ["flag", "=", True]),
    ],
)
def test_conditions_are_read(text, condition):
    """A condition is field, operator and value; values are JSON where they can be."""
    assert read_condition(text) == condition


def test_a_condition_is_no_code():
    """What is no condition is refused, whatever it looks like."""
    with pytest.raises(InvalidRequest):
        read_condition("__import__('os').system('true')")
