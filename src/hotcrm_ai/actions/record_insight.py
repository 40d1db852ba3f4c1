"""Looks at one record from all sides: what each fact is worth, what would change the answer, who was like it and how that ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from hotcrm_ai.actions.open_records import OUTCOME_FIELDS
from hotcrm_ai.actions.record_features import record_features, signatures_of
from hotcrm_ai.assembly import AI
from hotcrm_ai.assembly.history import feature_models
from hotcrm_ai.domain.errors import ConfigError, ModelNotActive
from hotcrm_ai.domain.explanation import Counterfactual, Explanation
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import Context
from hotcrm_ai.domain.signature import FeatureSpec
from hotcrm_ai.domain.titles import fact_title

_SCORED: Final = ("score", "probability")
_CANDIDATES: Final = 1_000


class WithoutFact(msgspec.Struct, frozen=True, kw_only=True):
    """The answer (0-100) if one fact of a record were unknown, and how far that is from the answer with it."""

    feature: str
    value: Any
    answer: float
    change: float


class LikeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A closed record like the one asked about; ``likeness`` is 0-100, by the facts that moved the answer."""

    record: dict[str, Any]
    likeness: float
    happened: bool


class AskedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record, the model that answers for it and the features that this is given, with its explanation.

    ``requested_model_id`` is the model that was asked for; in an A/B test another one may answer.
    """

    object_type: str
    record: dict[str, Any]
    requested_model_id: str
    model: ModelConfig
    features: dict[str, Any]
    explanation: Explanation

    @property
    def answer(self) -> float:
        """The number (0-100) that people see."""
        return answer_of(self.explanation.prediction)

    def title(self, feature: str) -> str:
        """Return a feature's name for people."""
        return fact_title(feature, self.model.titles)


def answer_of(prediction: Mapping[str, Any]) -> float:
    """Return the number (0-100) of a score or a chance."""
    return float(prediction["score"]) if "score" in prediction else 100.0 * float(prediction["probability"])


def feature_of(ai: AI, object_type: str) -> str:
    """Return the AI feature that scores records of a type.

    Raises:
        ConfigError: there is none.
    """
    for name, feature in ai.features.items():
        if feature.crm_object == object_type and feature.scale in _SCORED:
            return name
    known = sorted({feature.crm_object for feature in ai.features.values() if feature.scale in _SCORED})
    raise ConfigError(
        f"No AI feature scores records of the type {object_type!r}; those of {', '.join(known)} are scored."
    )


async def ask_about(ai: AI, object_type: str, record: Mapping[str, Any], *, model_id: str | None = None) -> AskedRecord:
    """Ask a model about a record and explain the answer; nothing is logged or written. Without a model it is the champion.

    Raises:
        ModelNotActive: the feature has no active model.
        HotCRMAIError: the model gave no answer.
    """
    feature = feature_of(ai, object_type)
    if model_id is None:
        models = await feature_models(ai, feature)
        if not models:
            raise ModelNotActive(f"No model of {feature} is active; train one with `ai.train({feature!r}, rows)`.")
        model_id = models[0].id
    given = record_features(record, await signatures_of(ai, model_id), crm_fields=ai.features[feature].crm_fields)
    context = Context(object_type=object_type, object_id=str(record["id"]))
    model = (await ai.predictions.choose(model_id, given, context=context)).model
    own = {spec.name for spec in model.signature.features} if model.signature is not None else set(given)
    features = {name: value for name, value in given.items() if name in own}
    return AskedRecord(
        object_type=object_type,
        record=dict(record),
        requested_model_id=model_id,
        model=model,
        features=features,
        explanation=await ai.explain(model_id, features, context=context),
    )


