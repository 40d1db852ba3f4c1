"""``hotcrm-ai score …``: answers for CRM records and writes answer, confidence, reasons and date back to them.

``score leads`` and one command for each further AI feature, as its declaration names it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from hotcrm_ai.domain.signature import MISSING
from hotcrm_ai.entrypoints.cli.conditions import read_condition
from hotcrm_ai.entrypoints.cli.failures import DONE, FAILED
from hotcrm_ai.entrypoints.cli.session import Session, workspace_command

if TYPE_CHECKING:
    from rich.table import Table

    from hotcrm_ai.assembly import AI
    from hotcrm_ai.ports.ai_feature import AIFeature

_MOST_ROWS = 25
_MOST_NOTES = 5
_LEADS = "leads"


class _ByFeature(click.Group):
    """Makes the commands of the features when they are asked for, so that no other command has to load them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_features()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        feature = None if cmd_name == _LEADS else _features().get(cmd_name)
        return super().get_command(ctx, cmd_name) if feature is None else _command_for(feature)


@click.group("score", cls=_ByFeature)
def score() -> None:
    """Answer for CRM records and write the answers back."""


def _choice_of_records(command: Callable[..., int | None]) -> Callable[..., int | None]:
    """Add the options that say which records."""
    for option in (
        click.option(
            "--where", "conditions", multiple=True, metavar="CONDITION",
            help="The records that meet this, for example 'status = open' or 'converted is null'; several must all be met.",
        ),
        click.option("--all", "everything", is_flag=True, help="Every record of the CRM."),
        click.option("--id", "ids", multiple=True, metavar="ID", help="One record; may be given several times."),
    ):  # fmt: skip
        command = option(command)
    return command


@score.command(_LEADS)
@_choice_of_records
@click.option(
    "--model", default="lead-scoring-v1", show_default=True, help="The model to ask (or the challenger of an A/B test)."
)
@workspace_command
def leads(session: Session, ids: tuple[str, ...], everything: bool, conditions: tuple[str, ...], model: str) -> int:
    """Score leads and write ai_score, ai_confidence, ai_explanation and last_scored_date to them.

    Leads that cannot be scored are left as they were. The exit code is 1 when there were leads and none could be scored.
    """
    from hotcrm_ai.actions import batch_score_leads
    from hotcrm_ai.ai_features.lead_scoring import FEATURE as LEAD_SCORING
    from hotcrm_ai.entrypoints.cli.lead_rows import lead_table
    from hotcrm_ai.entrypoints.cli.screen import note

    results = _write(session, batch_score_leads, _wanted(ids, everything, conditions), model, "Scoring leads")
    best = sorted(_right(results), key=lambda result: (-result["score"], result["id"]))
    _show(session, results, lead_table(best[:_MOST_ROWS], LEAD_SCORING.wording), one="lead", done="leads scored")
    for challenger in session.run(lambda ai: _challengers(ai, model)):
        note(
            f"note: {challenger!r} is in an A/B test against {model!r}; these scores are all of {model!r}, "
            f"with --model {challenger} the test decides who answers."
        )
    return _exit_code(results)


def _features() -> dict[str, AIFeature]:
    """Return the AI features by the name of their command."""
    from hotcrm_ai.ai_features import discover_ai_features

    return {feature.write_back.command: feature for feature in discover_ai_features().values()}


def _command_for(feature: AIFeature) -> click.Command:
    declared = feature.write_back

    @click.command(
        declared.command,
        short_help=f"Write {declared.command} to records of {feature.crm_object}.",
        help=f"Ask {feature.name} about records of {feature.crm_object} and write {', '.join(declared.fields)} to them.\n\n"
        "Records that cannot be answered for are left as they were. The exit code is 1 when there were records and none could be "
        "answered for.",
    )
    @_choice_of_records
    @click.option("--model", default=f"{feature.name}-v1", show_default=True, help="The model to ask.")
    @workspace_command
    def command(
        session: Session, ids: tuple[str, ...], everything: bool, conditions: tuple[str, ...], model: str
    ) -> int:
        from hotcrm_ai import actions
        from hotcrm_ai.entrypoints.cli.record_rows import record_table

        action = getattr(actions, declared.many)
        results = _write(session, action, _wanted(ids, everything, conditions), model, f"Asking {feature.name}")
        rows = record_table(feature, _right(results)[:_MOST_ROWS])
        _show(session, results, rows, one=feature.crm_object, done=f"records of {feature.crm_object} answered for")
        return _exit_code(results)

    return command


def _wanted(ids: tuple[str, ...], everything: bool, conditions: tuple[str, ...]) -> list[str] | dict[str, Any]:
    if sum((bool(ids), everything, bool(conditions))) != 1:
        raise click.UsageError("Give one of --id, --all and --where.")
    return list(ids) if ids else {"filters": [read_condition(text) for text in conditions]}


def _write(session: Session, action: Any, wanted: Any, model: str, title: str) -> list[dict[str, Any]]:
    async def write(ai: AI) -> list[dict[str, Any]]:
        from hotcrm_ai.entrypoints.cli.waiting import progress_bar

        with progress_bar(title) as advance:
            written: list[dict[str, Any]] = await action(ai, wanted, model_id=model, progress=advance)
            return written

    return session.run(write)


def _right(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [result for result in results if "error" not in result]


def _exit_code(results: list[dict[str, Any]]) -> int:
    return FAILED if results and not _right(results) else DONE


async def _challengers(ai: AI, model_id: str) -> list[str]:
    """Return the models that may answer and are under a running split test against this one."""
    return [
        model.id
        for model in await ai.registry.list_models(status="active")
        if model.ab_test is not None
        and model.ab_test.enabled
        and model.ab_test.mode == "split"
        and model.ab_test.champion_model_id == model_id
    ]


def _show(session: Session, results: list[dict[str, Any]], rows: Table, *, one: str, done: str) -> None:
    from hotcrm_ai.entrypoints.cli.screen import screen, shown, write_json

    written = _right(results)
    failed = [result for result in results if "error" in result]
    if session.as_json:
        write_json({"scored": len(written), "failed": len(failed), "results": results})
        return
    console = screen()
    if written:
        console.print(rows)
    if len(written) > _MOST_ROWS:
        console.print(
            shown(f"… and {len(written) - _MOST_ROWS:,} more, all written back; --json gives every one.", "dim")
        )
    console.print(
        shown(f"{len(written):,} {done} and written back, {len(failed):,} not." if results else f"No {one} meets that.")
    )
    for result in failed[:_MOST_ROWS]:
        console.print(shown(f"  {result['id']}: {result['error']['message']}", "red"))
    noted = [f"{result['id']}: {remark}" for result in written for remark in _remarks(result)]
    for remark in noted[:_MOST_NOTES]:
        console.print(shown(f"  note: {remark}", "yellow"))
    if len(noted) > _MOST_NOTES:
        console.print(shown(f"  … and {len(noted) - _MOST_NOTES:,} more such notes; --json gives every one.", "dim"))


def _remarks(result: dict[str, Any]) -> list[str]:
    """Return what to know of an answer, without the fields that its record does not have."""
    return [one for one in result.get("warnings", ()) if not one.endswith(MISSING)]


COMMAND = score
