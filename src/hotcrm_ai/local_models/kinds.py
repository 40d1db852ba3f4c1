"""Reads the model of a bundle by its kind: one reader for each class of local models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from hotcrm_ai.domain.errors import ArtifactIntegrity
from hotcrm_ai.local_models.forecast_model import ForecastModel
from hotcrm_ai.local_models.manifest import MODEL_NAME, Manifest
from hotcrm_ai.local_models.recommender_file import read_recommender
from hotcrm_ai.local_models.tabular import TabularModel
from hotcrm_ai.local_models.text_model import TextModel

Reader = Callable[[Mapping[str, bytes]], Any]

READERS: Final[Mapping[str, Reader]] = {
    "forecast": lambda members: ForecastModel.from_json(members[MODEL_NAME]),
    "recommender": read_recommender,
    "text": lambda members: TextModel.from_json(members[MODEL_NAME]),
    "tabular": lambda members: TabularModel.from_json(members[MODEL_NAME]),
}


def read_model(manifest: Manifest, members: Mapping[str, bytes]) -> Any:
    """Return the model of a verified bundle.

    Raises:
        ArtifactIntegrity: the kind is not known to this version, the model's file is missing, or it is malformed.
    """
    if manifest.kind not in READERS:
        raise ArtifactIntegrity(
            f"A bundle holds a model of kind {manifest.kind!r}; this version reads {', '.join(READERS)}."
        )
    if MODEL_NAME not in members:
        raise ArtifactIntegrity(f"A bundle has no {MODEL_NAME}; publish the model again.")
    return READERS[manifest.kind](members)
