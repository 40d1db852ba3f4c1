"""The pages of the dashboard, one module each; each declares its ``PAGES``."""

from __future__ import annotations

import importlib
import pkgutil

from hotcrm_ai.entrypoints.dashboard.page import Page


def discover_pages() -> tuple[Page, ...]:
    """Return the pages of every module of this package, in order of the modules' names."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(page for name in names for page in importlib.import_module(f"{__name__}.{name}").PAGES)
