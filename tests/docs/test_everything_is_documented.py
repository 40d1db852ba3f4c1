"""What users hold on to is documented: settings, commands, routes, errors, public names, tables, and every AI feature and provider."""

from __future__ import annotations

import dataclasses
import inspect
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import msgspec
import pytest

import hotcrm_ai
from hotcrm_ai.ai_features import discover_ai_features
from hotcrm_ai.assembly.preregistered import packaged_models
from hotcrm_ai.domain import errors
from hotcrm_ai.entrypoints.cli.program import program
from hotcrm_ai.entrypoints.http.operations import OPERATIONS
from hotcrm_ai.local_models.manifest import Manifest
from hotcrm_ai.settings import Settings
from hotcrm_ai.storage.tables import metadata

SHARED = {"--home", "--json", "--debug", "--help"}
REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def undocumented(names: Iterable[str], page: str) -> list[str]:
    """Return the names that a page of the reference does not mention in code type."""
    text = (REFERENCE / page).read_text("utf-8") if page.endswith(".md") else page
    code = " ".join(re.findall(r"`([^`\n]+)`", text)) + " ".join(
        re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL)
    )
    return [name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", code)]


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Walk all commands with their full names."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from commands(inner, f"{path} {name}")
    else:
        yield path, command


COMMANDS = dict(commands(program, "hotcrm-ai"))


def section_of(command: str) -> str:
    """Return the section of the command-line reference that is about one command."""
    text = (REFERENCE / "cli.md").read_text("utf-8")
    found = re.search(rf"^#+ `{re.escape(command)}(?: [^`]*)?`$(.*?)(?=^#+ |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[0] if found else ""


def test_every_setting_is_documented():
    """The settings page names each field and its variable."""
    names = [field.name for field in dataclasses.fields(Settings)]
    assert undocumented(names, "settings.md") == []
    assert undocumented([f"HOTCRM_AI_{name.upper()}" for name in names], "settings.md") == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_is_documented(command):
    """Each command has a section, and the section names its arguments and options."""
    section = section_of(command)
    assert section, f"docs/reference/cli.md has no section `{command}`"
    options = [parameter for parameter in COMMANDS[command].params if isinstance(parameter, click.Option)]
    own = [option.opts[0] for option in options if not option.hidden and option.opts[0] not in SHARED]
    assert undocumented(own, section) == []


def test_the_options_of_all_commands_are_documented():
    """The options that every command has are named once, at the top of the page."""
    assert undocumented(sorted(SHARED), "cli.md") == []


def test_every_route_is_documented():
    """The HTTP page names each operation with its method."""
    assert undocumented([f"{operation.method} {operation.path}" for operation in OPERATIONS], "http.md") == []


def test_every_error_is_documented():
    """The errors page names each class and its stable code."""
    classes = [
        member
        for member in vars(errors).values()
        if inspect.isclass(member) and issubclass(member, errors.HotCRMAIError)
    ]
    assert undocumented([kind.__name__ for kind in classes], "errors.md") == []
    assert undocumented([kind.code for kind in classes], "errors.md") == []


def test_every_public_name_is_documented():
    """The Python page names everything that can be imported from the package."""
    assert undocumented(hotcrm_ai.__all__, "python.md") == []


def test_every_field_of_the_records_is_documented():
    """The Python page names each field of the records that callers receive."""
    for record in (
        "PredictionResponse",
        "Explanation",
        "FeatureContribution",
        "Comparison",
        "ModelPerformanceStats",
        "Health",
        "CacheStats",
        "ModelConfig",
    ):
        names = [field.name for field in msgspec.structs.fields(getattr(hotcrm_ai, record))]
        assert undocumented(names, "python.md") == [], record


def test_every_table_and_column_is_documented():
    """The data model names each table of the workspace and each of its columns."""
    for table in metadata.sorted_tables:
        assert undocumented([table.name, *(column.name for column in table.columns)], "data-model.md") == [], table.name


def test_every_field_of_a_manifest_is_documented():
    """The bundle page names each field of the manifest as the file spells it."""
    assert undocumented([field.encode_name for field in msgspec.structs.fields(Manifest)], "bundle-format.md") == []


def test_every_field_of_a_training_report_is_documented():
    """The report page names each field as the JSON file spells it."""
    names = [field.encode_name for field in msgspec.structs.fields(hotcrm_ai.TrainingReport)]
    assert undocumented(names, "training-report.md") == []


def test_every_model_feature_and_provider_is_documented():
    """The Python page names the AI features, the models that are there from the start, and the providers."""
    names = [*discover_ai_features(), *(model.id for model in packaged_models())]
    assert undocumented(names, "python.md") == []


def test_every_dependency_has_its_reason():
    """The page of decisions says what each dependency of the product is for."""
    project = tomllib.loads((REFERENCE.parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    names = {re.split(r"[\[>=]", line)[0] for line in lines} - {"hotcrm-ai"}
    assert undocumented(sorted(names), "../explanation/decisions.md") == []


def test_the_check_finds_what_is_not_there():
    """A missing name, one that stands in prose only, and one inside a longer word are found."""
    page = "The setting `home` is the folder; timeout is prose, and `cache_default_ttl` is long."
    assert undocumented(["home", "timeout", "cache_default", "gone"], page) == ["timeout", "cache_default", "gone"]
