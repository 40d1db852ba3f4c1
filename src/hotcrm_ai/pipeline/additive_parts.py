"""Turns what an explaining method found into the parts that users see, after checking that they add up."""

from __future__ import annotations

import math
from typing import Any, Final

from hotcrm_ai.domain.errors import NotExplainable
from hotcrm_ai.domain.explanation import Attribution, FeatureContribution, FeatureDifference
from hotcrm_ai.domain.signature import FittedFeatures

PARTS_OF_TEXT: Final = "token-shap"
"""The method whose contributions are of the parts of a text instead of features."""

_TOLERANCE: Final = 1e-6
_STANDARD_ERRORS: Final = 4.0
_EXACT_INTEGERS: Final = 2.0**53


def require_additive(attribution: Attribution, number: float, *, unit: float, model_id: str) -> float:
    """Return how far base and contributions are from the number the user sees, in that number's unit.

    Raises:
        NotExplainable: by more than a millionth of the scale, or by more than the stated error of a method that samples; parts
            that do not add up are not shown.
    """
    residual = abs(unit * math.fsum((attribution.base, *attribution.contributions.values())) - number)
    scale = max(unit, abs(number), abs(attribution.base)) if attribution.in_unit else unit
    sampled = math.hypot(*attribution.errors.values()) if attribution.errors else 0.0
    if not residual <= scale * _TOLERANCE + unit * _STANDARD_ERRORS * sampled:
        raise NotExplainable(
            f"The parts that method {attribution.method!r} found for model {model_id!r} miss its answer by {residual:.3g}, so "
            "they are not shown; train the model again, or report this as a bug.",
            model_id=model_id,
            residual=residual,
        )
    return residual


def contributions_of(attribution: Attribution, fitted: FittedFeatures) -> tuple[FeatureContribution, ...]:
    """Return each feature's value and contribution, largest first; importance is the share of the total where they are in a unit."""
    total = math.fsum(map(abs, attribution.contributions.values())) if attribution.in_unit else 1.0
    parts = (
        FeatureContribution(
            feature=name,
            value=_shown_value(fitted, attribution, name),
            contribution=contribution,
            importance=100.0 * abs(contribution) / (total or 1.0),
            error=None if attribution.errors is None else attribution.errors[name],
        )
        for name, contribution in attribution.contributions.items()
    )
    return tuple(sorted(parts, key=lambda part: -part.importance))


def differences_between(
    first: tuple[FittedFeatures, Attribution], second: tuple[FittedFeatures, Attribution]
) -> tuple[FeatureDifference, ...]:
    """Return every feature that differs in value or in contribution, largest difference of contribution first."""
    (fitted1, attribution1), (fitted2, attribution2) = first, second
    parts = (
        FeatureDifference(
            feature=name,
            value1=_shown_value(fitted1, attribution1, name),
            value2=_shown_value(fitted2, attribution2, name),
            impact_difference=attribution2.contributions.get(name, 0.0) - attribution1.contributions.get(name, 0.0),
        )
        for name in {**attribution1.contributions, **attribution2.contributions}
    )
    differing = (part for part in parts if part.value1 != part.value2 or part.impact_difference)
    return tuple(sorted(differing, key=lambda part: -abs(part.impact_difference)))


def _shown_value(fitted: FittedFeatures, attribution: Attribution, feature: str) -> Any:
    """Return a value as people write it: whole numbers without decimals, None where it is missing, a part of a text as it is."""
    if attribution.method == PARTS_OF_TEXT:
        return feature if feature in attribution.contributions else None
    if attribution.values is not None and feature in attribution.values:
        return attribution.values[feature]
    value = fitted.values.get(feature)
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_INTEGERS:
        return int(value)
    return value
