"""Takes the features of a model from a CRM record."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from hotcrm_ai.assembly import AI
from hotcrm_ai.domain.errors import ModelNotFound
from hotcrm_ai.domain.signature import FeatureSpec, Signature


async def signatures_of(ai: AI, model_id: str) -> tuple[Signature, ...]:
    """Return the signatures of a model and, where it is under an A/B test, of its champion.

    Raises:
        ModelNotFound: no model has this id.
    """
    model = await ai.registry.get_model(model_id)
    if model is None:
        raise ModelNotFound(
            f"No model is called {model_id!r}; `ai.registry.list_models()` shows all.", model_id=model_id
        )
    other = await ai.registry.get_model(model.ab_test.champion_model_id) if model.ab_test else None
    return tuple(found.signature for found in (model, other) if found is not None and found.signature is not None)


def record_features(
    record: Mapping[str, Any], signatures: Sequence[Signature], *, crm_fields: Mapping[str, str]
) -> dict[str, Any]:
    """Return the value of every feature that the record holds, in the type that the signature declares.

    ``crm_fields`` names the record's field of a feature that is called otherwise there; a field of the feature's own name wins.
    """
    features: dict[str, Any] = {}
    for signature in signatures:
        for spec in signature.features:
            field = spec.name if spec.name in record else crm_fields.get(spec.name, spec.name)
            value = _adapt(spec, record.get(field))
            if value is not None:
                features[spec.name] = value
    return features


def _adapt(spec: FeatureSpec, value: Any) -> Any:
    """Bring a database value into the feature's type; databases know fewer types than signatures."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if spec.type == "number" and isinstance(value, Decimal | bool):
        return float(value)
    if spec.type == "boolean" and isinstance(value, int) and value in (0, 1):
        return bool(value)
    if spec.type in ("category", "text") and not isinstance(value, str):
        return str(value)
    return value
