"""Draws what a model got right and wrong on held-out rows, and what its order is worth in money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_INK: Final = "#1f2933"
_QUIET: Final = "#9aa5b1"
_GRID: Final = "#e4e7eb"
_BLUE: Final = "#2563eb"
_ORANGE: Final = "#ea7317"
_CELLS: Final = (
    ("truePositive", 0, 1, True),
    ("falsePositive", 1, 1, False),
    ("falseNegative", 0, 0, False),
    ("trueNegative", 1, 0, True),
)
"""Each count with its column, its row from below, and whether the model was right."""


def draw_confusion(counts: Mapping[str, int]) -> Any:
    """Return a figure of four fields: rows said yes or no, columns came true or not; the deeper the colour, the more rows."""
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    total = max(1, sum(counts.values()))
    figure = Figure(figsize=(5.6, 4.6), dpi=144, layout="constrained", facecolor="white")
    axes = figure.subplots()
    for name, column, row, right in _CELLS:
        share = counts[name] / total
        colour = _BLUE if right else _ORANGE
        axes.add_patch(Rectangle((column, row), 1, 1, facecolor=colour, alpha=0.12 + 0.6 * share, edgecolor="white"))
        axes.text(
            column + 0.5, row + 0.56, f"{counts[name]:,}", ha="center", color=_INK, fontsize=17, fontweight="bold"
        )
        axes.text(column + 0.5, row + 0.36, _share_text(counts, name, share), ha="center", color=_INK, fontsize=9)
    axes.set_xlim(0, 2)
    axes.set_ylim(0, 2)
    axes.set_xticks([0.5, 1.5], ["was positive", "was negative"])
    axes.set_yticks([0.5, 1.5], ["said no", "said yes"])
    axes.tick_params(length=0, colors=_INK)
    axes.spines[:].set_visible(False)
    figure.supxlabel("held-out rows; yes from a probability of 50 % on", fontsize=9, color=_INK)
    _head(figure, "Right and wrong at one half")
    return figure


def draw_money(money: Mapping[str, Any]) -> Any:
    """Return a figure of the share of the money among the records called first, by expected value and by probability."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 5.2), dpi=144, layout="constrained", facecolor="white")
    axes = figure.subplots()
    shares = [0.0, *(100 * one["share"] for one in money["gains"])]
    for key, colour, label in (
        ("byExpectedValue", _BLUE, "ordered by expected value"),
        ("byProbability", _ORANGE, "ordered by probability"),
    ):
        captured = [0.0, *(100 * one[key] for one in money["gains"])]
        axes.plot(shares, captured, color=colour, linewidth=2.2, label=label)
    axes.plot([0, 100], [0, 100], color=_QUIET, linewidth=1.2, linestyle=(0, (4, 3)), label="in random order")
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 102)
    axes.grid(visible=True, color=_GRID, linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=_INK, labelsize=9)
    axes.set_xlabel("share of the held-out records called, %", color=_INK)
    axes.set_ylabel("share of the money of all positives, %", color=_INK)
    axes.legend(frameon=False, loc="lower right")
    _head(figure, "What calling the dearest chances first is worth")
    return figure


def _share_text(counts: Mapping[str, int], name: str, share: float) -> str:
    """Return the field's share of all rows, and of the rows that turned out so."""
    partner = {
        "truePositive": "falseNegative",
        "falseNegative": "truePositive",
        "falsePositive": "trueNegative",
        "trueNegative": "falsePositive",
    }[name]
    column = counts[name] + counts[partner]
    kind = "positives" if name in ("truePositive", "falseNegative") else "negatives"
    of_kind = f"\n{100 * counts[name] / column:.0f} % of the {kind}" if column else ""
    return f"{100 * share:.0f} % of all{of_kind}"


def _head(figure: Any, title: str) -> None:
    figure.suptitle(title, x=0.015, horizontalalignment="left", fontsize=13, fontweight="bold", color=_INK)
