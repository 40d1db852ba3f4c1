"""Files and functions stay small, have concrete names, and say what they are for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import PurePosixPath

MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 60
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "core", "tools", "stuff"}
PROPER_NAMES = {"uvicorn's"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def long_files(files) -> list[str]:
    """Name every file above the limit."""
    return [f"{file.name}: {count} lines" for file in files if (count := file.text.count("\n")) > MOST_LINES_OF_A_FILE]


def long_functions(files) -> list[str]:
    """Name every function above the limit; its docstring does not count."""
    return [
        f"{file.name}:{node.lineno} {node.name}: {length} lines"
        for file in files
        for node in ast.walk(file.tree)
        if isinstance(node, FUNCTIONS) and (length := _length(node)) > MOST_LINES_OF_A_FUNCTION
    ]


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    has_docstring = ast.get_docstring(node) is not None
    documented = (first.end_lineno or 0) - first.lineno + 1 if has_docstring else 0
    return (node.end_lineno or 0) - node.lineno + 1 - documented


def nameless_files(files) -> list[str]:
    """Name every file or folder that is called by what it is not."""
    return [file.name for file in files if NAMELESS & {part.strip("_") for part in _parts(file.name)}]


def _parts(name: str) -> tuple[str, ...]:
    return PurePosixPath(name).with_suffix("").parts


def undocumented(files) -> Iterator[str]:
    """Name every module, public class, function and method without a docstring whose first line is a sentence."""
    for file in files:
        if not _is_sentence(ast.get_docstring(file.tree)):
            yield file.name
        yield from (f"{file.name}:{node.lineno} {node.name}" for node in _public(file.tree.body))


def _public(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in body:
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef)) or node.name.startswith("_"):
            continue
        if not _is_sentence(ast.get_docstring(node)) and not _is_overload(node) and not _is_one_line_of_a_port(node):
            yield node
        if isinstance(node, ast.ClassDef):
            yield from _public(node.body)


def _is_overload(node: ast.AST) -> bool:
    return any(
        "overload" in ast.unparse(mark) or ".setter" in ast.unparse(mark)
        for mark in getattr(node, "decorator_list", [])
    )


def _is_one_line_of_a_port(node: ast.AST) -> bool:
    """Tell whether a property is declared in one line of a Protocol, whose docstring speaks for all of them."""
    return (
        isinstance(node, FUNCTIONS)
        and [ast.unparse(part) for part in node.body] == ["..."]
        and bool(node.decorator_list)
    )


def _is_sentence(docstring: str | None) -> bool:
    if not docstring:
        return False
    first_paragraph = docstring.strip().split("\n\n")[0].rstrip()
    first_word = first_paragraph.split()[0]
    begins = first_word[0].isupper() or not first_word[0].isalpha() or first_word in PROPER_NAMES
    return begins and first_paragraph[-1] in ".:;`)…"


def test_no_file_has_more_than_400_lines(product):
    """A file stops at 400 lines."""
    assert long_files(product) == []


def test_no_function_has_more_than_60_lines(product):
    """A function stops at 60 lines."""
    assert long_functions(product) == []


def test_no_file_is_called_by_what_it_is_not(product):
    """A file is called by its noun, never utils, helpers, common or the like."""
    assert nameless_files(product) == []


def test_every_module_and_public_name_says_what_it_is_for(product):
    """Every module and public name has a docstring that begins with a sentence."""
    assert list(undocumented(product)) == []


def test_the_checks_of_shape_find_a_broken_twin(twin):
    """Each check of this page fails on a file that breaks its rule, and passes just inside of it."""
    body = "\n".join("    x = 1" for _ in range(60))
    too_long = twin(f"def f():\n{body}\n" + "\n" * 340, "registry/utils.py")
    fits = twin(f"def f():\n{body[: body.rindex(chr(10))]}\n", "registry/rules.py")
    assert long_files([too_long, fits]) == ["registry/utils.py: 401 lines"]
    assert long_functions([too_long, fits]) == ["registry/utils.py:1 f: 61 lines"]
    assert nameless_files([too_long, fits, twin("", "core/__init__.py"), twin("", "caches/base.py")]) == [
        "registry/utils.py",
        "core/__init__.py",
        "caches/base.py",
    ]


def test_the_check_of_docstrings_finds_a_broken_twin(twin):
    """A missing docstring and one that is no sentence are both found, private names are left alone."""
    broken = twin(
        '"""Says what it is for."""\n\nclass A:\n    """does things"""\n\n    def f(self): ...\n\ndef _private(): ...\n'
    )
    assert list(undocumented([broken, twin("x = 1", "silent.py")])) == ["twin.py:3 A", "twin.py:6 f", "silent.py"]
