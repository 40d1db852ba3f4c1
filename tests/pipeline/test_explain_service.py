"""The service: explains the answer of the model that a prediction would ask, and never shapes numbers by what a caller claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from hotcrm_ai.domain.errors import InvalidFeatures, InvalidRequest, ModelNotFound, NotExplainable
from hotcrm_ai.domain.explanation import Attribution, FeatureImportance
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.domain.wording import NEUTRAL
from hotcrm_ai.pipeline.explain import ChosenModel, ExplainabilityService

SIGNATURE = Signature(
    features=(
        FeatureSpec(name="engagement_score", type="number"),
        FeatureSpec(name="budget", type="number"),
        FeatureSpec(name="industry", type="category", categories=("Technology",)),
    )
)
CHAMPION = ModelConfig(id="champion", version="1.0.0", feature="lead-scoring", signature=SIGNATURE, status="active")
CHALLENGER = msgspec.structs.replace(CHAMPION, id="challenger", version="2.0.0")
CHURN = msgspec.structs.replace(CHAMPION, id="churn", feature="churn")
LEAD = {"engagement_score": 85, "budget": 10_000, "industry": "Technology"}


class LeadScoring:
    """An AI feature on the 0-100 scale."""

    name, scale, wording = "lead-scoring", "score", NEUTRAL

    def shape(self, probability: float) -> dict[str, Any]:
        """Return the answer for a probability."""
        return {
            "score": 100 * probability,
            "class": "hot" if probability >= 0.6 else "cold",
            "probability": probability,
        }


class Churn:
    """An AI feature on the 0-1 scale."""

    name, scale, wording = "churn", "probability", NEUTRAL

    def shape(self, probability: float) -> dict[str, Any]:
        """Return the answer for a probability."""
        return {"risk": "high" if probability >= 0.5 else "low", "probability": probability}


FEATURES = {"lead-scoring": LeadScoring(), "churn": Churn()}


def additive_parts(model: ModelConfig, values: Mapping[str, Any]) -> dict[str, float]:
    """Contributions of two made-up models, which differ in the weight of engagement."""
    weight = 0.004 if model.id != "challenger" else 0.002
    return {
        "engagement_score": weight * (values.get("engagement_score", 30.0) - 50.0),
        "budget": -0.04 if values.get("budget") == 10_000.0 else 0.0,
        "industry": 0.07 if values.get("industry") == "Technology" else -0.01,
    }


class FakePredictions:
    """Answers by ``additive_parts``; a lead with the budget of the second arm gets the challenger, whatever was asked for."""

    def __init__(self) -> None:
        self.models = {model.id: model for model in (CHAMPION, CHALLENGER, CHURN)}

    async def choose(self, model_id, features, *, context=None):
        """Choose the arm by the subject."""
        model, variant = await self.find(model_id), "none"
        if context is not None and context["object_id"] == "in-challenger":
            model, variant = CHALLENGER, "challenger"
        chosen = await self.fit(model, features)
        return msgspec.structs.replace(chosen, requested_model_id=model_id, variant=variant)

    async def fit(self, model, features):
        """Fit the features to the signature."""
        fitted = model.signature.fit(features, model_id=model.id)
        return ChosenModel(model=model, fitted=fitted, requested_model_id=model.id)

    async def find(self, model_id):
        """Find by id."""
        if model_id not in self.models:
            raise ModelNotFound(f"No model is registered under {model_id!r}.")
        return self.models[model_id]

    async def answer(self, chosen):
        """Answer as the models do."""
        probability = 0.5 + sum(additive_parts(chosen.model, chosen.fitted.values).values())
        return PredictionOutput(prediction=FEATURES[chosen.model.feature].shape(probability), confidence=88.0)


class FakeExplainer:
    """Gives the parts that the fake answers consist of, moved by ``shift`` where it is to be wrong."""

    def __init__(self, *, shift: float = 0.0, errors: dict[str, float] | None = None) -> None:
        self.shift, self.errors = shift, errors

    def supports(self, model):
        """True for local models."""
        return model.provider == "local"

    async def attribute(self, model, features):
        """Give the parts, and claim that they add up."""
        parts = additive_parts(model, features)
        output = 0.5 + sum(parts.values())
        parts["budget"] += self.shift
        return Attribution(
            base=0.5, output=output, contributions=parts, method="exact-shap", additivity_error=0.0, errors=self.errors
        )

    async def importance(self, model):
        """Give one importance."""
        return [FeatureImportance(feature="budget", importance=4.0)]


def service(explainer: FakeExplainer | None = None) -> ExplainabilityService:
    """The service over the fakes."""
    return ExplainabilityService(
        predictions=FakePredictions(), explainers=(explainer or FakeExplainer(),), features=FEATURES
    )


async def test_a_score_is_base_plus_a_hundred_times_the_contributions():
    """Base 50, contributions +0.14, +0.07 and -0.04: score 67; largest first, importance on the 0-100 scale."""
    found = await service().explain_prediction("champion", LEAD)
    assert found.prediction["score"] == pytest.approx(67.0)
    assert found.base_value == 50.0
    assert [part.feature for part in found.feature_contributions] == ["engagement_score", "industry", "budget"]
    assert [part.contribution for part in found.feature_contributions] == pytest.approx([0.14, 0.07, -0.04])
    assert [part.importance for part in found.feature_contributions] == pytest.approx([14.0, 7.0, 4.0])
    assert found.base_value + 100 * sum(part.contribution for part in found.feature_contributions) == pytest.approx(
        67.0
    )
    assert found.additivity_error <= 1e-9
    assert (found.model_id, found.model_version, found.method, found.confidence) == (
        "champion",
        "1.0.0",
        "exact-shap",
        88.0,
    )
    assert found.explanation == (
        "The prediction was influenced by:\n\n"
        "Positive factors:\n• Engagement Score: 85 (impact: +14%)\n• Industry: Technology (impact: +7%)\n\n"
        "Negative factors:\n• Budget: 10,000 (impact: -4%)"
    )


async def test_a_probability_is_base_plus_the_contributions():
    """On the 0-1 scale the base is 0.5, not 50."""
    found = await service().explain_prediction("churn", LEAD)
    assert found.base_value == 0.5
    total = found.base_value + sum(part.contribution for part in found.feature_contributions)
    assert total == pytest.approx(found.prediction["probability"], abs=1e-12)


async def test_a_missing_feature_has_its_contribution_too():
    """That a value is missing says something: the value is None, the contribution is that of the model, and a warning names it."""
    found = await service().explain_prediction("champion", {"engagement_score": 85, "budget": 10_000})
    industry = next(part for part in found.feature_contributions if part.feature == "industry")
    assert (industry.value, industry.contribution) == (None, -0.01)
    assert any("industry is missing" in warning for warning in found.warnings)


async def test_the_arm_of_the_subject_is_explained():
    """A subject of the challenger gets the challenger's numbers and name, another one the champion's."""
    explain = service().explain_prediction
    one = await explain("champion", LEAD, context={"object_id": "in-champion"})
    other = await explain("champion", LEAD, context={"object_id": "in-challenger"})
    assert (one.model_id, one.model_version) == ("champion", "1.0.0")
    assert (other.model_id, other.model_version) == ("challenger", "2.0.0")
    assert (one.requested_model_id, one.variant) == ("champion", "none")
    assert (other.requested_model_id, other.variant) == ("champion", "challenger")
    assert other.prediction["score"] == pytest.approx(60.0)
    assert other.feature_contributions[0].contribution == pytest.approx(0.07)


async def test_a_true_claim_changes_nothing():
    """The model's own prediction and confidence, whole or in part, raise no warning."""
    plain = await service().explain_prediction("champion", LEAD)
    for claim in (plain.prediction, {"score": 67.00001, "class": "hot"}):
        assert await service().explain_prediction("champion", LEAD, claim, 88) == plain


