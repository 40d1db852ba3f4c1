"""What Azure's inference server calls: the model is opened once by ``init``, and ``run`` answers a request."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from hotcrm_ai.domain.errors import InvalidFeatures, InvalidRequest
from hotcrm_ai.entrypoints.exported.predictor import ExportedModel


class AzureScript:
    """Holds the model between the two functions of a scoring script."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._model: ExportedModel | None = None

    def init(self) -> None:
        """Open the model."""
        self._model = ExportedModel.open(self._folder / "bundle")

    def run(self, raw: str | bytes) -> Any:
        """Answer the records of a JSON request; one that cannot be read or does not fit is answered with status 400."""
        if self._model is None:
            self.init()
        assert self._model is not None  # noqa: S101 - opened in the line before
        content = raw.encode() if isinstance(raw, str) else raw
        try:
            return {"predictions": self._model.answer_body(content, "application/json")}
        except (InvalidFeatures, InvalidRequest) as problem:
            return _refusal(problem.message)


def _refusal(message: str) -> Any:
    response = importlib.import_module("azureml_inference_server_http.api.aml_response")
    return response.AMLResponse({"message": message}, 400, json_str=True)
