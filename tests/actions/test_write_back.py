"""Every AI feature answers for records of the CRM and writes its answer back to them, one by one and in batches."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hotcrm_ai import (
    AI,
    ConfigError,
    InvalidFeatures,
    InvalidRequest,
    ModelNotFound,
    NewerAnswer,
    RecordNotFound,
    Settings,
    actions,
)
from hotcrm_ai.actions.write_back import write_many, write_one
from hotcrm_ai.ai_features import discover_ai_features
from hotcrm_ai.assembly.sample import ensure_sample_crm
from hotcrm_ai.domain.write_back import WRITTEN_BACK

FEATURES = ("churn-prediction", "lead-scoring", "product-recommendation", "revenue-forecast", "sentiment-analysis")


@pytest.fixture
async def ai(tmp_path: Path) -> AsyncIterator[AI]:
    """A workspace with a sample CRM of 60 leads and 30 accounts."""
    async with AI.open(Settings(home=tmp_path)) as opened:
        await ensure_sample_crm(opened, leads=60, accounts=30)
        yield opened


def change_crm(ai: AI, statement: str) -> None:
    """Change the CRM behind the workspace's back."""
    with closing(sqlite3.connect(ai.settings.home / "crm.db")) as connection, connection:
        connection.execute(statement)


async def some_ids(ai: AI, feature: str, *, most: int = 5) -> list[str]:
    """The first records that a feature answers for."""
    found = await ai.crm.find(ai.features[feature].crm_object, (), ["id"], page=1)
    return [record["id"] for record in found[:most]]


def test_each_feature_has_its_two_actions_and_its_fields_are_kept_from_training() -> None:
    """What a feature declares exists by name, and no model learns from what another one wrote."""
    declared = [feature.write_back for feature in discover_ai_features().values()]
    assert {name for one in declared for name in (one.one, one.many)} == set(actions.__all__)
    assert {field for one in declared for field in one.fields} == WRITTEN_BACK
    assert len({(one.records, one.what) for one in declared}) == len({one.command for one in declared}) == 6


@pytest.mark.parametrize("feature", FEATURES)
async def test_only_the_declared_fields_change(ai: AI, feature: str) -> None:
    """All that is not declared stays as it was, and each declared field has a value."""
    declared = ai.features[feature]
    (id_, *_) = await some_ids(ai, feature)
    before = await ai.crm.get(declared.crm_object, id_)
    await write_one(ai, feature, id_)
    after = await ai.crm.get(declared.crm_object, id_)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {*declared.write_back.fields}


@pytest.mark.parametrize("feature", FEATURES)
async def test_a_batch_writes_what_singles_write(ai: AI, feature: str) -> None:
    """The same answers, in order, and those of unknown ids are errors of their own."""
    ids = await some_ids(ai, feature, most=3)
    results = await write_many(ai, feature, [ids[1], "nobody", ids[0]])
    assert [result["id"] for result in results] == [ids[1], "nobody", ids[0]]
    assert results[1]["error"]["code"] == "record_not_found"
    for result in (results[0], results[2]):
        single = await write_one(ai, feature, result["id"])
        assert single["prediction"] == result["prediction"]
        assert single["explanation"] == result["explanation"]


async def test_churn_is_written_as_it_was_answered(ai: AI) -> None:
    """Probability, risk, confidence, reasons and date stand in the account."""
    (id_,) = await some_ids(ai, "churn-prediction", most=1)
    result = await actions.predict_churn(ai, id_)
    record = await ai.crm.get("Account", id_)
    assert record["ai_churn_probability"] == pytest.approx(result["prediction"]["probability"], abs=5e-5)
    assert record["ai_churn_risk"] == result["prediction"]["risk"]
    assert record["ai_churn_explanation"] == result["explanation"]
    claim = "leaves" if result["prediction"]["probability"] >= 0.5 else "stays"
    assert record["ai_churn_explanation"].endswith(f"\n\nConfidence: {result['confidence']:.0f} % sure it {claim}.")
    assert "Positive factors" not in record["ai_churn_explanation"]
    assert record["last_churn_scored_date"] is not None
    assert record["ai_recommendations"] is None


