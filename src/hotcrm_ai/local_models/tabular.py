"""The local model for tables: an encoder, a linear part, boosted trees, and a calibrated link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from hotcrm_ai.domain.errors import ArtifactIntegrity
from hotcrm_ai.local_models.calibration import Calibration
from hotcrm_ai.local_models.encoding import AnyEncoding, Column, encode_column
from hotcrm_ai.local_models.linear import LinearPart
from hotcrm_ai.local_models.row_scorer import RowScorer
from hotcrm_ai.local_models.spread import Spread
from hotcrm_ai.local_models.tabular_file import ModelParts, read_parts, write_parts
from hotcrm_ai.local_models.trees import TreeEnsemble

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class TabularModel:
    """A model of a yes-or-no outcome over the features of one record.

    The margin (log-odds before calibration) of a row is ``intercept + linear terms + trees``; the probability is ``link`` of it.
    ``background`` holds encoded training rows that stand for the population in explanations.
    ``spread`` gives the interval of a probability where few outcomes were learned from.
    """

    features: tuple[str, ...]
    encodings: tuple[AnyEncoding, ...]
    intercept: float
    linear: LinearPart
    trees: TreeEnsemble
    link: Calibration
    background: Floats
    spread: Spread | None = None

    @cached_property
    def column_group(self) -> Ints:
        """The index into ``features`` of the feature that each encoded column belongs to."""
        widths = [encoding.width for encoding in self.encodings]
        return np.repeat(np.arange(len(widths), dtype=np.int32), widths)

    @property
    def n_columns(self) -> int:
        """The number of encoded columns."""
        return len(self.column_group)

    def encode(self, rows: Sequence[Mapping[str, object]]) -> Floats:
        """Return the encoded columns of records; a feature that is absent, None or unusable counts as missing."""
        return self.encode_columns({name: [row.get(name) for row in rows] for name in self.features}, n_rows=len(rows))

    def encode_columns(self, table: Mapping[str, Column], *, n_rows: int) -> Floats:
        """Return the encoded columns of a table given feature by feature."""
        blocks = [
            encode_column(encoding, table[name])
            for name, encoding in zip(self.features, self.encodings, strict=True)
            if encoding.width
        ]
        return np.hstack(blocks) if blocks else np.zeros((n_rows, 0))

    def linear_terms(self, matrix: Floats) -> Floats:
        """Return each feature's additive part of the margin, of shape rows by features; without the intercept."""
        members = self.column_group[:, None] == np.arange(len(self.features))
        return np.asarray(self.linear.column_terms(matrix) @ members.astype(np.float64), dtype=np.float64)

    def margins(self, matrix: Floats) -> Floats:
        """Return the log-odds before calibration of encoded rows."""
        return np.asarray(
            self.intercept + self.linear.column_terms(matrix).sum(axis=1) + self.trees.margins(matrix), dtype=np.float64
        )

    def probabilities(self, matrix: Floats) -> Floats:
        """Return the calibrated probability of the outcome for encoded rows."""
        return self.link(self.margins(matrix))

    def predict_one(self, features: Mapping[str, object]) -> float:
        """Return the calibrated probability for one record; the same as encoding it and asking for its probability."""
        if self._scorer is None:
            return float(self.probabilities(self.encode([features]))[0])
        return self.link.one(self.intercept + self._scorer.score(features))

    def verify(self) -> None:
        """Check that all parts are sound and fit together.

        Raises:
            ArtifactIntegrity: a part is malformed or of another width than the encoder.
        """
        for name, encoding in zip(self.features, self.encodings, strict=True):
            encoding.verify(name)
        sound = (
            len(set(self.features)) == len(self.features)
            and bool(np.isfinite(self.intercept))
            and self.linear.n_columns == self.n_columns
            and self.background.ndim == 2
            and self.background.shape[1] == self.n_columns
            and not bool(np.isinf(self.background).any())
        )
        if not sound:
            raise ArtifactIntegrity("The parts of a model file do not fit together; publish the model again.")
        self.linear.verify()
        self.trees.verify(self.n_columns)
        self.link.verify()
        if self.spread is not None:
            self.spread.verify()

    def to_json(self) -> bytes:
        """Return the model's file; equal models give equal bytes."""
        return write_parts(
            ModelParts(
                self.features,
                self.encodings,
                self.intercept,
                self.linear,
                self.trees,
                self.link,
                self.background,
                self.spread,
            )
        )

    @staticmethod
    def from_json(content: bytes) -> TabularModel:
        """Read and verify a model's file, which may come from anywhere.

        Raises:
            ArtifactIntegrity: it is unreadable or not a sound model.
        """
        model = TabularModel(*read_parts(content))
        model.verify()
        return model

    @cached_property
    def _scorer(self) -> RowScorer | None:
        return RowScorer.build(self.features, self.encodings, self.linear, self.trees)