async def test_a_false_claim_is_flagged_and_shapes_no_number():
    """Each claimed value that the model does not give is named with the true one; everything else is as without the claim."""
    plain = await service().explain_prediction("champion", LEAD)
    claimed = {"score": 12.0, "class": "cold"}
    found = await service().explain_prediction("champion", LEAD, claimed, 99.0)
    assert msgspec.structs.replace(found, warnings=plain.warnings) == plain
    score, label, confidence = found.warnings[len(plain.warnings) :]
    assert score.startswith("the score passed in is 12.0, but the model gives 67.")
    assert label.startswith("the class passed in is 'cold', but the model gives 'hot'")
    assert confidence.startswith("the confidence passed in is 99.0, but the model gives 88.0")


@pytest.mark.parametrize(
    ("prediction", "confidence"),
    [
        (92, None),
        ({}, None),
        ({"grade": "A"}, None),
        ({"score": "92"}, None),
        ({"score": True}, None),
        ({"score": float("nan")}, None),
        ({"class": 1}, None),
        ({"__class__": "hot"}, None),
        (None, "88"),
        (None, 101),
        (None, float("nan")),
        (None, True),
    ],
)
async def test_a_claim_of_the_wrong_shape_is_refused(prediction, confidence):
    """What cannot be an answer of the model at all is an invalid request."""
    with pytest.raises(InvalidRequest, match="passed in"):
        await service().explain_prediction("champion", LEAD, prediction, confidence)


