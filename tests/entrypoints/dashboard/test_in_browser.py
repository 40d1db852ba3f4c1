"""The dashboard in Chromium, before real servers: what people see, click, type and are kept from."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOSTILE = "<script>alert(1)</script>"


async def serious(page: Page) -> list[str]:
    """Return the serious and critical findings of axe-core."""
    found = (await Axe().run(page)).response["violations"]
    return [
        f"{one['id']}: {one['help']} ({one['nodes'][0]['html'][:200]})"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


async def drawn(page: Page, count: int) -> None:
    """Wait until all charts of a page are drawn, and check how many there are."""
    await expect(page.locator("html[data-drawn='true']")).to_be_attached()
    await expect(page.locator("figure.chart svg.main-svg:first-of-type")).to_have_count(count)


async def test_today_shows_the_day(page: Page, filled) -> None:
    """Every card of the first page has its numbers, each says when they were made, and the charts are drawn."""
    await page.goto(filled.url)
    await expect(page.locator("h1")).to_have_text("Today")
    for card in ("Call first", "Accounts at risk", "Revenue forecast", "Mood of the inbox", "Models that need a look"):
        await expect(page.get_by_role("region", name=card, exact=True).locator(".made")).to_be_visible()
        await expect(page.get_by_role("region", name=card, exact=True).locator(".missing")).to_have_count(0)
    await expect(page.get_by_role("region", name="Call first").locator(".rows > li")).to_have_count(8)
    await expect(page.get_by_role("region", name="Call first").locator(".made")).to_contain_text(
        "lead-scoring-v1 1.0.0"
    )
    await drawn(page, 2)


async def test_an_open_alert_comes_first_on_the_first_page(page: Page, locked) -> None:
    """A model with an open alert stands above all else, with what is wrong, since when, and a link to how it does."""
    await page.goto(f"{locked.url}/sign-in")
    await page.get_by_label("API key").fill(locked.keys["read"])
    await page.get_by_role("button", name="Sign in").click()
    await page.goto(locked.url)
    await expect(page.locator("main h2").first).to_have_text("Models that need a look")
    row = page.locator("#models .rows > li").first
    await expect(row).to_contain_text("unhealthy")
    await expect(row).to_contain_text("Alert open since")
    await row.get_by_role("link", name="far").click()
    await expect(page.locator("#health")).to_contain_text("unhealthy")


async def test_a_name_is_never_code(page: Page, filled) -> None:
    """Names that look like markup are shown as they are written, on every page where they stand."""
    for path in ("/", f"/records/Lead/{filled.lead}", "/records?q=script", f"/records?q={filled.lead}"):
        await page.goto(filled.url + path)
        await expect(page.locator("main")).to_contain_text(HOSTILE)
        assert await page.evaluate("document.querySelectorAll('main script:not([type]), main img').length") == 0
    await page.goto(f"{filled.url}/records?q=%3Cscript%3Ealert(1)%3C/script%3E&type=%22%3E%3Cscript%3E")
    await page.goto(f"{filled.url}/nowhere/%3Cscript%3Ealert(1)%3C/script%3E")
    await expect(page.locator("h1")).to_have_text("There is no such page")


async def test_a_record_says_why(page: Page, filled) -> None:
    """A lead's page has score, waterfall, change, score without each fact, history and records like it, from the real model."""
    await page.goto(f"{filled.url}/records/Lead/{filled.lead}")
    await drawn(page, 1)
    steps = page.locator("#why .numbers table tbody tr")
    await page.locator("#why summary").click()
    texts = [float((await one.locator("td").last.inner_text()).replace("−", "-")) for one in await steps.all()]
    shown = float((await page.locator(".score").inner_text()).split()[0])
    assert abs(sum(texts[:-1]) - shown) < 0.5
    assert texts[-1] == shown
    await expect(page.locator("#history tbody tr").first).to_contain_text("lead-scoring-v1 1.0.0")
    await expect(page.locator("#alike .rows")).to_have_count(2)
    await expect(
        page.get_by_role("region", name="Without this fact", exact=True).locator("tbody tr").first
    ).to_be_visible()
    await expect(page.locator("#change")).to_contain_text("hot")


async def test_the_facts_that_may_change_can_be_chosen(page: Page, filled) -> None:
    """With a single fact ticked, only that one is looked at."""
    await page.goto(f"{filled.url}/records?type=Lead&q=a")
    await page.locator(".rows a").last.click()
    boxes = page.locator("#change input[type=checkbox]")
    for box in await boxes.all():
        await box.set_checked(await box.get_attribute("value") == "engagement_score")
    await page.get_by_role("button", name="Look again").click()
    assert page.url.endswith("change=engagement_score#change")
    await expect(page.locator("#change input:checked")).to_have_count(1)


async def test_an_account_has_a_page_too(page: Page, filled) -> None:
    """From the first page a click leads to the account at risk, and what would make its risk low."""
    await page.goto(filled.url)
    await page.get_by_role("region", name="Accounts at risk").locator(".rows a").first.click()
    await expect(page.locator("#why")).to_contain_text("% chance of leaving")
    await expect(page.locator("#change")).to_contain_text("low")
    await drawn(page, 1)


