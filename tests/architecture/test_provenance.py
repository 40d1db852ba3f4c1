"""The tree speaks of the product only: no paths of the machine it was written on, no notes to oneself."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

FORBIDDEN = {
    "a path of some machine": re.compile(r"(?<![\w.])/(?:wor[k]|roo[t]|hom[e]/\w+|User[s]/\w+|tm[p]/\w+)/"),
    "a document that is not in the tree": re.compile(
        r"share[d]/(?:contract|style|reliability|guide|demand|wire|bench)\b"
    ),
    "a note to oneself": re.compile(r"\b(?:TOD[O]|FIXM[E]|XX[X]|HAC[K])\b"),
    "the number of a ticket": re.compile(r"\bissue\s+#?\d", re.IGNORECASE),
    "a piece that is missing": re.compile(r"raise NotImplementedErro[r]|lore[m] ipsum", re.IGNORECASE),
}
GENERATED = ("requirements/run.txt", "requirements/dev.txt")


def strangers(name: str, text: str) -> list[str]:
    """Return what does not belong into a file, with its line."""
    return [
        f"{name}:{number} {what}: {line.strip()[:80]}"
        for number, line in enumerate(text.splitlines(), 1)
        for what, pattern in FORBIDDEN.items()
        if pattern.search(line)
    ]


def kept_files(repository: Path) -> list[Path]:
    """Return every text file that git keeps or would keep."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [repository / name for name in listed.stdout.splitlines() if name not in GENERATED]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()]


def test_nothing_in_the_tree_speaks_of_where_it_was_made(repository):
    """No file names a machine's path, a document that is not there, a ticket, or a note to oneself."""
    if not (repository / ".git").exists():
        return
    found = [
        line
        for path in kept_files(repository)
        for line in strangers(
            path.relative_to(repository).as_posix(), path.read_text(encoding="utf-8", errors="replace")
        )
    ]
    assert found == []


def test_the_check_finds_a_broken_twin():
    """Each kind of stranger is found, and the workspace folder of the product is not one of them."""
    text = "\n".join(
        [
            "see /{}/main".format("work"),
            "# {} later".format("TO" + "DO"),
            "as in {}/style.md".format("shared"),
            "see {} 12".format("issue"),
            "raise {}Error".format("NotImplemented"),
            "home = ./.hotcrm-ai/models, read from ../shared/data",
        ]
    )
    assert [found.split(" ")[0] for found in strangers("twin.md", text)] == [f"twin.md:{line}" for line in range(1, 6)]
