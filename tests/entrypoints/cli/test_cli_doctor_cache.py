"""``doctor`` tells whether Redis can be used, and how to mend it where not."""

from __future__ import annotations

from typing import Any

from hotcrm_ai import Settings
from hotcrm_ai.entrypoints.cli.doctor_checks import check_cache, examine


async def test_without_a_url_the_cache_is_in_memory(tmp_path: Any) -> None:
    """Nothing is set, nothing is broken."""
    (finding,) = await check_cache(Settings(home=tmp_path))
    assert (finding.part, finding.status, finding.found) == ("cache", "ok", "in memory")


async def test_a_redis_that_works_is_ok(tmp_path: Any, redis_server: Any) -> None:
    """A server that reads and writes is said to do so."""
    settings = Settings(home=tmp_path, redis_url=redis_server.url, redis_timeout_seconds=5.0)
    (finding,) = await check_cache(settings)
    assert (finding.status, finding.found) == ("ok", "Redis reads and writes")


async def test_a_redis_that_is_away_or_refuses_is_a_warning(tmp_path: Any, redis_server: Any) -> None:
    """A dead server and a wrong password are warnings that say what to do and show no credential, for predictions work without."""
    for url in ("redis://:hunter2@127.0.0.1:1", redis_server.url.replace("://", "://app:hunter2@")):
        (finding,) = await check_cache(Settings(home=tmp_path, redis_url=url, redis_timeout_seconds=5.0))
        assert finding.status == "warning"
        assert "REDIS_URL" in finding.mend
        assert "hunter2" not in finding.found


async def test_doctor_looks_at_the_cache(tmp_path: Any) -> None:
    """The cache is among the parts that doctor reports on."""
    findings = await examine(lambda: Settings(home=tmp_path))
    assert [finding.status for finding in findings if finding.part == "cache"] == ["ok"]
