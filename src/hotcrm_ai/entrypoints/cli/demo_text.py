"""Prints what the demonstration found: quality, leads to call, one explanation, the A/B test, and what to type next."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from hotcrm_ai.actions.demo import CLOSED_LEADS, SEED
from hotcrm_ai.actions.demo_report import DemoReport, QualitySummary
from hotcrm_ai.actions.leads import OBJECT_TYPE
from hotcrm_ai.entrypoints.cli.experiment_rows import arm_table, split_sentence
from hotcrm_ai.entrypoints.cli.explanation_text import ledger
from hotcrm_ai.entrypoints.cli.lead_rows import reasons
from hotcrm_ai.entrypoints.cli.screen import number, shown, shown_lines, status_text, table
from hotcrm_ai.entrypoints.cli.session import Session
from hotcrm_ai.entrypoints.cli.stats_rows import stats_table
from hotcrm_ai.entrypoints.cli.training_rows import print_excluded, quality_table, rows_sentence

_REACHED: Final = {"roc_auc": "ROC-AUC", "log_loss": "log loss", "brier": "Brier score"}


def print_demo(console: Console, report: DemoReport, session: Session) -> None:
    """Print the whole report."""
    _print_quality(console, report)
    _print_leads(console, report)
    _print_explanation(console, report)
    _print_test(console, report)
    _print_operations(console, report)
    _print_next(console, report, session)


def _heading(console: Console, title: str) -> None:
    console.print()
    console.print(Text(title, style="bold cyan"))
    console.print()


def _print_quality(console: Console, report: DemoReport) -> None:
    _heading(console, "How good is it? Measured on leads that it never saw")
    quality = report.quality
    console.print(quality_table(report.training, best=quality.best_possible if quality else None))
    console.print()
    console.print(shown(rows_sentence(report.training)))
    if quality is not None:
        console.print(Text(_reached_sentence(quality)))
    if report.training.excluded:
        _heading(console, "What the leak guard kept out")
        print_excluded(console, report.training)


def _reached_sentence(quality: QualitySummary) -> str:
    parts = ", ".join(
        f"{100 * quality.reached[name]:.0f} % by {title}" for name, title in _REACHED.items() if name in quality.reached
    )
    return (
        "Best possible: the true probabilities of the sample's generator, which no model is told, on the same leads. "
        f"Of the way from knowing nothing to there, the model went {parts}."
    )


def _print_leads(console: Console, report: DemoReport) -> None:
    scoring = report.scoring
    classes = ", ".join(f"{scoring.classes.get(name, 0):,} {name}" for name in ("hot", "warm", "cold"))
    _heading(console, f"Call these first, of {scoring.scored:,} open leads ({classes})")
    rows: list[tuple[Any, ...]] = [
        (
            lead.id,
            Text.assemble(shown(lead.name), (f"\n{shown(lead.company).plain}", "dim")),
            number(lead.score, 0),
            status_text(lead.class_),
            reasons({"topFeatures": lead.top_features}, report.titles, most=3),
        )
        for lead in report.call_first
    ]
    console.print(table(("Lead", "Who", "Score", "Class", "Main reasons, in points"), rows, right=("Score",)))
    if scoring.failed:
        console.print(shown(f"{scoring.failed:,} leads could not be scored and were left as they were.", "yellow"))


def _print_explanation(console: Console, report: DemoReport) -> None:
    explained = report.explained
    lead = report.call_first[0]
    _heading(console, f"Why {lead.name} ({explained.lead_id}) has {lead.score:.0f} points")
    console.print(shown_lines(explained.explanation.explanation))
    console.print()
    console.print(ledger(explained.explanation, report.titles))
    console.print()
    explanation = explained.explanation
    console.print(shown(f"{explanation.method}; adds up to within {explanation.additivity_error:.1e} points."))
    if explained.picture:
        console.print(shown(f"Picture: {explained.picture}"))


def _print_test(console: Console, report: DemoReport) -> None:
    _heading(
        console, f"A/B test: {report.experiment.champion_model_id} against {report.experiment.challenger_model_id}"
    )
    console.print(arm_table(report.experiment))
    console.print()
    console.print(shown(split_sentence(report.experiment), "bold red" if report.experiment.mismatch else ""))
    console.print(shown(report.experiment.verdict.explanation, "bold"))
    console.print(shown("The outcomes are simulated: the sample knows how its open leads are going to end."))
    if not report.crm.created:
        console.print(shown("Answers and outcomes of earlier runs in this workspace are counted too.", "dim"))


def _print_operations(console: Console, report: DemoReport) -> None:
    _heading(console, "How it runs (this workspace; latencies of fresh answers, without the cache)")
    console.print(stats_table(list(report.performance.values())))
    console.print()
    for model, health in report.health.items():
        remark = health.reason or f"{health.samples:,} fresh answers in five minutes"
        console.print(Text.assemble("Health: ", shown(model), " is ", status_text(health.status), f" ({remark})"))
    cache = report.cache
    console.print(
        shown(f"Cache ({cache.backend}): {cache.size:,} answers kept, {cache.hits:,} hits, {cache.misses:,} misses.")
    )


def _print_next(console: Console, report: DemoReport, session: Session) -> None:
    _heading(console, "What to type next")
    for purpose, command in next_commands(report, session):
        if purpose:
            console.print(shown(f"# {purpose}", "dim"))
        console.print(shown(command), soft_wrap=True)
    console.print()
    console.print(
        shown(
            f"Done in {report.seconds:.0f} s. Everything is in {report.home}; delete that folder to undo it all.", "dim"
        )
    )


def next_commands(report: DemoReport, session: Session) -> list[tuple[str, str]]:
    """Return commands that go on from here, each with its purpose; every one works as it stands."""
    features, lead_id = report.explained.features_file, report.explained.lead_id
    model_id = report.training.model_id
    commands = [
        ("explain any record, and draw it", [
            "explain", model_id, "--features", f"@{features}", "--record", f"{OBJECT_TYPE}:{lead_id}", "--plot", "why.png",
        ]),
        ("score one lead again, or all that meet a condition", ["score", "leads", "--id", lead_id, "--model", model_id]),
        ("", ["score", "leads", "--where", "lead_source = Referral", "--where", "converted is null", "--model", model_id]),
        ("look at the A/B test again", ["experiments", "report", model_id]),
        ("train on your own table: here the same one, as a model of its own", [
            "train", "lead-scoring", "--query", CLOSED_LEADS, "--target", "converted", "--time-column", "created_date",
            "--seed", str(SEED), "--id", "my-lead-scoring", "--report", "report",
        ]),
        ("check the installation, then serve all of it over HTTP", ["doctor"]),
        ("", ["serve"]),
    ]  # fmt: skip
    program = _program()
    return [(purpose, session.in_this_workspace(shlex.join([*program, *words]))) for purpose, words in commands]


def _program() -> list[str]:
    """Return how the program is called here: by its name where that is found, else by its path."""
    called = Path(sys.argv[0])
    if called.name != "hotcrm-ai" or shutil.which("hotcrm-ai"):
        return ["hotcrm-ai"]
    try:
        return [str(called.absolute().relative_to(Path.cwd()))]
    except ValueError:
        return [str(called)]
