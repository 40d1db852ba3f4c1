"""What MLflow loads as a pyfunc: an object whose ``predict`` takes a table, made from files without anything pickled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hotcrm_ai.entrypoints.exported.predictor import ExportedModel


class MLflowModel:
    """Answers a pandas table, or a list of records, with one object for each row."""

    def __init__(self, folder: Path) -> None:
        self._model = ExportedModel.open(folder)

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> list[dict[str, Any]]:  # noqa: ARG002
        """Return ``{"prediction": ..., "confidence": ...}`` for each row; what is NaN or NA in it is missing."""
        return self._model.answer(_records(model_input))


def _records(table: Any) -> list[dict[str, Any]]:
    if hasattr(table, "to_dict"):
        table = table.astype(object).where(table.notna(), None).to_dict("records")
    records = [table] if isinstance(table, dict) else list(table)
    return [{str(name): _plain(value) for name, value in record.items()} for record in records]


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
