"""Reads a model's configuration from what a caller gives, strictly typed, sharing nothing with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any, Final

import msgspec

from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.domain.model import MetricsSource, ModelConfig
from hotcrm_ai.domain.spelling import read_record, to_snake

_WHAT: Final = "model configuration"
_FIELDS: Final = frozenset(field.name for field in msgspec.structs.fields(ModelConfig))
_GIVEN_BY_REGISTRY: Final = frozenset({"revision", "promoted_at"})
_FREE_FORM: Final = ("parameters", "metrics")


def read_config(given: ModelConfig | Mapping[str, Any]) -> ModelConfig:
    """Return the configuration to register.

    A mapping may use either spelling, and its metrics count as declared, whatever it says of their source: only a ``ModelConfig``
    made by training says that they were measured.

    Raises:
        ConfigError: a key is unknown or given twice, or a value has the wrong type.
    """
    if isinstance(given, ModelConfig):
        return _with_metrics_source(_strict(given), given.metrics_source)
    if not isinstance(given, Mapping):
        raise ConfigError(f"A model configuration is a ModelConfig or a mapping, not {type(given).__name__!r}.")
    config = read_record(ModelConfig, _plain(given), what=_WHAT)
    if config.provider_config is not None and "provider" not in given:
        config = msgspec.structs.replace(config, provider=config.provider_config.provider)
    return _with_metrics_source(_strict(config), None)


def read_changes(present: ModelConfig, changes: Mapping[str, Any]) -> ModelConfig:
    """Return the present configuration with some fields changed; names may be in either spelling.

    Raises:
        ConfigError: a field is unknown, given twice or not to be changed, or a value has the wrong type.
    """
    names = [to_snake(name) for name in changes]
    fixed = sorted(({"id"} | _GIVEN_BY_REGISTRY).intersection(names))
    if fixed:
        raise ConfigError(f"{fixed[0]!r} of model {present.id!r} cannot be changed; register another model instead.")
    read = read_record(ModelConfig, {"id": present.id, **_plain(changes)}, what=_WHAT)
    changed = msgspec.structs.replace(present, **{name: getattr(read, name) for name in names if name in _FIELDS})
    if "metrics" not in names:
        if "metrics_source" in names:
            raise ConfigError(f"The metrics_source of model {present.id!r} changes only together with its metrics.")
        return _strict(changed)
    source = changes.get("metrics_source")
    return _with_metrics_source(_strict(changed), source if isinstance(source, MetricsSource) else None)


def _plain(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mapping with records in it as plain values, for a part may be given as ``ABTest(...)`` too."""
    return {
        key: msgspec.to_builtins(value) if isinstance(value, msgspec.Struct) else value for key, value in given.items()
    }


def _strict(config: ModelConfig) -> ModelConfig:
    """Return the configuration with every type checked, metrics in snake case, moments in UTC, and nothing shared."""
    try:
        strict = msgspec.convert(msgspec.to_builtins(config), ModelConfig)
        trained = strict.last_trained
        if trained is not None:
            trained = trained.replace(tzinfo=UTC) if trained.tzinfo is None else trained.astimezone(UTC)
    except (msgspec.ValidationError, TypeError, ValueError, OverflowError, RecursionError) as problem:
        raise ConfigError(f"The {_WHAT} of {config.id!r} is not valid: {problem}.") from problem
    return msgspec.structs.replace(strict, metrics=_snake_metrics(strict), last_trained=trained)


def _snake_metrics(config: ModelConfig) -> dict[str, float]:
    metrics: dict[str, float] = {}
    for given, value in config.metrics.items():
        name = to_snake(given)
        if name in metrics:
            raise ConfigError(
                f"The metrics of model {config.id!r} have {name!r} twice, once in each spelling; give it once."
            )
        metrics[name] = value
    return metrics


def _with_metrics_source(config: ModelConfig, source: MetricsSource | None) -> ModelConfig:
    if not config.metrics:
        source = None
    elif source is None:
        source = MetricsSource(kind="declared")
    return msgspec.structs.replace(config, metrics_source=source)
