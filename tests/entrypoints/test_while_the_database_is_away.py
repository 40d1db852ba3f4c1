"""What people and programs are told while the database of the workspace is away, and of records that the CRM cannot have."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from hotcrm_ai import AI, Settings
from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.entrypoints.dashboard import create_dashboard
from hotcrm_ai.entrypoints.http import create_app
from hotcrm_ai.entrypoints.http.held_workspace import HeldWorkspace

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def client_of(app: Any) -> httpx.AsyncClient:
    """Return a client on this machine."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1")


@pytest.fixture
async def closed() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server whose workspace cannot be opened yet."""

    @asynccontextmanager
    async def away() -> AsyncIterator[Any]:
        raise StorageError("/srv/secret-place/workspace.db is away.", temporary=True)
        yield

    held = HeldWorkspace(away, retry_seconds=0.0)
    app = create_app(held, dashboard=create_dashboard(), new_request_id=lambda: "r-7")
    await held.start()
    async with client_of(app) as client:
        yield client
    await held.stop()


@pytest.mark.parametrize("path", ["/", "/models", "/records/Lead/LD-000001", "/docs"])
async def test_a_browser_gets_a_page_that_says_what_to_do(closed: httpx.AsyncClient, path: str) -> None:
    """It is still 503, names no path of the server, and has the number under which the log tells more."""
    answer = await closed.get(path, headers=BROWSER)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "The database does not answer" in answer.text
    assert "hotcrm-ai doctor" in answer.text
    assert f'href="{path}"' in answer.text
    assert "r-7" in answer.text
    assert "secret-place" not in answer.text


async def test_the_page_has_its_style_sheet(closed: httpx.AsyncClient) -> None:
    """Files come with the package and need no database."""
    answer = await closed.get("/assets/x/app.css", headers={"accept": "text/css,*/*;q=0.1"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/models"), ("POST", "/"), ("GET", "/readyz")])
async def test_a_program_gets_a_problem_document(closed: httpx.AsyncClient, method: str, path: str) -> None:
    """Whoever asks for no page reads JSON as before, below /v1/ even a browser."""
    answer = await closed.request(method, path, headers=BROWSER if path.startswith("/v1/") else {})
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")


@pytest.fixture
async def small_crm(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server whose CRM has leads and nothing else."""
    with sqlite3.connect(tmp_path / "crm.db") as crm:
        crm.execute(
            "CREATE TABLE leads (id TEXT PRIMARY KEY, company TEXT, company_size REAL, ai_score REAL, ai_confidence REAL,"
            " ai_explanation TEXT, last_scored_date TEXT)"
        )
    async with (
        AI.open(Settings(home=tmp_path, crm_url=f"sqlite:///{tmp_path / 'crm.db'}")) as ai,
        client_of(create_app(ai, dashboard=create_dashboard())) as client,
    ):
        yield client


async def test_a_record_of_a_table_that_is_not_there_is_not_found(small_crm: httpx.AsyncClient) -> None:
    """A CRM without opportunities is no failure of the server, and the page says which tables there are."""
    answer = await small_crm.get("/records/Opportunity/X", headers=BROWSER)
    assert answer.status_code == 404
    assert "The CRM has no such records" in answer.text
    assert "its tables are: leads" in answer.text
    missing = await small_crm.get("/records/Lead/LD-9", headers=BROWSER)
    assert (missing.status_code, "There is no such record" in missing.text) == (404, True)


@pytest.mark.parametrize("body", ["[]", "null", '{"lead": "LD-9"}', "x"])
async def test_a_route_without_a_body_says_where_to_put_things(small_crm: httpx.AsyncClient, body: str) -> None:
    """Whoever sends one anyway reads what the path and the query are for; nothing and ``{}`` are no body."""
    answer = await small_crm.post("/v1/leads/LD-9/score", content=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.json()["detail"] == (
        "POST /v1/leads/{id}/score takes no body: the path says what it is about; the query may hold modelId. Send none, or {}."
    )
    assert (await small_crm.post("/v1/leads/LD-9/score", content="{}")).status_code == 404


async def test_a_workspace_without_a_crm_says_how_to_get_one(tmp_path: Path) -> None:
    """A seller reads who connects the CRM, and whoever looks around finds the sample; nobody is sent to a log that has no more."""
    async with (
        AI.open(Settings(home=tmp_path)) as ai,
        client_of(create_app(ai, dashboard=create_dashboard())) as client,
    ):
        today, record = await client.get("/"), await client.get("/records/Lead/LD-1")
    assert (today.status_code, record.status_code) == (200, 503)
    for page in (today, record):
        assert "No CRM is connected yet" in page.text
        assert "HOTCRM_AI_CRM_URL" in page.text
        assert "hotcrm-ai demo" in page.text
    assert "log has the details" not in record.text


async def test_a_filter_on_a_field_that_is_not_there_names_those_there_are(small_crm: httpx.AsyncClient) -> None:
    """The caller mends the request, so it is an invalid request and no fault of the settings."""
    body = {"filters": [["compny", "=", "Torguvor Tools"]]}
    answer = await small_crm.post("/v1/leads/score", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert "Lead has no field 'compny' to filter by; its fields are: ai_confidence, " in answer.json()["detail"]
    assert answer.json()["problems"] == [{"name": "compny", "reason": "is no field of the record"}]
