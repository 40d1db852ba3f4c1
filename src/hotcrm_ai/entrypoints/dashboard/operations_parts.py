"""What the parts of the operations' pages share: their tabs."""

from __future__ import annotations

from typing import Any, Final

from hotcrm_ai.entrypoints.dashboard.page import Visit

_TABS: Final[tuple[tuple[str, str, str], ...]] = (
    ("state", "State", "/operations"),
    ("log", "Prediction log", "/operations/log"),
    ("keys", "Keys", "/operations/keys"),
    ("settings", "Settings", "/operations/settings"),
)


def frame(visit: Visit, here: str) -> dict[str, Any]:
    """Return what the head of each part shows; keys are for those who may make them."""
    tabs = [tab for tab in _TABS if tab[0] != "keys" or visit.may("admin")]
    return {"tabs": tabs, "here": here, "may_admin": visit.may("admin")}
