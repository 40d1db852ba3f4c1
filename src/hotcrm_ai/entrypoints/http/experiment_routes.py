"""The operations of A/B tests: how they do, and how they end."""

from __future__ import annotations

from typing import Final

from hotcrm_ai.assembly.releases import promote_experiment, stop_experiment
from hotcrm_ai.domain import errors
from hotcrm_ai.domain.answers import Page
from hotcrm_ai.domain.experiment import ExperimentReport
from hotcrm_ai.entrypoints.http.model_bodies import PromoteRequest, StopRequest
from hotcrm_ai.entrypoints.http.model_routes import known_model
from hotcrm_ai.entrypoints.http.operation import Call, Operation
from hotcrm_ai.entrypoints.http.paging import PageQuery, page_of

_PATH_WORDS: Final = {"id": "The experiment's id, which is its challenger's."}


async def list_experiments(call: Call) -> Page[ExperimentReport]:
    """List the A/B tests."""
    asked: PageQuery = call.query
    reports = sorted(await call.ai.experiments.list(), key=lambda report: report.id)
    return page_of(reports, key=lambda report: report.id, limit=asked.limit, cursor=asked.cursor)


async def show_experiment(call: Call) -> ExperimentReport:
    """Show one A/B test."""
    return await call.ai.experiments.report(await _challenger(call))


async def end_with_challenger(call: Call) -> ExperimentReport:
    """Promote the challenger."""
    body: PromoteRequest = call.body
    return await promote_experiment(
        call.ai, await _challenger(call), reason=body.reason, anyway=body.anyway, if_revision=call.if_revision
    )


async def end_with_champion(call: Call) -> ExperimentReport:
    """Stop the test."""
    body: StopRequest = call.body
    return await stop_experiment(call.ai, await _challenger(call), reason=body.reason, if_revision=call.if_revision)


async def _challenger(call: Call) -> str:
    model = await known_model(call)
    if model.ab_test is None:
        raise errors.ModelNotFound(
            f"Model {model.id!r} is the challenger of no A/B test; GET /v1/experiments lists all.", model_id=model.id
        )
    return model.id


EXPERIMENT_OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/v1/experiments",
        scope="read",
        name="listExperiments",
        tag="Experiments",
        summary="List the A/B tests, in order of id.",
        description="An experiment's id is its challenger's.",
        answer=list_experiments,
        query=PageQuery,
        gives=Page[ExperimentReport],
        errors=(errors.StorageError,),
    ),
    Operation(
        method="GET",
        path="/v1/experiments/{id}",
        scope="read",
        name="showExperiment",
        tag="Experiments",
        summary="Show one A/B test with its arms and what its outcomes say.",
        description="Counts, confidence and outcomes of each arm, whether the split is as configured, and which arm does better, with an "
        "interval.",
        answer=show_experiment,
        gives=ExperimentReport,
        errors=(errors.ModelNotFound, errors.StorageError),
        path_words=_PATH_WORDS,
    ),
    Operation(
        method="POST",
        path="/v1/experiments/{id}/promote",
        scope="write",
        name="promoteExperiment",
        tag="Experiments",
        summary="End an A/B test in favour of the challenger.",
        description="It then answers everybody who asks for it, and is the champion of its AI feature. Refused unless the outcomes say "
        "clearly that it is better, the split is as configured and its held-out figures speak for it; "
        "`anyway` promotes it in spite of that, and the history says so.",
        answer=end_with_challenger,
        takes=PromoteRequest,
        gives=ExperimentReport,
        errors=(
            errors.ModelNotFound,
            errors.PromotionRefused,
            errors.IllegalTransition,
            errors.StaleRevision,
            errors.ConfigError,
            errors.ArtifactIntegrity,
            errors.StorageError,
        ),
        path_words=_PATH_WORDS,
        conditional=True,
    ),
    Operation(
        method="POST",
        path="/v1/experiments/{id}/stop",
        scope="write",
        name="stopExperiment",
        tag="Experiments",
        summary="End an A/B test in favour of the champion.",
        description="A split goes to 0 %, so that the champion answers everybody, also those who ask for the challenger; a test in shadow "
        "is switched off.",
        answer=end_with_champion,
        takes=StopRequest,
        gives=ExperimentReport,
        errors=(errors.ModelNotFound, errors.StaleRevision, errors.ConfigError, errors.StorageError),
        path_words=_PATH_WORDS,
        conditional=True,
    ),
)
