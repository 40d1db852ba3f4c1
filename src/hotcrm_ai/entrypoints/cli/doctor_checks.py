"""Checks each part of an installation, and says how to mend what is broken."""

from __future__ import annotations

import importlib.util
import os
import sqlite3
import sys
import tempfile
from collections.abc import Awaitable, Callable
from typing import Final, Literal

import msgspec

from hotcrm_ai.domain.errors import ConfigError, HotCRMAIError, StorageError
from hotcrm_ai.settings import Settings

CheckStatus = Literal["ok", "warning", "broken"]
OLDEST_PYTHON: Final = (3, 11)
PACKAGES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "train": (
        "training, pictures, Parquet and Excel",
        ("lightgbm", "matplotlib", "pyarrow", "python_calamine", "scipy", "sklearn"),
    ),
    "server": ("the HTTP server", ("jinja2", "plotly", "starlette", "uvicorn")),
    "postgres": ("PostgreSQL", ("psycopg",)),
    "redis": ("a cache in Redis", ("redis",)),
    "http": ("models on other servers", ("certifi", "httpcore")),
    "sagemaker": ("models on Amazon SageMaker", ("botocore",)),
    "onnx": ("exports as ONNX", ("onnx",)),
    "mcp": ("the server for assistants", ("mcp",)),
}
_WRITTEN_FIELDS: Final = ("ai_score", "ai_confidence", "ai_explanation", "last_scored_date")


