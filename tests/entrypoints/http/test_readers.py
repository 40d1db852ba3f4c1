"""What a key of the lowest scope may read holds no secret."""

from __future__ import annotations

from typing import Any

import httpx

from hotcrm_ai.entrypoints.http.operations import OPERATIONS


async def test_no_reader_sees_a_secret_or_more_of_an_endpoint_than_its_host(client: httpx.AsyncClient, ai: Any) -> None:
    """Of every GET, asked about a model with a secret in its endpoint, the answer has the host and nothing else of it."""
    made = await ai.keys.create(scopes=["read"])
    client.headers["authorization"] = f"Bearer {made.secret.reveal()}"
    seen = ""
    for operation in OPERATIONS:
        if operation.method == "GET":
            answer = await client.get(operation.path.replace("{id}", "lead-scoring-v2"))
            assert answer.status_code == 200, operation.path
            seen += answer.text
    assert [
        secret for secret in ("hunter2", "user:", "models.example.com/", "MODEL_KEY", "api_key") if secret in seen
    ] == []
    assert "models.example.com" in seen
