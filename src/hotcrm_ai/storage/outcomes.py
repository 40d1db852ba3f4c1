"""Joins what really happened with logged predictions, and finds the predictions whose outcome is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, bindparam, func, or_, select, update

from hotcrm_ai.domain.errors import InvalidOutcome, InvalidRequest
from hotcrm_ai.domain.live_quality import JudgedPrediction
from hotcrm_ai.domain.outcome import KnownOutcome, OwnLabels, judge
from hotcrm_ai.domain.prediction import LoggedPrediction
from hotcrm_ai.storage.outcome_counts import Judged, count_judged
from hotcrm_ai.storage.prediction_rows import outcome_json
from hotcrm_ai.storage.tables import ai_prediction as predictions

_ASKED_AT_ONCE: Final = 1_000


def require_subject(outcome: KnownOutcome) -> None:
    """Refuse an outcome that says neither which prediction it is of, nor which object and model; raises ``InvalidRequest``."""
    if outcome.prediction_id is None and None in (outcome.object_type, outcome.object_id, outcome.model_id):
        raise InvalidRequest(
            "An outcome needs a prediction's id, or an object's type and id together with the model's id."
        )


LabelsOf = Callable[[str | None], OwnLabels | None]
"""Tells what the model of a bundle calls its outcomes."""


def join_outcomes(
    connection: Connection, workspace: str, outcomes: Sequence[KnownOutcome], *, now: datetime, labels_of: LabelsOf
) -> list[int]:
    """Join outcomes one after another, and return of each how many predictions it is of; the details of an error name its place."""
    joined: list[int] = []
    for outcome in outcomes:
        try:
            joined.append(_join_outcome(connection, workspace, outcome, now=now, labels_of=labels_of))
        except InvalidOutcome as problem:
            if len(outcomes) > 1:
                problem.details = {**problem.details, "index": len(joined)}
            raise
    return joined


def _join_outcome(
    connection: Connection, workspace: str, outcome: KnownOutcome, *, now: datetime, labels_of: LabelsOf
) -> int:
    """Write what really happened to every prediction that the outcome is of; return how many those are.

    Of an object these are all predictions about it that the model answered or was asked for: the outcome of a record is that of each
    time it was scored.

    Raises:
        InvalidOutcome: it cannot be the outcome of one of the predictions.
        InvalidRequest: it is no JSON.
    """
    column = predictions.c
    told = (
        column.id, column.prediction_value, column.is_correct, column.model_id, column.bundle_digest, column.created_date,
        column.shadow,
    )  # fmt: skip
    ids = (outcome.prediction_id, outcome.object_type, outcome.object_id, outcome.model_id)
    if any("\x00" in text for text in ids if text is not None):
        return 0  # PostgreSQL takes no such text, so nothing can be called so
    found = select(*told).where(column.workspace == workspace, _subject(outcome)).order_by(column.id).with_for_update()
    rows = connection.execute(found).all()
    if not rows:
        return 0
    values = {"actual_outcome": outcome_json(outcome.actual), "outcome_date": now}
    change = update(predictions).where(
        predictions.c.workspace == workspace, predictions.c.id == bindparam("prediction_id")
    )
    judged = {
        row.id: judge(row.prediction_value, outcome.actual, model_id=row.model_id, labels=labels_of(row.bundle_digest))
        for row in rows
    }
    connection.execute(change, [{"prediction_id": id_, "is_correct": was, **values} for id_, was in judged.items()])
    changes = [
        Judged(model_id=row.model_id, created_date=row.created_date, before=row.is_correct, after=judged[row.id])
        for row in rows
        if not row.shadow
    ]
    count_judged(connection, workspace, changes)
    return len(rows)


def meant_by(outcomes: Sequence[KnownOutcome]) -> Callable[[LoggedPrediction], bool]:
    """Return what says whether one of the outcomes is of a prediction."""
    ids = {outcome.prediction_id for outcome in outcomes if outcome.prediction_id is not None}
    objects = {
        (outcome.object_type, outcome.object_id, outcome.model_id)
        for outcome in outcomes
        if outcome.prediction_id is None
    }

    def is_meant(one: LoggedPrediction) -> bool:
        return one.id in ids or any(
            (one.object_type, one.object_id, model_id) in objects for model_id in (one.model_id, one.requested_model_id)
        )

    return is_meant


def are_kept(connection: Connection, workspace: str, ids: Sequence[str]) -> bool:
    """Say whether the predictions of all ids are in the database; an id that no prediction can have is not."""
    sought = sorted(set(ids))
    if any("\x00" in id_ for id_ in sought):
        return False
    for start in range(0, len(sought), _ASKED_AT_ONCE):
        part = sought[start : start + _ASKED_AT_ONCE]
        kept = select(func.count()).where(predictions.c.workspace == workspace, predictions.c.id.in_(part))
        if connection.scalar(kept) != len(part):
            return False
    return True


def _subject(outcome: KnownOutcome) -> ColumnElement[Any]:
    column = predictions.c
    if outcome.prediction_id is not None:
        return column.id == outcome.prediction_id
    return (
        (column.object_type == outcome.object_type)
        & (column.object_id == outcome.object_id)
        & or_(column.model_id == outcome.model_id, column.requested_model_id == outcome.model_id)
    )


def read_judged(
    connection: Connection, workspace: str, model_id: str, since: datetime | None
) -> list[JudgedPrediction]:
    """Return a model's judged predictions of a chance, oldest first; those of shadow tests are among them.

    A prediction is judged where ``is_correct`` is known; it counts as yes from a probability of 0.5 on, so both tell what happened.
    """
    column = predictions.c
    query = (
        select(
            column.model_version,
            column.variant,
            column.created_date,
            column.prediction_value["probability"].as_float().label("probability"),
            column.is_correct,
        )
        .where(
            column.workspace == workspace,
            column.model_id == model_id,
            column.is_correct.is_not(None),
            column.prediction_value["probability"].as_float().is_not(None),
        )
        .order_by(column.created_date)
    )
    if since is not None:
        query = query.where(column.created_date >= since)
    return [
        JudgedPrediction(
            model_version=row.model_version,
            variant=row.variant,
            created_date=row.created_date,
            probability=float(row.probability),
            happened=bool(row.is_correct) == (row.probability >= 0.5),
        )
        for row in connection.execute(query)
    ]
