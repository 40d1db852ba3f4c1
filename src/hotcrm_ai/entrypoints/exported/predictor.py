"""Answers records with a bundle that lies in a folder: the same code and numbers as in the workspace that it came from."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from hotcrm_ai.ai_features import discover_ai_features
from hotcrm_ai.domain.errors import ArtifactIntegrity, InvalidRequest
from hotcrm_ai.domain.signature import Signature, check_features, parse_text
from hotcrm_ai.local_models.expected_value import with_expected_value
from hotcrm_ai.local_models.kinds import read_model
from hotcrm_ai.local_models.manifest import MANIFEST_NAME, bundle_digest, read_manifest, verify_bundle

_MOST_RECORDS = 100_000


class ExportedModel:
    """One model, ready to answer; safe to use from several threads."""

    def __init__(self, members: Mapping[str, bytes]) -> None:
        if MANIFEST_NAME not in members:
            raise ArtifactIntegrity(f"An exported folder has no {MANIFEST_NAME} in its bundle; export the model again.")
        self.digest = bundle_digest(members)
        verify_bundle(members, self.digest)
        self._manifest = read_manifest(members, self.digest)
        self._model = read_model(self._manifest, members)
        features = discover_ai_features()
        if self._manifest.feature not in features:
            raise ArtifactIntegrity(
                f"An exported folder lacks the AI feature {self._manifest.feature!r}; export the model again."
            )
        self._feature = features[self._manifest.feature]

    @staticmethod
    def open(folder: Path) -> ExportedModel:
        """Read and verify the bundle in a folder; raises ``ArtifactIntegrity`` where it is not what was published."""
        return ExportedModel({path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()})

    @property
    def signature(self) -> Signature:
        """The features that the model takes."""
        return self._manifest.signature

    def answer(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return ``{"prediction": ..., "confidence": ...}`` for each record, in order.

        Raises:
            InvalidFeatures: listing what does not fit of the first record that is wrong.
        """
        answers = []
        for row in rows:
            check_features(row)
            fitted = self.signature.fit(row).values
            output = self._feature.answer(self._model, fitted, bands=self._manifest.bands)
            output = with_expected_value(output, fitted, self._manifest)
            answers.append({"prediction": output.prediction, "confidence": output.confidence})
        return answers

    def answer_body(self, content: bytes, content_type: str) -> list[dict[str, Any]]:
        """Answer the records of a request; raises ``InvalidRequest`` or ``InvalidFeatures`` where they cannot be read."""
        return self.answer(self.rows_of(content, content_type))

    def rows_of(self, content: bytes, content_type: str) -> list[dict[str, Any]]:
        """Return the records of a request: JSON in any of the usual forms, JSON lines, or CSV without header in the signature's order.

        Raises:
            InvalidRequest: it is none of these, or holds too many.
        """
        kind = content_type.partition(";")[0].strip().lower()
        try:
            if kind == "text/csv":
                rows = self._csv_rows(content.decode())
            elif kind in ("application/jsonlines", "application/x-ndjson", "application/jsonl"):
                rows = self._json_rows([msgspec.json.decode(line) for line in content.splitlines() if line.strip()])
            else:
                rows = self._json_rows(msgspec.json.decode(content))
        except (msgspec.DecodeError, UnicodeError, RecursionError, csv.Error) as problem:
            raise InvalidRequest(f"The request cannot be read: {problem}.") from None
        if len(rows) > _MOST_RECORDS:
            raise InvalidRequest(f"A request of {len(rows)} records is over the limit of {_MOST_RECORDS}.")
        return rows

    def _json_rows(self, body: Any) -> list[dict[str, Any]]:
        columns = [spec.name for spec in self.signature.features]
        if isinstance(body, dict):
            for name in ("instances", "dataframe_records", "inputs", "data"):
                if isinstance(body.get(name), list):
                    return self._json_rows(body[name])
            for name in ("dataframe_split", "input_data"):
                table = body.get(name)
                if isinstance(table, dict) and isinstance(table.get("columns"), list):
                    return [_named(table["columns"], row) for row in _listed(table.get("data"))]
            return [body]
        return [row if isinstance(row, dict) else _named(columns, row) for row in _listed(body)]

    def _csv_rows(self, text: str) -> list[dict[str, Any]]:
        specs = self.signature.features
        rows = []
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline="")), start=1):
            if not cells:
                continue
            if len(cells) != len(specs):
                raise InvalidRequest(f"Line {number} has {len(cells)} cells; the model has {len(specs)} features.")
            try:
                rows.append({spec.name: parse_text(spec, cell) for spec, cell in zip(specs, cells, strict=True)})
            except ValueError as problem:
                raise InvalidRequest(f"Line {number} cannot be read: {problem}.") from None
        return rows


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidRequest('A request is a list of records, or {"instances": [...]}.')
    return value


def _named(columns: Sequence[Any], row: Any) -> dict[str, Any]:
    if not isinstance(row, list) or len(row) != len(columns):
        raise InvalidRequest(
            f"A record is an object, or a list of {len(columns)} values: {', '.join(map(str, columns))}."
        )
    return {str(name): value for name, value in zip(columns, row, strict=True)}
