"""Runs the command line in process, in a workspace folder of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hotcrm_ai.entrypoints.cli.program import run
from hotcrm_ai.sample_crm import generate_sample_crm, write_sample_crm

FULL_LEAD = {
    "company_size": 500,
    "industry": "Technology",
    "engagement_score": 85,
    "job_title": "CTO",
    "budget": 100000,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What one run of the program gave."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as the one JSON document that it has to be."""
        return json.loads(self.out)


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch):
    """Keep the settings of the machine out of the tests, and its width: workers of a parallel run have 80 columns, which breaks tables."""
    for name in ("DATABASE_URL", "REDIS_URL", "HOTCRM_AI_HOME", "HOTCRM_AI_CRM_URL", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def home(tmp_path) -> Path:
    """A workspace folder that is still empty."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture
def cli(home, capfd) -> Callable[..., Answer]:
    """Runs the program in the workspace: ``cli("models", "list", "--json")``."""

    def call(*arguments: str, at_home: bool = True) -> Answer:
        capfd.readouterr()
        code = run([*arguments, *(["--home", str(home)] if at_home else [])])
        captured = capfd.readouterr()
        return Answer(code, captured.out, captured.err)

    return call


@pytest.fixture
def crm(home) -> list[dict[str, Any]]:
    """A small sample CRM in the workspace; gives its leads."""
    from sqlalchemy import create_engine

    sample = generate_sample_crm(leads=120, accounts=30)
    engine = create_engine(f"sqlite:///{home / 'crm.db'}")
    write_sample_crm(sample, engine)
    engine.dispose()
    return sample.tables["leads"]


@pytest.fixture
def lead_json() -> str:
    """A lead with every feature, as JSON."""
    return json.dumps(FULL_LEAD)
