"""A managed online endpoint as far as its wire goes: rows in ``instances`` in, JSON inside a JSON string out."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from hotcrm_ai.domain.model import ModelConfig, ProviderConfig
from hotcrm_ai.testing import Heard, Said

NAME = "azure-ml"


def reply(heard: Heard, truth: Any) -> Said:
    if heard.path == "/swagger.json":
        return Said(body={})
    return Said(body=json.dumps({"predictions": [truth(row) for row in heard.json()["instances"]]}))


def peer(url: str) -> SimpleNamespace:
    config = ProviderConfig(provider=NAME, endpoint=f"{url}/score", credentials={"api_key": {"env": "PEER_KEY"}})
    return SimpleNamespace(
        config=config, model=ModelConfig(id="m", provider=NAME, parameters={"output": {"as": "probability"}})
    )
