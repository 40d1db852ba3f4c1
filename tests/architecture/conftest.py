"""Reads the source tree once for all checks of the architecture."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "src" / "hotcrm_ai"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One Python file: its name below the package, its text and its syntax tree."""

    name: str
    text: str
    tree: ast.Module


def read_source(text: str, name: str = "twin.py") -> SourceFile:
    """Return a source file from text, as the broken twins of the checks need it."""
    return SourceFile(name=name, text=text, tree=ast.parse(text))


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the working tree."""
    return REPOSITORY


@pytest.fixture(scope="session")
def product() -> list[SourceFile]:
    """Every Python file of the package."""
    return [
        read_source(path.read_text(encoding="utf-8"), path.relative_to(PACKAGE).as_posix())
        for path in sorted(PACKAGE.rglob("*.py"))
    ]


@pytest.fixture(scope="session")
def twin() -> type[SourceFile]:
    """Builds a source file from text: ``twin("import pickle")``."""
    return read_source  # type: ignore[return-value]
