"""Charts as plain records: what ``static/app.js`` draws, and the same numbers as a table for those who do not see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

Tone = Literal["accent", "good", "bad", "warn", "soft", "second", "third"]


class Step(msgspec.Struct, frozen=True):
    """One bar of a waterfall; ``size`` in the unit of the axis."""

    label: str
    size: float


class Waterfall(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="waterfall"):
    """From a base value, one step each, to the answer; ``raises`` is the colour of steps upwards."""

    label: str
    base: float
    base_label: str
    steps: tuple[Step, ...]
    answer: float
    answer_label: str
    axis: str
    raises: Literal["good", "bad"] = "good"
    decimals: int = 1

    @property
    def table(self) -> tuple[tuple[str, ...], list[tuple[str, float | str | None]]]:
        """Headings and rows with the same numbers."""
        steps: list[tuple[str, float | str | None]] = [(step.label, step.size) for step in self.steps]
        return ("Reason", self.axis), [(self.base_label, self.base), *steps, (self.answer_label, self.answer)]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line: a value for each place of the chart's axis (None: no point), and the interval around it where there is one;
    points that are not ``joined`` are dots alone."""

    name: str
    values: tuple[float | None, ...]
    lower: tuple[float | None, ...] = ()
    upper: tuple[float | None, ...] = ()
    tone: Tone = "accent"
    dashed: bool = False
    dots: bool = False
    joined: bool = True


class Lines(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="lines"):
    """Lines over one axis of texts (dates in ISO 8601, too) or numbers; ``density`` are bars behind them, in an axis of their own."""

    label: str
    places: tuple[str | float, ...]
    lines: tuple[Line, ...]
    axis: str
    place_title: str
    decimals: int = 0
    minimum: float | None = None
    maximum: float | None = None
    density: tuple[float, ...] = ()
    density_name: str = ""

    @property
    def table(self) -> tuple[tuple[str, ...], list[tuple[float | str | None, ...]]]:
        """Headings and rows with the same numbers."""
        heads: list[str] = [self.place_title]
        columns: list[Sequence[float | None]] = []
        for line in self.lines:
            heads.append(line.name)
            columns.append(line.values)
            if line.lower:
                heads += [f"{line.name}, from", f"{line.name}, to"]
                columns += [line.lower, line.upper]
        if self.density:
            heads.append(self.density_name)
            columns.append(self.density)
        return tuple(heads), [(place, *row) for place, *row in zip(self.places, *columns, strict=True)]


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One series of bars: a value for each place of the chart's axis."""

    name: str
    values: tuple[float | None, ...]
    tone: Tone = "accent"


class Bars(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="bars"):
    """Bars beside one another, or on top of one another; lying ones read better with long names."""

    label: str
    places: tuple[str | float, ...]
    bars: tuple[Bar, ...]
    axis: str
    place_title: str
    decimals: int = 0
    stacked: bool = False
    lying: bool = False

    @property
    def table(self) -> tuple[tuple[str, ...], list[tuple[float | str | None, ...]]]:
        """Headings and rows with the same numbers."""
        heads = (self.place_title, *(bar.name for bar in self.bars))
        return heads, [
            (place, *row) for place, *row in zip(self.places, *(bar.values for bar in self.bars), strict=True)
        ]


Chart = Waterfall | Lines | Bars
