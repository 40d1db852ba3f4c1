"""Lays the answers for a file out in columns, for CSV and Parquet: one cell for each fact, its type that of all cells of its column."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from hotcrm_ai.domain.spelling import to_snake

CellType = Literal["integer", "number", "boolean", "text"]

_ALWAYS: Final = ("row", "confidence", "model_id", "model_version", "prediction_id", "error")
_PLACES: Final = {"row": 0, "id": 1, "error": 9}
_OF_PREDICTION: Final = 2
_OF_ANSWER: Final = 3
_OF_METADATA: Final = 4


class Columns:
    """The columns of all answers so far: number and id, the parts of the prediction, who gave it, what is to be said, the error."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {name: _PLACES.get(name, _OF_ANSWER) for name in _ALWAYS}
        self._types: dict[str, set[type]] = {name: set() for name in _ALWAYS}

    def cells_of(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return the cells of one answer by column, and remember their columns."""
        cells: dict[str, Any] = {}
        for name, value in answer.items():
            match name, value:
                case "prediction", dict():
                    for part, inner in value.items():
                        self._put(
                            cells, part if part not in (*_ALWAYS, "id") else f"prediction_{part}", inner, _OF_PREDICTION
                        )
                case "prediction", _:
                    self._put(cells, name, value, _OF_PREDICTION)
                case "metadata", dict():
                    for part, inner in value.items():
                        self._put(cells, to_snake(part), inner, _OF_METADATA)
                case "error", dict():
                    self._put(cells, name, value["message"], _PLACES[name])
                case _:
                    self._put(cells, to_snake(name), value, _PLACES.get(name, _OF_ANSWER))
        return cells

    def names(self) -> list[str]:
        """Return the names of all columns in order."""
        return sorted(self._places, key=lambda name: self._places[name])

    def type_of(self, name: str) -> CellType:
        """Return the type that all cells of a column have; text where they differ."""
        types = self._types[name]
        if types == {bool}:
            return "boolean"
        if types == {int}:
            return "integer"
        return "number" if types and types <= {int, float} else "text"

    def _put(self, cells: dict[str, Any], name: str, value: Any, place: int) -> None:
        cell = _cell(name, value)
        cells[name] = cell
        self._places.setdefault(name, place)
        types = self._types.setdefault(name, set())
        if cell is not None:
            types.add(type(cell))


def _cell(name: str, value: Any) -> Any:
    """Return a fact in one cell: warnings and reasons in words, other lists and objects as JSON."""
    if name == "warnings":
        return "; ".join(value) or None
    if name == "top_features" and isinstance(value, list):
        return "; ".join(f"{one['feature']} {one['contribution']:+.3g}" for one in value) or None
    return msgspec.json.encode(value).decode() if isinstance(value, list | dict) else value
