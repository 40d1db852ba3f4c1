"""The program ``hotcrm-ai``: finds the command, runs it, and turns every failure into one line and an exit code."""

from __future__ import annotations

import difflib
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Final

import click

import hotcrm_ai
from hotcrm_ai.entrypoints.cli.failures import DONE, INTERRUPTED, code_of, discard_output, report

NAME: Final = "hotcrm-ai"

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "demo": ("demo_command", "From an empty folder to explained lead scores on a sample CRM."),
    "serve": ("serve", "Start the HTTP server."),
    "mcp": ("mcp", "Serve the models as tools to an assistant."),
    "train": ("train", "Train, measure and register a model on your own records."),
    "predict": ("predict", "Predict for one record or for a whole file."),
    "explain": ("explain", "Say why a record gets its prediction."),
    "compare": ("compare", "Say why two records get different predictions."),
    "replay": ("replay", "Answer a logged request again and compare."),
    "outcomes": ("outcomes", "Tell what really happened; see how good predictions were."),
    "score": ("score", "Score CRM records and write the scores back."),
    "models": ("models", "List, show, register and promote models."),
    "experiments": ("experiments", "Look at A/B tests."),
    "stats": ("stats", "Tell latency, cache hits and accuracy of each model."),
    "health": ("health", "Say whether the active models can answer."),
    "keys": ("keys", "Make, list and revoke API keys."),
    "alerts": ("alerts", "See what went wrong and who was told."),
    "erase": ("erase", "Delete every trace of one CRM object."),
    "doctor": ("doctor", "Check this installation and say how to mend it."),
    "db": ("database", "Look at and upgrade the workspace database."),
}
"""Each command: the module that holds it, and what it is for. A command's module is loaded when the command is used."""


class LazyGroup(click.Group):
    """A group whose commands are loaded when they are used, so that asking for help is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the commands in the order in which people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load the command of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"hotcrm_ai.entrypoints.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.COMMAND
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for an unknown one the message names the nearest."""
        near = difflib.get_close_matches(args[0].lower(), COMMANDS, n=1)
        if args[0] not in COMMANDS and near and not args[0].startswith("-"):
            raise click.UsageError(f"No such command {args[0]!r}; did you mean {near[0]!r}?", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, purpose) for name, (_, purpose) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(hotcrm_ai.__version__, prog_name=NAME)
def program() -> None:
    """HotCRM AI: trained scores with reasons that add up, in the team's own hands.

    Start with `hotcrm-ai demo`. Every command takes, behind its name, --json for machines and --home for another workspace folder.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and end with its exit code: 0 done, 1 failed, 2 usage or bad input, 130 interrupted.

    An interrupted program ends at once: threads that still compute are not waited for; nothing they do reaches the disk.
    """
    code = run(sys.argv[1:] if arguments is None else arguments)
    if code == INTERRUPTED:
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run the program with these arguments and return its exit code; no traceback is shown without ``--debug``."""
    try:
        with program.make_context(NAME, list(arguments)) as context:
            code = program.invoke(context)
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()
        return DONE
    except (KeyboardInterrupt, click.Abort):
        report("Interrupted; nothing was left half-done.", code="interrupted", as_json=False)
        return INTERRUPTED
    except Exception as problem:
        if "--debug" in arguments:
            raise
        return code_of(problem, as_json="--json" in arguments)
    return code if isinstance(code, int) else DONE
