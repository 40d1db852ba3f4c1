"""An asynchronous endpoint of SageMaker, and S3, as far as their wires go: a question comes by S3, and its answer lies there at once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import msgspec

from hotcrm_ai.domain.model import ModelConfig, ProviderConfig
from hotcrm_ai.providers import _aws
from hotcrm_ai.testing import Heard, Said

NAME = "aws-sagemaker"
WAY = "aws-sagemaker, asynchronous"
_FILES: dict[str, bytes] = {}


def reply(heard: Heard, truth: Any) -> Said:
    if heard.path == "/":
        return Said(body={"EndpointName": "leads", "EndpointStatus": "InService"})
    if heard.method == "PUT":
        _FILES[heard.path] = heard.body
        return Said(body=b"")
    if heard.method == "GET":
        found = _FILES.get(heard.path)
        return Said(status=404, body=b"<Error/>") if found is None else Said(body=found)
    source = heard.headers["x-amzn-sagemaker-inputlocation"].removeprefix("s3:/")
    rows = msgspec.json.decode(_FILES[source])["instances"]
    _FILES[f"{source}.out"] = msgspec.json.encode({"predictions": [truth(row) for row in rows]})
    places = {
        "x-amzn-sagemaker-outputlocation": f"s3:/{source}.out",
        "x-amzn-sagemaker-failurelocation": f"s3:/{source}.error",
    }
    return Said(status=202, body={"InferenceId": "an-id"}, headers=places)


def peer(url: str) -> SimpleNamespace:
    for service in ("sagemaker-runtime", "sagemaker", "s3"):
        if service not in _aws._known_parts:
            _aws._known_parts[service] = _aws._parts(service)
    key = {"env": "PEER_KEY"}
    config = ProviderConfig(
        provider=NAME,
        endpoint=url,
        credentials={"access_key_id": key, "secret_access_key": key},
        config={
            "endpoint_name": "leads",
            "region": "eu-west-1",
            "asynchronous": {"place": "s3://questions-bucket/leads"},
        },
    )
    return SimpleNamespace(
        config=config, model=ModelConfig(id="m", provider=NAME, parameters={"output": {"as": "probability"}})
    )
