"""Models and operations in Chromium: what they show is what the server knows, and changes are made with a reason and the right key."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOSTILE = "<script>alert(1)</script>"
PAGES = (
    "/models",
    "/models/lead-scoring-v1",
    "/models/lead-scoring-v1/live",
    "/models/lead-scoring-v1/changes",
    "/playground/lead-scoring-v1",
    "/playground/revenue-forecast-v1",
    "/operations",
    "/operations/log",
    "/operations/keys",
    "/operations/settings",
)


async def told(page: Page, address: str, *, key: str | None = None) -> Any:
    """Return what the API tells, with a key where it asks for one."""
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    return await (await page.request.get(address, headers=headers)).json()


async def sign_in(page: Page, url: str, key: str) -> None:
    """Sign in with a key."""
    await page.goto(f"{url}/sign-in")
    await page.get_by_label("API key").fill(key)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("h1")).to_have_text("Today")


async def test_models_are_found(page: Page, filled) -> None:
    """The list finds models by words and by status, and leads to a model."""
    await page.goto(f"{filled.url}/models")
    await page.get_by_label("Name, feature, provider or tag").fill("lead scoring")
    await page.get_by_label("Status").select_option("active")
    await page.get_by_role("button", name="Find").click()
    await expect(page.locator("tbody tr")).to_have_count(1)
    await page.get_by_role("link", name="lead-scoring-v1").click()
    await expect(page.locator("h1")).to_have_text("lead-scoring-v1")
    await page.goto(f"{filled.url}/models?q=nothing+like+this&page=99")
    await expect(page.locator(".missing")).to_contain_text("No model fits")


async def test_a_model_shows_what_it_was_measured_at(page: Page, filled) -> None:
    """Held-out figures are those of the registry, beside those of the baselines, and every picture is drawn."""
    known = (await told(page, f"{filled.url}/v1/models/lead-scoring-v1"))["metrics"]
    await page.goto(f"{filled.url}/models/lead-scoring-v1")
    row = page.locator("#quality tbody tr").first
    await expect(row).to_contain_text("ROC-AUC")
    await expect(row.locator("td").first).to_contain_text(f"{known['auc'] / 100:.3f}")
    await expect(row.locator("td").nth(1)).to_have_text("0.500")
    await expect(page.locator("html[data-drawn='true']")).to_be_attached()
    count = await page.locator("figure.chart").count()
    assert count == 3 + 5
    await expect(page.locator("figure.chart svg.main-svg:first-of-type")).to_have_count(count)
    counts = [int((await cell.inner_text()).replace(",", "")) for cell in await page.locator(".confusion td.num").all()]
    assert sum(counts) == 1181


async def test_a_model_in_use_shows_the_counts_of_the_server(page: Page, filled) -> None:
    """Predictions, and how records moved, are those that the API tells; what is not known is said, not made up."""
    stats = await told(page, f"{filled.url}/v1/models/lead-scoring-v1/stats?window=3600")
    await page.goto(f"{filled.url}/models/lead-scoring-v1/live?window=hour")
    await expect(page.locator("#speed .figure dd").first).to_have_text(f"{stats['totalPredictions']:,}")
    await expect(page.locator("#outcomes .missing")).to_contain_text("hotcrm-ai outcomes import")
    await expect(page.locator("#drift tbody tr").first).to_be_visible()


@pytest.mark.parametrize("path", ["/models", "/models/hostile", "/models/hostile/changes", "/playground/hostile"])
async def test_a_hostile_model_is_text(page: Page, filled, path: str) -> None:
    """Names and descriptions that look like markup are shown as they are written."""
    await page.goto(filled.url + path)
    if path != "/playground/hostile":
        await expect(page.locator("main")).to_contain_text(HOSTILE)
    assert await page.evaluate("document.querySelectorAll('main script:not([type]), main img').length") == 0


async def test_promote_roll_back_sign_out(page: Page, locked) -> None:
    """With a key that may write, a model is promoted and taken back, each with a reason that the history keeps."""
    await sign_in(page, locked.url, locked.keys["write"])
    await page.goto(f"{locked.url}/models/lead-scoring-next/changes")
    promote = page.get_by_role("form", name="Promote")
    await promote.get_by_label("Reason").fill("better on our leads")
    await promote.get_by_role("button", name="Promote").click()
    await expect(page.get_by_role("status")).to_have_text("It answers predictions now.")
    address = f"{locked.url}/v1/models/lead-scoring-next"
    assert (await told(page, address, key=locked.keys["read"]))["status"] == "active"
    await expect(page.locator("#history .row-note").first).to_have_text("better on our leads")
    back = page.get_by_role("form", name="Roll back")
    await back.get_by_label("Reason").fill(HOSTILE)
    await back.get_by_role("button", name="Roll back").click()
    await expect(page.get_by_role("status")).to_contain_text("The earlier revision")
    await expect(page.locator("#history .row-note").first).to_have_text(HOSTILE)
    assert (await told(page, address, key=locked.keys["read"]))["status"] == "testing"
    await page.get_by_role("button", name="Sign out").click()
    await page.goto(f"{locked.url}/models/lead-scoring-next/changes")
    await expect(page.locator("h1")).to_have_text("Sign in")


async def test_a_challenger_needs_figures_or_insistence(page: Page, locked) -> None:
    """Without outcomes the promotion of a challenger is refused; ticked, it goes on, and the history says in spite of what."""
    await sign_in(page, locked.url, locked.keys["write"])
    await page.goto(f"{locked.url}/models/lead-scoring-challenger/changes")
    await expect(page.locator("#test-1")).to_contain_text("50 % of the records")
    ending = page.get_by_role("form", name="End the test in favour of the challenger")
    await ending.get_by_label("Reason").fill("we are sure")
    await ending.get_by_role("button", name="Promote the challenger").click()
    await expect(ending.get_by_role("alert")).to_contain_text("outcome")
    await expect(ending.get_by_label("Reason")).to_have_value("we are sure")
    await ending.get_by_label("In spite of that").check()
    await ending.get_by_role("button", name="Promote the challenger").click()
    await expect(page.get_by_role("status")).to_contain_text("the test is over")
    await expect(page.locator("#history .row-note").first).to_contain_text("we are sure (in spite of:")


async def test_a_key_that_reads_changes_nothing(page: Page, locked) -> None:
    """A key for reading sees no form that changes something, and a form made by hand is refused."""
    await sign_in(page, locked.url, locked.keys["read"])
    await page.goto(f"{locked.url}/models/lead-scoring-v1/changes")
    await expect(page.locator("main form")).to_have_count(0)
    await page.goto(f"{locked.url}/operations")
    await expect(page.locator("main form")).to_have_count(0)
    await page.goto(f"{locked.url}/operations/keys")
    await expect(page.locator("h1")).to_have_text("Your key does not open this")
    token = re.search(r'name="csrf" value="([0-9a-f]{64})"', await page.content())
    assert token
    data = {"csrf": token[1], "reason": "x", "revision": "1", "to": "1"}
    for path in (
        "/models/lead-scoring-v1/promote",
        "/models/lead-scoring-v1/roll-back",
        "/models/lead-scoring-challenger/test/stop",
        "/models/lead-scoring-challenger/test/promote",
        "/playground/lead-scoring-v1",
        "/operations/cache/clear",
        "/operations/keys",
        "/operations/keys/hk_x/revoke",
    ):
        answer = await page.request.post(locked.url + path, form=data, headers={"origin": locked.url})
        assert answer.status == 403, path


async def test_a_key_is_made_shown_once_and_revoked(page: Page, locked) -> None:
    """An administrator makes a key; its text is in the answer alone, opens the API, and opens nothing once it is revoked."""
    await sign_in(page, locked.url, locked.keys["admin"])
    await page.goto(f"{locked.url}/operations/keys")
    making = page.get_by_role("form", name="Make a key")
    await making.get_by_label("Name").fill("night job")
    await making.get_by_label("read", exact=True).check()
    await making.get_by_role("button", name="Make the key").click()
    key = await page.locator("code.secret").inner_text()
    headers = {"authorization": f"Bearer {key}"}
    assert (await page.request.get(f"{locked.url}/v1/models", headers=headers)).status == 200
    await page.goto(f"{locked.url}/operations/keys")
    assert key.rsplit("_", 1)[1] not in await page.content()
    await page.get_by_role("button", name="Revoke night job").click()
    await expect(page.get_by_role("status")).to_contain_text("revoked")
    await expect(page.get_by_role("button", name="Revoke night job")).to_have_count(0)
    assert (await page.request.get(f"{locked.url}/v1/models", headers=headers)).status == 401


async def test_the_log_is_paged_and_filtered(page: Page, filled) -> None:
    """The log shows the newest predictions, older ones on the next page, and those of one model or record."""
    await page.goto(f"{filled.url}/operations/log")
    first = await page.locator("tbody tr").first.inner_text()
    await expect(page.locator("tbody tr")).to_have_count(50)
    await page.get_by_role("link", name="Older").click()
    await expect(page.locator("tbody tr")).to_have_count(50)
    assert await page.locator("tbody tr").first.inner_text() != first
    await page.goto(f"{filled.url}/operations/log?record=Lead:{filled.lead}&model=lead-scoring-v1")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await page.goto(f"{filled.url}/operations/log?record=nonsense")
    await expect(page.locator("main")).to_contain_text("names no record")


async def test_operations_tell_the_state(page: Page, filled) -> None:
    """Operations show cache, log, alerts and settings as they are, and the cache can be cleared."""
    await page.goto(f"{filled.url}/operations")
    await expect(page.locator("#alerts")).to_contain_text("No incident is open")
    await page.get_by_role("button", name="Forget all cached answers").click()
    await expect(page.locator("#cache").get_by_role("status")).to_be_visible()
    await expect(page.locator("#cache .figure dd").first).to_have_text("0")
    await page.goto(f"{filled.url}/operations/settings")
    await expect(page.locator("#settings")).to_contain_text("cache_default_ttl")
    await expect(page.locator("#settings")).to_contain_text("set, not shown")


async def test_an_empty_workspace_says_what_to_do(page: Page, empty) -> None:
    """Where nothing was predicted, pages say so and name a command; nothing is made up."""
    for path, card in (
        ("/models/lead-scoring-v1/live", "#speed"),
        ("/models/lead-scoring-v1/changes", "#test-1"),
        ("/operations", "#models"),
        ("/operations/log", "section[aria-label='Predictions found']"),
    ):
        await page.goto(empty.url + path)
        await expect(page.locator(f"{card} .missing code").first).to_contain_text("hotcrm-ai")


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
async def test_nothing_keeps_people_out(browser: Browser, filled, scheme: str, width: int) -> None:
    """axe-core has no serious finding on these pages either, and none is wider than its screen (slow: axe reads every element)."""
    context = await browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page = await context.new_page()
    found: list[str] = []
    for path in PAGES:
        await page.goto(filled.url + path)
        violations = (await Axe().run(page)).response["violations"]
        found += [
            f"{path}: {one['id']}: {one['help']} ({one['nodes'][0]['html'][:200]})"
            for one in violations
            if one["impact"] in ("serious", "critical")
        ]
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    await context.close()
    assert found == []
