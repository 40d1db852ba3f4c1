"""What features share whose local models give a calibrated probability of one outcome."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.local_models.tabular import TabularModel


class ProbabilityFeature(ABC):
    """Asks a tabular model and leaves the shape of the answer to the feature.

    Confidence is 100 times the larger of the probability and its complement: how often a yes-or-no reading of such a prediction
    is right, since the probability is calibrated on rows that the fit did not see.
    """

    @abstractmethod
    def shape(self, probability: float, bands: Mapping[str, float]) -> dict[str, Any]:
        """Return the answer that users see for a probability."""

    def answer(
        self, model: TabularModel, features: Mapping[str, Any], *, bands: Mapping[str, float]
    ) -> PredictionOutput:
        """Ask about one record."""
        return self._output(model.predict_one(features), bands)

    def answer_many(
        self, model: TabularModel, rows: Sequence[Mapping[str, Any]], *, bands: Mapping[str, float]
    ) -> list[PredictionOutput]:
        """Ask about several records with one evaluation of the model."""
        return [self._output(float(probability), bands) for probability in model.probabilities(model.encode(rows))]

    def _output(self, probability: float, bands: Mapping[str, float]) -> PredictionOutput:
        return PredictionOutput(
            prediction=self.shape(probability, bands), confidence=100.0 * max(probability, 1.0 - probability)
        )
