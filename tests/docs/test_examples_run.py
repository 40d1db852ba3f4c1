"""Every example in the documentation, and every file of the examples folder, runs."""

from __future__ import annotations

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
RUNNER = Path(__file__).with_name("run_page.py")
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
PAGES_WITH_EXAMPLES = [
    page for page in PAGES if "```python\n" in (text := page.read_text("utf-8")) or "```sh\n" in text
]
EXAMPLES = sorted((REPOSITORY / "examples").glob("*.py"))


@pytest.mark.parametrize("page", PAGES_WITH_EXAMPLES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_the_examples_of_a_page_run(run_apart, page):
    """The blocks of a page run in order in an empty folder and print what the page says."""
    result = run_apart(str(RUNNER), str(page))
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_file_runs(run_apart, example):
    """The file runs in an empty folder, without arguments, and prints something."""
    result = run_apart("-W", "error", str(example))
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip()


BROKEN_PAGES = {
    "an error in Python": "```python\n1 / 0\n```\n",
    "a name that no block before it made": "```python\nx = 1\n```\n```python\nprint(y)\n```\n",
    "a command that fails": "```sh\nfalse\n```\n",
    "an output that is not so": "```python\nprint(2)\n```\n```text output\n3\n```\n",
}


@pytest.mark.parametrize("fault", BROKEN_PAGES)
def test_the_runner_finds_a_broken_page(run_apart, tmp_path, fault):
    """A page with one fault fails."""
    page = tmp_path / "broken.md"
    page.write_text(BROKEN_PAGES[fault])
    assert run_apart(str(RUNNER), str(page)).returncode != 0


def test_the_runner_passes_a_sound_page(run_apart, tmp_path):
    """Blocks share names, outputs may leave something open, and what is marked is not run."""
    page = tmp_path / "sound.md"
    page.write_text(
        "```python\nx = 41\n```\n```python\nprint(x + 1, 'apples')\n```\n```text output\n42 ...\n```\n```sh no-run\nfalse\n```\n"
    )
    result = run_apart(str(RUNNER), str(page))
    assert result.returncode == 0, result.stderr
