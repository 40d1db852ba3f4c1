"""The champion of an AI feature answers where no model is named: the active model that was promoted last."""

from __future__ import annotations

import pytest

from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.registry import ModelRegistry

FEATURE = "lead-scoring"


def named(id_: str, **fields: object) -> dict[str, object]:
    """Return a model of lead scoring."""
    return {"id": id_, "feature": FEATURE, **fields}


async def test_the_model_promoted_last_is_the_champion(registry: ModelRegistry, clock) -> None:
    """First the pre-registered one, then whatever was promoted last, also by becoming active; registering alone changes nothing."""
    await registry.register(named("lead-scoring-v1", status="active"))
    await registry.register(named("a", status="active"))
    await registry.register(named("b"))
    await registry.register({"id": "c", "feature": "churn-prediction"})
    found = [await registry.champion(FEATURE)]
    for change in (
        lambda: registry.promote("a", note="better"),
        lambda: registry.update_status("b", "active"),
        lambda: registry.promote("c"),
        lambda: registry.promote("lead-scoring-v1"),
    ):
        clock.seconds += 1.0
        await change()
        found.append(await registry.champion(FEATURE))
    assert found == ["lead-scoring-v1", "a", "b", "b", "lead-scoring-v1"]
    newest = (await registry.history("a"))[-1]
    assert (newest.action, newest.note, newest.config.promoted_at.second) == ("promoted", "better", 41)


async def test_a_promotion_counts_also_where_the_clock_was_put_back(registry: ModelRegistry, clock) -> None:
    """The later promotion wins, whatever the clock says."""
    await registry.register(named("a"))
    await registry.register(named("b"))
    await registry.promote("a")
    clock.seconds -= 500.0
    await registry.promote("b")
    assert await registry.champion(FEATURE) == "b"


async def test_who_does_not_answer_everybody_is_no_champion(registry: ModelRegistry, clock) -> None:
    """A challenger of a running test and a model that is not active are none; the one before them is the champion again."""
    await registry.register(named("a"))
    await registry.register(named("b"))
    await registry.promote("a")
    clock.seconds += 1.0
    await registry.promote("b")
    test = {"champion_model_id": "a", "traffic_percentage": 20}
    challenger = await registry.update("b", ab_test=test)
    assert (challenger.promoted_at, await registry.champion(FEATURE)) == (None, "a")
    assert (await registry.promote("b")).promoted_at is None
    await registry.update("b", ab_test={**test, "enabled": False})
    assert await registry.champion(FEATURE) == "a"
    await registry.update("b", ab_test=test)
    won = await registry.promote("b", ends_test=True)
    assert (won.ab_test.enabled, await registry.champion(FEATURE)) == (False, "b")
    await registry.update_status("b", "testing")
    assert await registry.champion(FEATURE) == "a"


async def test_a_promotion_is_taken_back_and_comes_back_with_its_revision(registry: ModelRegistry, clock) -> None:
    """Rolled back, the model still answers by its name; an earlier revision has the promotion that it had."""
    await registry.register(named("lead-scoring-v1", status="active"))
    await registry.register(named("a", version="1"), promote=True)
    await registry.promote("a")
    undone = await registry.roll_back("a", note="too soon")
    assert (undone.status, undone.promoted_at, await registry.champion(FEATURE)) == ("active", None, "lead-scoring-v1")
    await registry.roll_back("a", to=2)
    assert await registry.champion(FEATURE) == "a"


async def test_the_champion_stays_the_champion_where_its_id_is_registered_again(registry: ModelRegistry) -> None:
    """A replacement under the same id answers in its place, one of another feature does not; nobody gives a moment of promotion."""
    await registry.register(named("a", status="active"), promote=True)
    await registry.register(named("a", status="active", version="2", promoted_at="2030-01-01T00:00:00Z"))
    kept = await registry.get_model("a")
    assert (await registry.champion(FEATURE), kept.promoted_at.year) == ("a", 2026)
    with pytest.raises(ConfigError, match="promoted_at"):
        await registry.update("a", promoted_at=None)
    await registry.register({"id": "a", "feature": "churn-prediction", "status": "active"})
    assert await registry.champion(FEATURE) == "lead-scoring-v1"


async def test_all_processes_know_the_same_champion(
    registry: ModelRegistry, other_registry: ModelRegistry, clock
) -> None:
    """What one process promotes, the others ask within a second."""
    await registry.register(named("a"))
    assert await other_registry.champion(FEATURE) == "lead-scoring-v1"
    await registry.promote("a")
    clock.seconds += 1.5
    assert await other_registry.champion(FEATURE) == "a"
