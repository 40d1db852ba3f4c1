"""The playground in Chromium: what it shows while facts are changed is what the model answers over the API."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="module")

FACTS = ("budget", "company_size", "engagement_score", "industry", "job_title")


async def facts_of(page: Page) -> dict[str, Any]:
    """Return the facts that the form holds."""
    found: dict[str, Any] = {}
    for name in FACTS:
        text = await page.locator(f"[name='f.{name}']").input_value()
        if text:
            found[name] = text if name in ("industry", "job_title") else float(text)
    return found


async def shown_score(page: Page) -> float:
    """Return the number that the page shows."""
    return float((await page.locator(".score").inner_text()).split()[0])


async def api_score(page: Page, url: str, facts: dict[str, Any]) -> float:
    """Return the score that the API gives."""
    asked = {"modelId": "lead-scoring-v1", "features": facts, "useCache": False}
    answer = await (await page.request.post(f"{url}/v1/predict", data=asked)).json()
    return float(answer["prediction"]["score"])


async def steps(page: Page) -> list[float]:
    """Return the numbers of the waterfall: base, steps, answer."""
    cells = page.locator("#result .numbers tbody tr td:last-child")
    return [float(text.replace("−", "-").replace(",", "")) for text in await cells.all_text_contents()]


async def test_dragging_moves_score_and_waterfall(page: Page, filled) -> None:
    """Each drag of a slider shows the score that the API gives for these facts, and a waterfall that adds up to it."""
    await page.goto(f"{filled.url}/playground/lead-scoring-v1")
    slider = page.get_by_label("Engagement Score, slider")
    seen = []
    for shown, value in enumerate(("12", "60", "90"), start=1):
        await slider.fill(value)
        await expect(page.locator(f"#playground[data-shown='{shown}']")).to_be_attached()
        facts = await facts_of(page)
        assert facts["engagement_score"] == float(value)
        score = await shown_score(page)
        assert score == round(await api_score(page, filled.url, facts), 1)
        parts = await steps(page)
        assert parts[-1] == score
        assert abs(sum(parts[:-1]) - score) < 0.5
        await expect(page.locator("#result figure svg.main-svg").first).to_contain_text(f"Engagement Score: {value}")
        seen.append((score, tuple(parts)))
    assert len(set(seen)) == 3


async def test_a_real_drag_asks_along(page: Page, filled) -> None:
    """The mouse moves the slider's knob, and the answer follows."""
    await page.goto(f"{filled.url}/playground/lead-scoring-v1")
    before = await shown_score(page)
    slider = page.get_by_label("Engagement Score, slider")
    await slider.scroll_into_view_if_needed()
    box = await slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    await page.mouse.move(box["x"] + box["width"] / 2, middle)
    await page.mouse.down()
    for place in (0.6, 0.75, 0.97):
        await page.mouse.move(box["x"] + place * box["width"], middle)
    await page.mouse.up()
    await expect(page.locator("#playground[data-shown]")).to_be_attached()
    facts = await facts_of(page)
    assert facts["engagement_score"] > 80
    await expect(page.locator(".score")).to_contain_text(f"{await api_score(page, filled.url, facts):.1f}")
    assert await shown_score(page) > before


async def test_what_is_missing_or_strange_is_said(page: Page, filled) -> None:
    """A fact that is empty, and one outside of what training saw, are named."""
    await page.goto(f"{filled.url}/playground/lead-scoring-v1")
    await page.get_by_label("Engagement Score", exact=True).fill("500")
    await expect(page.get_by_label("Warnings")).to_contain_text("above what training saw")
    await page.get_by_label("Engagement Score", exact=True).fill("")
    await expect(page.get_by_label("Warnings")).to_contain_text("Unknown to the model: Engagement Score")


async def test_it_works_without_script(browser: Browser, filled) -> None:
    """Without script the button asks, and the page shows the same score as the API."""
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{filled.url}/playground/lead-scoring-v1")
    await page.locator("[name='f.engagement_score']").fill("77")
    await page.get_by_role("button", name="Ask the model").click()
    assert await page.locator("[name='f.engagement_score']").input_value() == "77"
    assert await shown_score(page) == round(await api_score(page, filled.url, await facts_of(page)), 1)
    await context.close()


async def test_two_records_stand_side_by_side(page: Page, filled) -> None:
    """A record is kept, another fact is changed, and the parts add up to the difference of the two scores."""
    await page.goto(f"{filled.url}/playground/lead-scoring-v1")
    kept = await shown_score(page)
    await page.get_by_role("button", name="Compare with this one").click()
    await expect(page.locator("#difference")).to_contain_text("Both are the same so far")
    await page.get_by_label("Engagement Score, slider").fill("90")
    await expect(page.locator("#difference .figure")).to_have_count(3)
    numbers = [
        float(text.replace("−", "-")) for text in await page.locator("#difference .figure dd").all_text_contents()
    ]
    assert numbers[0] == kept
    assert numbers[1] == await shown_score(page)
    parts = [
        float(text.replace("−", "-"))
        for text in await page.locator("#difference tbody td:last-child").all_text_contents()
    ]
    assert abs(sum(parts) - numbers[2]) < 0.3


async def test_other_kinds_of_models_have_forms_that_fit(page: Page, filled) -> None:
    """Texts, histories and products are asked about as they are, and the answers are the models'."""
    await page.goto(f"{filled.url}/playground/sentiment-analysis-v1")
    await page.get_by_label("Text").fill("This is awful and nobody helps me.")
    await expect(page.locator("#result .tag")).to_have_text("negative")
    await page.goto(f"{filled.url}/playground/revenue-forecast-v1")
    await page.get_by_label("Historical Revenue").fill("10, 12, 11, 13, 12, 14, x")
    await expect(page.locator("#answer .missing")).to_contain_text("expected a number")
    await page.get_by_label("Historical Revenue").fill("10 12 11 13 12 14")
    await expect(page.locator("#result figure")).to_have_count(2)
    await page.goto(f"{filled.url}/playground/product-recommendation-v1")
    await page.get_by_label("Industry").select_option("finance")
    await expect(page.locator("#result ol.rows li").first).to_be_visible()


async def test_a_key_that_reads_may_not_ask(page: Page, locked) -> None:
    """With a key for reading alone the playground asks no model, and says which scope it takes."""
    await page.goto(f"{locked.url}/sign-in")
    await page.get_by_label("API key").fill(locked.keys["read"])
    await page.get_by_role("button", name="Sign in").click()
    await page.goto(f"{locked.url}/playground/lead-scoring-v1")
    await expect(page.locator("#playground")).to_contain_text("Your key may look, but not ask")
    await expect(page.locator(".score")).to_have_count(0)
