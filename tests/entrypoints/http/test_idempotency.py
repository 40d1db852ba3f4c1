"""A POST under an ``Idempotency-Key`` has one effect, however often, at once or after a crash it is sent."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from hotcrm_ai import AI, Settings
from hotcrm_ai.domain.canonical import digest_of
from hotcrm_ai.entrypoints.http import create_app

BODY = {"id": "m", "version": "1"}
KEY = {"Idempotency-Key": "b7f0-1"}


async def test_of_fifty_at_once_one_has_an_effect(api: httpx.AsyncClient, workspace: AI) -> None:
    """One revision; all others get the same answer, or are told to come back in a moment."""
    answers = await asyncio.gather(*(api.post("/v1/models", json=BODY, headers=KEY) for _ in range(50)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    first = [a for a in answers if a.status_code == 201 and "idempotent-replayed" not in a.headers]
    assert len(first) == 1
    assert all(a.headers["retry-after"] == "1" for a in answers if a.status_code == 409)
    assert len(await workspace.registry.history("m")) == 1
    again = await api.post("/v1/models", json=BODY, headers=KEY)
    assert (again.status_code, again.content) == (201, first[0].content)
    for name in ("etag", "location"):
        assert again.headers[name] == first[0].headers[name]
    assert again.headers["idempotent-replayed"] == "true"


async def test_another_body_under_the_key_is_refused(api: httpx.AsyncClient, workspace: AI) -> None:
    """422, also where only the spelling of a value differs in meaning; the order of names does not matter."""
    await api.post("/v1/models", json=BODY, headers=KEY)
    assert (await api.post("/v1/models", json={"version": "1", "id": "m"}, headers=KEY)).status_code == 201
    other = await api.post("/v1/models", json={**BODY, "version": "2"}, headers=KEY)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(await workspace.registry.history("m")) == 1


async def test_a_key_belongs_to_its_route_and_caller(api: httpx.AsyncClient) -> None:
    """The same text on another route, or from another API key, is another key."""
    assert (await api.post("/v1/models", json=BODY, headers=KEY)).status_code == 201
    body = {"modelId": "lead-scoring-v1", "features": {}}
    assert (await api.post("/v1/predict", json=body, headers=KEY)).status_code == 200


async def test_two_callers_may_use_the_same_text(api: httpx.AsyncClient, workspace: AI) -> None:
    """A key of one caller tells another one nothing."""
    secrets = [
        (await workspace.keys.create(name=name, scopes=["write"], expires=None)).secret.reveal() for name in ("a", "b")
    ]
    answers = [
        await api.post("/v1/models", json=BODY, headers={**KEY, "Authorization": f"Bearer {secret}"})
        for secret in (*secrets, secrets[0])
    ]
    assert [answer.json()["revision"] for answer in answers] == [1, 2, 1]


async def test_a_prediction_is_logged_once(api: httpx.AsyncClient) -> None:
    """The second answer has the id of the first prediction."""
    body = {"modelId": "lead-scoring-v1", "features": {"budget": 5000}}
    ids = [(await api.post("/v1/predict", json=body, headers=KEY)).json()["predictionId"] for _ in range(3)]
    assert len(set(ids)) == 1


@pytest.mark.parametrize("route", ["explain", "compare", "what-if"])
async def test_an_answer_that_repeats_what_was_sent_is_not_kept(
    api: httpx.AsyncClient, workspace: AI, tmp_path: Path, route: str
) -> None:
    """Reasons, comparisons and alternatives repeat the record's values; under a key they are found anew, and no file holds them."""
    lead = {"industry": "Technology", "job_title": "Planted Person", "company_size": 120}
    bodies: dict[str, dict[str, Any]] = {
        "explain": {"features": lead},
        "compare": {"features1": lead, "features2": {**lead, "company_size": 900}},
        "what-if": {"features": lead, "changeable": ["company_size"], "goal": "hot"},
    }
    body = {"modelId": "lead-scoring-v1", **bodies[route]}
    first, again = [await api.post(f"/v1/{route}", json=body, headers=KEY) for _ in range(2)]
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    other = await api.post(f"/v1/{route}", json={**body, "modelId": "churn-prediction-v1"}, headers=KEY)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    await workspace.aclose()
    files = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]  # noqa: ASYNC240 - nothing else runs
    assert files
    assert not any(b"Planted Person" in content for content in files)


async def test_a_refused_request_may_be_sent_again(api: httpx.AsyncClient) -> None:
    """What had no effect keeps no key: once the champion is there, the same request goes through."""
    challenger = {"id": "second", "abTest": {"championModelId": "first", "trafficPercentage": 5}}
    assert (await api.post("/v1/models", json=challenger, headers=KEY)).status_code == 422
    await api.post("/v1/models", json={"id": "first"})
    assert (await api.post("/v1/models", json=challenger, headers=KEY)).status_code == 201


@pytest.mark.parametrize("key", ["", "a" * 256, "with space", "caf\u00e9"])
async def test_a_key_that_is_none_is_unreadable(api: httpx.AsyncClient, key: str) -> None:
    """400 before anything is done."""
    answer = await api.post("/v1/models", json=BODY, headers={"Idempotency-Key": key.encode("latin-1")})
    assert answer.status_code == 400
    assert (await api.get("/v1/models/m")).status_code == 404


async def test_an_answer_outlives_a_restart(tmp_path: Path) -> None:
    """A server that is started anew gives the kept answer."""
    for replayed in (None, "true"):
        async with AI.open(Settings(home=tmp_path)) as ai:
            transport = httpx.ASGITransport(app=create_app(ai))  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                answer = await client.post("/v1/models", json=BODY, headers=KEY)
                assert (answer.status_code, answer.headers.get("idempotent-replayed")) == (201, replayed)


async def test_a_killed_process_does_not_block_a_key(api: httpx.AsyncClient, workspace: AI) -> None:
    """A claim whose owner never came back is 409 while it may be alive, and after 30 seconds too, for it may have done its work."""
    fingerprint = digest_of(BODY, "", None)
    key = digest_of("", "POST /v1/models", "b7f0-1")

    async def left_behind(seconds_ago: float) -> Any:
        now = workspace.now() - timedelta(seconds=seconds_ago)
        await workspace.idempotency.begin(
            key,
            fingerprint=fingerprint,
            owner="dead",
            now=now,
            lease_until=now + timedelta(seconds=30),
            is_idempotent=False,
        )
        return await api.post("/v1/models", json=BODY, headers=KEY)

    blocked = await left_behind(5)
    assert (blocked.status_code, blocked.json()["code"]) == (409, "idempotency_in_progress")
    await workspace.idempotency.release(key, owner="dead")
    unknown = await left_behind(31)
    assert (unknown.status_code, unknown.json()["code"]) == (409, "idempotency_unknown")
    assert await workspace.registry.get_model("m") is None
