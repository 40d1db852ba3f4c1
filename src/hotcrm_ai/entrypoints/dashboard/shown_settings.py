"""The settings of a workspace as people may see them: no secret, no address with a secret in it, no path of the machine."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hotcrm_ai.domain.secret import Secret
from hotcrm_ai.domain.value_text import value_text
from hotcrm_ai.settings import Settings


def shown_settings(settings: Settings) -> list[tuple[str, str, bool]]:
    """Return name, value in words and whether it differs from the default, in the order of the reference; tables only by their keys."""
    return [
        (field.name, _shown(getattr(settings, field.name)), getattr(settings, field.name) != _default(field))
        for field in dataclasses.fields(settings)
    ]


def _shown(value: Any) -> str:
    match value:
        case None:
            return "not set"
        case Secret() | Path():
            return "set, not shown"
        case Mapping():
            return "empty" if not value else f"set for {', '.join(sorted(map(str, value)))[:200]}"
        case list() | tuple():
            return value_text(value, longest=200)
        case "":
            return "empty"
        case _:
            return value_text(value, longest=200)


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default
