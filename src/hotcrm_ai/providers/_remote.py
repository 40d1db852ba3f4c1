"""What every model server that speaks JSON over HTTP is asked with: its address, credential, door, faults, health and scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from hotcrm_ai.domain.errors import ProviderError, ProviderMisconfigured
from hotcrm_ai.domain.model import ModelConfig, ProviderConfig
from hotcrm_ai.domain.performance import ProviderHealth, ProviderScope
from hotcrm_ai.domain.prediction import PredictionInput
from hotcrm_ai.providers._credentials import Credentials
from hotcrm_ai.providers._faults import fault_of
from hotcrm_ai.providers._http import HTTPDoor, HTTPReply
from hotcrm_ai.providers._kit import ProviderKit

DEFAULT_SECONDS: Final = 2.0
_HEALTH_SECONDS: Final = 2.0


class RemoteServer:
    """One server: where it is, the key it wants (``api_key``, sent as a bearer token where there is one), and how its replies are taken."""

    def __init__(
        self, config: ProviderConfig, kit: ProviderKit, *, header: str = "authorization", scheme: str = "Bearer"
    ) -> None:
        if not config.endpoint:
            raise ProviderMisconfigured(
                f"Provider {config.provider!r} needs an address; set the model's endpoint, for example https://models.example.com.",
                provider=config.provider,
            )
        self.provider = config.provider
        self.endpoint = config.endpoint
        self.credentials = Credentials(config, environ=kit.environ)
        self._clock = kit.clock
        self._door = HTTPDoor(allowed=kit.hosts, provider=config.provider, connect_seconds=kit.connect_seconds)
        self._door.check(self.endpoint.split("{{")[0] if "{{" in self.endpoint else self.endpoint)
        self._header = header
        self._scheme = scheme
        self._wants_key = "api_key" in config.credentials or "apiKey" in config.credentials

    def url(self, path: str) -> str:
        """Return the address of a path below the endpoint; an endpoint that ends with it already is taken whole."""
        base = self.endpoint.rstrip("/")
        return base if base.endswith(path) else base + path

    async def validate(self) -> None:
        """Check address and credentials without a call; raises ``ProviderMisconfigured`` saying what is missing."""
        if self._wants_key:
            self.credentials.require("api_key")
        self._door.require_client()

    async def send(
        self,
        method: str,
        url: str,
        payload: Any,
        *,
        model: ModelConfig,
        seconds: float | None,
        headers: Mapping[str, str] | None = None,
    ) -> HTTPReply:
        """Send JSON and return the reply of a success; any other status is raised as the fault that it is."""
        sent = {"content-type": "application/json"} if payload is not None else {}
        sent |= {**(headers or {}), **self._authorization()}
        reply = await self._door.request(
            method,
            url,
            headers=sent,
            content=b"" if payload is None else msgspec.json.encode(payload),
            timeout_seconds=seconds if seconds is not None else DEFAULT_SECONDS,
        )
        if not 200 <= reply.status < 300:
            raise fault_of(
                reply.status, reply.headers, provider=self.provider, model_id=model.id, now=self._clock.now()
            )
        return reply

    async def health(self, url: str, *, any_answer: bool = False) -> ProviderHealth:
        """Ask the server's health address; with ``any_answer``, one that is no failure of the server itself will do."""
        began = self._clock.monotonic()
        error: str | None = None
        try:
            reply = await self._door.request("GET", url, headers=self._authorization(), timeout_seconds=_HEALTH_SECONDS)
            if not 200 <= reply.status < (500 if any_answer else 300):
                error = fault_of(reply.status, reply.headers, provider=self.provider).message
        except ProviderError as problem:
            error = problem.message
        return ProviderHealth(healthy=error is None, latency=1000.0 * (self._clock.monotonic() - began), error=error)

    def scope(self) -> ProviderScope:
        """Return where this server is and a digest of its live key."""
        return ProviderScope(
            provider=self.provider, endpoint=urlsplit(self.endpoint).netloc, credential=self.credentials.fingerprint()
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._door.aclose()

    def _authorization(self) -> dict[str, str]:
        secret = self.credentials.get("api_key") if self._wants_key else None
        if secret is None:
            return {}
        return {self._header: f"{self._scheme} {secret.reveal()}".strip()}


def columns_of(model: ModelConfig, inputs: Sequence[PredictionInput]) -> list[str]:
    """Return the columns to send: those of the signature, else every feature that was given, in alphabetical order."""
    if model.signature is not None:
        return [spec.name for spec in model.signature.features]
    return sorted({name for asked in inputs for name in asked.features})


def seconds_of(inputs: Sequence[PredictionInput]) -> float | None:
    """Return the time that is left for a call."""
    return inputs[0].timeout_seconds if inputs else None
