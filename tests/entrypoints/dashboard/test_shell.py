"""The shell of the dashboard: files, headers, theme, changes only from its own pages."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.entrypoints.dashboard.addresses import own_address, record_address
from hotcrm_ai.entrypoints.dashboard.rendering import number_text, script_json
from hotcrm_ai.entrypoints.dashboard.tried import tried

ORIGIN = "http://127.0.0.1:8000"
FORM = {"content-type": "application/x-www-form-urlencoded"}


async def test_every_page_forbids_inline_code_and_frames(visitor: httpx.AsyncClient) -> None:
    """A page carries a policy without inline code, and headers against frames, guessed types and told addresses."""
    answer = await visitor.get("/nowhere")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"


async def test_no_template_holds_inline_code(visitor: httpx.AsyncClient) -> None:
    """A page holds no inline style, handler or script besides data."""
    page = (await visitor.get("/nowhere")).text
    assert not re.search(r"\sstyle=|\son[a-z]+=|javascript:", page)
    assert all("src=" in tag or "application/json" in tag for tag in re.findall(r"<script[^>]*>", page))


async def test_an_unknown_page_says_so(visitor: httpx.AsyncClient) -> None:
    """An address without a page is answered with 404 and a way on."""
    answer = await visitor.get("/nowhere")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


async def test_a_failure_of_ours_is_in_the_log_and_not_on_the_page(
    visitor: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A page names neither path nor host of a database that failed, not even to somebody who signed in; the log does."""

    async def fail() -> Any:
        raise StorageError("/srv/secret-place/db.sqlite3 at db.internal is away")

    monkeypatch.setattr(visitor.ai.keys, "any_exist", fail)  # type: ignore[attr-defined]
    answer = await visitor.get("/records")
    assert answer.status_code == 503
    assert "The database or the file system failed" in answer.text
    part = await tried(fail())
    assert "secret-place" not in answer.text + str(part.problem)
    assert "db.internal" not in answer.text + str(part.problem)
    assert caplog.text.count("db.internal") == 2
    assert "r-1" in caplog.text


async def test_files_are_kept_by_their_content(visitor: httpx.AsyncClient) -> None:
    """The style sheet's address names its content, so browsers keep it; at any other address nobody does."""
    address = re.search(r'href="(/assets/[0-9a-f]{16}/app\.css)"', (await visitor.get("/nowhere")).text)
    assert address
    kept = await visitor.get(address[1])
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert kept.headers["content-type"] == "text/css; charset=utf-8"
    assert kept.headers["content-encoding"] == "gzip"
    assert (await visitor.get("/assets/0000000000000000/app.css")).headers["cache-control"] == "no-store"
    assert (await visitor.get("/assets/0000000000000000/../layout.html")).status_code == 404


async def test_the_chart_library_is_the_one_of_the_package(visitor: httpx.AsyncClient) -> None:
    """The script of the charts comes from plotly's package."""
    script = await visitor.get("/assets/x/charts.js", headers={"accept-encoding": "identity"})
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "plotly.js" in script.text[:200]


async def test_the_theme_is_kept_and_leads_back(visitor: httpx.AsyncClient) -> None:
    """The choice of dark goes into a cookie, and the visitor is back where they were."""
    body = "theme=dark&back=%2Frecords%3Fq%3Da"
    answer = await visitor.post("/theme", content=body, headers={**FORM, "origin": ORIGIN})
    assert (answer.status_code, answer.headers["location"]) == (303, "/records?q=a")
    assert answer.headers["set-cookie"].startswith("hotcrm_ai_theme=dark; Path=/;")
    page = await visitor.get("/nowhere", headers={"cookie": "hotcrm_ai_theme=dark"})
    assert 'data-theme="dark"' in page.text


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://127.0.0.1:8001"])
async def test_a_change_from_elsewhere_is_refused(visitor: httpx.AsyncClient, origin: str | None) -> None:
    """A form that does not come from this very origin changes nothing."""
    headers = FORM if origin is None else {**FORM, "origin": origin}
    answer = await visitor.post("/theme", content="theme=dark", headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_a_change_that_is_no_form_is_refused(visitor: httpx.AsyncClient) -> None:
    """JSON, which pages of other sites can send as text, is no form."""
    headers = {"origin": ORIGIN, "content-type": "text/plain"}
    assert (await visitor.post("/theme", content="theme=dark", headers=headers)).status_code == 400


async def test_a_form_that_is_too_large_is_refused(visitor: httpx.AsyncClient) -> None:
    """A form over 64 KiB is refused."""
    body = "theme=" + "d" * 70_000
    assert (await visitor.post("/theme", content=body, headers={**FORM, "origin": ORIGIN})).status_code == 400


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "", "/a\r\nb"])
def test_nobody_is_led_to_another_site(elsewhere: str) -> None:
    """Only a path of the dashboard is led back to."""
    assert own_address(elsewhere) == "/"


def test_addresses_of_records_hold_any_id() -> None:
    """An id with a slash or a space stays one part of the path."""
    assert record_address("Lead", "a/b c") == "/records/Lead/a%2Fb%20c"


def test_data_cannot_end_its_script_element() -> None:
    """A name that looks like the end of a script is written so that it is none."""
    assert script_json({"name": "</script><script>"}) == '{"name": "\\u003c/script\\u003e\\u003cscript\\u003e"}'


def test_numbers_are_written_for_people() -> None:
    """Thousands are apart, the minus is a real one, and nothing is shown as minus nought."""
    assert [number_text(1234.5, 1), number_text(-3, 0), number_text(-0.01, 1), number_text(None)] == [
        "1,234.5",
        "−3",
        "0.0",
        "–",
    ]
