"""A server of the Open Inference Protocol as far as its wire goes: one input per column in, one output out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hotcrm_ai.domain.model import ModelConfig, ProviderConfig
from hotcrm_ai.testing import Heard, Said

NAME = "open-inference"


def reply(heard: Heard, truth: Any) -> Said:
    if heard.path == "/v2/health/ready":
        return Said(body={})
    assert heard.path == "/v2/models/m/infer"
    asked = heard.json()
    columns = {tensor["name"]: tensor["data"] for tensor in asked["inputs"]}
    count = asked["inputs"][0]["shape"][0]
    rows = [{name: values[place] for name, values in columns.items()} for place in range(count)]
    output = {"name": "predict", "shape": [count, 1], "datatype": "FP64", "data": [truth(row) for row in rows]}
    return Said(body={"model_name": "m", "id": asked["id"], "outputs": [output]})


def peer(url: str) -> SimpleNamespace:
    config = ProviderConfig(provider=NAME, endpoint=url, credentials={"api_key": {"env": "PEER_KEY"}})
    return SimpleNamespace(
        config=config, model=ModelConfig(id="m", provider=NAME, parameters={"output": {"as": "probability"}})
    )
