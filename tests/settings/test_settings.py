"""Settings from arguments, environment and file."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotcrm_ai import ConfigError, Settings


def test_without_anything_set_the_defaults_hold(tmp_path: Path) -> None:
    """The workspace is a folder with SQLite files."""
    settings = Settings(home=tmp_path)
    assert settings.database.reveal() == f"sqlite:///{tmp_path / 'workspace.db'}"
    assert settings.crm.reveal() == f"sqlite:///{tmp_path / 'crm.db'}"
    assert (settings.timeout_seconds, settings.cache_default_ttl) == (2.0, 300.0)


def test_arguments_win_over_environment_and_environment_over_file(tmp_path: Path) -> None:
    """Each source can be overruled by the one nearer to the call."""
    (tmp_path / "settings.toml").write_text("timeout_seconds = 5\nbatch_concurrency = 5\ncache_enabled = false\n")
    environ = {"HOTCRM_AI_HOME": str(tmp_path), "HOTCRM_AI_TIMEOUT_SECONDS": "4", "HOTCRM_AI_BATCH_CONCURRENCY": "4"}
    settings = Settings.load(environ, batch_concurrency=3)
    assert (settings.timeout_seconds, settings.batch_concurrency, settings.cache_enabled) == (4.0, 3, False)


def test_the_usual_names_of_database_and_redis_are_read(tmp_path: Path) -> None:
    """DATABASE_URL and REDIS_URL need no prefix."""
    settings = Settings.load(
        {"HOTCRM_AI_HOME": str(tmp_path), "DATABASE_URL": "postgresql://u:pw@db/x", "REDIS_URL": "redis://r"}
    )
    assert settings.database.reveal() == "postgresql://u:pw@db/x"
    assert settings.redis_url is not None


def test_zero_is_a_value(tmp_path: Path) -> None:
    """A TTL of 0 is not the default TTL."""
    assert Settings(home=tmp_path, cache_default_ttl=0).cache.default_ttl == 0.0


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    """Environment, file and values together, each with its name."""
    (tmp_path / "settings.toml").write_text("colour = 'red'\n")
    environ = {
        "HOTCRM_AI_HOME": str(tmp_path),
        "HOTCRM_AI_TIMEOUT_SECONDS": "soon",
        "HOTCRM_AI_CACHE_ENABLED": "maybe",
        "HOTCRM_AI_SPEED": "11",
        "DATABASE_URL": "nonsense",
    }
    with pytest.raises(ConfigError) as caught:
        Settings.load(environ)
    text = str(caught.value)
    for part in ("timeout_seconds", "'soon'", "cache_enabled", "HOTCRM_AI_SPEED", "database_url", "'colour'"):
        assert part in text
    assert len(caught.value.problems) == 5


def test_a_mistake_is_placed_where_it_was_written(tmp_path: Path) -> None:
    """A value of the file names the file's key, one of the environment its variable; the one that is overruled does not count."""
    (tmp_path / "settings.toml").write_text(
        "timeout_seconds = 'soon'\nbatch_concurrency = 'many'\nprovider_hosts = ['a b']\n"
    )
    with pytest.raises(ConfigError) as caught:
        Settings.load({"HOTCRM_AI_HOME": str(tmp_path), "HOTCRM_AI_BATCH_CONCURRENCY": "few"})
    assert caught.value.problems == (
        "timeout_seconds: expected a number, got 'soon' (the key timeout_seconds in settings.toml)",
        "batch_concurrency: expected a whole number, got 'few' (set HOTCRM_AI_BATCH_CONCURRENCY)",
    )
    with pytest.raises(ConfigError, match=r"\(the key provider_hosts in settings\.toml\)"):
        Settings.load(
            {"HOTCRM_AI_HOME": str(tmp_path), "HOTCRM_AI_TIMEOUT_SECONDS": "1", "HOTCRM_AI_BATCH_CONCURRENCY": "2"}
        )


def test_no_secret_is_ever_shown(tmp_path: Path) -> None:
    """Neither the settings' own text nor an error carries a password."""
    settings = Settings(home=tmp_path, database_url="postgresql://u:hunter2@db/x")  # type: ignore[arg-type]
    assert "hunter2" not in repr(settings)
    with pytest.raises(ConfigError) as caught:
        Settings(home=tmp_path, database_url="u:hunter2@db", timeout_seconds=-1)  # type: ignore[arg-type]
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("workspace", ["", "A", "with space", "x" * 65])
def test_a_workspace_has_a_plain_name(tmp_path: Path, workspace: str) -> None:
    """The name becomes part of keys and rows."""
    with pytest.raises(ConfigError, match="workspace"):
        Settings(home=tmp_path, workspace=workspace)
