"""Shows A/B tests and their arms as tables."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from hotcrm_ai.domain.experiment import ExperimentReport
from hotcrm_ai.entrypoints.cli.screen import number, shown, table


def experiment_table(reports: Sequence[ExperimentReport]) -> Table:
    """Return the table of A/B tests."""
    rows = [
        (
            report.id,
            report.champion_model_id,
            report.mode,
            number(report.traffic_percentage, 1, " %"),
            "running" if runs(report) else "stopped",
            number(sum(arm.predictions for arm in report.arms), 0),
        )
        for report in reports
    ]
    return table(
        ("Challenger", "Champion", "Mode", "Traffic", "State", "Predictions"), rows, right=("Traffic", "Predictions")
    )


def print_experiment(console: Console, report: ExperimentReport) -> None:
    """Print one A/B test: its arms, and whether the split is as configured."""
    console.print(arm_table(report))
    console.print(shown(split_sentence(report), "bold red" if report.mismatch else ""))
    console.print(shown(report.verdict.explanation))
    if report.since is not None:
        console.print(shown(f"Counted since {report.since.isoformat(sep=' ', timespec='seconds')}.", "dim"))


def runs(report: ExperimentReport) -> bool:
    """Say whether the challenger still gets requests; a split of 0 % is one that was stopped."""
    return report.enabled and (report.mode == "shadow" or report.traffic_percentage > 0)


def arm_table(report: ExperimentReport) -> Table:
    """Return the table of a test's arms."""
    rows = [
        (
            arm.variant,
            arm.model_id,
            number(arm.subjects, 0),
            number(arm.predictions, 0),
            number(arm.average_confidence, 1, " %"),
            number(arm.outcomes, 0),
            number(arm.accuracy, 1, " %"),
        )
        for arm in report.arms
    ]
    columns = ("Arm", "Model", "Subjects", "Answers", "Conf.", "Outcomes", "Right")
    return table(columns, rows, right=columns[2:])


def split_sentence(report: ExperimentReport) -> str:
    """Say whether the observed split fits the configured one."""
    if report.mismatch_p_value is None:
        return f"Configured: {report.traffic_percentage:g} % to the challenger; there is nothing to check yet."
    verdict = (
        "does NOT fit: something sends subjects to the wrong arm (alarm at p < 0.001)"
        if report.mismatch
        else "fits the configuration"
    )
    configured = f"{report.traffic_percentage:g} % configured for the challenger"
    return f"Split check: {configured}; the observed split {verdict}, p = {report.mismatch_p_value:.3g}."
