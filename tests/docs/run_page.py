"""Runs the examples of one documentation page in order, in the present folder; a script of its own for the tests.

``python`` blocks share one namespace, ``sh`` blocks run with ``sh -e``, ``text output`` blocks state what the block before them printed
(``...`` stands for anything), and any block marked ``no-run`` is only shown.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language, whether it is an output, its code and the line it begins at."""

    language: str
    marks: tuple[str, ...]
    code: str
    line: int


def read_blocks(text: str) -> list[Block]:
    """Return all fenced blocks of a page."""
    blocks = []
    for found in FENCE.finditer(text):
        language, *marks = found["info"].split() or [""]
        blocks.append(Block(language, tuple(marks), found["code"], text.count("\n", 0, found.start()) + 2))
    return blocks


def run_blocks(blocks: list[Block], page: str) -> None:
    """Run the blocks in order; raises on the first that fails or prints something else than the page says."""
    namespace: dict[str, object] = {"__name__": "__main__"}
    printed = ""
    for block in blocks:
        if "no-run" in block.marks:
            continue
        if block.language == "python":
            printed = _run_python(block, page, namespace)
        elif block.language == "sh":
            printed = _run_shell(block, page)
        elif block.language == "text" and "output" in block.marks:
            _compare(block, page, printed)


def _run_python(block: Block, page: str, namespace: dict[str, object]) -> str:
    captured = io.StringIO()
    padded = "\n" * (block.line - 1) + block.code
    with contextlib.redirect_stdout(captured):
        exec(compile(padded, page, "exec"), namespace)  # noqa: S102 - the page's own example is the program
    return captured.getvalue()


def _run_shell(block: Block, page: str) -> str:
    result = subprocess.run(["sh", "-e", "-c", block.code], capture_output=True, text=True, check=False)
    if result.returncode:
        raise SystemExit(f"{page}:{block.line}: exit code {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


def _compare(block: Block, page: str, printed: str) -> None:
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    if not doctest.OutputChecker().check_output(block.code, printed, flags):
        raise SystemExit(f"{page}:{block.line}: the page says\n{block.code}\nthe example printed\n{printed}")


if __name__ == "__main__":
    run_blocks(read_blocks(Path(sys.argv[1]).read_text(encoding="utf-8")), sys.argv[1])
