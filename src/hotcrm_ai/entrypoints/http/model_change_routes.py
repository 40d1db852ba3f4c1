"""The operations that change models: register, change, remove, roll back; each is checked as the registry checks it."""

from __future__ import annotations

from typing import Final

from hotcrm_ai.assembly.releases import checked_reason, promote_model, roll_back, update_model
from hotcrm_ai.domain import errors
from hotcrm_ai.domain.answers import Removed
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.entrypoints.http.answers import shown_model
from hotcrm_ai.entrypoints.http.bodies import RemoveQuery
from hotcrm_ai.entrypoints.http.model_bodies import (
    ModelChanges,
    NewModel,
    PromoteRequest,
    RollBackRequest,
    given_fields,
    read_model_changes,
    read_new_model,
    reason_of,
)
from hotcrm_ai.entrypoints.http.model_routes import MODEL_PATH_WORDS, known_model
from hotcrm_ai.entrypoints.http.operation import Call, Operation

_CHANGE_ERRORS: Final = (
    errors.ConfigError,
    errors.IllegalTransition,
    errors.ModelInUse,
    errors.StaleRevision,
    errors.StorageError,
)


async def register_model(call: Call) -> ModelConfig:
    """Register a model, or replace the one of that id."""
    body: NewModel = call.body
    kept = await call.ai.registry.register(
        given_fields(body), note=_note(reason_of(body)), if_revision=call.if_revision
    )
    return shown_model(kept)


async def change_model(call: Call) -> ModelConfig:
    """Change fields of a model."""
    body: ModelChanges = call.body
    model = await known_model(call)
    changes = given_fields(body)
    if not changes:
        raise errors.InvalidRequest("The body names no field to change; send at least one.")
    changed = await update_model(
        call.ai, model.id, changes, reason=reason_of(body), anyway=body.anyway, if_revision=call.if_revision
    )
    return shown_model(changed)


async def remove_model(call: Call) -> Removed:
    """Remove a model."""
    asked: RemoveQuery = call.query
    model = await known_model(call)
    await call.ai.registry.unregister(model.id, note=_note(asked.reason), if_revision=call.if_revision)
    return Removed(removed=model.id)


async def promote_one_model(call: Call) -> ModelConfig:
    """Let a model answer, as the champion of its AI feature."""
    body: PromoteRequest = call.body
    model = await known_model(call)
    return shown_model(
        await promote_model(call.ai, model.id, reason=body.reason, anyway=body.anyway, if_revision=call.if_revision)
    )


async def roll_model_back(call: Call) -> ModelConfig:
    """Make an earlier revision of a model the present one."""
    body: RollBackRequest = call.body
    model = await known_model(call)
    return shown_model(
        await roll_back(call.ai, model.id, reason=body.reason, to=body.revision, if_revision=call.if_revision)
    )


def _note(reason: str | None) -> str | None:
    return None if reason is None else checked_reason(reason)


def _revision(model: ModelConfig) -> int:
    return model.revision


def _place(model: ModelConfig) -> str:
    return f"/v1/models/{model.id}"


MODEL_CHANGE_OPERATIONS: Final = (
    Operation(
        method="POST",
        path="/v1/models",
        scope="write",
        name="registerModel",
        tag="Models",
        summary="Register a model, or replace the one of that id.",
        description="A replacement is a new revision; what was there before stays in the history. Send `If-None-Match: *` to register "
        "only where there is no such model, or `If-Match` to replace only that revision. Endpoints must lead to hosts that the "
        "operator lists; a literal credential is refused.",
        answer=register_model,
        takes=NewModel,
        read=read_new_model,
        gives=ModelConfig,
        status=201,
        errors=_CHANGE_ERRORS,
        revision_of=_revision,
        conditional=True,
        location_of=_place,
    ),
    Operation(
        method="PATCH",
        path="/v1/models/{id}",
        scope="write",
        name="changeModel",
        tag="Models",
        summary="Change fields of a model.",
        description="Each field given is replaced as a whole, the others stay. A status may become `active` only where the held-out "
        "figures speak for it, or with `anyway`; the model is then the champion of its AI feature and answers where none is "
        "named. Send `If-Match` to change only the revision that you have seen. Credentials are dropped "
        "where the model then leads to another place, unless they are given anew.",
        answer=change_model,
        takes=ModelChanges,
        read=read_model_changes,
        gives=ModelConfig,
        errors=(errors.ModelNotFound, errors.PromotionRefused, errors.ArtifactIntegrity, *_CHANGE_ERRORS),
        path_words=MODEL_PATH_WORDS,
        revision_of=_revision,
        conditional=True,
    ),
    Operation(
        method="DELETE",
        path="/v1/models/{id}",
        scope="write",
        name="removeModel",
        tag="Models",
        summary="Remove a model; its history stays.",
        description="Refused while a running A/B test or a fallback needs it.",
        answer=remove_model,
        query=RemoveQuery,
        gives=Removed,
        errors=(errors.ModelNotFound, errors.ModelInUse, errors.StaleRevision, errors.StorageError),
        path_words=MODEL_PATH_WORDS,
        conditional=True,
    ),
    Operation(
        method="POST",
        path="/v1/models/{id}/promote",
        scope="write",
        name="promoteModel",
        tag="Models",
        summary="Let a model answer, as the champion of its AI feature.",
        description="It becomes active, and answers where no model is named. The challenger of a running A/B test becomes active only. "
        "Refused where its held-out figures do not speak for it; `anyway` promotes it in spite of that, and the history says so.",
        answer=promote_one_model,
        takes=PromoteRequest,
        gives=ModelConfig,
        errors=(errors.ModelNotFound, errors.PromotionRefused, errors.ArtifactIntegrity, *_CHANGE_ERRORS),
        path_words=MODEL_PATH_WORDS,
        revision_of=_revision,
        conditional=True,
    ),
    Operation(
        method="POST",
        path="/v1/models/{id}/rollback",
        scope="write",
        name="rollModelBack",
        tag="Models",
        summary="Make an earlier revision of a model the present one.",
        description="As a new revision; without `revision` the newest one that was active and answered differently, and where there is "
        "none the model without its promotion.",
        answer=roll_model_back,
        takes=RollBackRequest,
        gives=ModelConfig,
        errors=(errors.ModelNotFound, errors.ModelConflict, *_CHANGE_ERRORS),
        path_words=MODEL_PATH_WORDS,
        revision_of=_revision,
        conditional=True,
    ),
)
