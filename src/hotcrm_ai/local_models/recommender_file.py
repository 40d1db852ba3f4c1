"""Writes and reads the files of a recommender: JSON for what is small, plain little-endian arrays for the weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec
import numpy as np

from hotcrm_ai.domain.errors import ArtifactIntegrity
from hotcrm_ai.local_models.manifest import MODEL_NAME
from hotcrm_ai.local_models.recommender import Recommender

STARTS: Final = "starts.i8"
NEIGHBOURS: Final = "neighbours.i4"
WEIGHTS: Final = "weights.f4"


class _Small(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    products: tuple[str, ...]
    decay_days: float | None
    floor: float
    slope: float
    shift: float
    segments: dict[str, tuple[list[int], list[float]]]
    hit_rates: tuple[float, ...]
    new_hit_rates: tuple[float, ...]
    names: tuple[str, ...] = ()
    popularity: float = 1e-6


def write_recommender(model: Recommender) -> dict[str, bytes]:
    """Return the files of a model by name; equal models give equal bytes."""
    small = _Small(
        products=model.products,
        decay_days=model.decay_days,
        floor=model.floor,
        slope=model.slope,
        shift=model.shift,
        segments={key: (numbers.tolist(), shares.tolist()) for key, (numbers, shares) in model.segments.items()},
        hit_rates=model.hit_rates,
        new_hit_rates=model.new_hit_rates,
        names=model.names,
        popularity=model.popularity,
    )
    return {
        MODEL_NAME: msgspec.json.encode(small, order="deterministic"),
        STARTS: model.starts.astype("<i8").tobytes(),
        NEIGHBOURS: model.neighbours.astype("<i4").tobytes(),
        WEIGHTS: model.weights.astype("<f4").tobytes(),
    }


def read_recommender(members: Mapping[str, bytes]) -> Recommender:
    """Read and verify the files of a model, which may come from anywhere.

    Raises:
        ArtifactIntegrity: a file is missing or unreadable, or they do not fit together.
    """
    try:
        small = msgspec.json.decode(members[MODEL_NAME], type=_Small)
        model = Recommender(
            products=small.products,
            starts=np.frombuffer(members[STARTS], dtype="<i8"),
            neighbours=np.frombuffer(members[NEIGHBOURS], dtype="<i4"),
            weights=np.frombuffer(members[WEIGHTS], dtype="<f4"),
            decay_days=small.decay_days,
            floor=small.floor,
            slope=small.slope,
            shift=small.shift,
            segments={
                key: (np.array(numbers, dtype=np.int32), np.array(shares))
                for key, (numbers, shares) in small.segments.items()
            },
            hit_rates=small.hit_rates,
            new_hit_rates=small.new_hit_rates,
            names=small.names,
            popularity=small.popularity,
        )
    except (KeyError, ValueError, OverflowError, msgspec.DecodeError) as problem:
        raise ArtifactIntegrity(
            f"A recommender's file cannot be read: {problem}; publish the model again."
        ) from problem
    model.verify()
    return model
