"""Importing the package is cheap and works with the bare install."""

from __future__ import annotations

import subprocess
import sys
import textwrap

HEAVY = (
    "sqlalchemy",
    "alembic",
    "numpy",
    "sklearn",
    "lightgbm",
    "matplotlib",
    "pyarrow",
    "starlette",
    "uvicorn",
    "rich",
    "click",
)
OPTIONAL = (
    "sklearn",
    "lightgbm",
    "matplotlib",
    "pyarrow",
    "python_calamine",
    "starlette",
    "uvicorn",
    "psycopg",
    "redis",
    "pandas",
    "polars",
    "httpcore",
    "mcp",
)


def run(program: str) -> str:
    """Run a program in a fresh interpreter and return what it printed."""
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program)], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


BLOCK = f"""
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {OPTIONAL!r}:
            raise ImportError(name + " is blocked")
sys.meta_path.insert(0, Block())
"""


def test_importing_the_package_loads_no_heavy_library():
    """``import hotcrm_ai`` and naming a setting load neither the database nor a numeric library."""
    loaded = run("import sys, hotcrm_ai; print(*sorted({name.split('.')[0] for name in sys.modules}))").split()
    assert sorted(set(HEAVY) & set(loaded)) == []


def test_the_check_of_heavy_libraries_finds_a_broken_twin():
    """A program that imports numpy is seen to have loaded it."""
    loaded = run("import sys, numpy; print(*sorted({name.split('.')[0] for name in sys.modules}))").split()
    assert set(HEAVY) & set(loaded) == {"numpy"}


def test_every_public_name_can_be_had_without_the_optional_packages():
    """With every optional package blocked, each public name of the package is still there."""
    printed = run(
        BLOCK
        + "import hotcrm_ai\nprint(sum(getattr(hotcrm_ai, name) is not None for name in hotcrm_ai.__all__) == len(hotcrm_ai.__all__))"
    )
    assert printed == "True"


def test_a_model_is_promoted_where_nothing_can_be_trained(tmp_path):
    """What a server without the packages for training needs of the figures of a model is there."""
    program = f"""
import asyncio
from pathlib import Path
from hotcrm_ai import AI, Settings
from hotcrm_ai.assembly.releases import promote_model

async def promoted():
    async with AI.open(Settings(home=Path({str(tmp_path)!r}))) as ai:
        await ai.registry.update_status("lead-scoring-v1", "testing")
        return (await promote_model(ai, "lead-scoring-v1", reason="seen to be good")).status

print(asyncio.run(promoted()))
"""
    assert run(BLOCK + program) == "active"


def test_the_block_of_optional_packages_is_real():
    """The block that the check above relies on stops an import."""
    assert (
        run(BLOCK + "try:\n    import sklearn\nexcept ImportError as problem:\n    print(problem)")
        == "sklearn is blocked"
    )


def test_importing_the_package_takes_little_beside_its_codec():
    """The import costs at most five times that of msgspec and the standard modules that it cannot do without."""
    program = """
        import sys, time
        start = time.perf_counter()
        import msgspec, asyncio, dataclasses, datetime, pathlib, re, tomllib, hashlib, importlib.metadata
        floor = time.perf_counter() - start
        import hotcrm_ai
        print((time.perf_counter() - start) / floor)
    """
    assert min(float(run(program)) for _ in range(3)) < 5
