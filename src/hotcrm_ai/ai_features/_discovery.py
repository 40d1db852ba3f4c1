"""Finds every AI feature: each module of this package declares one as ``FEATURE``."""

from __future__ import annotations

import importlib
import pkgutil

import hotcrm_ai.ai_features as package
from hotcrm_ai.ports.ai_feature import AIFeature


def discover_ai_features() -> dict[str, AIFeature]:
    """Return all AI features by name, in alphabetical order."""
    found: dict[str, AIFeature] = {}
    for module_info in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
        if module_info.name.startswith("_"):
            continue
        feature: AIFeature = importlib.import_module(f"{package.__name__}.{module_info.name}").FEATURE
        found[feature.name] = feature
    return found
