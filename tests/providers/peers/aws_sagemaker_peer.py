"""A real-time endpoint of SageMaker as far as its wire goes; it looks at no signature, which other tests do."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hotcrm_ai.domain.model import ModelConfig, ProviderConfig
from hotcrm_ai.providers import _aws
from hotcrm_ai.testing import Heard, Said

NAME = "aws-sagemaker"


def reply(heard: Heard, truth: Any) -> Said:
    if heard.path == "/":
        return Said(body={"EndpointName": "leads", "EndpointStatus": "InService"})
    return Said(body={"predictions": [truth(row) for row in heard.json()["instances"]]})


def peer(url: str) -> SimpleNamespace:
    for service in ("sagemaker-runtime", "sagemaker"):
        if service not in _aws._known_parts:
            # Reading the SDK's descriptions takes longer than the deadlines of these tests.
            _aws._known_parts[service] = _aws._parts(service)
    key = {"env": "PEER_KEY"}
    config = ProviderConfig(
        provider=NAME,
        endpoint=url,
        credentials={"access_key_id": key, "secret_access_key": key},
        config={"endpoint_name": "leads", "region": "eu-west-1"},
    )
    return SimpleNamespace(
        config=config, model=ModelConfig(id="m", provider=NAME, parameters={"output": {"as": "probability"}})
    )
