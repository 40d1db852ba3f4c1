"""Clients of the dashboard: one without a server, and Chromium before real servers with a filled, a locked and an empty workspace."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright
from starlette.types import Receive, Scope, Send

from hotcrm_ai.actions import batch_score_leads
from hotcrm_ai.actions.demo_today import ask_about_accounts, ask_about_messages, ask_for_forecast
from hotcrm_ai.assembly import AI
from hotcrm_ai.assembly.sample import ensure_sample_crm
from hotcrm_ai.domain.access import KEY_SCOPES
from hotcrm_ai.domain.errors import ProviderError
from hotcrm_ai.domain.model import ABTest, ModelConfig
from hotcrm_ai.entrypoints.dashboard import create_dashboard
from hotcrm_ai.settings import Settings

ORIGIN = "http://127.0.0.1:8000"
NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
NOBODY = "127.0.0.1:9"
HOSTILE = "<script>alert(1)</script>"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
async def visitor() -> AsyncIterator[httpx.AsyncClient]:
    """A client whose requests come to the dashboard as the server would hand them on."""
    dashboard = create_dashboard()
    keys = SimpleNamespace(any_exist=_nothing)
    ai = SimpleNamespace(now=lambda: NOON, keys=keys)

    async def server(scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        exchange = SimpleNamespace(ai=ai, headers=headers, request_id="r-1", body_seconds=2.0, is_local=True)
        scope["hotcrm_ai.exchange"] = exchange
        await dashboard(scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(server), base_url=ORIGIN) as client:
        client.ai = ai  # type: ignore[attr-defined]  # what a test changes to see it fail
        yield client


async def _nothing() -> bool:
    return False


@dataclass(frozen=True)
class Served:
    """A server under way: its address, a lead whose name is hostile, and keys by scope where it asks for one."""

    url: str
    lead: str = ""
    keys: dict[str, str] | None = None


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A workspace with a small sample CRM, scored and asked about, in which one lead, account and message have hostile names."""
    home = tmp_path_factory.mktemp("filled") / "home"
    return home, asyncio.run(_fill(home))


@pytest.fixture(scope="session")
def filled(filled_home: tuple[Path, str]) -> Iterator[Served]:
    """A server of the filled workspace, in which no key was made."""
    home, lead = filled_home
    with _Server(home) as url:
        yield Served(url, lead)


@pytest.fixture(scope="session")
def locked(filled_home: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of the filled workspace with keys."""
    home = tmp_path_factory.mktemp("locked") / "home"
    shutil.copytree(filled_home[0], home)
    keys = asyncio.run(_make_keys(home))
    with _Server(home) as url:
        yield Served(url, filled_home[1], keys)


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of a workspace in which nothing happened yet, without a CRM."""
    with _Server(tmp_path_factory.mktemp("empty") / "home") as url:
        yield Served(url)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium; where it is missing, tests are skipped on a laptop and fail in CI."""
    place = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if place is None:
        reason = "no Chromium was found; `make browser` installs it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=place, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page in a fresh profile; a violated policy, an error of a script or a dialog fails the test."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    complaints: list[str] = []
    watch(page, complaints)
    yield page
    await context.close()
    assert complaints == []


def watch(page: Page, complaints: list[str]) -> None:
    """Collect what a browser complains about."""

    def on_console(message: object) -> None:
        kind, text = getattr(message, "type", ""), getattr(message, "text", "")
        if kind == "error" and "Failed to load resource" not in text:
            complaints.append(text)

    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))


class _Server:
    """``hotcrm-ai serve`` as a process of its own, on a free port."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._home = home

    def __enter__(self) -> str:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HOTCRM_AI_")}
        command = [Path(sys.executable).with_name("hotcrm-ai"), "serve", "--port", "0", "--home", str(self._home)]
        with (self._home / "server.log").open("w") as log:
            self._process = subprocess.Popen(
                command, env={**kept, "OMP_NUM_THREADS": "1"}, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self._process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", self._process.stdout.readline())
        assert found is not None, (self._home / "server.log").read_text()
        return found.group()

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)
        assert self._process.stdout is not None
        self._process.stdout.close()


async def _fill(home: Path) -> str:
    """Fill a workspace and return the id of the lead with the hostile name, which is the first to call."""
    async with AI.open(Settings(home=home)) as ai:
        await ensure_sample_crm(ai, leads=400, accounts=120)
        open_leads = await ai.crm.find("Lead", [["converted", "is null", None]], ["id"])
        await batch_score_leads(ai, [lead["id"] for lead in open_leads])
        await ask_about_accounts(ai, _untold)
        await ask_about_messages(ai, _untold)
        await ask_for_forecast(ai)
        (first,) = await ai.crm.highest("Lead", "ai_score", [["converted", "is null", None]], limit=1)
        hostile = {"last_name": HOSTILE, "company": f'"><img src=x onerror=alert(2)>{HOSTILE}', "job_title": HOSTILE}
        await ai.crm.update("Lead", first["id"], hostile)
        accounts = await ai.crm.find("Account", (), ["id"])
        await ai.crm.update_many("Account", {account["id"]: {"name": f"{HOSTILE} Ltd"} for account in accounts})
        messages = await ai.crm.highest("Email", "sent_date", limit=200)
        await ai.crm.update_many("Email", {one["id"]: {"subject": HOSTILE} for one in messages})
        await _register_like(ai, "hostile", name=HOSTILE, description=HOSTILE, tags=(HOSTILE,))
        return str(first["id"])


def _untold(_done: int, _total: int) -> None:
    """Nobody watches."""


async def _register_like(ai: AI, model_id: str, **changes: Any) -> None:
    """Register a model with the files of lead-scoring-v1, in testing."""
    model = await ai.registry.get_model("lead-scoring-v1")
    assert model is not None
    await ai.registry.register(msgspec.structs.replace(model, id=model_id, revision=0, status="testing", **changes))


async def _alert_about_failures(ai: AI) -> None:
    """Open an alert of a model whose server is not there."""
    url = f"http://{NOBODY}/v2/models/far/infer"
    await ai.registry.register(ModelConfig(id="far", provider="open-inference", endpoint=url, status="active"))
    for number in range(25):
        with pytest.raises(ProviderError):
            await ai.predict("far", {"x": float(number)})
    assert [incident.subject for incident in await ai.alerts.check()] == ["far"]


async def _make_keys(home: Path) -> dict[str, str]:
    """Make one key for each scope, besides two models to promote: one alone, one in an A/B test without outcomes; and one that fails."""
    async with AI.open(Settings(home=home, provider_hosts=(NOBODY,))) as ai:
        await _alert_about_failures(ai)
        await _register_like(ai, "lead-scoring-next")
        await _register_like(ai, "lead-scoring-challenger")
        test = ABTest(champion_model_id="lead-scoring-v1", traffic_percentage=50.0)
        await ai.registry.update("lead-scoring-challenger", status="active", ab_test=test)
        made = {scope: await ai.keys.create(name=f"{scope} key", scopes=[scope]) for scope in KEY_SCOPES}
        return {scope: key.secret.reveal() for scope, key in made.items()}
