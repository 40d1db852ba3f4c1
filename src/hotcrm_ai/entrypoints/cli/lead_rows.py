"""Shows scored leads as a table: score, class, confidence, and the main reasons in a few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from hotcrm_ai.domain.titles import fact_title, is_part_of_text
from hotcrm_ai.domain.value_text import printable, value_text
from hotcrm_ai.domain.wording import NEUTRAL, Wording
from hotcrm_ai.entrypoints.cli.screen import number, shown, status_text, table

_REASONS = 2


def lead_table(results: Sequence[Mapping[str, Any]], wording: Wording) -> Table:
    """Return the table of leads as ``batch_score_leads`` gives them, with the model of each where several answered."""
    told = len({result["modelId"] for result in results}) > 1
    rows = [
        (
            result["id"],
            number(result["score"]),
            status_text(result["class"]),
            confidence_cell(wording, result),
            *((shown(result["modelId"]),) if told else ()),
            reasons(result, wording=wording),
        )
        for result in results
    ]
    columns = ("Lead", "Score", "Class", confidence_head(wording), *(("Model",) if told else ()), "Main reasons")
    return table(columns, rows, right=("Score",))


def confidence_head(wording: Wording) -> str:
    """Return the question that the confidence answers, else the word for it."""
    return "Conf." if wording.yes is None else f"{wording.yes.capitalize()}?"


def confidence_cell(wording: Wording, result: Mapping[str, Any]) -> Text:
    """Return the confidence of a result with the yes or no that it is of, since beside a class it would be read as that of the class."""
    sure = number(result["confidence"], 0, " %")
    claim = wording.claim({"probability": 0.01 * result["score"]} if "score" in result else result["prediction"])
    if claim is None or result["confidence"] is None:
        return sure
    return Text("yes " if claim == wording.yes else "no ").append_text(sure)


def reasons(
    result: Mapping[str, Any],
    titles: Mapping[str, str] | None = None,
    *,
    wording: Wording = NEUTRAL,
    most: int = _REASONS,
) -> Text:
    """Return the reasons that moved an answer most, with their points, green where they are welcome."""
    words = Text()
    for top in result["topFeatures"][:most]:
        points = 100.0 * top["contribution"]
        title = fact_title(top["feature"], titles or {}, top["value"])
        words.append(", " if words else "")
        value = "" if is_part_of_text(top["feature"], top["value"]) else f"{value_text(top['value'], longest=24)} "
        words.append(f"{printable(title)} {value}")
        words.append(f"{points:+.0f}", style="green" if (points >= 0) == wording.more_is_good else "red")
    return words
