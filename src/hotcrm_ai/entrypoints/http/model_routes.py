"""The operations that tell of models: the registry's entries, their history, and importance of features."""

from __future__ import annotations

from typing import Final

from hotcrm_ai.domain import errors
from hotcrm_ai.domain.answers import Page
from hotcrm_ai.domain.drift import DriftReport
from hotcrm_ai.domain.explanation import FeatureImportance
from hotcrm_ai.domain.model import ModelConfig, Revision
from hotcrm_ai.entrypoints.http.answers import shown_model, shown_revision
from hotcrm_ai.entrypoints.http.bodies import DriftQuery, ModelsQuery
from hotcrm_ai.entrypoints.http.operation import Call, Operation
from hotcrm_ai.entrypoints.http.paging import PageQuery, page_of

MODEL_PATH_WORDS: Final = {"id": "The model's id, for example `lead-scoring-v1`."}


async def known_model(call: Call) -> ModelConfig:
    """Return the model that the path names; raises ``ModelNotFound``."""
    model_id = call.path["id"]
    model = await call.ai.registry.get_model(model_id)
    if model is None:
        raise errors.ModelNotFound(f"No model is called {model_id!r}; GET /v1/models lists all.", model_id=model_id)
    return model


async def list_models(call: Call) -> Page[ModelConfig]:
    """List the registry's models."""
    asked: ModelsQuery = call.query
    models = await call.ai.registry.list_models(asked.type, asked.status)
    ordered = sorted((shown_model(model) for model in models), key=lambda model: model.id)
    return page_of(ordered, key=lambda model: model.id, limit=asked.limit, cursor=asked.cursor)


async def show_model(call: Call) -> ModelConfig:
    """Show one model."""
    return shown_model(await known_model(call))


async def show_history(call: Call) -> Page[Revision]:
    """List the revisions of one model, oldest first."""
    asked: PageQuery = call.query
    revisions = await call.ai.registry.history(call.path["id"])
    if not revisions:
        await known_model(call)
    return page_of(
        [shown_revision(revision) for revision in revisions], key=_revision_key, limit=asked.limit, cursor=asked.cursor
    )


async def show_importance(call: Call) -> Page[FeatureImportance]:
    """Say how much each feature of a model matters."""
    model = await known_model(call)
    return Page(items=tuple(await call.ai.explainer.global_importance(model.id)))


async def show_drift(call: Call) -> DriftReport:
    """Say how far a model's requests have moved from its training."""
    asked: DriftQuery = call.query
    return await call.ai.drift((await known_model(call)).id, window=asked.window)


def _revision_key(revision: Revision) -> str:
    return f"{revision.number:012d}"


MODEL_OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/v1/models",
        scope="read",
        name="listModels",
        tag="Models",
        summary="List the models, in order of id.",
        description="Of endpoints only the host is shown; credentials never.",
        answer=list_models,
        query=ModelsQuery,
        gives=Page[ModelConfig],
        errors=(errors.StorageError,),
    ),
    Operation(
        method="GET",
        path="/v1/models/{id}",
        scope="read",
        name="showModel",
        tag="Models",
        summary="Show one model.",
        description="Its present revision: status, signature, metrics and where they come from, A/B test.",
        answer=show_model,
        gives=ModelConfig,
        revision_of=lambda model: model.revision,
        errors=(errors.ModelNotFound, errors.StorageError),
        path_words=MODEL_PATH_WORDS,
    ),
    Operation(
        method="GET",
        path="/v1/models/{id}/history",
        scope="read",
        name="showHistory",
        tag="Models",
        summary="List the revisions of a model, oldest first.",
        description="Every change of the registry is a revision; a removed model keeps its history.",
        answer=show_history,
        query=PageQuery,
        gives=Page[Revision],
        errors=(errors.ModelNotFound, errors.StorageError),
        path_words=MODEL_PATH_WORDS,
    ),
    Operation(
        method="GET",
        path="/v1/models/{id}/importance",
        scope="read",
        name="showImportance",
        tag="Explanations",
        summary="Say how much each feature of a model matters.",
        description="The mean size of each feature's contribution over the model's background records, largest first; one page.",
        answer=show_importance,
        gives=Page[FeatureImportance],
        errors=(errors.ModelNotFound, errors.NotExplainable, errors.ArtifactIntegrity),
        path_words=MODEL_PATH_WORDS,
    ),
    Operation(
        method="GET",
        path="/v1/models/{id}/drift",
        scope="read",
        name="showDrift",
        tag="Monitoring",
        summary="Say how far what a model is asked has moved from what it was trained on.",
        description="Population stability index and Jensen-Shannon divergence of each feature and of the predictions, beside the "
        "level that chance alone reaches with so many predictions. With fewer than 50 nothing is measured, and the status says so.",
        answer=show_drift,
        query=DriftQuery,
        gives=DriftReport,
        errors=(errors.ModelNotFound, errors.NotExplainable, errors.ArtifactIntegrity, errors.StorageError),
        path_words=MODEL_PATH_WORDS,
    ),
)
