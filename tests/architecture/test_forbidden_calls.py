"""The product never loads code from data, never reads a clock or chance of its own, and never swallows an unknown error."""

from __future__ import annotations

import ast
from collections.abc import Iterator

FORBIDDEN_MODULES = {"pickle", "cPickle", "_pickle", "joblib", "dill", "cloudpickle", "marshal", "shelve"}
FORBIDDEN_CALLS = {
    "eval": "runs text as code",
    "exec": "runs text as code",
    "compile": "runs text as code",
    "__import__": "hides an import",
    "yaml.load": "builds objects from text",
    "yaml.unsafe_load": "builds objects from text",
    "numpy.random.seed": "is shared state",
    "random.seed": "is shared state",
    "os.system": "runs a shell",
}
CLOCKS = {
    "time.time",
    "time.time_ns",
    "time.monotonic",
    "time.monotonic_ns",
    "time.perf_counter",
    "time.perf_counter_ns",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
}
CLOCK_FILE = "ports/clock.py"
OUTERMOST_HANDLERS = {"entrypoints/http/application.py"}
"""Where an error that nobody foresaw is logged and answered as such; tests of those files show how."""
SEEDED_WITH_ARGUMENT = {
    "random.Random",
    "numpy.random.default_rng",
    "numpy.random.RandomState",
    "numpy.random.Generator",
}


def forbidden_uses(files) -> Iterator[str]:
    """Name every forbidden import, call and handler."""
    for file in files:
        names = _imported_names(file.tree)
        for node in ast.walk(file.tree):
            problem = _problem(node, names, file.name)
            if problem:
                yield f"{file.name}:{node.lineno} {problem}"


def _imported_names(tree: ast.Module) -> dict[str, str]:
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(
                {
                    (alias.asname or alias.name.split(".")[0]): (
                        alias.name if alias.asname else alias.name.split(".")[0]
                    )
                    for alias in node.names
                }
            )
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update({(alias.asname or alias.name): f"{node.module}.{alias.name}" for alias in node.names})
    return names


def _problem(node: ast.AST, names: dict[str, str], file_name: str) -> str | None:
    if isinstance(node, ast.Import):
        return next((f"imports {alias.name}" for alias in node.names if _root(alias.name) in FORBIDDEN_MODULES), None)
    if isinstance(node, ast.ImportFrom):
        return f"imports {node.module}" if _root(node.module or "") in FORBIDDEN_MODULES else None
    if isinstance(node, ast.ExceptHandler):
        return None if file_name in OUTERMOST_HANDLERS else _handler_problem(node)
    if isinstance(node, ast.Call):
        return _call_problem(node, names, file_name)
    if isinstance(node, ast.Attribute | ast.Name) and file_name != CLOCK_FILE and _full_name(node, names) in CLOCKS:
        return f"reads {_full_name(node, names)}, which belongs behind the clock's port"
    return None


def _handler_problem(node: ast.ExceptHandler) -> str | None:
    caught = ast.unparse(node.type) if node.type else "everything"
    reraises = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
    if caught in ("everything", "Exception", "BaseException") and not reraises:
        return f"catches {caught} and carries on"
    return None


def _call_problem(node: ast.Call, names: dict[str, str], file_name: str) -> str | None:
    name = _full_name(node.func, names)
    if name in FORBIDDEN_CALLS:
        return f"calls {name}, which {FORBIDDEN_CALLS[name]}"
    unseeded = not node.args and not node.keywords
    if name in SEEDED_WITH_ARGUMENT and (unseeded or (node.args and ast.unparse(node.args[0]) == "None")):
        return f"calls {name} without a seed"
    drawn = name.startswith(("random.", "numpy.random.")) and name not in SEEDED_WITH_ARGUMENT
    is_bit_generator = name in ("numpy.random.SeedSequence", "numpy.random.PCG64", "numpy.random.Philox")
    if drawn and (not is_bit_generator or unseeded):
        return f"draws from the shared generator with {name}"
    return None


def _full_name(node: ast.AST, names: dict[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        base = node.value
        is_imported = not isinstance(base, ast.Name) or base.id in names
        return f"{_full_name(base, names) if is_imported else '?'}.{node.attr}"
    return names.get(node.id, node.id) if isinstance(node, ast.Name) else "?"


def _root(module: str) -> str:
    return module.split(".")[0]


def test_the_product_uses_nothing_forbidden(product):
    """No file loads code from data, reads the clock past its port, draws unseeded numbers or swallows unknown errors."""
    assert list(forbidden_uses(product)) == []


BROKEN = {
    "import pickle": "imports pickle",
    "from joblib import load": "imports joblib",
    "import yaml\nyaml.load('')": "calls yaml.load, which builds objects from text",
    "eval('1')": "calls eval, which runs text as code",
    "exec('1')": "calls exec, which runs text as code",
    "import time as t\nt.time()": "reads time.time, which belongs behind the clock's port",
    "from time import monotonic\nclock = monotonic": "reads time.monotonic, which belongs behind the clock's port",
    "from datetime import datetime\ndatetime.now()": "reads datetime.datetime.now, which belongs behind the clock's port",
    "import random\nrandom.random()": "draws from the shared generator with random.random",
    "import numpy as np\nnp.random.rand(3)": "draws from the shared generator with numpy.random.rand",
    "import numpy as np\nnp.random.default_rng()": "calls numpy.random.default_rng without a seed",
    "import numpy as np\nnp.random.default_rng(None)": "calls numpy.random.default_rng without a seed",
    "try:\n    x = 1\nexcept Exception:\n    pass": "catches Exception and carries on",
    "try:\n    x = 1\nexcept:\n    pass": "catches everything and carries on",
}
ALLOWED = (
    "import numpy as np\nnp.random.default_rng(7).normal()",
    "import random\nrandom.Random(7).random()",
    "try:\n    x = 1\nexcept Exception as problem:\n    raise ValueError from problem",
    "import re\nre.compile('a')",
    "model.eval()",
    "def draw(random):\n    return random.integers(3)",
)


def test_the_check_finds_each_broken_twin(twin):
    """Every forbidden use is found in a file that has it, and its seeded or harmless neighbour is not."""
    for text, problem in BROKEN.items():
        assert [found.split(" ", 1)[1] for found in forbidden_uses([twin(text)])] == [problem], text
    assert list(forbidden_uses([twin(text) for text in ALLOWED])) == []


def test_only_the_clock_port_may_read_the_clock(twin):
    """The same line is allowed in the clock's file and found everywhere else."""
    line = "import time\ntime.monotonic()"
    assert list(forbidden_uses([twin(line, "ports/clock.py")])) == []
    assert len(list(forbidden_uses([twin(line, "caches/clock.py")]))) == 1
