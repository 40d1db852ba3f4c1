"""The files for systemd and containers say what the server needs; no container engine runs here, so they are read and not run."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from hotcrm_ai import Settings
from hotcrm_ai.entrypoints.cli.program import program

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"


def unit() -> list[tuple[str, str]]:
    """Return the lines of the unit's service section, in order; several may have one name."""
    text = (DEPLOY / "hotcrm-ai.service").read_text()
    section = text.partition("[Service]")[2].partition("[Install]")[0]
    return [(name, value) for name, _, value in (line.partition("=") for line in section.splitlines()) if value]


def test_the_unit_is_hardened_and_waits_for_the_drain() -> None:
    """No privileges, a read-only system, a state folder of its own, and more time to stop than the server takes."""
    told = dict(unit())
    assert told["User"] == "hotcrm-ai"
    assert "\nCapabilityBoundingSet=\n" in (DEPLOY / "hotcrm-ai.service").read_text()
    for name in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "RestrictNamespaces"):
        assert told[name] == "true"
    assert (told["ProtectSystem"], told["StateDirectory"]) == ("strict", "hotcrm-ai")
    assert int(told["TimeoutStopSec"]) > 12


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    """Where systemd is installed, its own checker finds nothing wrong."""
    checker = shutil.which("systemd-analyze")
    if checker is None:
        parser = configparser.ConfigParser(strict=False, interpolation=None)
        parser.read(DEPLOY / "hotcrm-ai.service")
        assert parser.sections() == ["Unit", "Service", "Install"]
        pytest.skip("systemd-analyze is not installed; the unit was only parsed")
    there = tmp_path / "hotcrm-ai.service"
    text = (DEPLOY / "hotcrm-ai.service").read_text()
    there.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", text))
    done = subprocess.run([checker, "verify", there], capture_output=True, text=True, check=False)
    assert "hotcrm-ai.service" not in done.stderr


def variables(text: str) -> set[str]:
    """Return the settings that a file names."""
    return {name.lower() for name in re.findall(r"HOTCRM_AI_([A-Z_]+)", text)}


@pytest.mark.parametrize("name", ["hotcrm-ai.service", "Dockerfile", "compose.yaml"])
def test_every_setting_named_exists(name: str) -> None:
    """A variable that no setting has would keep the server from starting."""
    fields = set(Settings.__dataclass_fields__)
    assert variables((DEPLOY / name).read_text()) <= fields


def serve_options() -> set[str]:
    """Return the options of ``hotcrm-ai serve``."""
    assert isinstance(program, click.Group)
    command = program.get_command(click.Context(program), "serve")
    assert command is not None
    return {option for parameter in command.params for option in parameter.opts}


@pytest.mark.parametrize("name", ["hotcrm-ai.service", "compose.yaml"])
def test_every_option_named_exists(name: str) -> None:
    """The server is started as its command line has it."""
    text = (DEPLOY / name).read_text()
    line = next(line for line in text.splitlines() if "ExecStart=" in line or '"serve"' in line)
    assert set(re.findall(r"--[a-z-]+", line)) <= serve_options()


def test_the_image_runs_as_nobody_special_on_locked_packages() -> None:
    """Hashes for every package, a user that is not root, what is copied exists, and no tag that moves on its own."""
    lines = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    assert any("--require-hashes" in line for line in lines)
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users == ["10001"]
    assert all(":" in line and ":latest" not in line for line in lines if line.startswith("FROM "))
    copied = [
        word for line in lines if line.startswith("COPY ") and "--from" not in line for word in line.split()[1:-1]
    ]
    assert all((ROOT / place).exists() for place in copied)


def test_the_compose_file_is_whole() -> None:
    """It is YAML; every service that is depended on is there and says when it is healthy; volumes are declared."""
    yaml: Any = pytest.importorskip("yaml")
    document = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    services = document["services"]
    for needed in services["server"]["depends_on"]:
        assert "healthcheck" in services[needed]
    used = {volume.partition(":")[0] for service in services.values() for volume in service.get("volumes", ())}
    assert used == set(document["volumes"])
    assert (ROOT / "deploy" / services["server"]["build"]["context"]).resolve() == ROOT
    assert all(port.startswith("127.0.0.1:") for port in services["server"]["ports"])


def tool(name: str) -> str:
    """Return a development tool that is installed beside this interpreter."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    assert found is not None, f"{name} is missing; install the development dependencies"
    return found


def test_the_linter_of_dockerfiles_finds_nothing() -> None:
    """hadolint reads the Dockerfile, and the shell in it; a rule that is left out has its reason beside it."""
    done = subprocess.run([tool("hadolint"), DEPLOY / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_linter_of_dockerfiles_finds_a_broken_twin(tmp_path: Path) -> None:
    """An image whose tag moves on its own is found, so the linter does read."""
    twin = tmp_path / "Dockerfile"
    twin.write_text((DEPLOY / "Dockerfile").read_text().replace("python:3.13-slim-bookworm", "python:latest"))
    done = subprocess.run([tool("hadolint"), twin], capture_output=True, text=True, check=False)
    assert (done.returncode, "DL3007" in done.stdout) == (1, True)


@pytest.mark.parametrize(("change", "is_valid"), [(("", ""), True), (("restart:", "restarts:"), False)])
def test_the_compose_file_fits_the_specification(tmp_path: Path, change: tuple[str, str], is_valid: bool) -> None:
    """The schema of the Compose specification takes it, and refuses it with a field that there is none of."""
    twin = tmp_path / "compose.yaml"
    twin.write_text((DEPLOY / "compose.yaml").read_text().replace(*change, 1))
    command = [tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", twin]
    assert (subprocess.run(command, capture_output=True, check=False).returncode == 0) is is_valid