class Finding(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What was found of one part, and how to mend it where it is not well."""

    part: str
    status: CheckStatus
    found: str
    mend: str | None = None


async def examine(read_settings: Callable[[], Settings]) -> list[Finding]:
    """Check everything; parts that need the settings are left out where these cannot be read."""
    findings = [check_python(sys.version_info[:3]), check_sqlite(sqlite3.sqlite_version_info[:3])]
    try:
        settings = read_settings()
    except ConfigError as problem:
        broken = Finding(
            part="settings",
            status="broken",
            found=" • ".join(problem.message.split("\n  - ")),
            mend="Correct the settings that are named.",
        )
        return [*findings, *check_packages(needs_postgres=False), broken]
    findings += check_packages(needs_postgres=_uses_postgres(settings))
    findings.append(Finding(part="settings", status="ok", found=f"read; workspace folder {str(settings.home)!r}"))
    findings.append(check_home(settings))
    findings += await _guarded(check_database, settings)
    if findings[-1].status == "ok":
        # A look at the models opens the workspace, which would bring older tables to the present version.
        findings += [*await _guarded(check_models, settings), *await _guarded(check_providers, settings)]
    for check in (check_cache, check_crm):
        findings += await _guarded(check, settings)
    return findings


def check_python(version: tuple[int, ...]) -> Finding:
    """Check the version of Python."""
    spelled = ".".join(map(str, version))
    if version >= OLDEST_PYTHON:
        return Finding(part="python", status="ok", found=f"Python {spelled}")
    return Finding(part="python", status="broken", found=f"Python {spelled}", mend="Install Python 3.11 or later.")


def check_sqlite(version: tuple[int, int, int]) -> Finding:
    """Check the SQLite that Python is linked with, which decides how files are written."""
    from hotcrm_ai.storage.sqlite_connection import journal_mode, journal_note

    note = journal_note(version)
    found = f"SQLite {'.'.join(map(str, version))}, journal mode {journal_mode(version)}"
    if note is None:
        return Finding(part="sqlite", status="ok", found=found)
    return Finding(part="sqlite", status="warning", found=found, mend=note)


def check_packages(*, needs_postgres: bool) -> list[Finding]:
    """Check the packages of each extra; a missing one is broken only where the settings need it."""
    findings = []
    for extra, (purpose, packages) in PACKAGES.items():
        missing = [package for package in packages if importlib.util.find_spec(package) is None]
        if not missing:
            findings.append(Finding(part=f"packages: {extra}", status="ok", found=f"all there ({purpose})"))
            continue
        findings.append(
            Finding(
                part=f"packages: {extra}",
                status="broken" if extra == "postgres" and needs_postgres else "warning",
                found=f"{', '.join(missing)} not installed, needed for {purpose}",
                mend=f"pip install 'hotcrm-ai[{extra}]'",
            )
        )
    return findings


def check_home(settings: Settings) -> Finding:
    """Check that the workspace folder can be written to."""
    home = settings.home
    nearest = next((place for place in (home, *home.absolute().parents) if place.exists()), home)
    stuck = [place for place in (nearest, home / "workspace.db") if place.exists() and not os.access(place, os.W_OK)]
    if stuck:
        mend = "Give it to this user, or choose another folder with HOTCRM_AI_HOME."
        return Finding(part="workspace", status="broken", found=f"{str(stuck[0])!r} may not be written to", mend=mend)
    if not home.exists():
        return Finding(
            part="workspace",
            status="warning",
            found=f"{str(home)!r} is not there yet",
            mend="Any command makes it, for example `hotcrm-ai demo`.",
        )
    try:
        with tempfile.TemporaryFile(dir=home) as file:
            file.write(b"0")
            file.flush()
            os.fsync(file.fileno())
    except OSError as problem:
        return Finding(
            part="workspace", status="broken", found=f"{str(home)!r} cannot be written to ({problem.strerror})",
            mend="Give it to this user, free some space, or choose another folder with HOTCRM_AI_HOME.",
        )  # fmt: skip
    return Finding(part="workspace", status="ok", found=f"{str(home)!r} can be written to")


async def check_database(settings: Settings) -> list[Finding]:
    """Check that the workspace database answers and has the tables that this package needs."""
    from hotcrm_ai.assembly.inspection import database_status

    if settings.database_url is None and not (settings.home / "workspace.db").exists():
        return [
            Finding(
                part="database",
                status="warning",
                found="not there yet",
                mend="Any command makes it, for example `hotcrm-ai models list`.",
            )
        ]
    status, _ = await database_status(settings)
    if status.is_current:
        return [Finding(part="database", status="ok", found=f"answers; tables of version {status.version}")]
    found = f"answers; tables of version {status.version or 'none'}, needed is {status.wanted}"
    is_newer = status.version is not None and status.version > status.wanted
    mend = "Install the version of hotcrm-ai that made it, or a newer one." if is_newer else "hotcrm-ai db upgrade"
    return [Finding(part="database", status="broken", found=found, mend=mend)]


async def check_models(settings: Settings) -> list[Finding]:
    """Check the files of every active model against what was published."""
    from hotcrm_ai.assembly import AI
    from hotcrm_ai.assembly.inspection import verify_files

    if settings.database_url is None and not (settings.home / "workspace.db").exists():
        return []
    findings = []
    async with AI.open(settings) as ai:
        for model in await ai.registry.list_models(status="active"):
            if model.bundle_digest is None:
                continue
            try:
                await verify_files(settings, model)
            except HotCRMAIError as problem:
                mend = f"Train {model.id} again, or bring its files back from a backup of {str(settings.home / 'models')!r}."
                findings.append(Finding(part=f"model {model.id}", status="broken", found=problem.message, mend=mend))
            else:
                findings.append(
                    Finding(part=f"model {model.id}", status="ok", found=f"version {model.version}, files as published")
                )
    return findings


async def check_providers(settings: Settings) -> list[Finding]:
    """Check address and credentials of every model that runs elsewhere, without asking it; a deprecated one needs none."""
    from hotcrm_ai.assembly import AI
    from hotcrm_ai.assembly.inspection import provider_problem

    if settings.database_url is None and not (settings.home / "workspace.db").exists():
        return []
    findings = []
    async with AI.open(settings) as ai:
        for model in await ai.registry.list_models():
            if model.bundle_digest is not None or model.status in ("training", "deprecated"):
                continue
            part = f"provider of {model.id}"
            problem = await provider_problem(ai, model, ask=False)
            if problem is not None:
                mend = f"Do what is said; then `hotcrm-ai health` asks the provider. Model: `hotcrm-ai models show {model.id}`."
                findings.append(Finding(part=part, status="broken", found=problem, mend=mend))
            else:
                findings.append(
                    Finding(part=part, status="ok", found=f"{model.provider}: address and credentials are there")
                )
    return findings


async def check_cache(settings: Settings) -> list[Finding]:
    """Check that Redis reads and writes, where there is to be one; memory stands in where it does not, so that it breaks nothing."""
    from hotcrm_ai.assembly.caching import check_redis

    if settings.redis_url is None or not settings.cache_enabled:
        return [Finding(part="cache", status="ok", found="in memory" if settings.cache_enabled else "switched off")]
    try:
        await check_redis(settings, settings.redis_url)
    except StorageError as problem:
        mend = "Check REDIS_URL, and that the server runs; until then answers are kept in memory."
        return [Finding(part="cache", status="warning", found=problem.message, mend=mend)]
    return [Finding(part="cache", status="ok", found="Redis reads and writes")]


async def check_crm(settings: Settings) -> list[Finding]:
    """Check that the CRM answers, has leads, and has the fields that scores are written to."""
    from hotcrm_ai.storage import SQLCRMStore

    if settings.crm_url is None and not (settings.home / "crm.db").exists():
        mend = "Set HOTCRM_AI_CRM_URL to your CRM's database, or make a sample with `hotcrm-ai demo`."
        return [Finding(part="crm", status="warning", found="there is none yet", mend=mend)]
    crm = SQLCRMStore(settings.crm, objects=settings.crm_objects)
    try:
        await crm.find("Lead", [["id", "=", ""]], _WRITTEN_FIELDS, page=1)
    finally:
        await crm.aclose()
    return [Finding(part="crm", status="ok", found=f"answers; leads have {', '.join(_WRITTEN_FIELDS)}")]


_MEND: Final = {
    "check_database": ("database", "Check DATABASE_URL, and that the database runs."),
    "check_providers": ("providers", "Mend the database first; then look at `hotcrm-ai models list`."),
    "check_models": ("models", "Mend the database first; then look at `hotcrm-ai models list`."),
    "check_cache": ("cache", "Correct REDIS_URL, or install what is missing."),
    "check_crm": (
        "crm",
        "Check HOTCRM_AI_CRM_URL and HOTCRM_AI_CRM_OBJECTS, which map object types to tables and fields.",
    ),
}


async def _guarded(check: Callable[[Settings], Awaitable[list[Finding]]], settings: Settings) -> list[Finding]:
    part, mend = _MEND[check.__name__]
    try:
        return await check(settings)
    except HotCRMAIError as problem:
        return [Finding(part=part, status="broken", found=problem.message, mend=mend)]


def _uses_postgres(settings: Settings) -> bool:
    return any(url.reveal().startswith("postgres") for url in (settings.database, settings.crm))
