"""The program itself: help, usage, exit codes, pipes, and how little it loads."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import click
import pytest

from hotcrm_ai.entrypoints.cli.program import COMMANDS, LazyGroup, program

PROGRAM = (sys.executable, "-c", "from hotcrm_ai.entrypoints.cli import main; main()")


def every_command(group=program, path=()):
    """Yield every command with the words that call it."""
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))
        else:
            yield (*path, name), command


def test_the_commands_are_those_that_were_promised():
    """No command is missing and none is a stub."""
    assert {" ".join(words) for words, _ in every_command()} == {
        "demo", "serve", "mcp", "train", "predict", "explain", "compare", "score leads",
        "score opportunities", "score churn", "score sentiment", "score forecasts", "score recommendations",
        "models list", "models show", "models register", "models promote", "models status", "models history",
        "models export", "models import", "models rollback", "models drift",
        "experiments list", "experiments report", "experiments promote", "experiments stop", "stats", "health", "doctor",
        "db status", "db upgrade", "db backup", "db prune", "replay", "erase", "outcomes import", "outcomes quality",
        "alerts list", "alerts check", "alerts test", "keys create", "keys list", "keys revoke",
    }  # fmt: skip


def test_every_command_has_the_options_that_all_have_and_says_what_it_does():
    """``--json``, ``--home`` and ``--debug`` are everywhere, and so is a sentence of help."""
    for words, command in every_command():
        options = {option for parameter in command.params for option in parameter.opts}
        assert {"--json", "--home", "--debug"} <= options, words
        assert (command.help or "").strip(), words
        assert all(parameter.help for parameter in command.params if isinstance(parameter, click.Option)), words


def test_each_name_of_the_table_is_the_name_of_its_command():
    """The table that help is written from agrees with the commands themselves."""
    group = program
    assert isinstance(group, LazyGroup)
    assert {name: group.get_command(click.Context(group), name).name for name in COMMANDS} == {
        name: name for name in COMMANDS
    }


@pytest.mark.parametrize(
    "arguments", [("no-such-command",), ("models", "no-such"), ("predict", "--no-such-option"), ("models", "show"), ()]
)
def test_wrong_usage_is_code_2_without_a_traceback(cli, arguments):
    """The program says what it did not understand, on standard error."""
    answer = cli(*arguments, at_home=False)
    assert answer.code == 2
    assert answer.out == ""
    assert "Traceback" not in answer.err


def test_help_and_version_are_code_0(cli):
    """Asking for help is no error."""
    assert "demo" in cli("--help", at_home=False).out
    assert cli("train", "--help", at_home=False).code == 0
    assert "0.1.0" in cli("--version", at_home=False).out


def test_wrong_settings_are_one_line(cli, monkeypatch):
    """All wrong settings stand in one line, code 2."""
    monkeypatch.setenv("HOTCRM_AI_TIMEOUT_SECONDS", "soon")
    monkeypatch.setenv("HOTCRM_AI_COLOUR", "red")
    answer = cli("models", "list")
    assert answer.code == 2
    assert answer.err.count("\n") == 1
    assert "timeout_seconds" in answer.err
    assert "HOTCRM_AI_COLOUR" in answer.err


def test_a_workspace_folder_that_is_a_file_is_refused(cli, home):
    """The folder's name is checked before anything is opened."""
    home.rmdir()
    home.write_text("")
    assert cli("models", "list").code == 2


def test_an_unexpected_failure_shows_no_traceback_without_debug(cli, monkeypatch):
    """A failure nobody thought of is one line that tells of ``--debug``, which shows all of it."""

    class Broken:
        def load(self, **_):
            raise ZeroDivisionError("planted")

    monkeypatch.setattr("hotcrm_ai.settings.Settings", Broken())
    answer = cli("models", "list")
    assert answer.code == 1
    assert (
        answer.err
        == "hotcrm-ai: Unexpected ZeroDivisionError: planted. Run the same again with --debug to see where.\n"
    )
    with pytest.raises(ZeroDivisionError):
        cli("models", "list", "--debug")


def test_help_loads_no_heavy_library():
    """``--help`` loads neither database nor numbers nor the terminal library."""
    program_text = (
        "import sys; from hotcrm_ai.entrypoints.cli.program import run; code = run(['--help']); "
        "print(*sorted({'sqlalchemy', 'numpy', 'rich', 'alembic', 'sklearn', 'lightgbm', 'asyncio.base_events'} & set(sys.modules)))"
    )
    printed = subprocess.run([sys.executable, "-c", program_text], capture_output=True, text=True, check=True).stdout
    assert printed.splitlines()[-1] == ""


def test_help_costs_little_beside_its_own_libraries():
    """Help takes at most two and a half times what importing click and msgspec takes."""

    def seconds(*arguments: str) -> float:
        began = time.perf_counter()
        subprocess.run(arguments, capture_output=True, check=True)
        return time.perf_counter() - began

    ratios = [
        seconds(*PROGRAM, "--help") / seconds(sys.executable, "-c", "import click, msgspec, inspect, typing")
        for _ in range(3)
    ]
    assert min(ratios) < 2.5


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        (("models", "list"), 0, b""),
        (("predict", "nobody", "--features", "{"), 2, b"hotcrm-ai: --features is not valid JSON"),
    ],
)
def test_a_closed_pipe_is_quiet(home, command, code, words):
    """``| head`` ends the program without a word of it; what failed still says so, in its one line and its code."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run(
            [*PROGRAM, *command, "--json", "--home", str(home)],
            stdout=pipe,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.stderr.startswith(words)
    assert done.stderr.count(b"\n") == bool(words)
    assert done.returncode == code
