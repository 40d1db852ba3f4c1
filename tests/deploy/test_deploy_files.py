"""The files for systemd and containers say what the server needs; no container engine runs here, so they are read and not run."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
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
