"""Prometheus is told by route template and registered model, whatever callers invent."""

from __future__ import annotations

import httpx
from prometheus_client.parser import text_string_to_metric_families

from hotcrm_ai import AI
from hotcrm_ai.entrypoints.http import create_app


def samples(text: str, name: str) -> dict[tuple[str, ...], float]:
    """Return the values of one family's samples, by the values of their labels."""
    return {
        tuple(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    }


async def test_what_callers_invent_makes_no_series(client: httpx.AsyncClient) -> None:
    """A thousand unknown models, routes and methods are a handful of series."""
    for number in range(300):
        await client.get(f"/v1/models/model-{number}")
        await client.get(f"/nowhere/{number}")
        await client.request(f"BREW{number}", "/v1/models")
        await client.post("/v1/predict", json={"modelId": f"model-{number}", "features": {}})
    text = (await client.get("/metrics")).text
    requests = samples(text, "hotcrm_ai_http_requests_total")
    assert requests == {
        ("GET", "/v1/models/{id}", "404"): 300.0,
        ("GET", "other", "404"): 300.0,
        ("other", "/v1/models", "405"): 300.0,
        ("POST", "/v1/predict", "404"): 300.0,
    }
    assert samples(text, "hotcrm_ai_predictions_total") == {}


async def test_predictions_are_told_by_model_and_result(client: httpx.AsyncClient) -> None:
    """What the monitor booked is what Prometheus reads, and active models have their health."""
    for _ in range(3):
        await client.post("/v1/predict", json={"modelId": "lead-scoring-v1", "features": {}})
    text = (await client.get("/metrics")).text
    assert samples(text, "hotcrm_ai_predictions_total") == {
        ("lead-scoring-v1", "fresh"): 3.0,
        ("lead-scoring-v1", "cached"): 0.0,
        ("lead-scoring-v1", "failed"): 0.0,
    }
    assert samples(text, "hotcrm_ai_model_health") == {
        ("lead-scoring-v1", "healthy"): 1.0,
        ("lead-scoring-v2", "unknown"): 1.0,
    }


async def test_durations_are_a_histogram(client: httpx.AsyncClient) -> None:
    """Its buckets rise with their bounds up to the count."""
    for _ in range(5):
        await client.get("/livez")
    text = (await client.get("/metrics")).text
    buckets = [value for labels, value in samples(text, "hotcrm_ai_http_request_seconds_bucket").items()]
    assert buckets == sorted(buckets)
    assert buckets[-1] == samples(text, "hotcrm_ai_http_request_seconds_count")["/livez",] == 5.0


async def test_a_scraper_needs_a_key_that_reads(workspace: AI) -> None:
    """Once a key was made: 401 without one, 403 with one for predictions only, and everything with the scope `read`."""
    made = {scope: await workspace.keys.create(scopes=[scope]) for scope in ("predict", "read")}
    transport = httpx.ASGITransport(app=create_app(workspace))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as scraper:
        assert (await scraper.get("/metrics")).status_code == 401
        told = {}
        for scope, key in made.items():
            told[scope] = await scraper.get("/metrics", headers={"authorization": f"Bearer {key.secret.reveal()}"})
    assert told["predict"].status_code == 403
    assert samples(told["read"].text, "hotcrm_ai_workers") == {(): 1.0}
