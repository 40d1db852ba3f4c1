"""Twins of the stores that keep everything in memory: for tests, and for work that shall leave nothing behind."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

import msgspec

from hotcrm_ai.domain.errors import InvalidRequest, PredictionNotFound
from hotcrm_ai.domain.experiment import ArmCount
from hotcrm_ai.domain.model import ModelConfig, Revision
from hotcrm_ai.domain.outcome import judge
from hotcrm_ai.domain.prediction import LoggedPrediction
from hotcrm_ai.ports.model_store import Change
from hotcrm_ai.storage.prediction_rows import outcome_json, row_of, subject_digest
from hotcrm_ai.storage.revisions import encode_config, numbered, read_config


class MemoryModelStore:
    """A ``ModelStore`` in memory; what it hands out shares nothing with what it keeps."""

    def __init__(self) -> None:
        self._revisions: list[Revision] = []

    async def load(self) -> tuple[int, dict[str, ModelConfig]]:
        """Return the change counter and every present model by id."""
        return len(self._revisions), self._present()

    async def changes_since(self, counter: int) -> tuple[int, dict[str, ModelConfig | None]] | None:
        """Return the change counter and the models that changed after it was that high, as they are now (None: removed).

        Nothing where the store does not know every change since then.
        """
        newer = (_copy(revision) for revision in self._revisions[counter:])
        return len(self._revisions), {revision.model_id: revision.config for revision in newer}

    async def counter(self) -> int:
        """Return the change counter alone."""
        return len(self._revisions)

    async def apply(self, change: Change) -> tuple[int, Revision]:
        """Run ``change`` on the present models and append what it returns; nothing is awaited, so nothing comes between."""
        proposed = change(self._present())
        number = 1 + sum(1 for revision in self._revisions if revision.model_id == proposed.model_id)
        self._revisions.append(numbered(proposed, number))
        return len(self._revisions), _copy(self._revisions[-1])

    async def history(self, model_id: str) -> list[Revision]:
        """Return all revisions of one model, oldest first."""
        return [_copy(revision) for revision in self._revisions if revision.model_id == model_id]

    def _present(self) -> dict[str, ModelConfig]:
        newest = {revision.model_id: revision for revision in self._revisions}
        copies = (_copy(newest[model_id]) for model_id in sorted(newest))
        return {revision.model_id: revision.config for revision in copies if revision.config is not None}


class MemoryPredictionLog:
    """A ``PredictionLog`` in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, LoggedPrediction] = {}

    async def append(self, prediction: LoggedPrediction) -> None:
        """Take one answered prediction into the log; an id already there is kept as it is."""
        row_of(prediction, workspace="memory")
        self._kept.setdefault(prediction.id, prediction)

    async def flush(self) -> None:
        """Return at once: what was taken is kept."""

    async def aclose(self) -> None:
        """Return at once: nothing is open."""

    async def get(self, prediction_id: str) -> LoggedPrediction | None:
        """Return one logged prediction."""
        return self._kept.get(prediction_id)

    async def record_outcome(
        self, *, prediction_id: str | None = None, object_type: str | None = None, object_id: str | None = None,
        model_id: str | None = None, actual: Any,
    ) -> int:  # fmt: skip
        """Join what really happened with one prediction, or with all of an object by a model; return how many."""
        if prediction_id is None and None in (object_type, object_id, model_id):
            raise InvalidRequest(
                "An outcome needs a prediction's id, or an object's type and id together with the model's id."
            )
        found = [
            kept
            for kept in self._kept.values()
            if kept.id == prediction_id
            or (
                prediction_id is None
                and (kept.object_type, kept.object_id) == (object_type, object_id)
                and model_id in (kept.model_id, kept.requested_model_id)
            )
        ]
        if not found:
            raise PredictionNotFound(
                "No logged prediction fits the outcome; check the prediction's id, or its object and model."
            )
        outcome_json(actual)
        judged = {kept.id: judge(kept.prediction_value, actual, model_id=kept.model_id) for kept in found}
        for kept in found:
            self._kept[kept.id] = msgspec.structs.replace(kept, actual_outcome=actual, is_correct=judged[kept.id])
        return len(found)

    async def count_arms(
        self, experiment_id: str, *, since: datetime | None = None, shadow: bool = False
    ) -> list[ArmCount]:
        """Count predictions, subjects and outcomes per arm of an experiment, by the model that answered."""
        arms: dict[tuple[Any, str, str], list[LoggedPrediction]] = defaultdict(list)
        whole: dict[str, list[LoggedPrediction]] = defaultdict(list)
        for kept in self._kept.values():
            wanted = kept.shadow == (shadow and kept.variant == "challenger")
            if kept.experiment_id == experiment_id and wanted and (since is None or kept.created_date >= since):
                arms[kept.variant, kept.model_id, kept.model_version].append(kept)
                whole[kept.variant].append(kept)
        return [_count(arm, arms[arm], whole[arm[0]]) for arm in sorted(arms)]


def _copy(revision: Revision) -> Revision:
    if revision.config is None:
        return revision
    config = read_config(encode_config(revision.config), what=revision.model_id)
    return msgspec.structs.replace(revision, config=config)


def _count(arm: tuple[Any, str, str], kept: list[LoggedPrediction], whole: list[LoggedPrediction]) -> ArmCount:
    judged: dict[str | None, list[bool]] = defaultdict(list)
    for one in whole:
        if one.is_correct is not None and one.fallback_for is None:
            judged[subject_digest(one)].append(one.is_correct)
    confidences = [one.confidence_score for one in kept if one.confidence_score is not None]
    return ArmCount(
        variant=arm[0],
        model_id=arm[1],
        model_version=arm[2],
        predictions=len(kept),
        subjects=_subjects(kept),
        average_confidence=sum(confidences) / len(confidences) if confidences else None,
        outcomes=sum(1 for one in kept if one.is_correct is not None),
        correct=sum(1 for one in kept if one.is_correct),
        arm_subjects=_subjects(whole),
        judged_subjects=len(judged),
        right_subjects=float(sum(sum(answers) / len(answers) for answers in judged.values())),
    )


def _subjects(kept: list[LoggedPrediction]) -> int:
    return len({digest for one in kept if (digest := subject_digest(one)) is not None})
