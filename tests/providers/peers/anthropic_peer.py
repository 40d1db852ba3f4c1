"""A server that speaks Messages: one JSON text in the content of its answer."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from hotcrm_ai.domain.model import ModelConfig, ProviderConfig
from hotcrm_ai.testing import Heard, Said

NAME = "anthropic"


def reply(heard: Heard, truth: Any) -> Said:
    if heard.path == "/v1/models":
        return Said(body={"data": [], "has_more": False})
    asked = heard.json()
    text = asked["messages"][0]["content"][0]["text"]
    record = json.loads(text.removeprefix("<record>").removesuffix("</record>"))
    return Said(
        body={
            "type": "message",
            "role": "assistant",
            "content": [{"type": "text", "text": json.dumps({"score": truth(record)})}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 200, "output_tokens": 9},
        }
    )


def peer(url: str) -> SimpleNamespace:
    config = ProviderConfig(provider=NAME, endpoint=url, credentials={"api_key": {"env": "PEER_KEY"}})
    parameters = {
        "task": "scoring",
        "model": "small",
        "minimum": 0,
        "maximum": 1,
        "output": {"as": "probability", "path": "score"},
    }
    return SimpleNamespace(config=config, model=ModelConfig(id="m", provider=NAME, parameters=parameters))
