"""Why a model answered as it did, in the units that the user sees."""

from __future__ import annotations

from typing import Any

import msgspec

from hotcrm_ai.domain.prediction import Variant


class FeatureContribution(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What one feature added to (or took from) the answer.

    ``contribution``: on the 0-1 scale for scores and probabilities (0.35 = 35 points of a 0-100 score), in the unit of the
    value otherwise. ``importance``: its size on the 0-100 scale, or its share of the total in per cent for values in a unit.
    ``error`` is one standard error where the method samples.
    """

    feature: str
    value: Any
    contribution: float
    importance: float
    error: float | None = None


class Explanation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An additive explanation: ``base_value`` plus all contributions gives the number that the user sees.

    ``base_value`` is in the unit of that number: 0-100 for a score (then ``base_value + 100 * sum(contributions)``), 0-1 for a probability.
    ``additivity_error`` is the true residual in that unit. ``interval`` holds, for a model of few outcomes, the probability with 95 %.
    ``about`` names what of the answer is explained where it holds several, such as a product of a list.
    ``requested_model_id`` is the model that was asked for; under an A/B test the ``variant`` to which the record belongs answers.
    """

    prediction: Any
    confidence: float | None
    model_id: str
    model_version: str
    requested_model_id: str
    base_value: float
    feature_contributions: tuple[FeatureContribution, ...]
    top_features: tuple[FeatureContribution, ...]
    explanation: str
    method: str
    additivity_error: float
    warnings: tuple[str, ...] = ()
    interval: tuple[float, float] | None = None
    variant: Variant = "none"
    about: str | None = None


class FeatureDifference(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One feature of a comparison; ``impact_difference`` is contribution in the second record minus that in the first."""

    feature: str
    value1: Any
    value2: Any
    impact_difference: float


class Comparison(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Two records side by side; the impact differences add up to the difference of the two predictions."""

    model_id: str
    model_version: str
    requested_model_id: str
    prediction1: Any
    prediction2: Any
    differences: tuple[FeatureDifference, ...]
    explanation: str
    additivity_error: float
    method: str
    variant: Variant = "none"


class FeatureImportance(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How much a feature matters over many records: the mean size of its contribution, on the 0-100 scale."""

    feature: str
    importance: float


class Attribution(msgspec.Struct, frozen=True, kw_only=True):
    """What an explaining method gives, before it is put into words: 0-1 scale, one contribution per feature of the model.

    With ``in_unit`` everything is in the unit of the explained value instead, such as money.

    ``base`` plus the sum of ``contributions`` is ``output`` up to ``additivity_error``. ``values`` says what a part is that is no
    feature of the request, such as a trend that the model found. ``about`` names what is explained where an answer holds several.
    """

    base: float
    output: float
    contributions: dict[str, float]
    method: str
    additivity_error: float
    errors: dict[str, float] | None = None
    in_unit: bool = False
    values: dict[str, Any] | None = None
    about: str | None = None


class FeatureChange(msgspec.Struct, frozen=True, kw_only=True):
    """One field that would have to be another; ``before`` is None where the record had no value."""

    feature: str
    before: Any
    after: Any


class Counterfactual(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The smallest realistic change of a record that gives the answer that was wished for.

    ``changes`` is empty where the answer is so already, or where no change that was tried reaches it (then ``reached`` is false).
    ``new_prediction`` is the model's own answer for the changed record; ``tried`` counts the changed records that it was
    asked about.
    """

    model_id: str
    model_version: str
    requested_model_id: str
    goal: Any
    reached: bool
    prediction: Any
    new_prediction: Any
    changes: tuple[FeatureChange, ...]
    tried: int
    explanation: str
    variant: Variant = "none"
