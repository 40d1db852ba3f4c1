"""Reads labelled texts from a table: which column is the text, which the label, and which mood each label means."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.domain.outcome import MOOD_WORDS
from hotcrm_ai.training.infer_types import read_texts
from hotcrm_ai.training.raw_table import RawTable
from hotcrm_ai.training.target import MINIMUM_OF_EACH, check_column

_NUMBERS: Final[tuple[Mapping[float, str], ...]] = (
    {-1: "negative", 0: "neutral", 1: "positive"},
    {0: "negative", 2: "neutral", 4: "positive"},
    {1: "negative", 2: "negative", 3: "neutral", 4: "positive", 5: "positive"},
)
_TWO: Final[Mapping[float, str]] = {0: "negative", 1: "positive"}
_STARS: Final = re.compile(r"(\d(?:\.\d)?)\s*(?:/\s*5|stars?|sterne?|étoiles?|estrellas?)")
_LABEL_NAMES: Final = ("label", "sentiment", "mood", "target", "rating", "stars")
_TEXT_NAMES: Final = ("text", "message", "body", "comment", "review", "content")


@dataclass(frozen=True, slots=True)
class LabelledRows:
    """The rows that have a label: texts, moods, and their positions in the table."""

    texts: list[str]
    labels: list[str]
    positions: list[int]
    target: str
    text_column: str
    warnings: tuple[str, ...] = ()


def read_labelled(
    table: RawTable,
    *,
    target: str | None = None,
    text: str | None = None,
    meanings: Mapping[str, str] | None = None,
    exclude: Sequence[str] = (),
) -> LabelledRows:
    """Return the labelled rows; ``target`` and ``text`` name the columns, ``meanings`` says which mood a label is.

    Without ``meanings``, labels are words such as positive and negative, -1 to 1, 0 and 1, 0/2/4, or 1 to 5 stars
    (``5``, ``5 stars``, ``5/5``, ``★★★★★``).

    Raises:
        TrainingDataError: a column is missing, a label is of no known mood, or a mood has too few texts.
    """
    goal = target or _find(table, _LABEL_NAMES, "label", "target")
    column = text or _find(table, _TEXT_NAMES, "text", "text")
    for name in (goal, column):
        check_column(table, name)
    if goal == column or column in exclude:
        raise TrainingDataError(
            f"The texts cannot be read from {column!r}; name the column with `text=COLUMN`.", column=column
        )
    cells, _ = read_texts(table.columns[goal], extra_missing=set())
    moods = _moods([cell for cell in cells if cell is not None], meanings, goal)
    texts = ["" if value is None else str(value) for value in table.columns[column]]
    labelled = [at for at, cell in enumerate(cells) if cell is not None]
    positions = [at for at in labelled if texts[at].strip()]
    if labelled and not positions:
        raise TrainingDataError(
            f"No row with a label has a text in {column!r}; name another column with the option text.", column=column
        )
    labels = [moods[str(cells[at]).strip().casefold()] for at in positions]
    _check_enough(labels, goal)
    lost = {"label": len(cells) - len(labelled), "text": len(labelled) - len(positions)}
    warned = tuple(
        f"{count} of {len(cells)} rows have no {what}; they were left out" for what, count in lost.items() if count
    )
    return LabelledRows([texts[at] for at in positions], labels, positions, goal, column, warned)


def _find(table: RawTable, names: Sequence[str], what: str, option: str) -> str:
    folded = {name.strip().casefold(): name for name in table.columns}
    found = next((folded[name] for name in names if name in folded), None)
    if found is None:
        raise TrainingDataError(
            f"{table.source} has no column called {what!r}; name the one to use with `{option}=COLUMN`. It has "
            f"{', '.join(map(repr, list(table.columns)[:20]))}."
        )
    return found


def _moods(cells: Sequence[str], meanings: Mapping[str, str] | None, column: str) -> dict[str, str]:
    """Return the mood of each label that occurs, by its folded spelling."""
    counts = Counter(cell.strip().casefold() for cell in cells)
    if meanings is not None:
        known: Mapping[str, str] = {str(label).strip().casefold(): mood for label, mood in meanings.items()}
        unknown_moods = sorted(set(known.values()) - {"positive", "neutral", "negative"})
        if unknown_moods:
            raise TrainingDataError(
                f"A label is said to mean {unknown_moods[0]!r}; moods are positive, neutral and negative."
            )
    else:
        known = _numbers(counts) or MOOD_WORDS
    strange = [label for label in counts if label not in known]
    if strange:
        raise TrainingDataError(
            f"The column {column!r} holds {strange[0]!r} ({counts[strange[0]]} rows), which is no known label; write "
            "positive, neutral or negative in the table, or say `meanings={'ok': 'neutral'}`.",
            column=column,
        )
    return {label: known[label] for label in counts}


def _numbers(counts: Counter[str]) -> dict[str, str]:
    """Return what labels that are numbers mean, or nothing."""
    try:
        values = {label: _number(label) for label in counts}
    except ValueError:
        return {}
    for scale in (_TWO, *_NUMBERS):
        if set(values.values()) <= set(scale):
            return {label: scale[value] for label, value in values.items()}
    return {}


def _number(label: str) -> float:
    """Return the number of a label, also of one in stars: ``5 stars``, ``4/5``, ``★★★``."""
    if label.strip("★☆ ") == "" and "★" in label:
        return label.count("★")
    found = _STARS.fullmatch(label)
    return float(found[1] if found else label)


def _check_enough(labels: Sequence[str], column: str) -> None:
    counts = Counter(labels)
    if len(counts) < 2:
        raise TrainingDataError(
            f"The labels of {column!r} are all {next(iter(counts), 'missing')!r}; a model needs texts of two moods or three.",
            column=column,
        )
    mood, fewest = min(counts.items(), key=lambda one: one[1])
    if fewest < MINIMUM_OF_EACH:
        raise TrainingDataError(
            f"Only {fewest} texts of {column!r} are {mood}; at least {MINIMUM_OF_EACH} of each mood are needed.",
            column=column,
        )
