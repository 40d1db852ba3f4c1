"""Ways out that messages name. The core writes them as Python, in backticks; each face tells them in its own words.

An error that somebody meets over HTTP must not send them to a command line, and one on a command line must not name an argument of
Python. What only an operator can do (keys, the database's tables) is a command everywhere, and stands in messages as such.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

Surface = Literal["command", "http", "page", "assistant"]
"""Where a message is read: the command line, HTTP, the dashboard, or the tools of an assistant."""


class Way(NamedTuple):
    """One way out: a pattern of its Python, and its words elsewhere; ``\\1`` is what the pattern's group holds.

    ``assistant`` is for the tools of assistants where they have one; else a person goes to the command line.
    """

    python: str
    command: str
    http: str
    page: str
    assistant: str | None = None


def _by_operator(python: str, command: str) -> Way:
    """Return a way that there is in Python and on the command line alone, where other faces send to as well."""
    return Way(python, command, command, command)


_PARTS: Final = "series|account|text|group|product_name|quantity|industry|company_size"

WAYS: Final = (
    Way(
        r"ai\.registry\.list_models\(\)",
        "`hotcrm-ai models list`",
        "`GET /v1/models`",
        "the page Models",
        "the tool list_models",
    ),
    Way(
        r"ai\.registry\.promote\('?([^'),]*)'?\)",
        r"`hotcrm-ai models promote \1 --reason WHY`",
        r"`POST /v1/models/\1/promote`",
        "Promote, under Versions and tests on its page",
    ),
    Way(
        r"ai\.registry\.promote\(ID, note=WHY\)",
        "`hotcrm-ai models promote ID --reason WHY --anyway`",
        '`POST /v1/models/ID/promote` with `"anyway": true`',
        "Promote, under Versions and tests on its page, with the tick for it",
    ),
    Way(r"ai\.experiments\.list\(\)", "`hotcrm-ai experiments list`", "`GET /v1/experiments`", "the page Models"),
    Way("anyway=True", "--anyway", '`"anyway": true`', "the tick for it"),
    _by_operator(r"ai\.train\('([^']*)', rows\)", r"`hotcrm-ai train \1`"),
    _by_operator("timeout=SECONDS", "the setting HOTCRM_AI_TIMEOUT_SECONDS"),
    _by_operator(r"meanings=\{[^{}]*\}", "what it means from Python"),
    _by_operator("(target|positive|negative)=[A-Z]+", r"--\1"),
    _by_operator("time_column=COLUMN", "--time-column"),
    _by_operator("allow_bad_rows=True", "--allow-bad-rows"),
    _by_operator(f"({_PARTS})=COLUMN", r"--column \1=COLUMN"),
)

_QUOTED: Final = re.compile(r"`([^`\n]+)`")


def told(text: str, surface: Surface) -> str:
    """Return a message with its ways out in the words of where it is read.

    >>> told("No model is called 'x'; `ai.registry.list_models()` shows all.", "http")
    "No model is called 'x'; `GET /v1/models` shows all."
    """
    return _QUOTED.sub(lambda quoted: _words(quoted, surface), text) if "`" in text else text


def _words(quoted: re.Match[str], surface: Surface) -> str:
    for way in WAYS:
        found = re.fullmatch(way.python, quoted[1])
        if found is not None:
            words = way.assistant or way.command if surface == "assistant" else getattr(way, surface)
            return found.expand(words)
    return quoted[0]
