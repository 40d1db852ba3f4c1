"""Answers are written back over HTTP once, and never over a later one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from hotcrm_ai import AI
from hotcrm_ai.assembly.sample import ensure_sample_crm


@pytest.fixture
async def emails(workspace: AI) -> list[str]:
    """The ids of the messages of a small sample CRM."""
    await ensure_sample_crm(workspace, leads=20, accounts=20)
    return [one["id"] for one in await workspace.crm.find("Email", (), ["id"], page=1)]


async def test_a_request_that_is_sent_again_writes_nothing_again(
    workspace: AI, api: httpx.AsyncClient, emails: list[str]
) -> None:
    """Under one Idempotency-Key the second answer is the first one, and the record keeps its date."""
    path, headers = f"/v1/emails/{emails[0]}/sentiment", {"Idempotency-Key": "once"}
    first = await api.post(path, headers=headers)
    written = await workspace.crm.get("Email", emails[0])
    second = await api.post(path, headers=headers)
    assert (first.status_code, second.json()) == (200, first.json())
    assert written["ai_sentiment"] == first.json()["prediction"]["sentiment"]
    assert await workspace.crm.get("Email", emails[0]) == written


async def test_a_later_answer_is_told_and_left(workspace: AI, api: httpx.AsyncClient, emails: list[str]) -> None:
    """One record is 412, which is documented for the route; among several it is an error at its place."""
    later = datetime.now(UTC) + timedelta(days=1)
    await workspace.crm.update("Email", emails[0], {"ai_sentiment": "kept", "last_sentiment_date": later})
    refused = await api.post(f"/v1/emails/{emails[0]}/sentiment")
    assert (refused.status_code, refused.json()["code"]) == (412, "newer_answer")
    document = (await api.get("/openapi.json")).json()
    for path in ("/v1/emails/{id}/sentiment", "/v1/leads/{id}/score"):
        assert "`newer_answer`" in document["paths"][path]["post"]["responses"]["412"]["description"]
    several = (await api.post("/v1/emails/sentiment", json={"ids": emails[:2]})).json()["results"]
    assert several[0]["error"]["code"] == "newer_answer"
    assert "prediction" in several[1]
    assert (await workspace.crm.get("Email", emails[0]))["ai_sentiment"] == "kept"
