"""What features share whose local models give a calibrated probability of one outcome."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
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
        """Ask about one record.

        A model of few outcomes adds ``interval`` to the metadata: within which the probability lies with 95 %.
        """
        probability = model.predict_one(features)
        sure = {} if model.spread is None else {"interval": list(model.spread.interval(probability))}
        return PredictionOutput(
            prediction=self.shape(probability, bands),
            confidence=100.0 * max(probability, 1.0 - probability),
            metadata=sure,
        )
