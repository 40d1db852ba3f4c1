"""What a model answers in the playground: the number, its reasons as a picture, warnings, and the difference to a kept record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from hotcrm_ai.assembly import AI
from hotcrm_ai.domain.errors import HotCRMAIError, NotExplainable
from hotcrm_ai.domain.explanation import Comparison, Explanation
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.signature import MISSING
from hotcrm_ai.domain.titles import fact_title
from hotcrm_ai.domain.value_text import value_text
from hotcrm_ai.domain.wording import Wording
from hotcrm_ai.entrypoints.dashboard.charts import Chart
from hotcrm_ai.entrypoints.dashboard.explanation_chart import (
    ScaleWords,
    explanation_chart,
    scale_words,
)
from hotcrm_ai.entrypoints.dashboard.forecast_chart import draw_forecast
from hotcrm_ai.ports.ai_feature import wording_of

_KEYS: Final[Mapping[str, str]] = {"mood": "score"}
_GROUPS: Final = ("class", "risk", "sentiment", "label")


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One answer for people: ``number`` with its ``unit``, the group it falls into, pictures, and what to know of it."""

    number: float | None
    words: ScaleWords | None
    group: str | None
    confidence: str | None
    answered_by: str
    method: str | None = None
    charts: tuple[Chart, ...] = ()
    products: tuple[Mapping[str, Any], ...] = ()
    other: str | None = None
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What makes two records differ: each fact with both values and its share, in what people see."""

    before: float | None
    after: float | None
    rows: tuple[tuple[str, str, str, float], ...]


async def tell(ai: AI, model: ModelConfig, values: Mapping[str, Any]) -> Reply:
    """Ask a model about some facts; nothing is logged, cached or written.

    Raises:
        HotCRMAIError: as a prediction would.
    """
    words = words_of(ai, model)
    try:
        explanation = await ai.explain(model.id, values)
    except NotExplainable as reason:
        return await _unexplained(ai, model, values, words, reason)
    prediction = explanation.prediction
    number = number_of(ai, model, prediction)
    charts: list[Chart] = []
    if "forecast" in prediction:
        charts.append(draw_forecast(values.get("historical_revenue") or (), prediction).chart)
    if words is not None and number is not None:
        charts.append(explanation_chart(explanation, answer=number, words=words, titles=model.titles))
    wording = wording_of(ai.features, model.feature)
    told = _told(explanation.warnings, model)
    return _reply(prediction, explanation, wording, warnings=told, number=number, words=words, charts=tuple(charts))


async def tell_difference(ai: AI, model: ModelConfig, kept: Mapping[str, Any], values: Mapping[str, Any]) -> Difference:
    """Say why a record's answer differs from that of the one that was kept; raises as ``tell``."""
    found: Comparison = await ai.compare(model.id, kept, values)
    words, titles = words_of(ai, model), model.titles
    factor = 1.0 if words is None else words.step_factor
    return Difference(
        before=number_of(ai, model, found.prediction1),
        after=number_of(ai, model, found.prediction2),
        rows=tuple(
            (
                fact_title(one.feature, titles, one.value1, one.value2),
                value_text(one.value1, longest=40),
                value_text(one.value2, longest=40),
                factor * one.impact_difference,
            )
            for one in found.differences
            if one.impact_difference or one.value1 != one.value2
        ),
    )


def words_of(ai: AI, model: ModelConfig) -> ScaleWords | None:
    """Return how the answers of a model are told; None where its AI feature is not known."""
    feature = ai.features.get(model.feature or "")
    if feature is None:
        return None
    return scale_words(feature)


def number_of(ai: AI, model: ModelConfig, prediction: Any) -> float | None:
    """Return the number of an answer as people see it; None where it has none."""
    feature, words = ai.features.get(model.feature or ""), words_of(ai, model)
    if feature is None or words is None or not isinstance(prediction, Mapping):
        return None
    found = prediction.get(_KEYS.get(feature.scale, feature.scale))
    if feature.scale == "item":
        items = prediction.get("items")
        found = items[0].get("score") if items else None
    return words.base_factor * found if isinstance(found, int | float) and not isinstance(found, bool) else None


def _reply(
    prediction: Mapping[str, Any],
    explanation: Explanation,
    wording: Wording,
    *,
    warnings: tuple[str, ...],
    number: float | None,
    words: ScaleWords | None,
    charts: tuple[Chart, ...],
) -> Reply:
    return Reply(
        number=number,
        words=words,
        group=_group(prediction),
        confidence=wording.confidence_text(prediction, explanation.confidence),
        answered_by=f"{explanation.model_id} {explanation.model_version}",
        method=explanation.method,
        charts=charts,
        products=tuple(prediction.get("items", ())),
        warnings=warnings,
        notes=tuple(map(str, prediction.get("notes", ()))),
    )


async def _unexplained(
    ai: AI, model: ModelConfig, values: Mapping[str, Any], words: ScaleWords | None, reason: HotCRMAIError
) -> Reply:
    """Return the answer of a model whose answers cannot be split, and say so."""
    chosen = await ai.predictions.choose(model.id, values)
    answer = await ai.predictions.answer(chosen)
    prediction = answer.prediction
    number = number_of(ai, model, prediction)
    is_mapping = isinstance(prediction, Mapping)
    return Reply(
        number=number,
        words=words,
        group=_group(prediction) if is_mapping else None,
        confidence=wording_of(ai.features, model.feature).confidence_text(prediction, answer.confidence),
        answered_by=f"{chosen.model.id} {chosen.model.version}",
        products=tuple(prediction.get("items", ())) if is_mapping else (),
        other=msgspec.json.format(msgspec.json.encode(prediction)).decode() if number is None else None,
        warnings=(*_told(chosen.fitted.warnings, model), reason.message),
    )


def _told(warnings: Sequence[str], model: ModelConfig) -> tuple[str, ...]:
    """Return the warnings with one line for all facts that are missing, by the names that the form has for them."""
    missing = [fact_title(one.removesuffix(MISSING), model.titles) for one in warnings if one.endswith(MISSING)]
    others = tuple(warning for warning in warnings if not warning.endswith(MISSING))
    return (*others, f"Unknown to the model: {', '.join(missing)}") if missing else others


def _group(prediction: Mapping[str, Any]) -> str | None:
    found = next((prediction[name] for name in _GROUPS if isinstance(prediction.get(name), str)), None)
    return f"{found} risk" if found is not None and "risk" in prediction else found
