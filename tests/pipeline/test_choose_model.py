"""The model that answers is chosen by status and by the arm of the A/B test, and never silently another one."""

from __future__ import annotations

from typing import Any

import pytest

from hotcrm_ai.domain.errors import InvalidFeatures, ModelNotActive, ModelNotFound
from hotcrm_ai.domain.model import ABTest, ModelConfig
from hotcrm_ai.domain.prediction import Context
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.pipeline.choose_model import choose_model, fit_features
from hotcrm_ai.pipeline.shadow_index import ShadowIndex
from hotcrm_ai.testing import FakeCatalogue, FakeClock

CHAMPION = ModelConfig(id="lead-v1", status="active")


def challenger(**test: Any) -> ModelConfig:
    return ModelConfig(
        id="lead-v2",
        status=test.pop("status", "active"),
        ab_test=ABTest(**{"champion_model_id": "lead-v1", "traffic_percentage": 50.0, "seed": 7} | test),
    )


def lead(number: int) -> Context:
    return Context(object_type="Lead", object_id=str(number))


async def test_an_unknown_id_names_the_nearest_ones() -> None:
    """A misspelt id is an error that says what it may have meant."""
    models = FakeCatalogue(
        ModelConfig(id="lead-scoring-v1", status="active"), ModelConfig(id="churn-v1", status="active")
    )
    with pytest.raises(ModelNotFound, match=r"'lead-scorng-v1'; did you mean 'lead-scoring-v1'\?"):
        await choose_model(models, "lead-scorng-v1", {})


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        ("training", "`ai.registry.promote('lead-v1')`"),
        ("testing", "`ai.registry.promote('lead-v1')`"),
        ("deprecated", "`ai.registry.promote('lead-v1')`"),
    ],
)
async def test_a_model_that_is_not_active_says_so_and_what_to_do(status: Any, advice: str) -> None:
    """Only active models answer; the error names the status and the next command."""
    models = FakeCatalogue(ModelConfig(id="lead-v1", status=status))
    with pytest.raises(ModelNotActive) as refused:
        await choose_model(models, "lead-v1", {})
    assert repr(status) in refused.value.message
    assert advice in refused.value.message
    assert refused.value.details["status"] == status


async def test_a_request_for_the_champion_is_not_split() -> None:
    """Only requests that name the challenger take part in a split test."""
    models = FakeCatalogue(CHAMPION, challenger(traffic_percentage=100.0))
    choice = await choose_model(models, "lead-v1", {}, lead(1))
    assert (choice.answering.id, choice.variant, choice.experiment_id) == ("lead-v1", "none", None)


async def test_a_subject_keeps_its_arm_and_both_arms_answer() -> None:
    """Every subject gets the same arm ten times in a row, and half of a thousand get each."""
    models = FakeCatalogue(CHAMPION, challenger())
    arms = [[(await choose_model(models, "lead-v2", {}, lead(n))).answering.id for _ in range(10)] for n in range(1000)]
    assert all(len(set(arm)) == 1 for arm in arms)
    assert 450 < sum(arm[0] == "lead-v2" for arm in arms) < 550


@pytest.mark.parametrize("champion", [None, "deprecated", "testing"])
async def test_a_missing_champion_is_an_error_for_its_subjects_only(champion: Any) -> None:
    """Without an active champion its subjects get an error, and never the challenger; the challenger's get their answer."""
    models = FakeCatalogue(challenger(), *([ModelConfig(id="lead-v1", status=champion)] if champion else []))
    answered: list[str] = []
    refused: list[str] = []
    for number in range(200):
        try:
            choice = await choose_model(models, "lead-v2", {}, lead(number))
        except ModelNotActive as error:
            refused.append(error.message)
        else:
            answered.append(choice.variant)
    assert 70 < len(answered) < 130
    assert len(answered) + len(refused) == 200
    assert set(answered) == {"challenger"}
    assert all("champion 'lead-v1' of the A/B test of 'lead-v2'" in message for message in refused)


async def test_a_stopped_test_splits_nobody() -> None:
    """A test that is not enabled leaves the requested model to answer everybody."""
    models = FakeCatalogue(CHAMPION, challenger(enabled=False, traffic_percentage=0.0))
    choice = await choose_model(models, "lead-v2", {}, lead(1))
    assert (choice.answering.id, choice.variant) == ("lead-v2", "none")


