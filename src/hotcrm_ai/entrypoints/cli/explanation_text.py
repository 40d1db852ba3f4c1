"""Prints an explanation: from the average to the answer, one feature per line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hotcrm_ai.domain.explanation import Comparison, Explanation
from hotcrm_ai.domain.titles import fact_title, is_part_of_text
from hotcrm_ai.domain.wording import NEUTRAL, Wording
from hotcrm_ai.entrypoints.cli.notes import print_notes
from hotcrm_ai.entrypoints.cli.screen import interval_text, shown, shown_lines, table

_BAR: Final = 14
_MOST_ROWS: Final = 14


def print_explanation(console: Console, explanation: Explanation, titles: Mapping[str, str], wording: Wording) -> None:
    """Print the words of an explanation and the ledger of its contributions, which adds up."""
    print_stand_in(console, explanation)
    console.print(shown_lines(explanation.explanation))
    console.print()
    console.print(ledger(explanation, titles, wording))
    sure = wording.confidence_text(explanation.prediction, explanation.confidence)
    if sure is not None:
        console.print(shown(f"Confidence: {sure}."))
    console.print(
        shown(
            f"{explanation.model_id} {explanation.model_version}, {explanation.method}, "
            f"adds up to within {explanation.additivity_error:.1e}",
            "dim",
        )
    )
    print_notes(console, explanation.warnings)


def print_stand_in(console: Console, answer: Explanation | Comparison) -> None:
    """Say first of all that another model answered than the one that was asked for, where that is so."""
    if answer.model_id == answer.requested_model_id:
        return
    why = ": this record belongs to the champion of its A/B test" if answer.variant == "champion" else ""
    words = f"Answered by {answer.model_id} {answer.model_version}, not by {answer.requested_model_id}{why}."
    console.print(shown(words, "yellow"))
    console.print()


def ledger(explanation: Explanation, titles: Mapping[str, str], wording: Wording = NEUTRAL) -> Table:
    """Return the table that leads from the average to the answer; features of little weight share the last line."""
    factor = _points(explanation)
    parts = explanation.feature_contributions
    largest = max((abs(part.contribution) for part in parts), default=0.0)
    kept = parts if len(parts) <= _MOST_ROWS else parts[: _MOST_ROWS - 1]
    base = explanation.base_value * (1.0 if _is_score(explanation) else factor)
    decimals = 3 if _is_mood(explanation) else 1
    rows: list[tuple[Any, ...]] = [("Average" if factor == 100.0 else "Base", "", Text(f"{base:,.{decimals}f}"), "")]
    rows += [
        (
            fact_title(part.feature, titles, part.value),
            Text("") if is_part_of_text(part.feature, part.value) else shown(part.value),
            signed(part.contribution * factor, decimals, wording),
            _bar(part.contribution, largest, wording),
        )
        for part in kept
    ]
    if len(kept) < len(parts):
        rest = sum(part.contribution for part in parts[len(kept) :])
        rows.append(
            (
                f"{len(parts) - len(kept)} others",
                "",
                signed(rest * factor, decimals, wording),
                _bar(rest, largest, wording),
            )
        )
    total = base + factor * sum(part.contribution for part in parts)
    head = "Points" if factor == 100.0 else "Adds"
    built = table(("Feature", "Value", head, ""), rows, right=(head,))
    built.add_section()
    sure = interval_text(explanation.interval, as_score=factor == 100.0)
    built.add_row(
        shown(_answer_name(explanation), "bold"),
        "",
        Text(f"{total:,.{decimals}f}", style="bold"),
        "",
    )
    if sure:
        built.add_row(shown("95 % interval", "dim"), "", shown(sure, "dim"), "")
    return built


def signed(value: float, decimals: int = 1, wording: Wording = NEUTRAL) -> Text:
    """Return a contribution with its sign, green where it is welcome and red where it is not."""
    return Text(f"{value:+,.{decimals}f}", style=_colour(value, wording))


def _points(explanation: Explanation) -> float:
    prediction = explanation.prediction
    is_chance = isinstance(prediction, Mapping) and bool(prediction.keys() & {"probability", "items"})
    return 100.0 if is_chance or _is_score(explanation) else 1.0


def _answer_name(explanation: Explanation) -> str:
    if _is_score(explanation):
        return "Score"
    chance = "Chance in %" if explanation.about is None else f"Chance in %: {explanation.about}"
    return chance if _points(explanation) == 100.0 else "Prediction"


def _is_score(explanation: Explanation) -> bool:
    """Whether the base is on the 0-100 scale, as for a lead's score."""
    prediction = explanation.prediction
    return isinstance(prediction, Mapping) and "score" in prediction and not _is_mood(explanation)


def _is_mood(explanation: Explanation) -> bool:
    """Whether the score is a text's, from 0 to 1."""
    return isinstance(explanation.prediction, Mapping) and "sentiment" in explanation.prediction


def _bar(contribution: float, largest: float, wording: Wording) -> Text:
    length = round(_BAR * abs(contribution) / largest) if largest else 0
    return Text("█" * length, style=_colour(contribution, wording))


def _colour(contribution: float, wording: Wording) -> str:
    return "green" if (contribution >= 0) == wording.more_is_good else "red"
