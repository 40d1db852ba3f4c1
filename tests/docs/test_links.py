"""Links between pages lead somewhere, and pictures are there and small."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PAGES = [*sorted(REPOSITORY.glob("*.md")), *sorted((REPOSITORY / "docs").rglob("*.md"))]
LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
MOST_BYTES_OF_A_PICTURE = 100_000


def anchors(text: str) -> set[str]:
    """Return the anchors that a page's headings make."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path, text: str) -> list[str]:
    """Name every link of a page that leads nowhere in the tree."""
    broken = []
    for found in LINK.finditer(FENCED.sub("", text)):
        target, _, anchor = found["target"].partition("#")
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        goal = (page.parent / target).resolve() if target else page
        is_page = goal.suffix == ".md" and goal.is_file()
        if not goal.exists() or (
            anchor and is_page and anchor not in anchors(goal.read_text("utf-8") if target else text)
        ):
            broken.append(f"{page.name}: {found['target']}")
    return broken


def test_every_link_leads_somewhere():
    """Relative links name a file that exists and a heading that it has."""
    assert [link for page in PAGES for link in broken_links(page, page.read_text("utf-8"))] == []


def test_every_page_is_reached_from_the_index():
    """The index of the documentation names every page."""
    index = (REPOSITORY / "docs" / "index.md").read_text("utf-8")
    reached = {found["target"].partition("#")[0] for found in LINK.finditer(index)}
    pages = {page.relative_to(REPOSITORY / "docs").as_posix() for page in (REPOSITORY / "docs").rglob("*.md")}
    assert pages - reached == {"index.md"}


def test_pictures_are_small():
    """A picture stays below 100 kB."""
    pictures = sorted((REPOSITORY / "docs").rglob("*.png"))
    assert pictures
    assert [picture.name for picture in pictures if picture.stat().st_size > MOST_BYTES_OF_A_PICTURE] == []


def test_the_check_finds_a_broken_twin(tmp_path):
    """A missing file and a missing heading are found, a heading of the page itself is not."""
    page = tmp_path / "page.md"
    text = "# One two\n[a](gone.md) [b](page.md#nowhere) [c](#one-two) [d](https://example.org/x)\n"
    page.write_text(text)
    assert broken_links(page, text) == ["page.md: gone.md", "page.md: page.md#nowhere"]
