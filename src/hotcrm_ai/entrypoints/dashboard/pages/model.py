"""What one model is and how good it is: its card, held-out quality beside baselines and real life, and how it behaves."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from hotcrm_ai.domain.live_quality import LiveQuality
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.signature import FeatureSpec
from hotcrm_ai.domain.titles import fact_title
from hotcrm_ai.domain.value_text import value_text
from hotcrm_ai.entrypoints.dashboard import model_parts
from hotcrm_ai.entrypoints.dashboard.page import Page, Shown, Visit
from hotcrm_ai.entrypoints.dashboard.quality_charts import (
    dependence_chart,
    gains_chart,
    importance_chart,
    reliability_chart,
)
from hotcrm_ai.entrypoints.dashboard.quality_words import quality_table
from hotcrm_ai.entrypoints.dashboard.tried import tried
from hotcrm_ai.local_models.manifest import Manifest

_DEPENDENCES_SHOWN: Final = 6
_FACTS_SHOWN: Final = 60
_CATEGORIES_SHOWN: Final = 5


async def show_model(visit: Visit) -> Shown:
    """Show a model's quality; parts that cannot be had say why."""
    model = await model_parts.find(visit)
    window_words, window = await model_parts.outcome_window(visit, model.id)
    manifest, live = await asyncio.gather(
        model_parts.manifest(visit, model), tried(visit.ai.predictions.get_live_quality(model.id, window))
    )
    insight: Mapping[str, Any] = manifest.value.extra.get("insight", {}) if manifest.value is not None else {}
    importance = await _importance(visit, model, insight)
    titles = model.titles
    latest = of_version(model, live.value or [])
    values = {
        **await model_parts.frame(visit, model, "quality"),
        "problem": manifest.problem,
        "table": quality_table(model, manifest.value, latest),
        "live": latest,
        "live_words": window_words,
        "card_facts": card_of(model, manifest.value),
        "reliability": reliability_chart(insight.get("reliability", ())),
        "gains": gains_chart(insight.get("gains", ())),
        "confusion": insight.get("confusion"),
        "bands": insight.get("bandQuality", ()),
        "importance": importance_chart(importance, lambda name: fact_title(name, titles)),
        "importance_count": len(importance),
        "dependences": dependences(insight, importance, titles, all_of_them=visit.query.get("facts") == "all"),
        "dependence_count": len(insight.get("partialDependence", {})),
        "facts": [(spec, seen_in(spec)) for spec in (model.signature.features if model.signature else ())][
            :_FACTS_SHOWN
        ],
        "fact_count": len(model.signature.features) if model.signature else 0,
    }
    return Shown(template="model.html", title=model.id, values=values)


def of_version(model: ModelConfig, live: Sequence[LiveQuality]) -> LiveQuality | None:
    """Return what real life said of the model's present version, of the arm with the most outcomes."""
    own = [one for one in live if one.model_version == model.version]
    return max(own, key=lambda one: one.outcomes, default=None)


def card_of(model: ModelConfig, manifest: Manifest | None) -> list[tuple[str, str]]:
    """Return the facts of the model card, those that are known."""
    origin: Mapping[str, Any] = {} if manifest is None else manifest.origin
    source = model.metrics_source
    rows = {
        "Predicts": origin.get("target"),
        "For": model.feature or model.type,
        "Runs": f"{model.provider}, {model_parts.host_of(model)}" if model_parts.host_of(model) else model.provider,
        "Rows in all": origin.get("rows"),
        "Trained on": origin.get("trainingRows"),
        "Measured on": origin.get("heldOutRows") or (source.rows if source is not None else None),
        "Held out": origin.get("split"),
        "Kind": None if manifest is None else " ".join(filter(None, (manifest.extra.get("chosen"), manifest.kind))),
        "Bands": None
        if manifest is None
        else ", ".join(f"{band} from {100 * p:.0f} %" for band, p in manifest.bands.items()),
        "Seed": origin.get("seed"),
        "Data": (origin.get("dataFingerprint") or "")[:16] or None,
        "Files": None if model.bundle_digest is None else f"sha256 {model.bundle_digest[:16]}…",
        "Falls back to": model.fallback_model_id,
        "Tags": ", ".join(model.tags) or None,
    }
    return [(name, value_text(value, longest=160)) for name, value in rows.items() if value not in (None, "")]


def dependences(
    insight: Mapping[str, Any], importance: Mapping[str, float], titles: Mapping[str, str], *, all_of_them: bool
) -> list[tuple[str, Any]]:
    """Return the pictures of how the answer follows the facts that matter most."""
    found: Mapping[str, Sequence[Mapping[str, Any]]] = insight.get("partialDependence", {})
    ranked = sorted(
        (name for name in found if len(found[name]) > 1), key=lambda name: (-importance.get(name, 0.0), name)
    )
    shown = ranked if all_of_them else ranked[:_DEPENDENCES_SHOWN]
    return [(title, dependence_chart(title, found[name])) for name in shown for title in [fact_title(name, titles)]]


def seen_in(spec: FeatureSpec) -> str:
    """Return what training saw of a fact."""
    if spec.minimum is not None and spec.maximum is not None:
        return f"{value_text(spec.minimum)} to {value_text(spec.maximum)}" + (f" {spec.unit}" if spec.unit else "")
    more = len(spec.categories) - _CATEGORIES_SHOWN
    return ", ".join(spec.categories[:_CATEGORIES_SHOWN]) + (f" and {more} more" if more > 0 else "")


async def _importance(visit: Visit, model: ModelConfig, insight: Mapping[str, Any]) -> dict[str, float]:
    """Return the points that each fact moves the answer by: as training measured it, else as the explainer finds it now."""
    if "importance" in insight:
        return {name: 100.0 * value for name, value in insight["importance"].items()}
    if model.provider != "local":
        return {}
    found = await tried(visit.ai.explainer.global_importance(model.id))
    return {one.feature: one.importance for one in found.value or ()}


PAGES: Final = (Page(path="/models/{model_id}", scope="read", show=show_model),)
