"""Reads which way a probability may go with a column, and says it for each encoded column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from hotcrm_ai.domain.errors import ConfigError, TrainingDataError
from hotcrm_ai.domain.signature import FeatureSpec
from hotcrm_ai.domain.training import Exclusion
from hotcrm_ai.local_models.encoding import AnyEncoding

Direction = Literal["+", "-"]
"""``+``: with more of it the probability may only rise; ``-``: it may only fall."""

_ORDERED: Final = frozenset({"number", "boolean"})


def check_directions(
    monotone: Mapping[str, str], features: Sequence[FeatureSpec], excluded: Sequence[Exclusion] = ()
) -> dict[str, Direction]:
    """Return the directions as asked, by column, after checking that the model has such a column and that it has an order.

    Raises:
        ConfigError: a direction is neither "+" nor "-".
        TrainingDataError: the column is none of the model's, or is no number and no boolean.
    """
    types = {spec.name: spec.type for spec in features}
    reasons = {one.column: one.reason for one in excluded}
    found: dict[str, Direction] = {}
    for name, direction in monotone.items():
        if direction not in ("+", "-"):
            raise ConfigError(f"The direction of {name!r} is {direction!r}; give '+' (rises) or '-' (falls).")
        if name not in types:
            raise TrainingDataError(
                f"The probability cannot follow {name!r} in one direction: the model does not use the column, "
                f"{'which ' + reasons[name] if name in reasons else 'which holds nothing to learn from'}.",
                column=name,
            )
        if types[name] not in _ORDERED:
            raise TrainingDataError(
                f"The probability cannot follow {name!r} in one direction: it is a {types[name]}; only numbers and booleans have an order.",
                column=name,
            )
        found[name] = "+" if direction == "+" else "-"
    return found


def column_directions(
    encodings: Sequence[AnyEncoding], features: Sequence[FeatureSpec], monotone: Mapping[str, Direction]
) -> list[int]:
    """Return for each encoded column 1 where the margin may only rise, -1 where it may only fall, and 0 where it is free."""
    signs = {"+": 1, "-": -1}
    return [
        signs.get(monotone.get(spec.name, ""), 0)
        for spec, encoding in zip(features, encodings, strict=True)
        for _ in range(encoding.width)
    ]
