"""``hotcrm-ai score …``: answers for CRM records and writes answer, confidence, reasons and date back to them.

``score leads`` and one command for each further AI feature, as its declaration names it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from hotcrm_ai.domain.signature import MISSING
from hotcrm_ai.domain.ways import told
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
    """Add the options that say which records, and who is asked."""
    for option in (
        click.option(
            "--model", metavar="ID", help="The model to ask, such as the challenger of an A/B test [default: the feature's champion]."
        ),
        click.option(
            "--where", "conditions", multiple=True, metavar="CONDITION",
            help="The records that meet this, for example 'status = open' or 'converted is null'; several must all be met.",
        ),
        click.option("--all", "everything", is_flag=True, help="Every record of the CRM, closed ones too."),
        click.option("--id", "ids", multiple=True, metavar="ID", help="One record; may be given several times."),
    ):  # fmt: skip
        command = option(command)
    return command


@score.command(_LEADS)
@_choice_of_records
@workspace_command
def leads(session: Session, **options: Any) -> int:
    """Score leads and write ai_score, ai_confidence, ai_explanation and last_scored_date to them.

    Without --id, --where and --all these are the open ones. Leads that cannot be scored are left as they were. The exit code is 1 when
    there were leads and none could be scored.
    """
    from hotcrm_ai.actions import batch_score_leads
    from hotcrm_ai.ai_features.lead_scoring import FEATURE as LEAD_SCORING
    from hotcrm_ai.entrypoints.cli.lead_rows import lead_table

    written = _write(session, LEAD_SCORING.name, batch_score_leads, "Scoring leads", **options)
    best = sorted(written.right, key=lambda result: (-result["score"], result["id"]))
    _show(session, written, lead_table(best[:_MOST_ROWS], LEAD_SCORING.wording), one="lead", done="leads scored")
    return written.exit_code


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
        f"{_without_options(feature.crm_object)}Records that cannot be answered for are left as they were. The exit code is 1 when there "
        "were records and none could be answered for.",
    )
    @_choice_of_records
    @workspace_command
    def command(session: Session, **options: Any) -> int:
        from hotcrm_ai import actions
        from hotcrm_ai.entrypoints.cli.record_rows import record_table

        action = getattr(actions, declared.many)
        written = _write(session, feature.name, action, f"Asking {feature.name}", **options)
        rows = record_table(feature, written.right[:_MOST_ROWS])
        _show(session, written, rows, one=feature.crm_object, done=f"records of {feature.crm_object} answered for")
        return written.exit_code

    return command


def _without_options(crm_object: str) -> str:
    from hotcrm_ai.actions.open_records import OUTCOME_FIELDS

    return "Without --id, --where and --all these are the open ones. " if crm_object in OUTCOME_FIELDS else ""


@dataclass(frozen=True, slots=True)
class _Written:
    """What became of each record that was asked about, and how many were left out because a field says that they are closed."""

    model: str
    results: list[dict[str, Any]]
    left_out: int
    closed_by: str

    @property
    def right(self) -> list[dict[str, Any]]:
        return [result for result in self.results if "error" not in result]

    @property
    def failed(self) -> list[dict[str, Any]]:
        return [result for result in self.results if "error" in result]

    @property
    def exit_code(self) -> int:
        return FAILED if self.results and not self.right else DONE


def _write(
    session: Session,
    feature: str,
    action: Any,
    title: str,
    *,
    ids: tuple[str, ...],
    everything: bool,
    conditions: tuple[str, ...],
    model: str | None,
) -> _Written:
    if sum((bool(ids), everything, bool(conditions))) > 1:
        raise click.UsageError("Give one of --id, --all and --where.")
    filters = [read_condition(text) for text in conditions]

    async def write(ai: AI) -> _Written:
        from hotcrm_ai.actions.open_records import open_records
        from hotcrm_ai.entrypoints.cli.answering_models import announced
        from hotcrm_ai.entrypoints.cli.screen import note
        from hotcrm_ai.entrypoints.cli.waiting import progress_bar

        wanted: Any = list(ids) if ids else {"filters": filters}
        left_out, closed_by = 0, ""
        if not (ids or everything or conditions):
            found = await open_records(ai, ai.features[feature].crm_object)
            wanted, left_out, closed_by = found.query, found.closed, found.field
        asked = model or await ai.registry.champion(feature)
        for words in await announced(ai, feature, asked):
            note(f"note: {words}")
        with progress_bar(title) as advance:
            results = await action(ai, wanted, model_id=asked, progress=advance)
            return _Written(asked, [_told(result) for result in results], left_out, closed_by)

    return session.run(write)


def _left_out(written: _Written, one: str) -> str:
    """Say which records were not asked about, with the way to them."""
    if written.results:
        return f"{written.left_out:,} closed ones were left out; --all takes them too." if written.left_out else ""
    if not written.left_out:
        return f"No {one} meets that."
    return (
        f"No {one} is open: {written.closed_by!r} is filled in all {written.left_out:,}. Where it says 0 of open ones, choose these with "
        f"--where '{written.closed_by} = 0'; --all takes every one."
    )


def _told(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result whose failure, if it is one, is in the words of the command line."""
    if "error" not in result:
        return result
    return {**result, "error": {**result["error"], "message": told(result["error"]["message"], "command")}}


def _show(session: Session, written: _Written, rows: Table, *, one: str, done: str) -> None:
    from hotcrm_ai.entrypoints.cli.answering_models import answered_by
    from hotcrm_ai.entrypoints.cli.screen import screen, shown, write_json

    right, failed = written.right, written.failed
    if session.as_json:
        counts = {"scored": len(right), "failed": len(failed), "leftOut": written.left_out}
        write_json({"model": written.model, **counts, "results": written.results})
        return
    console = screen()
    if right:
        console.print(rows)
    if len(right) > _MOST_ROWS:
        console.print(
            shown(f"… and {len(right) - _MOST_ROWS:,} more, all written back; --json gives every one.", "dim")
        )
    told = [
        f"{len(right):,} {done} and written back, {len(failed):,} not." if written.results else "",
        _left_out(written, one),
        answered_by(right),
    ]
    for words in filter(None, told):
        console.print(shown(words))
    for result in failed[:_MOST_ROWS]:
        console.print(shown(f"  {result['id']}: {result['error']['message']}", "red"))
    noted = [f"{result['id']}: {remark}" for result in written.results for remark in _remarks(result)]
    for remark in noted[:_MOST_NOTES]:
        console.print(shown(f"  note: {remark}", "yellow"))
    if len(noted) > _MOST_NOTES:
        console.print(shown(f"  … and {len(noted) - _MOST_NOTES:,} more such notes; --json gives every one.", "dim"))


def _remarks(result: dict[str, Any]) -> list[str]:
    """Return what to know of an answer, without the fields that its record does not have."""
    return [one for one in result.get("warnings", ()) if not one.endswith(MISSING)]


COMMAND = score