async def what_would_change(ai: AI, asked: AskedRecord, *, changeable: Sequence[str], goal: str) -> Counterfactual:
    """Return the smallest realistic change of some fields after which the very model that answered gives the wished answer.

    Raises:
        HotCRMAIError: the model cannot be searched, or a field cannot be changed.
    """
    context = Context(object_type=asked.object_type, object_id=str(asked.record["id"]))
    return await ai.explainer.counterfactual(
        asked.requested_model_id, asked.features, changeable=changeable, goal=goal, context=context
    )


async def without_each_fact(ai: AI, asked: AskedRecord) -> list[WithoutFact]:
    """Ask the model once for each fact of a record, as if that one were unknown; the fact that matters most comes first.

    Raises:
        HotCRMAIError: the model gave no answer.
    """
    facts = [name for name in asked.features if not _is_required(asked.model, name)]
    rows = []
    for name in facts:
        rest = {other: value for other, value in asked.features.items() if other != name}
        rows.append((await ai.predictions.fit(asked.model, rest)).fitted.values)
    answers = await ai.predictions.answer_rows(asked.model, rows, seconds=ai.settings.timeout_seconds) if rows else []
    found = [
        WithoutFact(
            feature=name,
            value=asked.features[name],
            answer=answer_of(answer.prediction),
            change=answer_of(answer.prediction) - asked.answer,
        )
        for name, answer in zip(facts, answers, strict=True)
    ]
    return sorted(found, key=lambda one: (-abs(one.change), one.feature))


async def like_records(ai: AI, asked: AskedRecord, *, limit: int = 3) -> tuple[list[LikeRecord], list[LikeRecord]]:
    """Return the closed records that are most like one, of those that happened and of those that did not, out of the newest thousand each.

    Two records are alike where the facts that moved this answer are: each fact counts as much as it moved the answer.

    Raises:
        ConfigError: the CRM does not tell how its records ended.
    """
    outcome = OUTCOME_FIELDS[asked.object_type]
    groups: list[list[LikeRecord]] = []
    for ended in (1, 0):
        filters = [[outcome, "=", ended], ["id", "!=", asked.record["id"]]]
        closed = await ai.crm.highest(asked.object_type, "id", filters, limit=_CANDIDATES)
        groups.append(_nearest(ai, asked, closed, happened=bool(ended))[:limit])
    return groups[0], groups[1]


def _nearest(ai: AI, asked: AskedRecord, closed: Sequence[dict[str, Any]], *, happened: bool) -> list[LikeRecord]:
    signature = asked.model.signature
    if signature is None:
        return []
    weights = {part.feature: abs(part.contribution) for part in asked.explanation.feature_contributions}
    specs = [spec for spec in signature.features if spec.type != "text" and weights.get(spec.name)]
    total = sum(weights[spec.name] for spec in specs)
    if not total:
        return []
    crm_fields = ai.features[feature_of(ai, asked.object_type)].crm_fields
    found = []
    for record in closed:
        other = record_features(record, (signature,), crm_fields=crm_fields)
        apart = sum(
            weights[spec.name] * _apart(spec, asked.features.get(spec.name), other.get(spec.name)) for spec in specs
        )
        found.append(LikeRecord(record=record, likeness=100.0 * (1.0 - apart / total), happened=happened))
    return sorted(found, key=lambda one: (-one.likeness, str(one.record["id"])))


def _apart(spec: FeatureSpec, one: Any, other: Any) -> float:
    """Return how far two values of a feature are apart (0-1): numbers by the range that training saw, others all or nothing,
    however they are written."""
    if one is None or other is None:
        return 0.0 if one is other else 1.0
    if spec.type == "number" and spec.minimum is not None and spec.maximum is not None and spec.maximum > spec.minimum:
        return min(1.0, abs(float(one) - float(other)) / (spec.maximum - spec.minimum))
    return 0.0 if str(one).strip().casefold() == str(other).strip().casefold() else 1.0


def _is_required(model: ModelConfig, feature: str) -> bool:
    spec = model.signature.feature(feature) if model.signature is not None else None
    return spec is not None and spec.required
