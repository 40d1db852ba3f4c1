"""Says what a record is worth on average: its probability times its value, where the model was trained with a column of values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.local_models.manifest import Manifest

VALUE_COLUMN: Final = "valueColumn"
"""The entry of a manifest that names the column of values."""
WORTH: Final = "worth"
"""The entry of an answer with the expected value; ``None`` where the record has no value."""


def with_expected_value(output: PredictionOutput, features: Mapping[str, Any], manifest: Manifest) -> PredictionOutput:
    """Return the answer with ``worth``, in the unit of the value column, if the model has such a column.

    For churn it is the value that is expected to be lost.
    """
    column = manifest.extra.get(VALUE_COLUMN)
    if not isinstance(column, str):
        return output
    value = features.get(column)
    known = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    worth = float(output.prediction["probability"]) * float(value) if known and value is not None else None
    return msgspec.structs.replace(output, prediction={**output.prediction, WORTH: worth})
