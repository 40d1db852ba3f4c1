"""The files that pages load: style, scripts, icon and the chart library; each address names the content, so that browsers keep it."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from hotcrm_ai.domain.errors import MissingExtra

_OWN: Final = {
    "app.css": b"text/css; charset=utf-8",
    "app.js": b"text/javascript; charset=utf-8",
    "playground.js": b"text/javascript; charset=utf-8",
    "icon.svg": b"image/svg+xml",
}
_CHARTS: Final = "charts.js"
_DIGEST_CHARACTERS: Final = 16


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, as it is and compressed."""

    media_type: bytes
    body: bytes
    compressed: bytes
    digest: str


def asset_url(name: str) -> str:
    """Return the address of a file."""
    return f"/assets/{read_asset(name).digest}/{name}"


def asset_names() -> tuple[str, ...]:
    """Return the names of all files."""
    return (*_OWN, _CHARTS)


@cache
def read_asset(name: str) -> Asset:
    """Return a file by name; it is read and compressed once.

    Raises:
        KeyError: there is no such file.
        MissingExtra: the chart library is not installed.
    """
    body = _chart_library().read_bytes() if name == _CHARTS else _own(name)
    media_type = _OWN.get(name, b"text/javascript; charset=utf-8")
    digest = hashlib.sha256(body).hexdigest()[:_DIGEST_CHARACTERS]
    return Asset(media_type, body, gzip.compress(body, 6, mtime=0), digest)


def _own(name: str) -> bytes:
    if name not in _OWN:
        raise KeyError(name)
    return (files("hotcrm_ai.entrypoints.dashboard") / "static" / name).read_bytes()


def _chart_library() -> Path:
    """Return the script that comes inside plotly's Python package, without importing that package."""
    package = importlib.util.find_spec("plotly")
    if package is None or package.origin is None:
        raise MissingExtra(feature="The dashboard", extra="server")
    return Path(package.origin).parent / "package_data" / "plotly.min.js"
