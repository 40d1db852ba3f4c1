"""Collects the package's own source files that a given module needs, so that an exported folder runs without the package or a network."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

PACKAGE: Final = "hotcrm_ai"
_ROOT: Final = Path(__file__).parents[1]


def own_code(modules: Iterable[str]) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Return the source files that modules of ours need, by path, and the names of other packages that these import.

    Imports are read, not run; those for type checkers only are left out.
    """
    files: dict[str, bytes] = {}
    others: set[str] = set()
    waiting = list(modules)
    while waiting:
        path = _file_of(waiting.pop())
        if path is None or _named(path) in files:
            continue
        content = files[_named(path)] = path.read_bytes()
        waiting += [_module_of(parent) for parent in path.relative_to(_ROOT.parent).parents if parent.name]
        for name in _imported(ast.parse(content)):
            if name.partition(".")[0] == PACKAGE:
                waiting.append(name)
            elif name.partition(".")[0] not in sys.stdlib_module_names:
                others.add(name.partition(".")[0])
    return dict(sorted(files.items())), tuple(sorted(others))


def _file_of(module: str) -> Path | None:
    path = _ROOT.parent.joinpath(*module.split("."))
    return next((file for file in (path / "__init__.py", path.with_suffix(".py")) if file.is_file()), None)


def _named(path: Path) -> str:
    return path.relative_to(_ROOT.parent).as_posix()


def _module_of(path: Path) -> str:
    return ".".join(path.parts)


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        yield from _imported(node)
