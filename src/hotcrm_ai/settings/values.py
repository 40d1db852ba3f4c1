"""Brings the values of settings into their types, and says what is wrong with one."""

from __future__ import annotations

import dataclasses
import math
import tomllib
from pathlib import Path
from typing import Any, Final

from hotcrm_ai.domain.secret import Secret

_POSITIVE: Final = frozenset(
    {
        "redis_timeout_seconds",
        "redis_connections",
        "timeout_seconds",
        "batch_concurrency",
        "provider_concurrency",
        "registry_refresh_seconds",
        "health_window_seconds",
        "cache_max_entries",
        "workers",
        "max_requests",
        "max_connections",
        "request_seconds",
    }
)
_PER_CENT: Final = frozenset({"health_unhealthy_error_rate", "health_degraded_error_rate"})


def convert(field: dataclasses.Field[Any], value: Any) -> Any:
    """Bring one value into its field's type; text is read, as it comes from the environment."""
    kind = str(field.type)
    if kind.startswith("Secret"):
        return _secret(value)
    if kind == "Path" or (kind == "Path | None" and value is not None):
        return Path(value)
    if kind == "bool":
        return _boolean(value)
    if kind in ("int", "float"):
        return _number(field.name, kind, value)
    if kind.startswith("dict"):
        return _mapping(value)
    if kind.startswith("tuple"):
        return _texts(value)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"expected text, got {value!r}")
    return value


def _secret(value: Any) -> Secret | None:
    if value is None or isinstance(value, Secret):
        return value
    if not isinstance(value, str) or not value.strip():
        raise ValueError("expected a URL")
    if "://" not in value:
        raise ValueError("is no URL (expected something like postgresql://user:password@host/name)")
    return Secret(value)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("1", "true", "yes", "on"):
        return True
    if isinstance(value, str) and value.strip().lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError(f"expected true or false, got {value!r}")


def _number(name: str, kind: str, value: Any) -> float | int:
    try:
        number = int(value) if kind == "int" else float(value)
    except (TypeError, ValueError):
        raise ValueError(f"expected a {'whole ' if kind == 'int' else ''}number, got {value!r}") from None
    if isinstance(value, bool) or not math.isfinite(number) or (kind == "int" and number != float(value)):
        raise ValueError(f"expected a finite {'whole ' if kind == 'int' else ''}number, got {value!r}")
    if number < 0 or (name in _POSITIVE and number == 0):
        raise ValueError(f"{number:g} is too small")
    if name in _PER_CENT and number > 100:
        raise ValueError(f"{number:g} is more than 100 per cent")
    return number


def _mapping(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            value = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError as problem:
            raise ValueError(f"expected a TOML inline table, {problem}") from None
    if not isinstance(value, dict):
        raise ValueError(f"expected a table, got {value!r}")
    return dict(value)


def _texts(value: Any) -> tuple[str, ...]:
    """Read a list of texts; from the environment they are parted by commas."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        raise ValueError(f"expected texts parted by commas, got {value!r}")
    return tuple(part.strip() for part in parts if part.strip())
