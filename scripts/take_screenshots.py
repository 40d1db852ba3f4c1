"""Takes the screenshots of the dashboard for the documentation: phone and desktop, light and dark, of a running server.

hotcrm-ai demo && hotcrm-ai serve
python scripts/take_screenshots.py http://127.0.0.1:8000
"""

from __future__ import annotations

import shutil
import sys
from io import BytesIO
from itertools import product
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "images"
SCREENS = {"desktop": (1440, 900), "phone": (390, 844)}
LONGEST = {"desktop": 1100, "phone": 1700}
PAGES = ("today", "record", "models", "model", "test", "playground", "operations", "log")
SCHEMES = ("light", "dark")
PATHS = {
    "today": "/",
    "models": "/models",
    "model": "/models/lead-scoring-v2",
    "test": "/models/lead-scoring-v2/changes",
    "playground": "/playground/lead-scoring-v2",
    "operations": "/operations",
    "log": "/operations/log",
}
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"]


def main(url: str) -> None:
    """Take all pictures of the server at an address."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    place = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=ARGUMENTS)
        paths = {**PATHS, "record": _first_lead(browser, url)}
        for name, screen, scheme in product(PAGES, SCREENS, SCHEMES):
            _shoot(
                browser,
                url + paths[name],
                screen=screen,
                scheme=scheme,
                to=FOLDER / f"dashboard-{name}-{screen}-{scheme}.png",
            )
        browser.close()


def _first_lead(browser: Browser, url: str) -> str:
    """Return the address of the lead to call second: its page has more than the first one's to tell."""
    page = browser.new_page()
    page.goto(url)
    address = page.locator("a[href^='/records/Lead/']").nth(1).get_attribute("href")
    page.close()
    if address is None:
        raise SystemExit("The workspace has no scored leads; run hotcrm-ai demo first.")
    return address


def _shoot(browser: Browser, url: str, *, screen: str, scheme: str, to: Path) -> None:
    width, height = SCREENS[screen]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=1.5 if screen == "phone" else 1,
    )
    page: Page = context.new_page()
    page.goto(url)
    if page.locator("figure.chart").count():
        page.wait_for_selector("html[data-drawn='true']", state="attached")
    tall = min(LONGEST[screen], page.evaluate("document.documentElement.scrollHeight"))
    taken = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": width, "height": tall})
    picture = Image.open(BytesIO(taken)).convert("RGB").quantize(96, kmeans=1, dither=Image.Dither.NONE)
    picture.save(to, optimize=True)
    print(f"{to.name}: {picture.width} x {picture.height}, {to.stat().st_size // 1024} KB")
    context.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
