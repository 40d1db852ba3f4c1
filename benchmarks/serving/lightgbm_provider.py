"""A provider plug-in that answers with a LightGBM model file in process, as a service written by hand would.

The serving benchmark compares servers that do the same work with the same model; this is how ours gets that model. The environment
variable ``BENCH_MODEL`` names the model's text file, ``BENCH_CATEGORIES`` a JSON file with the codes of its category features.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np

from hotcrm_ai import ModelConfig, PredictionInput, PredictionOutput, ProviderConfig, ProviderHealth

NAME = "lightgbm-file"


def create(_: ProviderConfig) -> LightGBMFile:
    """Return the provider; the entry point of the plug-in."""
    return LightGBMFile(Path(os.environ["BENCH_MODEL"]), json.loads(Path(os.environ["BENCH_CATEGORIES"]).read_text()))


class LightGBMFile:
    """Asks one booster: one array, one ``predict``, one thread."""

    in_process = True

    def __init__(self, path: Path, codes: Mapping[str, Mapping[str, int]]) -> None:
        self._booster = lgb.Booster(model_file=str(path))
        self._codes = codes
        self._names = self._booster.feature_name()

    async def validate(self) -> None:
        """Nothing is missing: the file was read."""

    async def predict(self, model: ModelConfig, input: PredictionInput) -> PredictionOutput:  # noqa: A002, ARG002
        """Answer one lead."""
        return self._answer(input.features)

    async def batch_predict(self, model: ModelConfig, inputs: Sequence[PredictionInput]) -> list[PredictionOutput]:  # noqa: ARG002
        """Answer several leads, one by one."""
        return [self._answer(given.features) for given in inputs]

    async def health_check(self) -> ProviderHealth:
        """In process there is no endpoint to ask."""
        return ProviderHealth(healthy=True, latency=0.0)

    async def aclose(self) -> None:
        """Nothing is held open."""

    def _answer(self, features: Mapping[str, Any]) -> PredictionOutput:
        row = np.array([[self._number(name, features[name]) for name in self._names]])
        probability = float(self._booster.predict(row, num_threads=1)[0])
        label = "hot" if probability >= 0.66 else "warm" if probability >= 0.33 else "cold"
        return PredictionOutput(
            prediction={"score": 100.0 * probability, "class": label, "probability": probability},
            confidence=100.0 * max(probability, 1.0 - probability),
        )

    def _number(self, name: str, value: Any) -> float:
        codes = self._codes.get(name)
        return float(value) if codes is None else float(codes.get(value, -1))
