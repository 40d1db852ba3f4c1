"""Messages of the core speak Python, and each face tells their ways out in its own words."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import hotcrm_ai
from hotcrm_ai.domain.ways import WAYS, told
from hotcrm_ai.training.forecast import train_forecast
from hotcrm_ai.training.recipe import train_classifier
from hotcrm_ai.training.recommend import train_recommender
from hotcrm_ai.training.run import TrainingRun
from hotcrm_ai.training.sentiment import train_sentiment

PACKAGE = Path(hotcrm_ai.__file__).parent
FACES = {"entrypoints", "client", "sample_crm", "exporters", "ways.py"}
"""What speaks to people itself, and where the words of each face stand."""
TRAINING = (train_classifier, train_forecast, train_recommender, train_sentiment, TrainingRun)
KEYWORDS = {name for one in TRAINING for name in inspect.signature(one).parameters if "_" in name} | {
    "anyway",
    "meanings",
    "use_cache",
    "if_revision",
}
KEYWORDS -= {"company_size", "product_name", "model_id", "trained_on", "feature_name"}
OPERATORS = re.compile(r"hotcrm-ai (keys|db|doctor|health|serve|train)\b|hotcrm-ai that wrote|version of hotcrm-ai")
"""Commands for what only the operator of an installation can do."""


def texts(node: ast.AST) -> Iterator[str]:
    """Return the texts of some source but its docstrings; what is filled in is an ``X``."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    text = text_of(node)
    if text is not None:
        yield text
        return
    for part in ast.iter_child_nodes(node):
        yield from texts(part)


def text_of(node: ast.AST) -> str | None:
    """Return a text, with an ``X`` for each value that is filled in."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "'X'" for part in node.values)
    return None


def parsed_core() -> Iterator[tuple[str, ast.Module]]:
    """Return every file of the core."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if not FACES & set(path.relative_to(PACKAGE).parts):
            yield str(path.relative_to(PACKAGE)), ast.parse(path.read_text())


def core_messages() -> Iterator[tuple[str, str]]:
    """Return every text of the core with the file that it is in."""
    for place, tree in parsed_core():
        for text in texts(tree):
            yield place, text


def raised() -> Iterator[tuple[str, str]]:
    """Return the texts that the core raises errors with."""
    for place, tree in parsed_core():
        for node in ast.walk(tree):
            if isinstance(node, ast.Raise) and node.exc is not None:
                for text in texts(node.exc):
                    yield place, text


def names_python(text: str) -> bool:
    """Whether a text names an argument or a call of Python."""
    return bool(re.search(rf"(?<!-)\b({'|'.join(sorted(KEYWORDS))})\b|`ai\.|\b[a-z_]+=[A-Z]+\b(?<!COLUMN)", text))


def names_a_command(text: str) -> bool:
    """Whether a text sends to the command line for what is no operator's matter."""
    return "hotcrm-ai " in OPERATORS.sub("", text)


def test_no_command_line_shows_python() -> None:
    """What the core raises names no argument and no call of Python once the command line tells it."""
    assert [(place, text) for place, text in raised() if names_python(told(text, "command"))] == []


@pytest.mark.parametrize("surface", ["http", "page"])
def test_neither_http_nor_pages_send_to_the_command_line(surface: str) -> None:
    """The core itself names commands for operators alone, and no text that it holds becomes another one over HTTP or on a page."""
    found = [(place, text) for place, text in core_messages() if names_a_command(told(text, surface))]  # type: ignore[arg-type]
    assert found == []


def test_every_way_in_backticks_is_known() -> None:
    """A call in backticks that no face can tell would reach people as it is."""
    found = {
        (place, quoted)
        for place, text in core_messages()
        for quoted in re.findall(r"`([^`]+)`", text)
        if quoted.startswith("ai.") or "=" in quoted
        if not any(re.fullmatch(way.python, quoted) for way in WAYS)
    }
    assert {quoted for _, quoted in found} == {"'X'=COLUMN", "'X'=VALUE"}


def test_the_walk_finds_what_it_looks_for() -> None:
    """Texts that break the rules are found, so that a walk without findings means something."""
    assert names_python(told("leave them out with the option allow_bad_rows.", "command"))
    assert names_python(told("list them with `ai.registry.list_things()`", "command"))
    assert names_a_command(told("list the models with: hotcrm-ai models list", "http"))
    assert not names_a_command(told("make one with `hotcrm-ai keys create`", "http"))


@pytest.mark.parametrize(
    ("text", "command", "http", "page", "assistant"),
    [
        (
            "`ai.registry.list_models()` shows all.",
            "`hotcrm-ai models list` shows all.",
            "`GET /v1/models` shows all.",
            "the page Models shows all.",
            "the tool list_models shows all.",
        ),
        (
            "let it answer with `ai.registry.promote('leads-v2')`.",
            "let it answer with `hotcrm-ai models promote leads-v2 --reason WHY`.",
            "let it answer with `POST /v1/models/leads-v2/promote`.",
            "let it answer with Promote, under Versions and tests on its page.",
            "let it answer with `hotcrm-ai models promote leads-v2 --reason WHY`.",
        ),
        (
            "ask for it with `anyway=True`.",
            "ask for it with --anyway.",
            'ask for it with `"anyway": true`.',
            "ask for it with the tick for it.",
            "ask for it with --anyway.",
        ),
        (
            "use `time_column=COLUMN` or `series=COLUMN`, and `odd` stays",
            "use --time-column or --column series=COLUMN, and `odd` stays",
            "use --time-column or --column series=COLUMN, and `odd` stays",
            "use --time-column or --column series=COLUMN, and `odd` stays",
            "use --time-column or --column series=COLUMN, and `odd` stays",
        ),
    ],
)
def test_a_way_is_told_in_the_words_of_each_face(text: str, command: str, http: str, page: str, assistant: str) -> None:
    """The same message, letter by letter, where it is read."""
    assert told(text, "command") == command
    assert told(text, "http") == http
    assert told(text, "page") == page
    assert told(text, "assistant") == assistant
