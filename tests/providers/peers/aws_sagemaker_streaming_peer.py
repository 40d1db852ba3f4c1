"""A streaming endpoint of SageMaker as far as its wire goes: the answer in messages of an event stream."""

from __future__ import annotations

import zlib
from types import SimpleNamespace
from typing import Any

import msgspec

from hotcrm_ai.domain.model import ModelConfig, ProviderConfig
from hotcrm_ai.providers import _aws
from hotcrm_ai.testing import Heard, Said

NAME = "aws-sagemaker"
WAY = "aws-sagemaker, streaming"
_HEADERS = b"".join(
    bytes([len(name)]) + name + b"\x07" + len(text).to_bytes(2, "big") + text
    for name, text in ((b":message-type", b"event"), (b":event-type", b"PayloadPart"))
)


def reply(heard: Heard, truth: Any) -> Said:
    if heard.path == "/":
        return Said(body={"EndpointName": "leads", "EndpointStatus": "InService"})
    body = msgspec.json.encode({"predictions": [truth(row) for row in heard.json()["instances"]]})
    stream = b"".join(_message(body[start : start + 9]) for start in range(0, len(body), 9))
    return Said(body=stream, headers={"content-type": "application/vnd.amazon.eventstream"})


def peer(url: str) -> SimpleNamespace:
    for service in ("sagemaker-runtime", "sagemaker"):
        if service not in _aws._known_parts:
            _aws._known_parts[service] = _aws._parts(service)
    key = {"env": "PEER_KEY"}
    config = ProviderConfig(
        provider=NAME,
        endpoint=url,
        credentials={"access_key_id": key, "secret_access_key": key},
        config={"endpoint_name": "leads", "region": "eu-west-1", "streaming": True},
    )
    return SimpleNamespace(
        config=config, model=ModelConfig(id="m", provider=NAME, parameters={"output": {"as": "probability"}})
    )


def _message(payload: bytes) -> bytes:
    prelude = (16 + len(_HEADERS) + len(payload)).to_bytes(4, "big") + len(_HEADERS).to_bytes(4, "big")
    message = prelude + zlib.crc32(prelude).to_bytes(4, "big") + _HEADERS + payload
    return message + zlib.crc32(message).to_bytes(4, "big")
