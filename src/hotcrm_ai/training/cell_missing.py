"""Knows the prompts that a form leaves in a cell where nobody chose."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_LONGEST_PLACEHOLDER: Final = 40
_PLACEHOLDER: Final = re.compile(
    r"[\W_]*(?:please[\s_]+)?(?:select|choose)(?:[\s_]+(?:one|an?[\s_]+\w+|option|value))?[\W_]*|-+\s*none\s*-+",
    re.IGNORECASE,
)


def find_placeholders(texts: Iterable[str]) -> frozenset[str]:
    """Return the cells that are a form's untouched prompt, such as ``Select`` or ``-- choose one --``."""
    short = (text for text in texts if len(text) <= _LONGEST_PLACEHOLDER and not text[0].isdigit())
    return frozenset(text for text in short if _PLACEHOLDER.fullmatch(text))
