"""Which models need a look, and why: open alerts, failures, latency, silence, accuracy in real life, and drift."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, get_args

import msgspec

from hotcrm_ai.assembly import AI
from hotcrm_ai.assembly.history import newest_drift
from hotcrm_ai.domain.alert import CACHE_SUBJECT, AlertRule
from hotcrm_ai.domain.drift import DriftReport
from hotcrm_ai.domain.errors import ArtifactIntegrity
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.titles import fact_title

ConcernKind = Literal["unhealthy", "degraded", "less accurate", "silent", "drifted", "shifted"]

DRIFT_MODELS: Final = 3
DRIFT_PREDICTIONS: Final = 1_000
INCIDENTS_LOOKED_AT: Final = 200
_FACTS_NAMED: Final = 3
_KINDS: Final[dict[AlertRule, ConcernKind]] = {
    "model_unhealthy": "unhealthy",
    "model_degraded": "degraded",
    "accuracy_below_held_out": "less accurate",
    "no_predictions": "silent",
}
_WORST_FIRST: Final[tuple[ConcernKind, ...]] = get_args(ConcernKind)


class Concern(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a model; ``alerted_at`` is when the alert of it began that is still open (None: there is none)."""

    model_id: str
    kind: ConcernKind
    reason: str
    alerted_at: datetime | None = None


async def model_concerns(ai: AI, *, among: Sequence[ModelConfig]) -> list[tuple[str, list[Concern]]]:
    """Return the models that need a look with all that is wrong with each, the worst first; ``among`` are all models.

    Drift is measured of the three active models that were asked most, from the newest thousand predictions of a week.

    Raises:
        StorageError: the database failed.
    """
    found: dict[tuple[str, ConcernKind], Concern] = {}
    for concern in (*await _alerts(ai), *await _now(ai), *await _drifts(ai, among)):
        found.setdefault((concern.model_id, concern.kind), concern)
    by_model: dict[str, list[Concern]] = {}
    for concern in sorted(found.values(), key=lambda one: _WORST_FIRST.index(one.kind)):
        by_model.setdefault(concern.model_id, []).append(concern)
    return sorted(by_model.items(), key=_worst_first)


def _worst_first(one: tuple[str, list[Concern]]) -> tuple[bool, int, str]:
    model_id, concerns = one
    return all(concern.alerted_at is None for concern in concerns), _WORST_FIRST.index(concerns[0].kind), model_id


async def _alerts(ai: AI) -> list[Concern]:
    return [
        Concern(model_id=one.subject, kind=_KINDS[one.rule], reason=one.reason, alerted_at=one.opened_at)
        for one in await ai.alerts.incidents(is_open=True, limit=INCIDENTS_LOOKED_AT)
        if one.subject != CACHE_SUBJECT
    ]


async def _now(ai: AI) -> list[Concern]:
    """Return what is wrong as of now, also where it is too little for an alert."""
    health = await ai.monitor.get_all_health()
    return [
        *(
            Concern(model_id=one.subject, kind=_KINDS[one.rule], reason=one.reason or "")
            for one in await ai.alerts.wrong_now()
            if one.subject != CACHE_SUBJECT
        ),
        *(
            Concern(
                model_id=id_, kind="unhealthy" if one.status == "unhealthy" else "degraded", reason=one.reason or ""
            )
            for id_, one in health.items()
            if one.status != "healthy"
        ),
    ]


async def _drifts(ai: AI, among: Sequence[ModelConfig]) -> list[Concern]:
    asked = {id_: stats.total_predictions for id_, stats in (await ai.monitor.get_all_stats()).items()}
    tables = [model for model in among if model.status == "active" and model.bundle_digest and model.id in asked]
    most_asked = sorted(tables, key=lambda model: (-asked[model.id], model.id))[:DRIFT_MODELS]
    return [concern for model in most_asked if (concern := await _drift(ai, model)) is not None]


async def _drift(ai: AI, model: ModelConfig) -> Concern | None:
    try:
        report = await newest_drift(ai, model.id, most=DRIFT_PREDICTIONS)
    except ArtifactIntegrity as problem:
        return Concern(model_id=model.id, kind="unhealthy", reason=problem.message)
    if report is None or report.status not in ("shifted", "drifted"):
        return None
    return Concern(model_id=model.id, kind=report.status, reason=_moved(model, report))


def _moved(model: ModelConfig, report: DriftReport) -> str:
    """Say how many facts moved and name the first of them; a report has the largest moves first."""
    titles = model.titles
    moved = [fact_title(one.name, titles) for one in report.features if one.status != "stable"]
    asked = f"in the newest {report.samples:,} predictions"
    if not moved:
        return f"The answers moved beyond chance {asked}, and no fact alone"
    facts = f"{len(moved)} of {len(report.features)} facts moved beyond chance {asked}"
    return f"{facts}, most of all {', '.join(moved[:_FACTS_NAMED])}"
