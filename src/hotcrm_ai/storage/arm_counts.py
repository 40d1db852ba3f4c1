"""Counts the arms of an A/B test in the prediction log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from hotcrm_ai.domain.experiment import ArmCount
from hotcrm_ai.storage.tables import ai_prediction as predictions


def count_arms(
    connection: Connection, workspace: str, experiment_id: str, *, since: datetime | None, shadow: bool
) -> list[ArmCount]:
    """Count predictions, subjects and outcomes per arm, by the model that answered.

    Of the challenger's answers only those in shadow count, or none of these; a champion never answers in shadow.
    """
    column = predictions.c
    where = [
        column.workspace == workspace,
        column.experiment_id == experiment_id,
        or_(
            and_(column.variant == "challenger", column.shadow.is_(shadow)),
            and_(column.variant != "challenger", column.shadow.is_(False)),
        ),
    ]
    where += [column.created_date >= since] if since is not None else []
    judged = _judged_by_arm(connection, where)
    arm = (column.variant, column.model_id, column.model_version)
    query = (
        select(
            *arm,
            func.count().label("predictions"),
            func.count(column.subject_digest.distinct()).label("subjects"),
            func.avg(column.confidence_score).label("average_confidence"),
            func.count(column.is_correct).label("outcomes"),
            func.sum(case((column.is_correct, 1), else_=0)).label("correct"),
        )
        .where(*where)
        .group_by(*arm)
        .order_by(*arm)
    )
    rows = connection.execute(query).mappings().all()
    return [ArmCount(**row, **judged.get((row["variant"], row["model_id"], row["model_version"]), {})) for row in rows]


def _judged_by_arm(
    connection: Connection, where: list[ColumnElement[bool]]
) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Count each subject once, with the share of its judged answers that were right."""
    column = predictions.c
    arm = (column.variant, column.model_id, column.model_version)
    each = (
        select(*arm, column.subject_digest, func.avg(case((column.is_correct, 1.0), else_=0.0)).label("share"))
        .where(*where, column.is_correct.is_not(None))
        .group_by(*arm, column.subject_digest)
        .subquery()
    )
    of_arm = (each.c.variant, each.c.model_id, each.c.model_version)
    query = select(*of_arm, func.count(), func.sum(each.c.share)).group_by(*of_arm)
    return {
        (variant, model_id, version): {"judged_subjects": subjects, "right_subjects": float(right)}
        for variant, model_id, version, subjects, right in connection.execute(query)
    }
