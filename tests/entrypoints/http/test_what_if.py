"""What would have to change is answered by the packaged models themselves, over HTTP and on the command line's terms."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

LEAD = {"company_size": 40, "industry": "Retail", "engagement_score": 20, "job_title": "Analyst", "budget": 8000}
ASKED = {"modelId": "lead-scoring-v1", "features": LEAD, "changeable": ["engagement_score"], "goal": "hot"}


async def test_the_change_reaches_the_goal_in_a_prediction(api: httpx.AsyncClient) -> None:
    """The changed record, sent as a prediction, gets the class that was wished for and the very answer that was told."""
    found = (await api.post("/v1/what-if", json=ASKED)).json()
    assert found["reached"] is True, found
    (change,) = found["changes"]
    assert (change["feature"], change["before"]) == ("engagement_score", 20.0)
    changed = {**LEAD, "engagement_score": change["after"]}
    answer = (await api.post("/v1/predict", json={"modelId": "lead-scoring-v1", "features": changed})).json()
    assert answer["prediction"] == found["newPrediction"]
    assert answer["prediction"]["class"] == "hot"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"goal": "lukewarm"}, 422, "invalid_request"),
        ({"goal": 80}, 422, "invalid_request"),
        ({"goal": True}, 422, "invalid_request"),
        ({"changeable": []}, 422, "invalid_request"),
        ({"changeable": ["shoe_size"]}, 422, "invalid_request"),
        ({"modelId": "nobody"}, 404, "model_not_found"),
        ({"modelId": "sentiment-analysis-v1", "features": {"text": "fine"}}, 422, "not_explainable"),
    ],
)
async def test_what_cannot_be_sought_is_refused(
    api: httpx.AsyncClient, changes: dict[str, Any], status: int, code: str
) -> None:
    """No class, no probability, no field, no model for tables."""
    answer = await api.post("/v1/what-if", json={**ASKED, **changes})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
