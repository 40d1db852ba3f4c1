"""``hotcrm-ai stats``: what all processes of the workspace counted of each model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from hotcrm_ai.domain.errors import ModelNotFound
from hotcrm_ai.entrypoints.cli.session import Session, workspace_command

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI
    from hotcrm_ai.domain.performance import ModelPerformanceStats
    from hotcrm_ai.domain.spending import ModelUsage

SOURCE: Final = "Counted by all processes of the workspace; percentiles are within 1 %."

USAGE_SOURCE: Final = "Days are those of UTC; money is reckoned with the prices of your settings, as of the date shown."


@click.command("stats")
@click.argument("model", required=False)
@click.option(
    "--window",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Only the last so many seconds [default: all].",
)
@click.option("--usage", is_flag=True, help="Tell tokens and money of language models instead, day by day.")
@click.option(
    "--days",
    type=click.IntRange(1, 366),
    default=None,
    metavar="N",
    help="With --usage: the last so many days [default: 1].",
)
@workspace_command
def stats(session: Session, model: str | None, window: float | None, usage: bool, days: int | None) -> None:
    """Tell answers, failures, cache hits, latency, confidence and accuracy of each model; with --usage what language models cost.

    The same figures as a server's /v1/stats. Up to an hour a window is told by the minute, a longer one by the hour.
    """
    if usage and window is not None:
        raise click.UsageError("--window goes with --usage in no way; give --days.")
    if not usage and days is not None:
        raise click.UsageError("--days goes with --usage only; give --window in seconds.")
    if usage:
        _show_usage(session, model, days or 1)
        return

    async def work(ai: AI) -> list[ModelPerformanceStats]:
        if model is None:
            return list((await ai.monitor.get_all_stats(window)).values())
        if await ai.registry.get_model(model) is None:
            raise ModelNotFound(f"No model is called {model!r}; `hotcrm-ai models list` shows all.", model_id=model)
        stats = await ai.monitor.get_model_stats(model, window)
        return [] if stats is None else [stats]

    found = session.look(work)
    _show(session, found, window)


def _show_usage(session: Session, model: str | None, days: int) -> None:
    from hotcrm_ai.entrypoints.cli.screen import screen, shown, write_json
    from hotcrm_ai.entrypoints.cli.stats_rows import usage_table

    async def work(ai: AI) -> list[ModelUsage]:
        return await ai.get_usage(model, days=days)

    found = session.look(work)
    if session.as_json:
        write_json({"days": days, "usage": found})
        return
    console = screen()
    console.print(usage_table(found) if found else "No language model was asked")
    console.print(shown(USAGE_SOURCE, "dim"))


def _show(session: Session, found: list[ModelPerformanceStats], window: float | None) -> None:
    from hotcrm_ai.entrypoints.cli.screen import screen, shown, write_json
    from hotcrm_ai.entrypoints.cli.stats_rows import stats_table

    if session.as_json:
        reason = None if found else "No recent predictions"
        write_json({"source": "all-processes", "windowSeconds": window, "models": found, "reason": reason})
        return
    console = screen()
    console.print(stats_table(found) if found else "No recent predictions")
    console.print(shown(SOURCE, "dim"))


COMMAND = stats
