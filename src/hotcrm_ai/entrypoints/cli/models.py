"""``hotcrm-ai models``: which models exist, what they are like, and how they change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, get_args

import click

from hotcrm_ai.domain.errors import ModelNotFound
from hotcrm_ai.domain.model import ModelConfig, ModelStatus, ModelType, Revision
from hotcrm_ai.entrypoints.cli.drift import drift
from hotcrm_ai.entrypoints.cli.given_features import read_features
from hotcrm_ai.entrypoints.cli.model_files import export_model, import_model
from hotcrm_ai.entrypoints.cli.session import Session, workspace_command

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI

_STATUSES = get_args(ModelStatus)


@click.group("models")
def models() -> None:
    """List, show, register and promote models."""


@models.command("list")
@click.option("--type", "model_type", type=click.Choice(get_args(ModelType)), help="Only models of this type.")
@click.option("--status", type=click.Choice(_STATUSES), help="Only models of this status.")
@workspace_command
def list_models(session: Session, model_type: ModelType | None, status: ModelStatus | None) -> None:
    """List all models; the champion of a feature answers where no model is named."""

    async def work(ai: AI) -> tuple[list[ModelConfig], dict[str, str]]:
        return await ai.registry.list_models(type=model_type, status=status), await _champions(ai)

    found, champions = session.look(work)
    from hotcrm_ai.entrypoints.cli.model_rows import model_table, shown_model
    from hotcrm_ai.entrypoints.cli.screen import screen, write_json

    if session.as_json:
        write_json({"models": [shown_model(model) for model in found], "champions": champions})
        return
    screen().print(model_table(found, champions) if found else "There is no such model.")


@models.command("show")
@click.argument("model_id", metavar="ID")
@workspace_command
def show(session: Session, model_id: str) -> None:
    """Show one model: configuration, metrics and where they come from, features."""

    async def work(ai: AI) -> ModelConfig:
        return await _model(ai, model_id)

    _show_one(session, work)


@models.command("register")
@click.argument("config", metavar="CONFIG")
@workspace_command
def register(session: Session, config: str) -> None:
    """Register a model from JSON: @FILE, @- for standard input, or the JSON itself.

    Registering an id again makes a new revision. Credentials in it are references such as {"env": "NAME"}.
    """
    given = read_features(config, option="CONFIG")

    async def work(ai: AI) -> ModelConfig:
        return await ai.registry.register(given)

    _show_one(session, work, may_make=True)


@models.command("promote")
@click.argument("model_id", metavar="ID")
@click.option("--reason", required=True, help="Why; kept in the model's history.")
@click.option("--anyway", is_flag=True, help="Promote it even where its held-out figures do not speak for it.")
@workspace_command
def promote(session: Session, model_id: str, reason: str, anyway: bool) -> None:
    """Let a model answer predictions, as the champion of its AI feature: also where no model is named.

    Refused where its held-out figures are no better than those of the baseline.
    """

    async def work(ai: AI) -> ModelConfig:
        from hotcrm_ai.assembly.releases import promote_model

        return await promote_model(ai, model_id, reason=reason, anyway=anyway)

    _show_one(session, work, brief=True)


@models.command("rollback")
@click.argument("model_id", metavar="ID")
@click.option("--reason", required=True, help="Why; kept in the model's history.")
@click.option(
    "--to",
    type=click.IntRange(min=1),
    help="The revision to go back to [default: the last that answered differently, else without the promotion].",
)
@workspace_command
def rollback(session: Session, model_id: str, reason: str, to: int | None) -> None:
    """Make an earlier revision of a model the present one again, or take its promotion back."""

    async def work(ai: AI) -> ModelConfig:
        from hotcrm_ai.assembly.releases import roll_back

        return await roll_back(ai, model_id, reason=reason, to=to)

    _show_one(session, work, brief=True)


@models.command("status")
@click.argument("model_id", metavar="ID")
@click.argument("status", type=click.Choice(_STATUSES))
@click.option("--reason", required=True, help="Why; kept in the model's history.")
@workspace_command
def set_status(session: Session, model_id: str, status: ModelStatus, reason: str) -> None:
    """Change the status of a model; active is the same as to promote it."""

    async def work(ai: AI) -> ModelConfig:
        from hotcrm_ai.assembly.releases import promote_model

        if status == "active":
            return await promote_model(ai, model_id, reason=reason)
        return await ai.registry.update_status(model_id, status, note=reason)

    _show_one(session, work, brief=True)


@models.command("history")
@click.argument("model_id", metavar="ID")
@workspace_command
def history(session: Session, model_id: str) -> None:
    """List every revision of a model, oldest first."""

    async def work(ai: AI) -> list[Revision]:
        return await ai.registry.history(model_id)

    revisions = session.look(work)
    if not revisions:
        raise ModelNotFound(
            f"No model was ever called {model_id!r}; `hotcrm-ai models list` shows all.", model_id=model_id
        )
    from hotcrm_ai.entrypoints.cli.model_rows import history_table, shown_revision
    from hotcrm_ai.entrypoints.cli.screen import screen, write_json

    if session.as_json:
        write_json({"revisions": [shown_revision(revision) for revision in revisions]})
        return
    screen().print(history_table(revisions))


async def _champions(ai: AI) -> dict[str, str]:
    """Return the champion of each AI feature."""
    return {feature: await ai.registry.champion(feature) for feature in sorted(ai.features)}


async def _model(ai: AI, model_id: str) -> ModelConfig:
    model = await ai.registry.get_model(model_id)
    if model is None:
        raise ModelNotFound(f"No model is called {model_id!r}; `hotcrm-ai models list` shows all.", model_id=model_id)
    return model


def _show_one(
    session: Session, work: Callable[[AI], Awaitable[ModelConfig]], *, brief: bool = False, may_make: bool = False
) -> None:
    """Do the work, in a new workspace where that may be made, and show the model that it gives, and who answers where none is named."""

    async def told(ai: AI) -> tuple[ModelConfig, str | None]:
        model = await work(ai)
        return model, None if model.feature is None else await ai.registry.champion(model.feature)

    model, champion = (session.run if may_make else session.look)(told)
    from hotcrm_ai.entrypoints.cli.model_rows import print_model, shown_model, standing
    from hotcrm_ai.entrypoints.cli.screen import screen, shown, write_json

    if session.as_json:
        write_json(shown_model(model))
    elif brief:
        screen().print(shown(f"{model.id} {model.version} is {model.status} now (revision {model.revision})."))
        if champion is not None:
            screen().print(shown(standing(model, champion)))
    else:
        print_model(screen(), shown_model(model), champion=champion)


models.add_command(drift)
models.add_command(export_model)
models.add_command(import_model)
COMMAND = models
