"""Draws the pictures of a training report: reliability, gains and importance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hotcrm_ai.domain.errors import MissingExtra
from hotcrm_ai.domain.training import TrainingReport
from hotcrm_ai.training.count_pictures import draw_confusion, draw_money
from hotcrm_ai.training.insight_pictures import draw_dependence

_INK: Final = "#1f2933"
_QUIET: Final = "#9aa5b1"
_GRID: Final = "#e4e7eb"
_BLUE: Final = "#2563eb"
_ORANGE: Final = "#ea7317"
_SHOWN_FEATURES: Final = 15


def draw_pictures(report: TrainingReport, folder: Path) -> dict[str, str]:
    """Write the pictures that the report has numbers for, and return their file names by kind.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    drawn: dict[str, str] = {}
    if report.reliability:
        drawn["reliability"] = _save(_reliability(report.reliability), folder / "reliability.png")
    if report.gains:
        drawn["gains"] = _save(_gains(report.gains), folder / "gains.png")
    if report.confusion:
        drawn["confusion"] = _save(draw_confusion(report.confusion), folder / "confusion.png")
    if "gains" in report.money:
        drawn["money"] = _save(draw_money(report.money), folder / "money.png")
    if report.importance:
        drawn["importance"] = _save(_importance(report.importance), folder / "importance.png")
    if report.partial_dependence:
        figure = draw_dependence(report.partial_dependence, list(report.importance))
        drawn["dependence"] = _save(figure, folder / "dependence.png")
    return drawn


def _reliability(groups: Sequence[Mapping[str, float]]) -> Any:
    figure, (axes, below) = _figure(6.4, 6.4, rows=2, heights=(4, 1))
    predicted = [100 * group["predicted"] for group in groups]
    observed = [100 * group["observed"] for group in groups]
    reach = [
        [100 * max(0.0, group["observed"] - group["lower"]) for group in groups],
        [100 * max(0.0, group["upper"] - group["observed"]) for group in groups],
    ]
    axes.plot([0, 100], [0, 100], color=_QUIET, linewidth=1.2, linestyle=(0, (4, 3)), label="perfectly calibrated")
    axes.errorbar(
        predicted,
        observed,
        yerr=reach,
        color=_BLUE,
        marker="o",
        markersize=6,
        linewidth=1.6,
        capsize=3,
        label="this model, 95 % interval",
    )
    top = min(100.0, 1.08 * max([*predicted, *(100 * group["upper"] for group in groups)]))
    axes.set_xlim(0, top)
    axes.set_ylim(0, top)
    axes.set_ylabel("observed rate, %")
    _head(figure, "Do the probabilities hold?")
    axes.legend(frameon=False, loc="upper left")
    below.bar(predicted, [group["rows"] for group in groups], width=max(0.8, top / 40), color=_BLUE, alpha=0.35)
    below.set_xlim(0, top)
    below.set_xlabel("predicted probability, % (mean of each group of held-out rows)")
    below.set_ylabel("rows")
    return figure


def _gains(points: Sequence[Mapping[str, float]]) -> Any:
    figure, (axes,) = _figure(6.4, 5.2)
    shares = [0.0, *(100 * point["share"] for point in points)]
    captured = [0.0, *(100 * point["captured"] for point in points)]
    axes.fill_between(shares, captured, shares, color=_BLUE, alpha=0.08)
    axes.plot(shares, captured, color=_BLUE, linewidth=2.2, label="called in the order of the score")
    axes.plot([0, 100], [0, 100], color=_QUIET, linewidth=1.2, linestyle=(0, (4, 3)), label="called in random order")
    chosen = min(points, key=lambda point: abs(point["share"] - 0.2))
    share, part = 100 * chosen["share"], 100 * chosen["captured"]
    axes.plot([share], [part], marker="o", color=_ORANGE, markersize=8)
    axes.annotate(
        f"the best {share:.0f} % hold {part:.0f} % of the positives\n({chosen['lift']:.1f} times as many as chance)",
        (share, part),
        xytext=(47, 30),
        color=_INK,
        fontsize=10,
        verticalalignment="top",
        arrowprops={"arrowstyle": "-", "color": _ORANGE, "linewidth": 1.0, "shrinkA": 2, "shrinkB": 5},
    )
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 102)
    axes.set_xlabel("share of the held-out records called, %")
    axes.set_ylabel("share of all positives reached, %")
    _head(figure, "What calling the best first is worth")
    axes.legend(frameon=False, loc="lower right")
    return figure


def _importance(importance: Mapping[str, float]) -> Any:
    ordered = sorted(importance.items(), key=lambda pair: (-pair[1], pair[0]))[:_SHOWN_FEATURES]
    names = [_shortened(name) for name, _ in reversed(ordered)]
    points = [100 * value for _, value in reversed(ordered)]
    figure, (axes,) = _figure(7.2, 1.6 + 0.34 * len(ordered))
    bars = axes.barh(range(len(names)), points, color=_BLUE, height=0.62)
    axes.bar_label(bars, labels=[f"{value:.1f}" for value in points], padding=4, color=_INK, fontsize=9)
    axes.set_yticks(range(len(names)), names, parse_math=False)
    axes.set_xlim(0, 1.12 * max([*points, 1e-9]))
    axes.grid(visible=False, axis="y")
    figure.supxlabel(
        "mean change of the probability when a column's values are shuffled, in points", fontsize=9, color=_INK
    )
    left = len(importance) - len(ordered)
    title = "What the model goes by" + (f" ({left} weaker features not shown)" if left else "")
    _head(figure, title)
    return figure


def _figure(width: float, height: float, *, rows: int = 1, heights: Sequence[float] = (1,)) -> tuple[Any, list[Any]]:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtra(feature="Drawing the pictures of a training report", extra="train") from None
    figure = Figure(figsize=(width, height), dpi=144, layout="constrained", facecolor="white")
    all_axes = list(figure.subplots(rows, 1, height_ratios=list(heights), squeeze=False).ravel())
    for axes in all_axes:
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(_QUIET)
        axes.tick_params(colors=_INK, labelsize=9)
        axes.grid(visible=True, color=_GRID, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.xaxis.label.set_color(_INK)
        axes.yaxis.label.set_color(_INK)
    return figure, all_axes


def _head(figure: Any, title: str) -> None:
    figure.suptitle(title, x=0.015, horizontalalignment="left", fontsize=13, fontweight="bold", color=_INK)


def _save(figure: Any, path: Path) -> str:
    figure.savefig(path, metadata={"Software": None})
    return path.name


def _shortened(name: str, *, longest: int = 44) -> str:
    printable = "".join(sign if sign.isprintable() else " " for sign in name)
    return printable if len(printable) <= longest else printable[: longest - 1] + "…"
