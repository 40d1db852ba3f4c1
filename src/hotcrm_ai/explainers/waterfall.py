"""Draws an explanation as a waterfall: from the base value, one step for each feature, to the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from hotcrm_ai.domain.errors import ConfigError, MissingExtra
from hotcrm_ai.domain.explanation import Explanation
from hotcrm_ai.domain.titles import cause_text, others_text
from hotcrm_ai.domain.value_text import printable
from hotcrm_ai.domain.wording import NEUTRAL, Wording

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS: Final = ("png", "svg")

_MOST_STEPS: Final = 9
_LONGEST_LABEL: Final = 46
_GOOD, _BAD, _INK, _SOFT, _GRID = "#1f8a63", "#c8503f", "#1f2933", "#66727f", "#e4e8ec"
_FAMILIES: Final = (
    "DejaVu Sans",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "PingFang SC",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One bar: its label, and where it starts and ends on the axis."""

    label: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """What the picture shows, in the unit of its axis: per cent or points for chances and scores."""

    base: float
    steps: tuple[Step, ...]
    answer: float
    axis: str
    decimals: int


def draw_waterfall(
    explanation: Explanation,
    target: str | Path | IO[bytes],
    *,
    titles: Mapping[str, str] | None = None,
    wording: Wording = NEUTRAL,
    format: str | None = None,  # noqa: A002 - matplotlib's name, too
) -> None:
    """Write the picture of an explanation to a file, PNG or SVG by its suffix (by ``format`` for an open file; PNG if none).

    ``titles`` are the features' names for people, ``wording`` the words of the AI feature: with it a risk that rises is red.

    Raises:
        ConfigError: another kind of picture is asked for.
        MissingExtra: the drawing package is not installed.
    """
    kind = _picture_format(target, format)
    plan = plan_waterfall(explanation, titles or {})
    try:
        from matplotlib import font_manager, rc_context
    except ImportError:
        raise MissingExtra(feature="Drawing an explanation", extra="train") from None
    installed = set(font_manager.get_font_names())
    families = [family for family in _FAMILIES if family in installed]
    with rc_context({"font.family": families, "svg.hashsalt": "hotcrm-ai"}):
        figure = _draw(plan, heading=_heading(plan, explanation, wording), wording=wording)
        figure.savefig(target, format=kind, dpi=160, metadata={"Date": None} if kind == "svg" else None)


def plan_waterfall(explanation: Explanation, titles: Mapping[str, str]) -> Waterfall:
    """Return the bars of an explanation: the largest features one by one, the rest as one, so that they end at the answer."""
    factor, axis = _axis_of(explanation)
    at = base = explanation.base_value * (100.0 if axis == "Probability in %" else 1.0)
    parts = explanation.feature_contributions
    shown = parts if len(parts) <= _MOST_STEPS else parts[: _MOST_STEPS - 1]
    sizes = [(_label(part.feature, part.value, titles), part.contribution * factor) for part in shown]
    if len(shown) < len(parts):
        rest = sum(part.contribution for part in parts[len(shown) :]) * factor
        sizes.append((others_text(len(parts) - len(shown), parts[0], "features"), rest))
    steps: list[Step] = []
    for label, size in sizes:
        steps.append(Step(label, at, at + size))
        at += size
    return Waterfall(base=base, steps=tuple(steps), answer=at, axis=axis, decimals=1 if factor == 100.0 else 2)


def _axis_of(explanation: Explanation) -> tuple[float, str]:
    """Return what a contribution of 1 is on the axis, and the axis's name."""
    prediction: Any = explanation.prediction if isinstance(explanation.prediction, Mapping) else {}
    total = sum(part.contribution for part in explanation.feature_contributions)
    score = prediction.get("score")
    if score is not None and abs(explanation.base_value + 100.0 * total - score) <= 1e-3:
        return 100.0, "Score"
    if prediction.get("probability") is not None:
        return 100.0, "Probability in %"
    return 1.0, "Prediction"


def _label(feature: str, value: Any, titles: Mapping[str, str]) -> str:
    text = cause_text(feature, value, titles, longest=30)
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1] + "…"


