"""Checks one model's configuration by itself: its id, numbers and texts, and that it holds no credential."""

from __future__ import annotations

import math
import re
from typing import Any, Final

import msgspec

from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.domain.json_value import copied_json
from hotcrm_ai.domain.limits import MAX_BODY_BYTES, MAX_NAME_CHARACTERS
from hotcrm_ai.domain.metric import KEPT_OF_100
from hotcrm_ai.domain.model import FRAMEWORKS, MODEL_ID, ModelConfig
from hotcrm_ai.registry.credential_rules import credential_problems

_PROVIDER: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_LONGEST_TIMEOUT: Final = 3600.0


def check_id(model_id: Any) -> None:
    """Check that an id is one that may name a model.

    Raises:
        ConfigError: it is not.
    """
    if not isinstance(model_id, str) or not MODEL_ID.fullmatch(model_id):
        raise ConfigError(
            f"{str(model_id)[:80]!r} is no model id; it has 1 to 128 of a-z, 0-9, '.', '_' and '-', and begins with a letter or digit."
        )


def check_config(config: ModelConfig) -> None:
    """Check everything about a configuration that does not depend on other models.

    Raises:
        ConfigError: listing all that is wrong, without ever repeating a credential.
    """
    check_id(config.id)
    problems = [
        *_text_problems(config),
        *_provider_problems(config),
        *credential_problems(config),
        *_number_problems(config),
        *_free_form_problems(config),
    ]
    if problems:
        raise ConfigError(f"Model {config.id!r} cannot be registered:", problems=tuple(problems))
    if len(msgspec.json.encode(config)) > MAX_BODY_BYTES:
        raise ConfigError(
            f"The configuration of model {config.id!r} is larger than {MAX_BODY_BYTES} bytes; make it smaller."
        )


def _text_problems(config: ModelConfig) -> list[str]:
    problems = []
    if not config.version or len(config.version) > MAX_NAME_CHARACTERS:
        problems.append(f"version: it has 1 to {MAX_NAME_CHARACTERS} characters")
    if len(config.name) > MAX_NAME_CHARACTERS:
        problems.append(f"name: it has at most {MAX_NAME_CHARACTERS} characters")
    if config.bundle_digest is not None and not _DIGEST.fullmatch(config.bundle_digest):
        problems.append("bundle_digest: it has 64 of 0-9 and a-f")
    try:
        msgspec.json.encode(config).decode()
    except (UnicodeError, TypeError, ValueError):
        problems.append("it holds text that is no Unicode, or a value that is no JSON")
    return problems


def _provider_problems(config: ModelConfig) -> list[str]:
    names = {config.provider, config.provider_config.provider if config.provider_config else config.provider}
    problems = [
        f"provider: {name[:80]!r} is no provider's name" for name in sorted(names) if not _PROVIDER.fullmatch(name)
    ]
    if len(names) > 1 and not names & FRAMEWORKS:
        first, second = sorted(names)
        problems.append(f"provider: the model says one thing and its provider_config another ({first!r}, {second!r})")
    return problems


def _number_problems(config: ModelConfig) -> list[str]:
    problems = []
    for name, value in config.metrics.items():
        if not math.isfinite(value):
            problems.append(f"metrics: {name!r} is no finite number")
        elif name in KEPT_OF_100 and not 0 <= value <= 100:
            problems.append(f"metrics: {name!r} is {value:g}, but it is a rate from 0 to 100")
    if config.cache_ttl is not None and not (math.isfinite(config.cache_ttl) and config.cache_ttl >= 0):
        problems.append("cache_ttl: it is a number of seconds from 0 on (0: never cached)")
    own = config.provider_config.timeout_seconds if config.provider_config is not None else None
    if own is not None and not 0 < own <= _LONGEST_TIMEOUT:
        problems.append(
            f"provider_config: timeout_seconds is a number of seconds above 0 and up to {_LONGEST_TIMEOUT:g}"
        )
    test = config.ab_test
    if test is not None and not 0 <= test.traffic_percentage <= 100:
        problems.append(f"ab_test: traffic_percentage is {test.traffic_percentage:g}, but it goes from 0 to 100")
    return problems


def _free_form_problems(config: ModelConfig) -> list[str]:
    problems = []
    parts = {"parameters": config.parameters}
    if config.provider_config is not None:
        parts["provider_config.config"] = config.provider_config.config
    for name, part in parts.items():
        try:
            copied_json(part)
        except ValueError as problem:
            problems.append(f"{name}: {problem}")
    return problems
