"""Pages ask the database no more often where there are more models and more predictions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import event

from hotcrm_ai.assembly import AI
from hotcrm_ai.assembly.sample import ensure_sample_crm
from hotcrm_ai.domain.prediction import Context
from hotcrm_ai.entrypoints.dashboard.page import Visit
from hotcrm_ai.entrypoints.dashboard.pages.model import show_model
from hotcrm_ai.entrypoints.dashboard.pages.model_changes import show_changes
from hotcrm_ai.entrypoints.dashboard.pages.model_live import show_live
from hotcrm_ai.entrypoints.dashboard.pages.models import show_models
from hotcrm_ai.entrypoints.dashboard.pages.operations import show_operations
from hotcrm_ai.entrypoints.dashboard.pages.playground import show_playground
from hotcrm_ai.entrypoints.dashboard.pages.prediction_log import show_log
from hotcrm_ai.entrypoints.dashboard.pages.record import show_record
from hotcrm_ai.entrypoints.dashboard.pages.today import show_today
from hotcrm_ai.settings import Settings


@pytest.fixture
async def ai(tmp_path: Path) -> AsyncIterator[AI]:
    """A workspace with a sample CRM of a hundred leads and thirty accounts."""
    async with AI.open(Settings(home=tmp_path)) as opened:
        await ensure_sample_crm(opened, leads=100, accounts=30)
        yield opened


async def statements_of_all(ai: AI, lead: str) -> list[int]:
    """Return how many statements each page costs."""
    found = [await statements_of(ai, show) for show in (show_today, show_models, show_operations, show_log)]
    found.append(await statements_of(ai, show_record, object_type="Lead", object_id=lead))
    of_model = (show_model, show_live, show_changes, show_playground)
    return found + [await statements_of(ai, show, model_id="lead-scoring-v1") for show in of_model]


async def statements_of(ai: AI, show: Any, **path: str) -> int:
    """Return how many statements the workspace's database is asked for a page."""
    visit = Visit(ai=ai, url="/", path=path, query={}, form={}, now=ai.now(), is_open=True)
    asked: list[str] = []

    def told(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            asked.append(statement)

    engine = ai._parts.kept.database.engine
    event.listen(engine, "before_cursor_execute", told)
    try:
        await show(visit)
    finally:
        event.remove(engine, "before_cursor_execute", told)
    return len(asked)


async def test_more_models_and_predictions_cost_no_more_statements(ai: AI) -> None:
    """With forty more models of lead scoring, each asked, every page asks as often as before, give or take the look at whether the
    registry changed."""
    lead = (await ai.crm.find("Lead", (), page=1))[0]
    features = {"company_size": 50, "industry": "Retail"}
    context = Context(object_type="Lead", object_id=lead["id"])
    await ai.predict("lead-scoring-v1", features, context=context)
    await ai._parts.kept.log.flush()
    before = await statements_of_all(ai, lead["id"])
    model = await ai.registry.get_model("lead-scoring-v1")
    assert model is not None
    for number in range(40):
        await ai.registry.register(msgspec.structs.replace(model, id=f"more-{number}", revision=0))
        await ai.predict(f"more-{number}", features, context=context)
    await ai._parts.kept.log.flush()
    after = await statements_of_all(ai, lead["id"])
    assert all(later <= earlier + 2 for earlier, later in zip(before, after, strict=True)), (before, after)