async def test_parts_that_do_not_add_up_are_not_shown():
    """An explainer that shifts one contribution is caught, although it says itself that it adds up."""
    broken = service(FakeExplainer(shift=1e-4))
    with pytest.raises(NotExplainable, match=r"miss its answer by 0\.01"):
        await broken.explain_prediction("champion", LEAD)
    with pytest.raises(NotExplainable):
        await service(FakeExplainer(shift=float("nan"))).explain_prediction("champion", LEAD)


async def test_a_method_that_samples_may_miss_by_its_stated_error():
    """Within its standard error the residual is shown as it is, with the error of each part; far beyond it is refused."""
    errors = {"engagement_score": 0.001, "budget": 0.001, "industry": 0.001}
    found = await service(FakeExplainer(shift=0.002, errors=errors)).explain_prediction("champion", LEAD)
    assert found.additivity_error == pytest.approx(0.2)
    assert found.feature_contributions[0].error == 0.001
    with pytest.raises(NotExplainable):
        await service(FakeExplainer(shift=0.02, errors=errors)).explain_prediction("champion", LEAD)


async def test_what_cannot_be_explained_says_so():
    """A model that no explainer supports, or whose answer is no number, is an error without numbers."""
    predictions = FakePredictions()
    predictions.models["remote"] = msgspec.structs.replace(CHAMPION, id="remote", provider="openai")
    predictions.models["forecast"] = msgspec.structs.replace(CHAMPION, id="forecast", feature="revenue-forecast")
    explain = ExplainabilityService(
        predictions=predictions, explainers=(FakeExplainer(),), features=FEATURES
    ).explain_prediction
    with pytest.raises(NotExplainable, match="'remote'"):
        await explain("remote", LEAD)
    with pytest.raises(NotExplainable, match="neither scores nor probabilities"):
        await explain("forecast", LEAD)
    with pytest.raises(ModelNotFound):
        await explain("unheard-of", LEAD)
    with pytest.raises(InvalidFeatures):
        await explain("champion", {"budget": "much"})


async def test_differences_add_up_to_the_difference_of_the_predictions():
    """On the 0-1 scale of contributions: 45 to 85 points of engagement are +0.16, another industry -0.08."""
    second = {"engagement_score": 85, "budget": 10_000, "industry": "Retail"}
    found = await service().compare_predictions("champion", {**LEAD, "engagement_score": 45}, second)
    assert [(part.feature, part.value1, part.value2) for part in found.differences] == [
        ("engagement_score", 45, 85),
        ("industry", "Technology", "Retail"),
    ]
    assert [part.impact_difference for part in found.differences] == pytest.approx([0.16, -0.08])
    shift = found.prediction2["score"] - found.prediction1["score"]
    assert 100 * sum(part.impact_difference for part in found.differences) == pytest.approx(shift)
    assert found.additivity_error <= 1e-9
    assert found.explanation == (
        "Key differences:\n\n"
        "• Engagement Score changed from 45 to 85, which increased the prediction\n"
        "• Industry changed from Technology to Retail, which decreased the prediction"
    )


async def test_both_records_of_a_comparison_get_the_same_model():
    """The arm of the first record answers for both."""
    found = await service().compare_predictions("champion", LEAD, LEAD, context={"object_id": "in-challenger"})
    assert (found.model_id, found.requested_model_id, found.variant) == ("challenger", "champion", "challenger")
    assert found.prediction1 == found.prediction2
    assert found.differences == ()
    assert found.explanation == "No significant differences found."


async def test_importance_is_that_of_the_model_itself():
    """The explainer of the model is asked; an unknown model is an error."""
    assert await service().global_importance("challenger") == [FeatureImportance(feature="budget", importance=4.0)]
    with pytest.raises(ModelNotFound):
        await service().global_importance("unheard-of")
