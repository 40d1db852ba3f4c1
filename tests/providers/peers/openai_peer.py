"""A server that speaks Chat Completions: one JSON text as the content of its one choice."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from hotcrm_ai.domain.model import ModelConfig, ProviderConfig
from hotcrm_ai.testing import Heard, Said

NAME = "openai"


def reply(heard: Heard, truth: Any) -> Said:
    if heard.path == "/v1/models":
        return Said(body={"object": "list", "data": []})
    asked = heard.json()
    record = json.loads(asked["messages"][1]["content"].removeprefix("<record>").removesuffix("</record>"))
    message = {"role": "assistant", "content": json.dumps({"score": truth(record)}), "refusal": None}
    return Said(
        body={
            "object": "chat.completion",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 200, "completion_tokens": 9, "total_tokens": 209},
        }
    )


def peer(url: str) -> SimpleNamespace:
    config = ProviderConfig(provider=NAME, endpoint=f"{url}/v1", credentials={"api_key": {"env": "PEER_KEY"}})
    parameters = {
        "task": "scoring",
        "model": "small",
        "minimum": 0,
        "maximum": 1,
        "output": {"as": "probability", "path": "score"},
    }
    return SimpleNamespace(config=config, model=ModelConfig(id="m", provider=NAME, parameters=parameters))
