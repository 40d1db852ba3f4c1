"""Finds credentials that stand literally in a configuration, where only references may be kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.references import reference_problem
from hotcrm_ai.domain.spelling import to_snake

_SECRET_NAME: Final = re.compile(
    r"^(token|credentials?)$|(^|_)(api_?key|access_?key(_id)?|private_?key|secret|secret_?(access_?)?key|password|passwd|authorization|"
    r"(access|auth|bearer|session|refresh|id|api)_?token)$"
)
_SECRET_IN_QUERY: Final = frozenset({"key", "code", "sig", "signature"})
_HOW: Final = 'give a reference instead: {"env": "NAME_OF_VARIABLE"} or {"file": "PATH"}'


def credential_problems(config: ModelConfig) -> Iterator[str]:
    """Yield one line for each literal credential, saying where it is and how to give a reference; never the value."""
    if config.endpoint is not None:
        yield from _url_problems("endpoint", config.endpoint)
    yield from _literals("parameters", config.parameters)
    if config.provider_config is None:
        return
    if config.provider_config.endpoint is not None:
        yield from _url_problems("provider_config.endpoint", config.provider_config.endpoint)
    yield from _literals("provider_config.config", config.provider_config.config)
    for name, value in config.provider_config.credentials.items():
        if value is not None and not is_reference(value):
            yield f"provider_config.credentials: {name!r} is a literal value, which is never kept; {_HOW}"
        else:
            problem = reference_problem(config.provider_config.provider, value)
            if problem:
                yield f"provider_config.credentials: {name!r}: {problem}"


def is_reference(value: Any) -> bool:
    """Say whether a value names a variable or a file that holds the credential."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return False
    kind, name = next(iter(value.items()))
    return kind in ("env", "file") and isinstance(name, str) and bool(name.strip())


def _is_secret(name: str) -> bool:
    return _SECRET_NAME.search(to_snake(name.replace("-", "_"))) is not None


def _literals(place: str, part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        for name, value in part.items():
            if isinstance(value, str) and value and _is_secret(str(name)):
                yield f"{place}: {str(name)[:80]!r} looks like a credential and is a literal value; {_HOW}"
            else:
                yield from _literals(place, value)
    elif isinstance(part, list | tuple):
        for element in part:
            yield from _literals(place, element)


def _url_problems(place: str, url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
        named = parts.username is not None or parts.password is not None
        queried = any(_is_secret(name) or name.lower() in _SECRET_IN_QUERY for name, _ in parse_qsl(parts.query))
    except ValueError:
        yield f"{place}: it is no URL"
        return
    if named or queried:
        yield f"{place}: it holds a credential; put it into provider_config.credentials as a reference, {_HOW}"
