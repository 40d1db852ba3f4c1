"""A scoring service with a wire of its own, asked by a declared recipe."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hotcrm_ai.domain.model import ModelConfig, ProviderConfig
from hotcrm_ai.testing import Heard, Said

NAME = "custom"


def reply(heard: Heard, truth: Any) -> Said:
    if heard.path == "/":
        return Said(status=404, body={})
    lead = heard.json()["lead"]
    return Said(body={"result": {"score": 100.0 * truth({"size": lead["employees"]})}})


def peer(url: str) -> SimpleNamespace:
    recipe = {
        "method": "POST",
        "headers": {"x-team": "sales"},
        "body": {"lead": {"employees": "{{size}}", "note": "in {{industry}}"}},
        "answer": "result",
        "auth_header": "x-api-key",
        "auth_scheme": "",
    }
    config = ProviderConfig(
        provider=NAME, endpoint=f"{url}/score", credentials={"api_key": {"env": "PEER_KEY"}}, config=recipe
    )
    output = {"as": "probability", "path": "score", "multiply": 0.01}
    return SimpleNamespace(config=config, model=ModelConfig(id="m", provider=NAME, parameters={"output": output}))
