"""What one process erases, the others forget, and nothing else."""

from __future__ import annotations

from pathlib import Path

from hotcrm_ai import AI, Settings
from hotcrm_ai.assembly.erasure_watch import ErasureWatch
from hotcrm_ai.assembly.upkeep import erase
from hotcrm_ai.caches import MemoryCache
from hotcrm_ai.ports.clock import SystemClock
from hotcrm_ai.storage import SQLErasureNotes, open_database

LEAD_MODEL, CHURN_MODEL = "lead-scoring-v1", "churn-prediction-v1"


async def test_another_process_forgets_the_models_concerned(tmp_path: Path) -> None:
    """Answers of the model that had scored the erased lead go from another process's memory, once; other models' and newer ones stay."""
    url = f"sqlite:///{tmp_path / 'workspace.db'}"
    other = open_database(url)
    cache = MemoryCache(clock=SystemClock())
    async with AI.open(Settings(home=tmp_path / "home", workspace="ours", database_url=url)) as ai:
        watch = ErasureWatch(SQLErasureNotes(other, "ours"), clock=SystemClock(), clear=cache.clear)
        neighbour = MemoryCache(clock=SystemClock())
        theirs = ErasureWatch(SQLErasureNotes(other, "theirs"), clock=SystemClock(), clear=neighbour.clear)
        for kept in (cache, neighbour):
            await kept.set("lead", b"1", ttl_seconds=600, group=LEAD_MODEL)
            await kept.set("churn", b"2", ttl_seconds=600, group=CHURN_MODEL)
        for number in ("1", "2"):
            await ai.predict(LEAD_MODEL, {"company_size": 5}, context={"object_type": "Lead", "object_id": number})
        assert (await erase(ai, "Lead", "1")).predictions == 1
        await watch.follow()
        await theirs.follow()
        assert (await cache.get("lead"), await cache.get("churn")) == (None, b"2")
        assert await neighbour.get("lead") == b"1"
        await cache.set("lead", b"3", ttl_seconds=600, group=LEAD_MODEL)
        assert (await erase(ai, "Lead", "unknown")).predictions == 0
        await watch.follow()
        assert await cache.get("lead") == b"3"
        assert (await erase(ai, "Lead", "2")).predictions == 1
        await watch.follow()
        assert await cache.get("lead") is None
    await other.aclose()
