"""Holds one request on its way through the steps: what was asked, who answers, what came of it, and how long each step took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from hotcrm_ai.domain.errors import HotCRMAIError
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import Context, PredictionOutput
from hotcrm_ai.domain.signature import FittedFeatures
from hotcrm_ai.pipeline.choose_model import Choice
from hotcrm_ai.ports.provider import MLProvider


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request that was read and checked as far as that goes without a model."""

    model_id: str
    features: Mapping[str, Any]
    context: Context | None = None
    use_cache: bool = True
    provider: str | MLProvider | None = None


class Journey:
    """One request on its way; every step writes its own part, and an error ends it.

    ``stages`` holds milliseconds per step; a step shared by the items of a batch counts for each with its share. ``attempts`` are the
    calls that were made to providers outside of this process. ``took`` is the
    time until the answer was there, in milliseconds.
    """

    __slots__ = (
        "answering", "asked", "attempts", "cached", "choice", "error", "failed_model", "fitted", "key", "output", "prediction_id",
        "provider_name", "shadow", "stages", "took",
    )  # fmt: skip

    def __init__(self, prediction_id: str) -> None:
        self.prediction_id = prediction_id
        self.stages: dict[str, float] = {}
        self.attempts: list[dict[str, Any]] = []
        self.error: HotCRMAIError | None = None
        self.output: PredictionOutput | None = None
        self.cached = False
        self.failed_model: ModelConfig | None = None
        self.provider_name = ""
        self.key: str | None = None
        self.shadow = False
        self.took = 0.0
        self.asked: Asked
        self.choice: Choice
        self.answering: ModelConfig
        self.fitted: FittedFeatures

    def spent(self, stage: str, seconds: float) -> None:
        """Add time to a step."""
        self.stages[stage] = self.stages.get(stage, 0.0) + 1000.0 * seconds

    @property
    def override(self) -> str | MLProvider | None:
        """Whom the caller named to answer instead of the model's own provider; a fallback is asked where it is."""
        return None if self.failed_model is not None else self.asked.provider

    @property
    def milliseconds(self) -> float:
        """The time of all steps so far."""
        return sum(self.stages.values())
