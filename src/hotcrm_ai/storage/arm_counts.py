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
    whole = _whole_arms(connection, where)
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
    return [ArmCount(**row, **whole[row["variant"]]) for row in rows]


def _whole_arms(connection: Connection, where: list[ColumnElement[bool]]) -> dict[str, dict[str, Any]]:
    """Count each subject of an arm once, and of the judged ones the share of the answers of its own model that were right."""
    column = predictions.c
    subjects = select(column.variant, func.count(column.subject_digest.distinct())).where(*where)
    each = (
        select(
            column.variant, column.subject_digest, func.avg(case((column.is_correct, 1.0), else_=0.0)).label("share")
        )
        .where(*where, column.is_correct.is_not(None), column.fallback_for.is_(None))
        .group_by(column.variant, column.subject_digest)
        .subquery()
    )
    judged = select(each.c.variant, func.count(), func.sum(each.c.share)).group_by(each.c.variant)
    arms: dict[str, dict[str, Any]] = {
        variant: {"arm_subjects": count} for variant, count in connection.execute(subjects.group_by(column.variant))
    }
    for variant, count, right in connection.execute(judged):
        arms[variant] |= {"judged_subjects": count, "right_subjects": float(right)}
    return arms
