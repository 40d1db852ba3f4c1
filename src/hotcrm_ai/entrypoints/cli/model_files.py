"""``hotcrm-ai models export`` and ``import``: models leave a workspace as folders or files, and come in as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from hotcrm_ai.entrypoints.cli.session import Session, workspace_command

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI
    from hotcrm_ai.assembly.exporting import ExportedFolder
    from hotcrm_ai.domain.model import ModelConfig

_TARGETS: Final = ("sagemaker", "azure-ml", "mlflow", "onnx")


@click.command("export")
@click.argument("model_id", metavar="ID")
@click.option("--for", "target", type=click.Choice(_TARGETS), help="Write a folder that runs there as it is.")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="The folder (with --for), or the file that `models import` reads.",
)
@workspace_command
def export_model(session: Session, model_id: str, target: str | None, out: Path) -> None:
    """Write a local model for another place: a folder that runs there (--for), or one file for another workspace.

    A folder holds the bundle, the code that answers with it, and what the place wants to find; it gives the same answers as here.
    """
    from hotcrm_ai.entrypoints.cli.screen import screen, shown, write_json

    if target is None:

        async def as_file(ai: AI) -> ModelConfig:
            from hotcrm_ai.assembly.exporting import export_to_file

            return await export_to_file(ai, model_id, out)

        model = session.look(as_file)
        if session.as_json:
            write_json({"modelId": model.id, "file": str(out), "bundleDigest": model.bundle_digest})
        else:
            screen().print(shown(f"{model.id} {model.version} is in {out}"))
            screen().print("`hotcrm-ai models import` reads it.")
        return

    async def as_folder(ai: AI) -> ExportedFolder:
        from hotcrm_ai.assembly.exporting import export_for

        return await export_for(ai, model_id, target, out)

    folder = session.look(as_folder)
    if session.as_json:
        write_json(folder)
        return
    size = folder.bytes_written / 1024
    screen().print(shown(f"{model_id} is in {out} for {target}: {len(folder.files)} files, {size:,.0f} KiB."))
    screen().print(shown(f"How to run it there: {out / 'README.md'}"))


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--id", "model_id", help="Call the model so, instead of by its id in the file.")
@workspace_command
def import_model(session: Session, file: Path, model_id: str | None) -> None:
    """Read a model that `models export` wrote, check all of it, and register it in status testing."""

    async def work(ai: AI) -> ModelConfig:
        from hotcrm_ai.assembly.exporting import import_from_file

        return await import_from_file(ai, file, model_id=model_id)

    model = session.run(work)
    from hotcrm_ai.entrypoints.cli.model_rows import shown_model
    from hotcrm_ai.entrypoints.cli.screen import screen, shown, write_json

    if session.as_json:
        write_json(shown_model(model))
        return
    screen().print(shown(f"{model.id} {model.version} is here now, in status {model.status}."))
    screen().print(
        shown(session.in_this_workspace(f"hotcrm-ai models promote {model.id} --reason ...") + " lets it answer.")
    )