def _picture_format(target: str | Path | IO[bytes], named: str | None) -> str:
    suffix = Path(target).suffix.lstrip(".").lower() if isinstance(target, str | Path) else "png"
    kind = (named or suffix).lower()
    if kind not in FORMATS:
        raise ConfigError(f"A picture cannot be written as {kind!r}; choose a file name that ends in .png or .svg.")
    return kind


def _draw(plan: Waterfall, *, heading: str, wording: Wording) -> Figure:
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    rows = len(plan.steps) + 2
    margins = ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.15)
    figure = Figure(figsize=(9.6, 1.35 + 0.44 * rows), facecolor="white", layout=margins)
    axes = figure.add_subplot()
    _frame(axes, plan, rows)
    _draw_steps(axes, plan, wording)
    _draw_ends(axes, plan, rows)
    axes.set_title(heading, loc="left", fontsize=12, color=_INK, pad=14, parse_math=False, fontweight="bold")
    return figure


def _heading(plan: Waterfall, explanation: Explanation, wording: Wording) -> str:
    named = explanation.prediction.values() if isinstance(explanation.prediction, Mapping) else ()
    group = next((f" ({value})" for value in named if isinstance(value, str)), "")
    answer = f"{plan.axis.split(' ')[0].lower()} {plan.answer:,.{plan.decimals}f}"
    sure = wording.confidence_text(explanation.prediction, explanation.confidence)
    confidence = "" if sure is None else f", {sure}"
    return printable(f"{explanation.model_id} {explanation.model_version}: {answer}{group}{confidence}")


def _frame(axes: Axes, plan: Waterfall, rows: int) -> None:
    points = [plan.base, plan.answer, *(step.end for step in plan.steps)]
    span = max(max(points) - min(points), 1e-6)
    axes.set_xlim(min(points) - 0.16 * span, max(points) + 0.16 * span)
    axes.set_ylim(rows - 0.4, -0.6)
    axes.set_yticks(range(rows), ["Average", *(step.label for step in plan.steps), plan.axis.split(" ")[0]])
    for row, label in enumerate(axes.get_yticklabels()):
        label.set(parse_math=False, fontsize=10.5, color=_INK)
        if row in (0, rows - 1):
            label.set_fontweight("bold")
    axes.tick_params(axis="y", length=0, pad=8)
    axes.tick_params(axis="x", length=0, labelsize=9, labelcolor=_SOFT)
    axes.set_xlabel(plan.axis, fontsize=9.5, color=_SOFT)
    axes.grid(axis="x", color=_GRID, linewidth=0.9)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)


def _draw_steps(axes: Axes, plan: Waterfall, wording: Wording) -> None:
    left, right = axes.get_xlim()
    gap = 0.008 * (right - left)
    for row, step in enumerate(plan.steps, start=1):
        size = step.end - step.start
        colour = _GOOD if (size >= 0) == wording.more_is_good else _BAD
        axes.barh(row, size, left=step.start, height=0.62, color=colour, zorder=3)
        axes.plot(
            [step.end, step.end], [row + 0.31, row + 0.69], color=_SOFT, linewidth=0.8, linestyle=(0, (2, 2)), zorder=2
        )
        axes.text(
            step.end + (gap if size >= 0 else -gap),
            row,
            f"{size:+,.{plan.decimals}f}".replace("-", "−"),
            va="center",
            ha="left" if size >= 0 else "right",
            fontsize=10,
            color=colour,
            fontweight="bold",
            zorder=4,
        )


def _draw_ends(axes: Axes, plan: Waterfall, rows: int) -> None:
    axes.plot([plan.base, plan.base], [0.2, 0.69], color=_SOFT, linewidth=0.8, linestyle=(0, (2, 2)), zorder=2)
    for row, value in ((0, plan.base), (rows - 1, plan.answer)):
        axes.plot(value, row, marker="D", markersize=7, color=_INK, zorder=5)
        axes.annotate(
            f"{value:,.{plan.decimals}f}",
            (value, row),
            xytext=(9, 0),
            textcoords="offset points",
            va="center",
            fontsize=11,
            color=_INK,
            fontweight="bold",
            zorder=6,
        )
