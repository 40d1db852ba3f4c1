"""The tree of errors that is drawn in the docstring is the tree of errors that exists."""

from __future__ import annotations

import inspect
import re

import pytest

from hotcrm_ai.domain import errors

LINE = re.compile(r"^(?P<branch>[│├└─ ]*)(?P<name>[A-Z]\w+)\s*(?P<about>.*)$")


def drawn_tree(docstring: str) -> dict[str, str | None]:
    """Return each drawn error with the one it hangs from."""
    parents: dict[str, str | None] = {}
    above: list[str] = []
    for line in docstring.splitlines():
        found = LINE.match(line)
        if not found or not (found["branch"] or found["name"] == "HotCRMAIError"):
            continue
        depth = len(found["branch"]) // 4
        above = [*above[:depth], found["name"]]
        parents[found["name"]] = above[depth - 1] if depth else None
    return parents


def real_tree(module) -> dict[str, str | None]:
    """Return each error class with its parent."""
    return {
        name: None if member is errors.HotCRMAIError else member.__bases__[0].__name__
        for name, member in vars(module).items()
        if inspect.isclass(member) and issubclass(member, Exception)
    }


def test_the_drawn_tree_is_the_real_tree():
    """Every error is drawn where it hangs, and nothing is drawn that does not exist."""
    assert drawn_tree(errors.__doc__ or "") == real_tree(errors)


def test_every_error_has_a_code_of_its_own():
    """Codes are stable words for machines: snake case, one for each error."""
    classes = [
        member
        for member in vars(errors).values()
        if inspect.isclass(member) and issubclass(member, errors.HotCRMAIError)
    ]
    codes = [member.code for member in classes]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in codes)
    assert all("code" in vars(member) for member in classes)


@pytest.mark.parametrize(
    "line",
    ["│   └── ProviderNapping  it sleeps", "├── ProviderTimeout  hangs from the wrong branch"],
    ids=["an error that does not exist", "an error in the wrong place"],
)
def test_the_check_finds_a_broken_drawing(line):
    """A drawing with one wrong line differs from the real tree."""
    drawing = (errors.__doc__ or "").replace("├── ConfigError", f"{line}\n├── ConfigError")
    assert drawn_tree(drawing) != real_tree(errors)