@pytest.mark.parametrize("requested", ["lead-v1", "lead-v2"])
@pytest.mark.parametrize("status", ["active", "testing"])
async def test_in_shadow_mode_the_champion_answers_everybody(requested: str, status: Any) -> None:
    """Whichever of the two is named, the champion answers and the challenger, active or testing, is asked along."""
    models = FakeCatalogue(CHAMPION, challenger(mode="shadow", status=status))
    index = ShadowIndex(models, clock=FakeClock())
    choice = await choose_model(models, requested, {}, lead(1), shadow_index=index)
    assert (choice.answering.id, choice.variant, choice.experiment_id) == ("lead-v1", "champion", "lead-v2")
    assert [model.id for model in choice.shadows] == ["lead-v2"]


async def test_a_new_shadow_test_is_seen_at_the_next_request() -> None:
    """The index of shadow tests follows every change of the catalogue at once."""
    models = FakeCatalogue(CHAMPION)
    index = ShadowIndex(models, clock=FakeClock())
    assert (await choose_model(models, "lead-v1", {}, shadow_index=index)).shadows == ()
    models.put(challenger(mode="shadow"))
    assert len((await choose_model(models, "lead-v1", {}, shadow_index=index)).shadows) == 1
    models.change("lead-v2", status="deprecated")
    assert (await choose_model(models, "lead-v1", {}, shadow_index=index)).shadows == ()


def signature(*names: str) -> Signature:
    return Signature(features=tuple(FeatureSpec(name=name, type="number") for name in names))


async def test_only_a_name_that_neither_arm_knows_is_a_warning() -> None:
    """A feature of the other arm is ignored in silence; one of no arm is named; the answering arm's signature decides."""
    champion = ModelConfig(id="lead-v1", status="active", signature=signature("size", "budget"))
    models = FakeCatalogue(
        champion,
        ModelConfig(
            id="lead-v2",
            status="active",
            signature=signature("size", "clicks"),
            ab_test=ABTest(champion_model_id="lead-v1", traffic_percentage=0.0),
        ),
    )
    given = {"size": 1, "budget": 2, "clicks": 3, "shoeSize": 44}
    fitted = fit_features(await choose_model(models, "lead-v2", given, lead(1)), given)
    assert fitted.values == {"size": 1.0, "budget": 2.0}
    assert fitted.warnings == ("shoeSize is not a feature of this model and was ignored",)


async def test_the_answering_models_signature_refuses() -> None:
    """What is asked of the challenger but answered by the champion must fit the champion."""
    models = FakeCatalogue(
        ModelConfig(id="lead-v1", status="active", signature=signature("size")),
        ModelConfig(id="lead-v2", status="active", ab_test=ABTest(champion_model_id="lead-v1")),
    )
    choice = await choose_model(models, "lead-v2", {"size": "large"}, lead(1))
    with pytest.raises(InvalidFeatures, match="model 'lead-v1': 'size': expected a number"):
        fit_features(choice, {"size": "large"})


async def test_a_model_without_signature_takes_features_as_they_are() -> None:
    """Without a signature every value goes to the provider, numbers in their one spelling."""
    models = FakeCatalogue(ModelConfig(id="open-v1", status="active"))
    given = {"a": 1, "b": True, "c": "1", "d": [1, {"e": 2}]}
    fitted = fit_features(await choose_model(models, "open-v1", given), given)
    assert fitted.values == {"a": 1.0, "b": True, "c": "1", "d": [1.0, {"e": 2.0}]}
    assert fitted.values["b"] is True


async def test_a_long_id_reaches_a_model_without_signature_unchanged() -> None:
    """A whole number that no float holds is sent as it was given: rounded, it would be another record's."""
    models = FakeCatalogue(ModelConfig(id="open-v1", status="active"))
    given = {"account": 1_234_567_890_123_456_789}
    fitted = fit_features(await choose_model(models, "open-v1", given), given)
    assert fitted.values == {"account": 1_234_567_890_123_456_789}
    assert type(fitted.values["account"]) is int
