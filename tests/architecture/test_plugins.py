"""Providers and AI features stand alone: a file of one never imports the file of another.

Files with an underscore are what is written once around all of them, and may be shared.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

PLUGIN_ROOMS = ("providers", "ai_features")


def entanglements(files) -> Iterator[str]:
    """Name every import of one plug-in by another of the same room, also from within a plug-in's own folder."""
    for file in files:
        room, _, place = file.name.partition("/")
        own = place.split("/")[0].removesuffix(".py")
        if room not in PLUGIN_ROOMS or not place or own in ("__init__", "_factory", "_discovery"):
            continue
        for node in ast.walk(file.tree):
            for module in _modules(node):
                other = module.removeprefix(f"hotcrm_ai.{room}.").split(".")[0]
                if module.startswith(f"hotcrm_ai.{room}.") and other != own and not other.startswith("_"):
                    yield f"{file.name}:{node.lineno} imports {module}"


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def test_no_provider_and_no_ai_feature_imports_another(product):
    """To add or remove one is to add or remove its file."""
    assert list(entanglements(product)) == []


def test_the_check_finds_a_broken_twin(twin):
    """An import of a neighbour is found in each spelling; shared files, and a plug-in's own parts, are not."""
    broken = twin(
        "import hotcrm_ai.providers.local\nfrom hotcrm_ai.providers import local\nfrom hotcrm_ai.providers.local import NAME\n",
        "providers/far/wire.py",
    )
    sound = twin(
        "from hotcrm_ai.providers._kit import ProviderKit\nfrom hotcrm_ai.providers.far.words import WORD\n"
        "from hotcrm_ai.ports.provider import MLProvider\n",
        "providers/far/wire.py",
    )
    assert [found.split(":")[1].split(" ")[0] for found in entanglements([broken])] == ["1", "2", "3"]
    assert list(entanglements([sound])) == []
    assert list(entanglements([twin("import hotcrm_ai.ai_features.churn", "ai_features/leads.py")])) != []
