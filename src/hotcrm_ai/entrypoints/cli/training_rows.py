"""Shows a training report: quality beside its baselines, what was kept out and why, and how the columns were read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hotcrm_ai.domain.training import TrainingReport
from hotcrm_ai.entrypoints.cli.screen import number, shown, status_text, table

METRICS: Final = (
    ("roc_auc", "ROC-AUC", "higher"),
    ("average_precision", "Average precision", "higher"),
    ("accuracy", "Accuracy", "higher"),
    ("top_decile_lift", "Top-decile lift", "higher"),
    ("log_loss", "Log loss", "lower"),
    ("brier", "Brier score", "lower"),
    ("calibration_error", "Calibration error", "lower"),
)


def print_training(console: Console, report: TrainingReport) -> None:
    """Print the report of a training run."""
    console.print(
        Text.assemble(shown(f"{report.model_id} {report.version}", "bold"), " is ", status_text(report.status))
    )
    console.print(shown(rows_sentence(report)))
    console.print()
    console.print(quality_table(report))
    if report.excluded:
        console.print()
        console.print(excluded_table(report))
    for warning in report.warnings:
        console.print(shown(f"  note: {warning}", "yellow"))
    console.print()
    console.print(shown(f"{report.seconds:.1f} s, files sha256 {report.bundle_digest}", "dim"))
    for kind, place in report.files.items():
        console.print(shown(f"  {kind}: {place}", "dim"))


def rows_sentence(report: TrainingReport) -> str:
    """Say from how many records the model learned and on how many it was measured."""
    share = 100.0 * report.positives / report.rows if report.rows else 0.0
    return (
        f"{report.rows:,} closed records, {share:.1f} % of them won; learned from {report.training_rows:,}, "
        f"measured on {report.held_out_rows:,} others ({report.split})."
    )


def quality_table(report: TrainingReport, *, best: Mapping[str, float] | None = None) -> Table:
    """Return the table of metrics on held-out rows beside the baselines, and beside the best possible where that is known."""
    baselines = list(report.baselines)
    rows: list[tuple[Any, ...]] = []
    for name, title, better in METRICS:
        if name not in report.metrics:
            continue
        row: list[Any] = [
            Text.assemble(title, (f" ({better} is better)", "dim")),
            Text(f"{report.metrics[name]:.3f}", style="bold"),
        ]
        low, high = report.intervals.get(name, (None, None))
        row.append("" if low is None or high is None else shown(f"{low:.3f} … {high:.3f}", "dim"))
        row += [number(report.baselines[baseline].get(name), 3) for baseline in baselines]
        if best is not None:
            row.append(Text(f"{best[name]:.3f}" if name in best else "", style="cyan"))
        rows.append(tuple(row))
    columns = (
        "On held-out leads" if best else "On held-out rows",
        "Model",
        "95 % interval",
        *(name.replace("_", " ").capitalize() for name in baselines),
    )
    columns = (*columns, "Best possible") if best is not None else columns
    return table(columns, rows, right=columns[1:])


def excluded_table(report: TrainingReport) -> Table:
    """Return the table of columns that were kept out of the model, with the evidence."""
    rows = [(excluded.column, excluded.kind, excluded.reason) for excluded in report.excluded]
    return table(("Kept out", "As", "Because"), rows)
