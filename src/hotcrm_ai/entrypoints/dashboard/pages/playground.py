"""The playground: change the facts of a record and see what the model makes of it; nothing is logged and nothing written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hotcrm_ai.assembly.history import newest_answers
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.entrypoints.dashboard import model_parts
from hotcrm_ai.entrypoints.dashboard.page import Answer, Menu, Page, Sent, Shown, Visit
from hotcrm_ai.entrypoints.dashboard.playground_answer import Difference, Reply, tell, tell_difference
from hotcrm_ai.entrypoints.dashboard.playground_fields import (
    ALL_AS_JSON,
    MOST_FIELDS,
    fields_of,
    kept_text,
    read_kept,
    read_values,
    usual_values,
)
from hotcrm_ai.entrypoints.dashboard.tried import Tried, tried

_MODELS_OFFERED: Final = 30


async def show_start(visit: Visit) -> Answer:
    """Lead on to the model that is asked for, else to the first that there is."""
    asked = visit.query.get("model", "")
    if asked:
        return Sent(to=f"/playground/{(await visit.ai.predictions.find(asked)).id}")
    offered = await _offered(visit)
    if offered:
        return Sent(to=f"/playground/{offered[0].id}")
    return Shown(template="playground_none.html", title="Playground")


async def show_playground(visit: Visit) -> Shown:
    """Show the form with usual values, and the answer to them where asking costs nothing."""
    model = await model_parts.find(visit)
    insight = await _insight(visit, model)
    values = usual_values(model, insight) or await _newest_values(visit, model)
    is_asked = bool(values) and model.provider == "local" and visit.may("predict")
    return await _page(visit, model, insight, Tried(values), is_asked=is_asked, kept=None)


async def ask(visit: Visit) -> Shown:
    """Ask the model about the facts of the form."""
    model = await model_parts.find(visit)
    insight = await _insight(visit, model)
    try_values = await tried(_read(model, visit.form))
    kept = read_kept(model, visit.form.get("kept", ""))
    if "keep" in visit.form and try_values.value is not None:
        kept = try_values.value
    if "forget" in visit.form:
        kept = None
    return await _page(visit, model, insight, try_values, is_asked=True, kept=kept)


async def _page(
    visit: Visit,
    model: ModelConfig,
    insight: Mapping[str, Any],
    values: Tried[dict[str, Any]],
    *,
    is_asked: bool,
    kept: dict[str, Any] | None,
) -> Shown:
    found = values.value or {}
    reply: Tried[Reply] | None = None
    difference: Tried[Difference] | None = None
    if values.problem is not None:
        reply = Tried(None, values.problem)
    elif is_asked:
        reply = await tried(tell(visit.ai, model, found))
        if kept is not None and reply.value is not None and kept != found:
            difference = await tried(tell_difference(visit.ai, model, kept, found))
    fact_count = len(model.signature.features) if model.signature is not None else 0
    return Shown(
        template="playground.html",
        title=f"Playground, {model.id}",
        values={
            **await model_parts.frame(visit, model, "playground"),
            "offered": await _offered(visit),
            "fields": fields_of(model, found, insight),
            "left_out": max(0, fact_count - MOST_FIELDS),
            "as_json": None if model.signature is not None else visit.form.get(ALL_AS_JSON, "{}"),
            "reply": reply,
            "difference": difference,
            "kept": None if kept is None else kept_text(kept),
            "may_ask": visit.may("predict"),
        },
    )


async def _read(model: ModelConfig, form: Mapping[str, str]) -> dict[str, Any]:
    return read_values(model, form)


async def _insight(visit: Visit, model: ModelConfig) -> Mapping[str, Any]:
    manifest = (await model_parts.manifest(visit, model)).value
    return {} if manifest is None else manifest.extra.get("insight", {})


async def _newest_values(visit: Visit, model: ModelConfig) -> dict[str, Any]:
    """Return the facts of the newest logged prediction, for models that do not know what is usual; personal ones are not among them."""
    if model.signature is None:
        return {}
    newest = await newest_answers(visit.ai, limit=1, model_id=model.id)
    features = newest[0].input_features if newest else {}
    plain = {spec.name for spec in model.signature.features if not spec.personal}
    return {name: value for name, value in features.items() if name in plain and value is not None}


async def _offered(visit: Visit) -> list[ModelConfig]:
    """Return the active models, those trained here and trained last first."""
    active = await visit.ai.registry.list_models(status="active")
    ordered = sorted(active, key=lambda model: model.id)
    ordered.sort(key=lambda model: model.last_trained.timestamp() if model.last_trained else 0.0, reverse=True)
    return ordered[:_MODELS_OFFERED]


PAGES: Final = (
    Page(path="/playground", scope="read", show=show_start, menu=Menu("Playground", 30)),
    Page(path="/playground/{model_id}", scope="read", show=show_playground),
    Page(path="/playground/{model_id}", method="POST", scope="predict", show=ask),
)
