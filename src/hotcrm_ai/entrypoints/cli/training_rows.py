"""Shows a training report: quality beside its baselines, what was kept out and why, and how the columns were read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hotcrm_ai.ai_features import discover_ai_features
from hotcrm_ai.domain.metric import METRICS as TOLD
from hotcrm_ai.domain.metric import OF_SERIES_AND_PRODUCTS, metric_of
from hotcrm_ai.domain.training import TrainingReport
from hotcrm_ai.domain.value_text import printable
from hotcrm_ai.domain.wording import NEUTRAL
from hotcrm_ai.entrypoints.cli.screen import number, shown, status_text, table

METRICS: Final = (
    ("roc_auc", "ROC-AUC", "↑"),
    ("average_precision", "Average precision", "↑"),
    ("accuracy", "Accuracy", "↑"),
    ("top_decile_lift", "Top-decile lift", "↑"),
    ("log_loss", "Log loss", "↓"),
    ("brier", "Brier score", "↓"),
    ("calibration_error", "Calibration error", "↓"),
    *((name, TOLD[name].title, "↑" if TOLD[name].more_is_better else "↓") for name in OF_SERIES_AND_PRODUCTS),
)
"""The metrics that are shown, and whether a higher or a lower one is better."""

_TITLES: Final = {"majority": "Base\nrate", "naive_bayes": "Naive\nBayes"}
_WITHOUT_STORY: Final = frozenset({"identifier", "personal", "empty", "constant", "time"})
"""Kinds of columns that are kept out as a matter of course; they are named in one line."""


def print_training(console: Console, report: TrainingReport) -> None:
    """Print the report of a training run."""
    console.print(
        Text.assemble(shown(f"{report.model_id} {report.version}", "bold"), " is ", status_text(report.status))
    )
    if report.status == "active":
        console.print(shown(f"It is the champion of {report.feature} now: it answers where no model is named."))
    console.print(shown(rows_sentence(report)))
    console.print()
    console.print(quality_table(report))
    if report.excluded:
        console.print()
        print_excluded(console, report)
    _print_asked(console, report)
    for warning in report.warnings:
        console.print(shown(f"  note: {warning}", "yellow"))
    console.print()
    console.print(shown(f"{report.seconds:.1f} s, files sha256 {report.bundle_digest}", "dim"))
    for kind, place in report.files.items():
        console.print(shown(f"  {kind}: {place}", "dim"))


def _print_asked(console: Console, report: TrainingReport) -> None:
    """Print what the run was asked for besides: directions, segments, money."""
    if report.segments:
        console.print()
        console.print(segment_table(report))
    for column, direction in report.monotone.items():
        console.print(shown(f"  {column} only {'raises' if direction == '+' else 'lowers'} the probability", "dim"))
    gain = report.money.get("gain")
    if gain is not None:
        console.print(
            f"  In money: {report.money['expected']:,.0f} promised, {report.money['won']:,.0f} came in; the first "
            f"{100 * gain['share']:.0f} % by expected value hold {100 * gain['more']:+.1f} points of it "
            f"({100 * gain['lower']:+.1f} to {100 * gain['upper']:+.1f}) against the order by probability."
        )


def segment_table(report: TrainingReport) -> Table:
    """Return the model's quality for each segment; a segment of few outcomes says so instead of showing a figure."""
    rows = []
    for segment in report.segments:
        low, high = segment.get("intervals", {}).get("roc_auc", (None, None))
        interval = "" if low is None or high is None else f"{low:.2f}–{high:.2f}"
        area = Text("too few", style="dim") if segment["few"] else number(segment["metrics"]["roc_auc"], 3)
        rates = (number(100.0 * segment["predicted"], 1, " %"), number(100.0 * segment["observed"], 1, " %"))
        rows.append((shown(segment["segment"]), f"{segment['rows']:,}", *rates, area, Text(interval, style="dim")))
    columns = (printable(report.segment_column), "Rows", "Promised", "Came true", "ROC-AUC ↑", "95 %\ninterval")
    return table(columns, rows, right=columns[1:])


def rows_sentence(report: TrainingReport) -> str:
    """Say from how many records the model learned and on how many it was measured."""
    feature = discover_ai_features().get(report.feature)
    wording = NEUTRAL if feature is None else feature.wording
    learned = f"{wording.learned_from(report.training_rows, report.held_out_rows)}. Split {report.split}."
    if not report.bands:
        return f"{report.rows:,} rows; {learned}"
    share = 100.0 * report.positives / report.rows
    return f"{report.rows:,} {wording.records} with an outcome, {share:.1f} % of them {report.target}; {learned}"


def quality_table(report: TrainingReport, *, best: Mapping[str, float] | None = None) -> Table:
    """Return the table of metrics on held-out rows beside the baselines, and beside the best possible where that is known."""
    rows: list[tuple[Any, ...]] = []
    for name, title, better in METRICS:
        if name not in report.metrics:
            continue
        low, high = report.intervals.get(name, (None, None))
        tell = metric_of(name).text
        interval = Text("" if low is None or high is None else f"{tell(low)}–{tell(high)}", style="dim")
        known = () if best is None else (Text(tell(best[name]) if name in best else "", style="cyan"),)
        others = (tell(metrics.get(name)) for metrics in report.baselines.values())
        rows.append((f"{title} {better}", Text(tell(report.metrics[name]), style="bold"), interval, *known, *others))
    baselines = (_TITLES.get(name, name.replace("_", " ").capitalize()) for name in report.baselines)
    columns = ("Held out", "Model", "95 %\ninterval", *(("Best\npossible",) if best is not None else ()), *baselines)
    return table(columns, rows, right=columns[1:])


def print_excluded(console: Console, report: TrainingReport) -> None:
    """Print the columns that were kept out: those that give the outcome away with the evidence, the others by name."""
    telling = [excluded for excluded in report.excluded if excluded.kind not in _WITHOUT_STORY]
    if telling:
        alike: dict[tuple[str, str], list[str]] = {}
        for excluded in telling:
            alike.setdefault((excluded.kind, excluded.reason), []).append(excluded.column)
        rows = [
            (shown(", ".join(columns)), Text.assemble(shown(kind, "bold"), ": ", shown(reason)))
            for (kind, reason), columns in alike.items()
        ]
        console.print(table(("Column", "Why it was kept out"), rows))
    others: dict[str, list[str]] = {}
    for excluded in report.excluded:
        if excluded.kind in _WITHOUT_STORY:
            others.setdefault(excluded.kind, []).append(excluded.column)
    for kind, columns in others.items():
        console.print(Text.assemble((f"{kind}: ", "dim"), shown(", ".join(columns))))
