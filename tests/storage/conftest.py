"""Fixtures of the storage tests: a clock that tests turn, databases of both kinds, and every store under one name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hotcrm_ai.domain.prediction import LoggedPrediction
from hotcrm_ai.storage import Database, Journal, open_database, upgrade


class TurnedClock:
    """A clock that stands still until a test turns it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime(2026, 3, 31, 12, tzinfo=UTC) + timedelta(seconds=self.seconds)


@pytest.fixture
def clock() -> TurnedClock:
    """A clock at noon of 31 March 2026."""
    return TurnedClock()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'workspace.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, once of each kind."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open, up-to-date workspace database of each kind."""
    opened = open_database(database_url)
    await upgrade(opened)
    yield opened
    await opened.aclose()


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """An empty journal of the workspace ``ours``."""
    return Journal(tmp_path / "journal", "ours")


@pytest.fixture
def logged(clock: TurnedClock) -> Any:
    """A function that makes a logged prediction, of which a test names what matters to it."""

    def make(prediction_id: str, **changes: Any) -> LoggedPrediction:
        values: dict[str, Any] = {
            "id": prediction_id,
            "requested_model_id": "lead-scoring-v1",
            "model_id": "lead-scoring-v1",
            "model_version": "1.0.0",
            "model_revision": 1,
            "bundle_digest": "a" * 64,
            "variant": "none",
            "experiment_id": None,
            "subject_kind": None,
            "prediction_type": "classification",
            "input_features": {"company_size": 500, "industry": "Technology", "budget": 1.5, "tags": ["a", "ü"]},
            "prediction_value": {"score": 92.0, "class": "hot", "probability": 0.92},
            "confidence_score": 92.0,
            "processing_time_ms": 1.25,
            "was_cached": False,
            "provider": "local",
            "fallback_for": None,
            "object_type": "Lead",
            "object_id": "7",
            "created_by": "ann",
            "created_date": clock.now(),
        }
        return LoggedPrediction(**{**values, **changes})

    return make
