"""Reads settings from where they are written: the environment and the workspace's file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

PREFIX: Final = "HOTCRM_AI_"
SETTINGS_FILE: Final = "settings.toml"
OF_THE_CLIENT: Final = frozenset({"HOTCRM_AI_API_KEY", "HOTCRM_AI_URL"})
"""Variables that a client of the server reads; they are no settings of a workspace."""
_PLAIN_NAMES: Final = {"DATABASE_URL": "database_url", "REDIS_URL": "redis_url"}


def from_environment(environ: Mapping[str, str], names: set[str]) -> tuple[dict[str, Any], list[str]]:
    """Return the settings that the environment holds, as text, and what is wrong with their names."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for variable, name in _PLAIN_NAMES.items():
        if environ.get(variable):
            values[name] = environ[variable]
    for variable, text in environ.items():
        if not variable.startswith(PREFIX) or not text or variable in OF_THE_CLIENT:
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name in names:
            values[name] = text
        else:
            problems.append(f"{variable}: there is no such setting; known are {', '.join(sorted(names))}")
    return values, problems


def from_file(path: Path, names: set[str]) -> tuple[dict[str, Any], list[str]]:
    """Return the settings of a TOML file (none where there is no file), and what is wrong with it."""
    if not path.is_file():
        return {}, []
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        return {}, [f"{path.name}: cannot be read as TOML: {problem}"]
    problems = [f"{path.name}: there is no setting {name!r}" for name in content if name not in names]
    return {name: value for name, value in content.items() if name in names}, problems
