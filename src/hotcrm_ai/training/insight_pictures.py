"""Draws how a model's answers follow the values of its strongest features, with where the records are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

_INK: Final = "#1f2933"
_QUIET: Final = "#9aa5b1"
_BLUE: Final = "#2563eb"
SHOWN: Final = 6
_LONGEST: Final = 14


def draw_dependence(dependence: Mapping[str, Sequence[Mapping[str, Any]]], order: Sequence[str]) -> Any:
    """Return a figure of the first features of ``order``: the mean probability as a line or dots, the share of records as bars."""
    from matplotlib.figure import Figure

    names = [name for name in order if name in dependence][:SHOWN]
    rows = (len(names) + 1) // 2
    figure = Figure(figsize=(9.0, 2.6 * rows + 0.6), dpi=144, layout="constrained", facecolor="white")
    grid = figure.subplots(rows, 2, squeeze=False).ravel()
    for axes, name in zip(grid, names, strict=False):
        _draw(axes, name, dependence[name])
    for axes in grid[len(names) :]:
        axes.set_visible(False)
    figure.suptitle(
        "How the answer follows a feature (bars: share of records)",
        x=0.015,
        horizontalalignment="left",
        fontsize=13,
        fontweight="bold",
        color=_INK,
    )
    return figure


def _draw(axes: Any, name: str, points: Sequence[Mapping[str, Any]]) -> None:
    numbers = all(isinstance(point["value"], int | float) and not isinstance(point["value"], bool) for point in points)
    places = list(range(len(points)))
    axes.bar(places, [100 * point["share"] for point in points], color=_QUIET, alpha=0.35, width=0.8)
    axes.plot(
        places,
        [100 * point["probability"] for point in points],
        color=_BLUE,
        marker="o",
        linewidth=1.8 if numbers else 0.0,
    )
    labels = [f"{point['value']:g}" if numbers else _shortened(str(point["value"])) for point in points]
    axes.set_xticks(places, labels, rotation=0 if numbers else 40, parse_math=False)
    axes.tick_params(colors=_INK, labelsize=7)
    axes.set_ylim(0, None)
    axes.set_ylabel("%", color=_INK)
    axes.set_title(_shortened(name, longest=40), fontsize=9, color=_INK, parse_math=False)
    axes.spines[["top", "right"]].set_visible(False)


def _shortened(text: str, *, longest: int = _LONGEST) -> str:
    printable = "".join(sign if sign.isprintable() else " " for sign in text)
    return printable if len(printable) <= longest else printable[: longest - 1] + "…"
