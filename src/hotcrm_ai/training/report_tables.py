"""Writes the tables of a training report in Markdown: harmless cells, and the figures by segment and in money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hotcrm_ai.domain.training import TrainingReport


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    lines += ["| " + " | ".join(cell(str(part)) for part in row) + " |" for row in rows]
    return "\n".join(lines)


def cell(text: str) -> str:
    """Make text from the data harmless in Markdown: one line, no table bars, no tags, no control characters."""
    flat = "".join(sign if sign.isprintable() else " " for sign in text)
    return flat.replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;")


def segments_section(report: TrainingReport) -> str:
    """Return how the model does in each segment; few outcomes are said instead of hidden behind a figure."""
    rows = [
        (
            str(segment["segment"]),
            f"{segment['rows']}",
            f"{segment['positives']}",
            f"{100 * segment['predicted']:.1f} %",
            f"{100 * segment['observed']:.1f} % ({100 * segment['lower']:.1f} to {100 * segment['upper']:.1f})",
            *(("too few to tell", "") if segment["few"] else (_of(segment, "roc_auc"), _of(segment, "log_loss"))),
        )
        for segment in report.segments
    ]
    header = ("segment", "rows", "positives", "predicted", "observed (95 %)", "ROC-AUC (95 %)", "log loss (95 %)")
    title = f"### How well does it do for each {cell(report.segment_column)}?\n\n"
    return title + table(header, rows)


def money_section(report: TrainingReport) -> str:
    """Return what the promised sums were worth, and what calling by expected value brings in."""
    money = report.money
    gain = money["gain"]
    facts = [
        ("value", f"{money['column']}, known of {money['rows']:,} held-out rows"),
        ("promised: probability times value, summed", f"{money['expected']:,.0f}"),
        ("came in", f"{money['won']:,.0f} (expected with 95 %: {money['lower']:,.0f} to {money['upper']:,.0f})"),
        (
            f"more of the money in the first {100 * gain['share']:.0f} % when ordered by expected value instead of probability",
            f"{100 * gain['more']:+.1f} points (95 %: {100 * gain['lower']:+.1f} to {100 * gain['upper']:+.1f})",
        ),
    ]
    rows = [
        (f"{100 * one['share']:.0f} %", f"{100 * one['byExpectedValue']:.1f} %", f"{100 * one['byProbability']:.1f} %")
        for one in money["gains"]
        if round(100 * one["share"]) in (5, 10, 20, 30, 50)
    ]
    header = ("records called first", "of the money, by expected value", "of the money, by probability")
    return "### What is it worth in money?\n\n" + table(("", ""), facts) + "\n\n" + table(header, rows)


def _of(segment: Mapping[str, Any], metric: str) -> str:
    shown = f"{segment['metrics'][metric]:.3f}"
    low, high = segment["intervals"].get(metric, (None, None))
    return shown if low is None or high is None else f"{shown} ({low:.3f} to {high:.3f})"