async def test_a_forecast_comes_from_the_months_of_its_series(ai: AI) -> None:
    """Months without a row are unknown, not zero, and what is written is the forecast as JSON with its total."""
    rows = await ai.crm.find("MonthlyRevenue", [["series", "=", "Small / Core"]], ["period", "value"])
    result = await actions.forecast_revenue(ai, "Small / Core")
    months = {(row["period"].year, row["period"].month): row["value"] for row in rows}
    history = [months.get((2020 + month // 12, 1 + month % 12)) for month in range(78)]
    assert None in history
    expected = await ai.predict("revenue-forecast-v1", {"historical_revenue": history, "last_period": "2026-06"})
    assert result["prediction"] == expected.prediction
    record = await ai.crm.get("RevenueSeries", "Small / Core")
    assert json.loads(record["ai_forecast"]) == expected.prediction["forecast"]
    assert [one["period"] for one in expected.prediction["forecast"]][:2] == ["2026-07", "2026-08"]
    assert "by 2027-06" in record["ai_forecast_explanation"]
    assert record["ai_forecast_total"] == pytest.approx(expected.prediction["value"], abs=0.005)


async def test_recommendations_come_from_the_purchases_of_the_account(ai: AI) -> None:
    """What the account has already is not offered, and the list is written as JSON with its reasons."""
    purchases = await ai.crm.find("Purchase", (), ["account_id", "product_id"])
    account = purchases[0]["account_id"]
    owned = {row["product_id"] for row in purchases if row["account_id"] == account}
    result = await actions.recommend_products(ai, account)
    written = json.loads((await ai.crm.get("Account", account))["ai_recommendations"])
    assert written == result["prediction"]["items"]
    assert written
    assert not owned & {item["id"] for item in written}
    assert any(item["reason"].startswith("because you have") for item in written)


async def test_purchases_of_another_catalogue_are_told_and_nothing_is_written(ai: AI) -> None:
    """A record all of whose products are unknown to the model fails alone; one of whose some are is answered, and that is told."""
    purchases = await ai.crm.find("Purchase", (), ["id", "account_id", "product_id"])
    (alien, _), (mixed, _) = Counter(row["account_id"] for row in purchases).most_common(2)
    change_crm(ai, f"UPDATE purchases SET product_id = 'SKU-' || id WHERE account_id = '{alien}'")
    owned = sorted({row["product_id"] for row in purchases if row["account_id"] == mixed})
    change_crm(
        ai, f"UPDATE purchases SET product_id = 'SKU' WHERE account_id = '{mixed}' AND product_id = '{owned[-1]}'"
    )
    results = await actions.batch_recommend_products(ai, [alien, mixed])
    assert results[0]["error"]["code"] == "invalid_features"
    assert "the model does not know any of the" in results[0]["error"]["message"]
    assert (await ai.crm.get("Account", alien))["ai_recommendations"] is None
    assert f"1 of the {len(owned)} current products are not known" in " ".join(results[1]["warnings"])
    first = results[1]["prediction"]["items"][0]
    written = (await ai.crm.get("Account", mixed))["ai_recommendation_explanation"]
    assert written.startswith(f"About {first['name']} ({first['id']}):")


async def test_a_record_without_rows_fails_alone(ai: AI) -> None:
    """A series without a month is told and left as it was; the others are written."""
    change_crm(ai, "DELETE FROM monthly_revenue WHERE series = 'Mid / Core'")
    results = await actions.batch_forecast_revenue(ai)
    failed = [result for result in results if "error" in result]
    assert [result["id"] for result in failed] == ["Mid / Core"]
    assert failed[0]["error"]["code"] == "invalid_features"
    assert (await ai.crm.get("RevenueSeries", "Mid / Core"))["ai_forecast"] is None
    assert (await ai.crm.get("RevenueSeries", "Small / Core"))["ai_forecast"] is not None


@pytest.mark.parametrize("change", ["value = 'n/a'", "period = 'last spring'"])
async def test_a_row_that_cannot_be_read_fails_its_record_alone(ai: AI, change: str) -> None:
    """A history with an amount or a month that is none is told with what it holds; the other series are written."""
    change_crm(ai, f"UPDATE monthly_revenue SET {change} WHERE series = 'Mid / Core'")
    results = await actions.batch_forecast_revenue(ai, ["Mid / Core", "Small / Core"])
    assert [result["id"] for result in results if "error" in result] == ["Mid / Core"]
    assert results[0]["error"]["code"] == "invalid_features"
    assert (await ai.crm.get("RevenueSeries", "Small / Core"))["ai_forecast"] is not None
    with pytest.raises(InvalidFeatures, match=change.split("'")[1]):
        await actions.forecast_revenue(ai, "Mid / Core")


async def test_an_older_answer_never_replaces_a_newer_one(ai: AI) -> None:
    """A record that holds a later moment than the answer's stays as it is."""
    (id_,) = await some_ids(ai, "sentiment-analysis", most=1)
    later = datetime.now(UTC) + timedelta(days=1)
    await ai.crm.update("Email", id_, {"ai_sentiment": "neutral", "last_sentiment_date": later})
    with pytest.raises(NewerAnswer, match=id_):
        await actions.analyze_sentiment(ai, id_)
    record = await ai.crm.get("Email", id_)
    assert (record["ai_sentiment"], record["ai_sentiment_explanation"]) == ("neutral", None)


async def test_a_wrong_model_or_record_writes_nothing(ai: AI) -> None:
    """A model of another feature is refused by name, an unknown record or model too."""
    with pytest.raises(InvalidRequest, match="made for churn-prediction, not for sentiment-analysis"):
        await actions.batch_analyze_sentiment(ai, model_id="churn-prediction-v1")
    with pytest.raises(RecordNotFound, match="nobody"):
        await actions.predict_churn(ai, "nobody")
    with pytest.raises(ModelNotFound, match="nothing-v1"):
        await actions.predict_churn(ai, "nobody", model_id="nothing-v1")
    accounts = await ai.crm.find("Account", [["ai_churn_risk", "is not null", None]], ["id"])
    assert accounts == []


async def test_a_missing_field_is_told_before_anything_is_asked(ai: AI) -> None:
    """A table without the field of an answer is named with what it lacks, and no prediction is logged."""
    change_crm(ai, "ALTER TABLE accounts DROP COLUMN ai_churn_risk")
    with pytest.raises(ConfigError, match="'ai_churn_risk'"):
        await actions.batch_predict_churn(ai)
    assert await ai.monitor.get_model_stats("churn-prediction-v1") is None
