"""Chooses the model that answers a request: its status, the arm of an A/B test, and the fit of the features to its signature."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

import msgspec

from hotcrm_ai.domain.canonical import canonical_value
from hotcrm_ai.domain.errors import ModelNotActive, ModelNotFound
from hotcrm_ai.domain.experiment import SubjectKind
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import Context, Variant
from hotcrm_ai.domain.signature import FittedFeatures
from hotcrm_ai.domain.spelling import to_snake
from hotcrm_ai.experiments.assignment import assign, subject_of
from hotcrm_ai.pipeline.shadow_index import ShadowIndex
from hotcrm_ai.ports.model_catalogue import ModelCatalogue

_IDS_SEARCHED_FOR_A_HINT: Final = 500
_WHAT_TO_DO: Final = {
    "training": "it is not trained yet; once it is, let it answer with `ai.registry.promote('{id}')`",
    "testing": "let it answer with `ai.registry.promote('{id}')`",
    "deprecated": "ask for the model that replaced it, or bring it back with `ai.registry.promote('{id}')`",
}


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers a request, and why: the requested and the answering model, and the arm of the A/B test if there is one.

    ``shadows`` are the challengers that are asked along in the background; their answers are never returned.
    """

    requested: ModelConfig
    answering: ModelConfig
    variant: Variant = "none"
    experiment_id: str | None = None
    subject: str | None = None
    subject_kind: SubjectKind | None = None
    shadows: tuple[ModelConfig, ...] = ()


async def choose_model(
    models: ModelCatalogue,
    model_id: str,
    features: Mapping[str, Any],
    context: Context | None = None,
    *,
    shadow_index: ShadowIndex | None = None,
) -> Choice:
    """Return the model that answers a request for ``model_id``.

    A request that names a challenger is split between it and its champion by its subject; one that names another model is
    answered by that model. In shadow mode the champion answers and the challenger is only asked along.

    Raises:
        ModelNotFound: no model has that id; the message names the nearest ones.
        ModelNotActive: the model that would have to answer may not; the other arm never steps in for it.
    """
    requested = await find_model(models, model_id)
    test = requested.ab_test
    if test is not None and test.enabled and test.mode == "shadow" and requested.status in ("active", "testing"):
        return await _shadowed(models, requested, features, context)
    _check_active(requested)
    if test is not None and test.enabled and test.mode == "split":
        return await _split(models, requested, features, context)
    shadows = await shadow_index.challengers_of(model_id) if shadow_index is not None else ()
    if not shadows:
        return Choice(requested=requested, answering=requested)
    subject, kind = subject_of(context, features)
    return Choice(
        requested=requested,
        answering=requested,
        variant="champion",
        experiment_id=shadows[0].id,
        subject=subject,
        subject_kind=kind,
        shadows=shadows,
    )


async def find_model(models: ModelCatalogue, model_id: str) -> ModelConfig:
    """Return a model in whatever status; raises ``ModelNotFound`` with the nearest known ids."""
    model = await models.get_model(model_id)
    if model is None:
        raise await _not_found(models, model_id)
    return model


async def active_model(models: ModelCatalogue, model_id: str) -> ModelConfig:
    """Return a model that may answer; raises ``ModelNotFound`` or ``ModelNotActive``."""
    model = await find_model(models, model_id)
    _check_active(model)
    return model


def fit_features(choice: Choice, given: Mapping[str, Any]) -> FittedFeatures:
    """Bring the features into the types of the answering model.

    A name that neither the requested nor the answering model knows is a warning; one that only the other arm knows is ignored in silence.
    A model without signature takes the values as they are, numbers as float unless that would make another number of them.

    Raises:
        InvalidFeatures: listing every feature that does not fit the answering model's signature.
    """
    answering = choice.answering
    if answering.signature is None:
        return FittedFeatures(values={name: canonical_value(value) for name, value in given.items()})
    fitted = answering.signature.fit(given, model_id=answering.id)
    if not fitted.unknown:
        return fitted
    other = choice.requested.signature if choice.requested is not answering else None
    known = {spec.name for spec in other.features} if other is not None else set()
    strangers = [name for name in fitted.unknown if name not in known and to_snake(name) not in known]
    notes = tuple(f"{name} is not a feature of this model and was ignored" for name in strangers)
    return msgspec.structs.replace(fitted, warnings=(*fitted.warnings, *notes))


async def _split(
    models: ModelCatalogue, requested: ModelConfig, features: Mapping[str, Any], context: Context | None
) -> Choice:
    assert requested.ab_test is not None  # noqa: S101 - checked by the caller, tells the type checker
    arm = assign(requested.id, requested.ab_test, context, features)
    answering = requested if arm.variant == "challenger" else await _champion_of(models, requested)
    return Choice(
        requested=requested,
        answering=answering,
        variant=arm.variant,
        experiment_id=arm.experiment_id,
        subject=arm.subject,
        subject_kind=arm.subject_kind,
    )


async def _shadowed(
    models: ModelCatalogue, requested: ModelConfig, features: Mapping[str, Any], context: Context | None
) -> Choice:
    subject, kind = subject_of(context, features)
    return Choice(
        requested=requested,
        answering=await _champion_of(models, requested),
        variant="champion",
        experiment_id=requested.id,
        subject=subject,
        subject_kind=kind,
        shadows=(requested,),
    )


async def _champion_of(models: ModelCatalogue, challenger: ModelConfig) -> ModelConfig:
    assert challenger.ab_test is not None  # noqa: S101 - checked by the caller, tells the type checker
    champion_id = challenger.ab_test.champion_model_id
    champion = await models.get_model(champion_id)
    if champion is None or champion.status != "active":
        state = "is not registered" if champion is None else f"has status {champion.status!r}"
        raise ModelNotActive(
            f"The champion {champion_id!r} of the A/B test of {challenger.id!r} {state}, and this subject belongs to it; "
            f"activate the champion, or stop the test of {challenger.id!r}.",
            model_id=champion_id,
            experiment_id=challenger.id,
            status=None if champion is None else champion.status,
        )
    return champion


def _check_active(model: ModelConfig) -> None:
    if model.status == "active":
        return
    advice = _WHAT_TO_DO[model.status].format(id=model.id)
    raise ModelNotActive(
        f"Model {model.id!r} has status {model.status!r} and does not answer predictions; {advice}.",
        model_id=model.id,
        status=model.status,
    )


async def _not_found(models: ModelCatalogue, model_id: str) -> ModelNotFound:
    known = [model.id for model in islice(await models.list_models(), _IDS_SEARCHED_FOR_A_HINT)]
    nearest = difflib.get_close_matches(model_id[:128], known, n=3, cutoff=0.6)
    hint = f"did you mean {' or '.join(map(repr, nearest))}?" if nearest else "`ai.registry.list_models()` shows all."
    shown = model_id if len(model_id) <= 128 else model_id[:125] + "..."
    return ModelNotFound(f"No model is registered under {shown!r}; {hint}", model_id=shown, nearest=nearest)
