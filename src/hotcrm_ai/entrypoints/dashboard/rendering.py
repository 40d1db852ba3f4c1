"""Fills templates; everything in them is escaped unless it was made as markup here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hotcrm_ai import __version__
from hotcrm_ai.domain.titles import fact_title, title_of
from hotcrm_ai.domain.value_text import value_text
from hotcrm_ai.entrypoints.dashboard.addresses import model_address, record_address
from hotcrm_ai.entrypoints.dashboard.assets import asset_url

_LARGE: Final = (("bn", 1e9), ("M", 1e6))
_UNITS: Final = ((86_400.0, "day"), (3_600.0, "hour"), (60.0, "minute"))


def render(template: str, values: Mapping[str, Any]) -> bytes:
    """Return a page as UTF-8."""
    return _environment().get_template(template).render(values).encode("utf-8", "replace")


@cache
def _environment() -> Environment:
    folder = Path(str(files("hotcrm_ai.entrypoints.dashboard") / "templates"))
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "number": number_text,
        "short_number": short_number_text,
        "shown": shown_value,
        "moment": moment_text,
        "since": since_text,
        "script_json": script_json,
    }
    environment.globals |= {
        "asset": asset_url,
        "fact_title": fact_title,
        "model_address": model_address,
        "record_address": record_address,
        "title_of": title_of,
        "version": __version__,
    }
    return environment


def script_json(value: Any) -> Markup:
    """Return a value as JSON that can stand inside a script element: nothing in it can end the element."""
    text = json.dumps(msgspec.to_builtins(value), ensure_ascii=True, allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704  # nosec B704


def number_text(value: float | None, decimals: int = 0, *, sign: bool = False) -> str:
    """Return a number with thousands apart and a true minus; a dash where there is none."""
    if value is None:
        return "–"
    text = f"{value:+,.{decimals}f}" if sign else f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("+-")
    return text.replace("-", "−")


def short_number_text(value: float) -> str:
    """Return a number that is read at a glance: from a million on in millions or billions with two decimals."""
    for unit, size in _LARGE:
        if abs(value) >= size:
            return f"{number_text(value / size, 2)}\u00a0{unit}"
    return number_text(value)


def shown_value(value: Any) -> str:
    """Return a value of a record in words."""
    if value is None:
        return "unknown"
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, Mapping | Sequence) and not isinstance(value, str):
        return value_text(value, longest=80)
    return value_text(value)


def moment_text(moment: datetime | None) -> str:
    """Return a moment in UTC to the minute."""
    if moment is None:
        return "never"
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).strftime("%d %b %Y, %H:%M UTC")


def since_text(moment: datetime | None, now: datetime) -> str:
    """Return how long ago a moment was, in its largest unit."""
    if moment is None:
        return "never"
    seconds = (now - (moment if moment.tzinfo else moment.replace(tzinfo=UTC))).total_seconds()
    for length, unit in _UNITS:
        count = int(seconds // length)
        if count >= 1:
            return f"{count:,} {unit}{'s' if count > 1 else ''} ago"
    return "just now"
