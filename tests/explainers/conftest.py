"""Random local models and records of every kind of feature, made from a seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from hotcrm_ai.local_models.calibration import Calibration
from hotcrm_ai.local_models.encoding import (
    AnyEncoding,
    CategoryEncoding,
    ConstantEncoding,
    NumberEncoding,
    TextEncoding,
)
from hotcrm_ai.local_models.linear import LinearPart
from hotcrm_ai.local_models.tabular import TabularModel
from hotcrm_ai.local_models.trees import TreeEnsemble

KINDS = ("number", "category", "text", "number", "constant")


@dataclass(frozen=True)
class ModelMaker:
    """Makes models whose numbers mean nothing, but whose structure has all that real ones have."""

    rng: np.random.Generator

    def model(
        self,
        *,
        features: int,
        trees: int = 12,
        leaves: int = 8,
        linear: bool = True,
        background: int = 7,
        unused: tuple[int, ...] = (),
        only_numbers: bool = False,
    ) -> TabularModel:
        """Return a model; no tree or curve looks at the features in ``unused``."""
        kinds = ["number" if only_numbers else KINDS[position % len(KINDS)] for position in range(features)]
        encodings = tuple(self._encoding(kind) for kind in kinds)
        owner = np.repeat(np.arange(features), [encoding.width for encoding in encodings])
        usable = [column for column in range(len(owner)) if owner[column] not in unused]
        model = TabularModel(
            features=tuple(f"feature_{position}" for position in range(features)),
            encodings=encodings,
            intercept=float(self.rng.normal(scale=0.3)),
            linear=self.linear_part(len(owner), usable if linear else []),
            trees=self.trees(trees, leaves, usable),
            link=Calibration(
                lower=float(self.rng.uniform(0.5, 2)),
                upper=float(self.rng.uniform(0.5, 2)),
                shift=float(self.rng.normal()),
            ),
            background=np.zeros((0, len(owner))),
        )
        rows = model.encode([self.record(model) for _ in range(background)])
        made = TabularModel(model.features, encodings, model.intercept, model.linear, model.trees, model.link, rows)
        made.verify()
        return made

    def record(self, model: TabularModel) -> dict[str, object]:
        """Return a record with values of each feature's type, now and then missing or never seen."""
        return {
            name: self._value(encoding)
            for name, encoding in zip(model.features, model.encodings, strict=True)
            if self.rng.random() > 0.15
        }

    def trees(self, count: int, leaves: int, columns: list[int]) -> TreeEnsemble:
        """Return trees that split at random columns and thresholds."""
        nodes: list[list[float]] = []
        roots: list[int] = []

        def add() -> int:
            nodes.append([-1, 0.0, False, -1, -1, self.rng.normal(scale=0.3)])
            return len(nodes) - 1

        for _ in range(count):
            roots.append(add())
            tips = [roots[-1]]
            while len(tips) < leaves:
                tip = tips.pop(int(self.rng.integers(len(tips))))
                left, right = add(), add()
                goes_left = bool(self.rng.integers(2))
                nodes[tip] = [int(self.rng.choice(columns)), self.rng.normal(scale=0.7), goes_left, left, right, 0.0]
                tips += [left, right]
        column, threshold, missing_left, left_, right_, value = zip(*nodes, strict=True) if nodes else ((),) * 6
        return TreeEnsemble(
            column=np.array(column, dtype=np.int32),
            threshold=np.array(threshold, dtype=np.float64),
            missing_left=np.array(missing_left, dtype=np.bool_),
            left=np.array(left_, dtype=np.int32),
            right=np.array(right_, dtype=np.int32),
            value=np.array(value, dtype=np.float64),
            roots=np.array(roots, dtype=np.int32),
        )

    def linear_part(self, n_columns: int, columns: list[int]) -> LinearPart:
        """Return bent curves for the given columns, flat ones for the others."""
        points = [np.sort(self.rng.normal(size=4)) if column in columns else np.zeros(0) for column in range(n_columns)]
        heights = [self.rng.normal(scale=0.4, size=len(x)) for x in points]
        missing = [float(self.rng.normal(scale=0.4)) if len(x) else 0.0 for x in points]
        return LinearPart(
            starts=np.concatenate([[0], np.cumsum([len(x) for x in points])]).astype(np.int32),
            x=np.concatenate([*points, np.zeros(0)]),
            y=np.concatenate([*heights, np.zeros(0)]),
            missing=np.array(missing),
        )

    def _encoding(self, kind: str) -> AnyEncoding:
        match kind:
            case "category":
                rates = tuple(self.rng.normal(size=5).tolist())
                return CategoryEncoding(
                    keys=("red", "green", "blue"), indicators=2, rare=True, missing=True, rates=rates
                )
            case "text":
                return TextEncoding(tokens=("urgent", "price"))
            case "constant":
                return ConstantEncoding()
            case _:
                return NumberEncoding()

    def _value(self, encoding: AnyEncoding) -> object:
        match encoding:
            case CategoryEncoding():
                return str(self.rng.choice(["red", "green", "blue", "violet"]))
            case TextEncoding():
                return str(self.rng.choice(["urgent price", "price", "no hurry at all", ""]))
            case _:
                return float(self.rng.normal())


@pytest.fixture
def maker() -> Callable[[int], ModelMaker]:
    """Return a function that makes a maker from a seed."""
    return lambda seed: ModelMaker(np.random.default_rng(seed))
