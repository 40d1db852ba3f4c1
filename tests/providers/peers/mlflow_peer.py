"""MLflow's scoring server as far as its wire goes: one of four tables in, ``predictions`` out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hotcrm_ai.domain.model import ModelConfig, ProviderConfig
from hotcrm_ai.testing import Heard, Said

NAME = "mlflow"


def reply(heard: Heard, truth: Any) -> Said:
    if heard.path == "/ping":
        return Said(body=b"\n")
    table = heard.json()["dataframe_split"]
    rows = [dict(zip(table["columns"], row, strict=True)) for row in table["data"]]
    return Said(body={"predictions": [truth(row) for row in rows]})


def peer(url: str) -> SimpleNamespace:
    config = ProviderConfig(provider=NAME, endpoint=url, credentials={"api_key": {"env": "PEER_KEY"}})
    return SimpleNamespace(
        config=config, model=ModelConfig(id="m", provider=NAME, parameters={"output": {"as": "probability"}})
    )
