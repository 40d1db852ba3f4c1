"""Shows scored leads as a table: score, class, confidence, and the main reasons in a few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from hotcrm_ai.domain.value_text import printable, value_text
from hotcrm_ai.entrypoints.cli.screen import number, status_text, table

_REASONS = 2


def lead_table(results: Sequence[Mapping[str, Any]]) -> Table:
    """Return the table of leads as ``batch_score_leads`` gives them."""
    rows = [
        (
            result["id"],
            number(result["score"]),
            status_text(result["class"]),
            number(result["confidence"], 0, " %"),
            reasons(result),
        )
        for result in results
    ]
    return table(("Lead", "Score", "Class", "Conf.", "Main reasons"), rows, right=("Score", "Conf."))


def reasons(result: Mapping[str, Any], titles: Mapping[str, str] | None = None, *, most: int = _REASONS) -> Text:
    """Return the reasons that moved a lead's score most, with their points."""
    words = Text()
    for top in result["topFeatures"][:most]:
        points = 100.0 * top["contribution"]
        title = (titles or {}).get(top["feature"]) or top["feature"].replace("_", " ").title()
        words.append(", " if words else "")
        words.append(f"{printable(title)} {value_text(top['value'], longest=24)} ")
        words.append(f"{points:+.0f}", style="green" if points >= 0 else "red")
    return words
