"""The file format of a local tabular model: plain JSON, whose parts are verified by the model before use."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from hotcrm_ai.domain.errors import ArtifactIntegrity
from hotcrm_ai.local_models.calibration import Calibration
from hotcrm_ai.local_models.encoding import AnyEncoding
from hotcrm_ai.local_models.linear import LinearPart
from hotcrm_ai.local_models.spread import Spread
from hotcrm_ai.local_models.trees import TreeEnsemble

FORMAT: Final = "hotcrm-ai/tabular/1"


class ModelParts(NamedTuple):
    """What a model file holds, as the parts of the model."""

    features: tuple[str, ...]
    encodings: tuple[AnyEncoding, ...]
    intercept: float
    linear: LinearPart
    trees: TreeEnsemble
    link: Calibration
    background: npt.NDArray[np.float64]
    spread: Spread | None


class _Feature(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    name: str
    encoding: AnyEncoding


class _Linear(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    starts: list[int]
    x: list[float]
    y: list[float]
    missing: list[float]


class _Trees(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    column: list[int]
    threshold: list[float]
    missing_left: list[bool]
    left: list[int]
    right: list[int]
    value: list[float]
    roots: list[int]


class _ModelFile(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True
):
    format: Literal["hotcrm-ai/tabular/1"]
    features: list[_Feature]
    intercept: float
    linear: _Linear
    trees: _Trees
    link: Calibration
    background: list[list[float | None]]
    spread: Spread | None = None


_decoder = msgspec.json.Decoder(_ModelFile)


def write_parts(model: ModelParts) -> bytes:
    """Return the file of a model; missing values of the background are null."""
    linear, trees = model.linear, model.trees
    return msgspec.json.encode(
        _ModelFile(
            format=FORMAT,
            features=[
                _Feature(name=name, encoding=encoding)
                for name, encoding in zip(model.features, model.encodings, strict=True)
            ],
            intercept=model.intercept,
            linear=_Linear(
                starts=linear.starts.tolist(), x=linear.x.tolist(), y=linear.y.tolist(), missing=linear.missing.tolist()
            ),
            trees=_Trees(
                column=trees.column.tolist(),
                threshold=trees.threshold.tolist(),
                missing_left=trees.missing_left.tolist(),
                left=trees.left.tolist(),
                right=trees.right.tolist(),
                value=trees.value.tolist(),
                roots=trees.roots.tolist(),
            ),
            link=model.link,
            background=model.background.tolist(),
            spread=model.spread,
        )
    )


def read_parts(content: bytes) -> ModelParts:
    """Return the parts of a model's file; whether they are sound and fit together is for the model to verify.

    Raises:
        ArtifactIntegrity: it is unreadable or of another format.
    """
    try:
        return _assemble(_decoder.decode(content))
    except (msgspec.DecodeError, ValueError, OverflowError) as problem:
        raise ArtifactIntegrity(f"A model file cannot be read ({problem}); publish the model again.") from problem


def _assemble(file: _ModelFile) -> ModelParts:
    linear, trees = file.linear, file.trees
    width = sum(feature.encoding.width for feature in file.features)
    return ModelParts(
        features=tuple(feature.name for feature in file.features),
        encodings=tuple(feature.encoding for feature in file.features),
        intercept=file.intercept,
        linear=LinearPart(
            starts=np.array(linear.starts, dtype=np.int32),
            x=np.array(linear.x, dtype=np.float64),
            y=np.array(linear.y, dtype=np.float64),
            missing=np.array(linear.missing, dtype=np.float64),
        ),
        trees=TreeEnsemble(
            column=np.array(trees.column, dtype=np.int32),
            threshold=np.array(trees.threshold, dtype=np.float64),
            missing_left=np.array(trees.missing_left, dtype=np.bool_),
            left=np.array(trees.left, dtype=np.int32),
            right=np.array(trees.right, dtype=np.int32),
            value=np.array(trees.value, dtype=np.float64),
            roots=np.array(trees.roots, dtype=np.int32),
        ),
        link=file.link,
        background=np.array(file.background, dtype=np.float64).reshape(len(file.background), width),
        spread=file.spread,
    )
