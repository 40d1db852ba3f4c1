"""A change may be meant for one revision only, and a model may go back to an earlier one; both leave their mark in the history."""

from __future__ import annotations

import asyncio

import pytest

from hotcrm_ai.domain.errors import IllegalTransition, ModelConflict, ModelNotFound, StaleRevision
from hotcrm_ai.registry import ModelRegistry


async def test_a_change_meant_for_another_revision_is_refused(registry: ModelRegistry) -> None:
    """Every kind of change checks the revision that it was meant for, and changes nothing where that is another one."""
    await registry.register({"id": "m", "version": "1"})
    await registry.register({"id": "m", "version": "2"})
    for change in (
        registry.register({"id": "m"}, if_revision=1),
        registry.update("m", if_revision=1, version="3"),
        registry.update_status("m", "active", if_revision=3),
        registry.unregister("m", if_revision=1),
        registry.roll_back("m", to=1, if_revision=1),
        registry.register({"id": "m"}, if_revision=0),
        registry.register({"id": "another"}, if_revision=1),
    ):
        with pytest.raises(StaleRevision):
            await change
    assert [revision.number for revision in await registry.history("m")] == [1, 2]
    assert (await registry.update("m", if_revision=2, version="3")).revision == 3


async def test_of_many_conditional_changes_at_once_one_is_made(registry: ModelRegistry) -> None:
    """32 changes meant for the same revision: one succeeds, 31 are told that it moved."""
    await registry.register({"id": "m"})
    results = await asyncio.gather(
        *(registry.update("m", if_revision=1, version=f"{number}.0") for number in range(32)), return_exceptions=True
    )
    assert sum(isinstance(result, StaleRevision) for result in results) == 31
    assert len(await registry.history("m")) == 2


async def test_a_model_goes_back_to_the_last_one_that_answered_differently(registry: ModelRegistry) -> None:
    """A change of words alone is no earlier model; the reason and the way back stay in the history."""
    await registry.register({"id": "m", "version": "1", "status": "active"})
    await registry.register({"id": "m", "version": "2", "status": "active"})
    await registry.update("m", description="the same model, described")
    restored = await registry.roll_back("m", note="complaints")
    assert (restored.version, restored.status, restored.revision) == ("1", "active", 4)
    newest = (await registry.history("m"))[-1]
    assert (newest.action, newest.note) == ("rolled_back", "complaints")


async def test_a_model_goes_back_to_a_revision_by_its_number(registry: ModelRegistry) -> None:
    """A named revision comes back as it was, with the A/B test of now."""
    await registry.register({"id": "old", "status": "active"})
    await registry.register({"id": "m", "version": "1", "status": "active", "tags": ["first"]})
    test = {"champion_model_id": "old", "traffic_percentage": 10}
    await registry.register({"id": "m", "version": "2", "status": "active", "ab_test": test})
    restored = await registry.roll_back("m", to=1)
    assert (restored.version, restored.tags) == ("1", ("first",))
    assert restored.ab_test is not None


async def test_where_there_is_nothing_to_go_back_to_it_says_so(registry: ModelRegistry) -> None:
    """No earlier model, no such number, an unknown model, or a status that may not follow."""
    await registry.register({"id": "m", "status": "training"})
    await registry.update_status("m", "active")
    with pytest.raises(ModelConflict, match="no earlier revision that was active"):
        await registry.roll_back("m")
    with pytest.raises(ModelConflict, match="no earlier revision 7"):
        await registry.roll_back("m", to=7)
    with pytest.raises(ModelNotFound):
        await registry.roll_back("unknown")
    with pytest.raises(IllegalTransition):
        await registry.roll_back("m", to=1)


async def test_an_id_that_no_model_can_have_has_no_history(registry: ModelRegistry) -> None:
    """The store is not asked for text that a database would stumble over."""
    with pytest.raises(ModelNotFound):
        await registry.history("a\x00b")