async def test_sign_in_find_a_lead_read_why_sign_out(page: Page, locked) -> None:
    """With keys, the way is: sign in, find a lead, read why, sign out; the key is in no page and no script can read the cookie."""
    await page.goto(f"{locked.url}/records?type=Lead")
    await expect(page.locator("h1")).to_have_text("Sign in")
    await page.get_by_label("API key").fill(locked.keys["read"])
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("h1")).to_have_text("Find a record")
    assert await page.evaluate("document.cookie") == ""
    assert locked.keys["read"] not in await page.content()
    assert all(locked.keys["read"] not in cookie["value"] for cookie in await page.context.cookies())
    await page.get_by_role("searchbox", name="Find a lead or account by name or id").fill(locked.lead)
    await page.keyboard.press("Enter")
    await expect(page.locator("#why .score")).to_be_visible()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.locator("h1")).to_have_text("Sign in")
    await page.goto(f"{locked.url}/records/Lead/{locked.lead}")
    await expect(page.locator("h1")).to_have_text("Sign in")


async def test_a_wrong_key_lets_nobody_in(page: Page, locked) -> None:
    """A key that is mistyped is refused with words, and is not shown again."""
    await page.goto(f"{locked.url}/sign-in")
    await page.get_by_label("API key").fill("hk_wrong")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_contain_text("The API key is not valid")
    assert "hk_wrong" not in await page.content()


async def test_a_key_without_the_scope_opens_nothing(page: Page, locked) -> None:
    """A key for predictions signs in, but pages need the scope read, and say so."""
    await page.goto(f"{locked.url}/sign-in")
    await page.get_by_label("API key").fill(locked.keys["predict"])
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("h1")).to_have_text("Your key does not open this")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.locator("h1")).to_have_text("Sign in")


async def test_an_empty_workspace_says_what_to_do(page: Page, empty) -> None:
    """Without CRM and predictions each card says what is missing and names a command; nothing is made up."""
    await page.goto(empty.url)
    for card in ("Call first", "Accounts at risk", "Revenue forecast", "Mood of the inbox"):
        await expect(page.get_by_role("region", name=card, exact=True).locator(".missing")).to_be_visible()
    await expect(page.locator(".missing code").first).to_contain_text("hotcrm-ai")
    await expect(page.locator("figure")).to_have_count(0)


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
async def test_nothing_keeps_people_out(browser: Browser, filled, scheme: str, width: int) -> None:
    """axe-core has no serious finding on any page, light and dark, and no page is wider than its screen (slow: axe reads every element)."""
    context = await browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page = await context.new_page()
    found: list[str] = []
    for path in ("/", f"/records/Lead/{filled.lead}", "/records?q=a", "/nowhere"):
        await page.goto(filled.url + path)
        found += await serious(page)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    await context.close()
    assert found == []


async def test_empty_pages_and_the_sign_in_keep_nobody_out(page: Page, empty, locked) -> None:
    """axe-core has no serious finding where nothing is there yet, nor on the sign-in page."""
    for url in (empty.url, f"{locked.url}/sign-in"):
        await page.goto(url)
        assert await serious(page) == []


async def test_the_keyboard_reaches_everything(page: Page, filled) -> None:
    """Tab goes to the skip link first, which leads to the content, and then to every link, field and button."""
    await page.goto(filled.url)
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.textContent") == "Skip to content"
    reachable = await page.evaluate(
        "document.querySelectorAll('a[href], button, input:not([type=hidden]), summary').length"
    )
    reached = set()
    for _ in range(reachable + 10):
        reached.add(await page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)"))
        await page.keyboard.press("Tab")
    assert len(reached) >= reachable
    await page.goto(filled.url)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "main"


async def test_the_theme_is_switched_and_stays(page: Page, filled) -> None:
    """A click on Dark makes this and later pages dark, whatever the system says."""
    await page.goto(filled.url)
    light = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    await page.get_by_role("button", name="Dark").click()
    await page.goto(f"{filled.url}/records")
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    await expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")


async def test_pages_work_without_script(browser: Browser, filled) -> None:
    """Without script everything is there but the pictures, whose numbers stand in tables."""
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{filled.url}/records/Lead/{filled.lead}")
    await expect(page.locator(".score")).to_be_visible()
    await page.locator("#why summary").click()
    await expect(page.locator("#why .numbers tbody tr").first).to_contain_text("Average")
    await context.close()


async def test_no_page_shows_in_a_frame(browser: Browser, filled) -> None:
    """A page of another site cannot put the dashboard into a frame."""
    page = await browser.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    await page.set_content(f'<iframe src="{filled.url}/"></iframe>', wait_until="load")
    frame = page.frames[1]
    assert "Today" not in await frame.content()
    assert any(re.search("frame-ancestors|X-Frame-Options", text) for text in told)
    await page.close()
