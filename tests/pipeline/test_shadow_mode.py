"""A challenger in shadow mode is asked along, logged and counted, and never changes an answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hotcrm_ai.domain.errors import InvalidFeatures
from hotcrm_ai.domain.model import ABTest
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.testing import FakeProvider

CHAMPION, CHALLENGER = "lead-scoring-v1", "lead-scoring-v2"
LEAD = {"company_size": 500}


@pytest.fixture
def pipeline(make_pipeline: Any, make_model: Any) -> Any:
    """A champion, and a challenger in testing that shadows it and runs elsewhere."""
    shadow = ABTest(champion_model_id=CHAMPION, mode="shadow")
    return make_pipeline(make_model(), make_model(id=CHALLENGER, status="testing", provider="other", ab_test=shadow))


@pytest.mark.parametrize("requested", [CHAMPION, CHALLENGER])
async def test_the_champion_answers_and_the_challenger_is_logged_aside(pipeline: Any, requested: str) -> None:
    """Both are logged in the experiment, only the champion's answer is returned."""
    response = await pipeline.service.predict(requested, LEAD, context={"object_type": "Lead", "object_id": "42"})
    await pipeline.service.aclose()
    assert (response.model_id, response.metadata["variant"]) == (CHAMPION, "champion")
    champion, shadow = pipeline.log.rows
    assert (champion.model_id, champion.variant, champion.shadow) == (CHAMPION, "champion", False)
    assert (shadow.model_id, shadow.variant, shadow.shadow) == (CHALLENGER, "challenger", True)
    assert champion.experiment_id == shadow.experiment_id == CHALLENGER
    assert (champion.object_id, shadow.object_id) == ("42", "42")
    assert champion.id != shadow.id
    assert await pipeline.counts(CHALLENGER) == (1, 0)


async def test_a_failing_challenger_changes_no_answer(pipeline: Any) -> None:
    """The challenger's failure is counted for the challenger and seen by nobody else."""
    pipeline.other_provider.always = ValueError("boom")
    response = await pipeline.service.predict(CHAMPION, LEAD)
    await pipeline.service.aclose()
    assert response.model_id == CHAMPION
    assert [row.model_id for row in pipeline.log.rows] == [CHAMPION]
    assert await pipeline.counts(CHALLENGER) == (0, 1)
    assert await pipeline.counts(CHAMPION) == (1, 0)


async def test_a_slow_challenger_delays_no_answer(pipeline: Any) -> None:
    """The answer comes while the challenger still thinks; closing waits for it."""
    pipeline.other_provider.hold()
    await pipeline.service.predict(CHAMPION, LEAD)
    assert len(pipeline.log.rows) == 1
    closing = asyncio.ensure_future(pipeline.service.aclose())
    for _ in range(5):
        await asyncio.sleep(0)
    pipeline.other_provider.release()
    await closing
    assert len(pipeline.log.rows) == 2


async def test_a_challenger_with_another_signature_counts_what_it_cannot_take(pipeline: Any) -> None:
    """A challenger that lacks a required feature fails for itself; the champion answers."""
    pipeline.models.change(
        CHALLENGER, signature=Signature(features=(FeatureSpec(name="budget", type="number", required=True),))
    )
    assert (await pipeline.service.predict(CHAMPION, LEAD)).model_id == CHAMPION
    await pipeline.service.aclose()
    (error,) = await pipeline.monitor.get_recent_errors(CHALLENGER)
    assert error.code == InvalidFeatures.code


async def test_a_flood_does_not_pile_up_shadow_calls(pipeline: Any) -> None:
    """At most 256 challengers are under way; what comes on top is left out and counted."""
    pipeline.other_provider.hold()
    batch = [{"company_size": number + 1} for number in range(300)]
    responses = await pipeline.service.batch_predict(CHAMPION, batch)
    for _ in range(5):
        await asyncio.sleep(0)
    assert len(responses) == 300
    assert len(pipeline.other_provider.attempts) == 256
    pipeline.other_provider.release()
    await pipeline.service.aclose()
    assert sum(row.shadow for row in pipeline.log.rows) == 256


async def test_the_challenger_runs_at_its_own_provider(pipeline: Any) -> None:
    """A provider that the caller names answers for the champion only; the challenger is asked where it runs."""
    elsewhere = FakeProvider()
    await pipeline.service.predict(CHAMPION, LEAD, provider=elsewhere)
    await pipeline.service.aclose()
    assert [attempt.model_id for attempt in elsewhere.attempts] == [CHAMPION]
    assert [attempt.model_id for attempt in pipeline.other_provider.attempts] == [CHALLENGER]
