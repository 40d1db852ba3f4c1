"""A workspace in a folder of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hotcrm_ai import AI, Settings

LEAD = {"company_size": 500, "industry": "Technology", "engagement_score": 85, "job_title": "CTO", "budget": 100_000}


@pytest.fixture
def lead() -> dict[str, object]:
    """The lead of the guide."""
    return dict(LEAD)


@pytest.fixture
async def ai(tmp_path: Path) -> AsyncIterator[AI]:
    """A fresh workspace."""
    async with AI.open(Settings(home=tmp_path / "home")) as opened:
        yield opened
