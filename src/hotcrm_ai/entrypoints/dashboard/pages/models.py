"""The list of models: found by status, type and text, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, get_args
from urllib.parse import urlencode

from hotcrm_ai.domain.model import ModelConfig, ModelStatus, ModelType
from hotcrm_ai.entrypoints.dashboard.page import Menu, Page, Shown, Visit
from hotcrm_ai.entrypoints.dashboard.quality_words import headline_of

MODELS_A_PAGE: Final = 50
STATUSES: Final[tuple[ModelStatus, ...]] = get_args(ModelStatus)
TYPES: Final[tuple[ModelType, ...]] = get_args(ModelType)


async def show_models(visit: Visit) -> Shown:
    """Show the models that fit what is asked for."""
    ai, asked = visit.ai, visit.query
    present = await ai.registry.list_models()
    found = matching(present, text=asked.get("q", ""), status=asked.get("status", ""), model_type=asked.get("type", ""))
    pages = max(1, -(-len(found) // MODELS_A_PAGE))
    page = min(_whole(asked.get("page", "1")), pages)
    shown = found[(page - 1) * MODELS_A_PAGE : page * MODELS_A_PAGE]
    health = await ai.monitor.get_all_health()
    values: dict[str, Any] = {
        "models": [(model, headline_of(model), health.get(model.id)) for model in shown],
        "champions": {await ai.registry.champion(feature) for feature in ai.features},
        "present": len(present),
        "found": len(found),
        "page": page,
        "pages": pages,
        "first": (page - 1) * MODELS_A_PAGE + 1,
        "asked": {name: asked.get(name, "") for name in ("q", "status", "type")},
        "before": _address(asked, page - 1) if page > 1 else None,
        "after": _address(asked, page + 1) if page < pages else None,
        "statuses": STATUSES,
        "types": TYPES,
    }
    return Shown(template="models.html", title="Models", values=values)


def matching(models: Sequence[ModelConfig], *, text: str, status: str, model_type: str) -> list[ModelConfig]:
    """Return the models that have the status and type and all words in id, name, feature, provider or tags; active ones first."""
    words = text.lower().split()
    found = [
        model
        for model in models
        if status in ("", model.status) and model_type in ("", model.type) and (not words or _has(model, words))
    ]
    return sorted(found, key=lambda model: (model.status != "active", model.id))


def _has(model: ModelConfig, words: Sequence[str]) -> bool:
    text = " ".join((model.id, model.name, model.feature or "", model.provider, *model.tags)).lower()
    return all(word in text for word in words)


def _address(asked: Any, page: int) -> str:
    kept = {name: asked[name] for name in ("q", "status", "type") if asked.get(name)}
    return f"/models?{urlencode({**kept, 'page': page})}"


def _whole(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 9 else 1


PAGES: Final = (Page(path="/models", scope="read", show=show_models, menu=Menu("Models", 20)),)
