"""Checks where a model's provider is reached, and that a credential never follows it to another place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from hotcrm_ai.domain.addresses import AllowedHosts
from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.domain.model import ModelConfig

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")


def check_endpoints(config: ModelConfig, allowed: AllowedHosts) -> None:
    """Check that a configuration leads to listed hosts only; a plain name, as services give their endpoints, leads nowhere by itself.

    Raises:
        ConfigError: naming each address that may not be asked.
    """
    problems = tuple(_problems(config, allowed))
    if problems:
        raise ConfigError(f"Model {config.id!r} cannot be registered:", problems=problems)


def with_bound_credentials(present: ModelConfig, changed: ModelConfig) -> ModelConfig:
    """Return a configuration whose address was changed without what was trusted to the place before: credentials and personal features.

    A credential is for one host, port, kind of provider and region; so is the choice to send personal features there, or digests of them.
    """
    after = changed.provider_config
    if after is None or _place(present) == _place(changed):
        return changed
    bare = msgspec.structs.replace(after, credentials={}, personal_fields=None)
    return msgspec.structs.replace(changed, provider_config=bare)


def _problems(config: ModelConfig, allowed: AllowedHosts) -> Iterator[str]:
    inner = config.provider_config
    endpoints = {"endpoint": config.endpoint, "provider_config.endpoint": None if inner is None else inner.endpoint}
    for place, endpoint in endpoints.items():
        if endpoint is None or _NAME.fullmatch(endpoint):
            continue
        try:
            allowed.target(endpoint)
        except ValueError as problem:
            yield f"{place}: {problem}"
    for name, url in _urls(inner.config if inner is not None else {}):
        try:
            allowed.target(url)
        except ValueError as problem:
            yield f"provider_config.config: {name}: {problem}"


def _urls(config: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in config.items():
        if isinstance(value, str) and re.match(r"(?i)https?:", value):
            yield name, value


def _place(config: ModelConfig) -> tuple[Any, ...]:
    inner = config.provider_config
    endpoint = (inner.endpoint if inner is not None else None) or config.endpoint or ""
    try:
        parts = urlsplit(endpoint)
        where = (parts.scheme, parts.hostname, parts.port)
    except ValueError:
        where = ("", endpoint, None)
    return (inner.provider if inner is not None else config.provider, *where)
