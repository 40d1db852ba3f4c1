"""Speaks to services of AWS: the official SDK writes and signs the request, the product's own door sends it.

The SDK's own client is not used, since it blocks a thread until its own time-out; here a deadline closes the connection at once, and the
rules about hosts hold as for every provider.
"""

from __future__ import annotations

import asyncio
import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

from hotcrm_ai.domain.addresses import AllowedHosts
from hotcrm_ai.domain.errors import MissingExtra, ProviderMisconfigured, ProviderRejected
from hotcrm_ai.domain.model import ProviderConfig
from hotcrm_ai.providers._credentials import Credentials
from hotcrm_ai.providers._http import MAX_REPLY_BYTES, HTTPDoor, HTTPReply
from hotcrm_ai.providers._kit import ProviderKit

_VARIABLES: Final = {
    "access_key_id": "AWS_ACCESS_KEY_ID",
    "secret_access_key": "AWS_SECRET_ACCESS_KEY",
    "session_token": "AWS_SESSION_TOKEN",
}
_REGION: Final = re.compile(r"[a-z]{2}(-[a-z]+){1,3}-[0-9]{1,2}")
_OWN_HOST: Final = re.compile(r".+\.amazonaws\.com(\.cn)?")
_HOSTS: Final = {"sagemaker-runtime": "runtime.sagemaker", "sagemaker": "api.sagemaker", "s3": "s3"}


@dataclass(frozen=True, slots=True)
class _Parts:
    """What is used of the SDK for one service; loading its description reads megabytes, so it is kept."""

    service: Any
    serializer: Any
    auth: type[Any]
    signing_name: str


class AWSCaller:
    """Sends single requests to services of AWS in one region, with credentials as they are at each call, and never again by itself."""

    def __init__(self, config: ProviderConfig, kit: ProviderKit, *, region: str | None, url: str | None) -> None:
        self._provider = config.provider
        self._kit = kit
        self._region = region
        self._url = url.rstrip("/") if url else None
        is_own = url is None or bool(_OWN_HOST.fullmatch(urlsplit(url).hostname or ""))
        variables = dict(_VARIABLES) if is_own else {}
        if "access_key_id" in config.credentials or "accessKeyId" in config.credentials:
            variables.pop("session_token", None)
        self.credentials = Credentials(config, environ=kit.environ, variables=variables)
        self._doors: dict[str, HTTPDoor] = {}

    def check(self) -> None:
        """Raise ``ProviderMisconfigured`` naming what is missing, ``MissingExtra`` where the SDK is."""
        self.region()
        self.credentials.require("access_key_id", "secret_access_key")
        if self._url is not None:
            self._door(self._url).check(self._url)
        _sdk("auth")
        self._door(self.host("sagemaker-runtime")).require_client()

    def region(self) -> str:
        """Return the region as it is set now."""
        kept = self.credentials.find("region")
        region = self._region or (kept.reveal() if kept is not None else None)
        region = region or self._kit.environ.get("AWS_REGION") or self._kit.environ.get("AWS_DEFAULT_REGION")
        if not region:
            raise ProviderMisconfigured(
                f"Provider {self._provider!r} has no region; set the environment variable AWS_REGION, or region in "
                "provider_config.config.",
                provider=self._provider,
                missing=["region"],
            )
        if not _REGION.fullmatch(region):
            raise ProviderMisconfigured(
                f"Provider {self._provider!r} has the region {region[:40]!r}, which is none; write it like eu-central-1.",
                provider=self._provider,
            )
        return region

    def host(self, service: str) -> str:
        """Return the address of a service: the configured one for all, else the region's own."""
        if self._url is not None:
            return self._url
        region = self.region()
        suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        return f"https://{_HOSTS[service]}.{region}.{suffix}"

    async def call(
        self,
        service: str,
        operation: str,
        params: Mapping[str, Any],
        *,
        timeout_seconds: float,
        max_bytes: int = MAX_REPLY_BYTES,
    ) -> HTTPReply:
        """Send one operation and return its reply, whatever its status.

        Raises:
            ProviderRejected: the SDK says that a parameter cannot be sent.
            ProviderError: as the door, and where a credential is missing.
        """
        parts = _known_parts.get(service)
        if parts is None:
            parts = _known_parts[service] = await asyncio.to_thread(_parts, service)
        host = self.host(service)
        method, url, headers, content = self._signed(parts, host, operation, params)
        return await self._door(host).request(
            method, url, headers=headers, content=content, timeout_seconds=timeout_seconds, max_bytes=max_bytes
        )

    async def aclose(self) -> None:
        """Close all connections."""
        for door in self._doors.values():
            await door.aclose()

    def _signed(
        self, parts: _Parts, host: str, operation: str, params: Mapping[str, Any]
    ) -> tuple[str, str, dict[str, str], bytes]:
        request_parts = _sdk("awsrequest")
        try:
            written = parts.serializer.serialize_to_request(dict(params), parts.service.operation_model(operation))
        except _sdk("exceptions").ParamValidationError:
            raise ProviderRejected(
                f"Provider {self._provider!r} cannot be asked: a name or an option in provider_config.config has characters or a length "
                "that the service does not take.",
                provider=self._provider,
            ) from None
        request_parts.prepare_request_dict(written, endpoint_url=host, context={})
        request = request_parts.create_request_object(written)
        parts.auth(self._keys(), parts.signing_name, self.region()).add_auth(request)
        prepared = request.prepare()
        body = prepared.body or b""
        headers = {str(name): _text(value) for name, value in prepared.headers.items()}
        headers.pop("Content-Length", None)
        return prepared.method, prepared.url, headers, body.encode() if isinstance(body, str) else bytes(body)

    def _keys(self) -> Any:
        self.credentials.require("access_key_id", "secret_access_key")
        token = self.credentials.find("session_token")
        return _sdk("credentials").Credentials(
            self.credentials.get("access_key_id").reveal(),
            self.credentials.get("secret_access_key").reveal(),
            token.reveal() if token is not None else None,
        )

    def _door(self, host: str) -> HTTPDoor:
        door = self._doors.get(host)
        if door is None:
            # The region's own address is no free choice of anybody, so it needs no entry in the list.
            allowed = self._kit.hosts if self._url is not None else AllowedHosts([urlsplit(host).hostname or ""])
            door = self._doors[host] = HTTPDoor(
                allowed=allowed, provider=self._provider, connect_seconds=self._kit.connect_seconds
            )
        return door


_known_parts: dict[str, _Parts] = {}


def _parts(service: str) -> _Parts:
    loader = _sdk("loaders").Loader()
    description = _sdk("model").ServiceModel(loader.load_service_model(service, "service-2"), service)
    protocol = getattr(description, "resolved_protocol", None) or description.metadata["protocol"]
    auth = _sdk("auth")
    return _Parts(
        service=description,
        serializer=_sdk("serialize").create_serializer(protocol, include_validation=True),
        auth=auth.S3SigV4Auth if service == "s3" else auth.SigV4Auth,
        signing_name="s3" if service == "s3" else "sagemaker",
    )


@cache
def _sdk(module: str) -> Any:
    try:
        return importlib.import_module(f"botocore.{module}")
    except ImportError:
        raise MissingExtra(feature="Provider 'aws-sagemaker'", extra="sagemaker") from None


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
