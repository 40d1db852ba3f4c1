"""Chooses how each feature is encoded, from training rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.domain.signature import FeatureSpec
from hotcrm_ai.local_models.encoding import (
    DATE_PARTS,
    AnyEncoding,
    CategoryEncoding,
    Column,
    ConstantEncoding,
    DateEncoding,
    NumberEncoding,
    TextEncoding,
    category_states,
    encode_column,
    fold,
    words,
)
from hotcrm_ai.training.fit_rounding import significant

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

MAX_KEYS: Final = 1_000
MAX_INDICATORS: Final = 25
MAX_TOKENS: Final = 30
RATE_LEVELS: Final = MAX_INDICATORS
"""Categories of more values than this get the outcome's rate as a column; for fewer, indicators alone measured better."""
RATE_SMOOTHING: Final = 10.0
"""Rows of the overall rate that are mixed into the rate of each value."""
MIN_TOKEN_SCORE: Final = 3.0
_RATE_FOLDS: Final = 5


def fit_encodings(
    table: Mapping[str, Column], features: Sequence[FeatureSpec], target: Floats
) -> tuple[AnyEncoding, ...]:
    """Return the encoding of each feature, chosen from these rows and no others.

    Raises:
        TrainingDataError: a feature is of a type that a tabular model cannot take.
    """
    return tuple(_fit_encoding(spec, table[spec.name], target) for spec in features)


def encode_table(encodings: Sequence[AnyEncoding], table: Mapping[str, Column], names: Sequence[str]) -> Floats:
    """Return the encoded columns of rows that were not used to fit the encodings."""
    return np.hstack([encode_column(encoding, table[name]) for name, encoding in zip(names, encodings, strict=True)])


def encode_training_table(
    encodings: Sequence[AnyEncoding], table: Mapping[str, Column], names: Sequence[str], target: Floats, *, seed: int
) -> Floats:
    """Return the encoded columns of the very rows that the encodings were fitted on.

    The outcome's rates of a row come from other rows (five random folds), so that no row sees its own outcome.
    """
    fold_of = np.random.default_rng(seed).permutation(len(target)) % _RATE_FOLDS
    blocks = []
    for name, encoding in zip(names, encodings, strict=True):
        block = encode_column(encoding, table[name])
        if isinstance(encoding, CategoryEncoding) and encoding.rate_column is not None:
            states = category_states(encoding, table[name])
            block[:, encoding.rate_column] = _rates_of_other_folds(states, target, fold_of, len(encoding.rates))
        blocks.append(block)
    return np.hstack(blocks)


def _fit_encoding(spec: FeatureSpec, values: Column, target: Floats) -> AnyEncoding:
    match spec.type:
        case "number" | "boolean":
            return _fit_number(values)
        case "category":
            return _fit_category(values, target)
        case "date":
            return _fit_date(values)
        case "text":
            return _fit_text(values, target)
        case _:
            raise TrainingDataError(
                f"Feature {spec.name!r} is a {spec.type}, which a tabular model cannot take; leave the column out."
            )


def _fit_number(values: Column) -> AnyEncoding:
    numbers = encode_column(NumberEncoding(), values)[:, 0]
    present = numbers[~np.isnan(numbers)]
    distinct = len(np.unique(present)) + (len(present) < len(numbers))
    return NumberEncoding() if len(present) and distinct > 1 else ConstantEncoding()


def _fit_category(values: Column, target: Floats) -> AnyEncoding:
    counts = Counter(folded for value in values if isinstance(value, str) and (folded := fold(value)))
    n_rows, n_missing = len(target), len(target) - counts.total()
    if len(counts) + (n_missing > 0) < 2:
        return ConstantEncoding()
    enough = min(max(n_rows // 500, 3), 10)
    ranked = counts.most_common()
    keys = tuple(value for value, count in ranked[:MAX_KEYS] if count > 1)
    frequent = sum(count >= enough for _, count in ranked[:MAX_INDICATORS])
    is_pair = len(counts) == 2 and not n_missing
    encoding = CategoryEncoding(
        keys=keys,
        indicators=min(frequent, 1) if is_pair else frequent,
        rare=not is_pair and frequent < len(counts),
        missing=n_missing >= min(enough, 3) and not is_pair,
    )
    if not encoding.width:
        return ConstantEncoding()
    if len(counts) <= RATE_LEVELS:
        return encoding
    states = category_states(encoding, values)
    rates = _smoothed_log_odds(states, target, len(keys) + 2)
    return CategoryEncoding(
        keys=keys,
        indicators=encoding.indicators,
        rare=encoding.rare,
        missing=encoding.missing,
        rates=tuple(significant(rates).tolist()),
    )


def _fit_date(values: Column) -> AnyEncoding:
    parts = encode_column(DateEncoding(parts=DATE_PARTS), values)
    telling = tuple(
        part for part, column in zip(DATE_PARTS, parts.T, strict=True) if len(np.unique(column[~np.isnan(column)])) > 1
    )
    return DateEncoding(parts=telling) if telling else ConstantEncoding()


def _fit_text(values: Column, target: Floats) -> AnyEncoding:
    found = [set(words(value)) if isinstance(value, str) else set() for value in values]
    rows, won = Counter[str](), Counter[str]()
    for tokens, outcome in zip(found, target, strict=True):
        rows.update(tokens)
        if outcome:
            won.update(tokens)
    if not rows:
        return ConstantEncoding()
    base, enough = float(np.mean(target)), max(5, len(target) // 200)
    scores = {
        token: abs(won[token] - base * count) / np.sqrt(base * (1.0 - base) * count)
        for token, count in rows.items()
        if enough <= count <= len(target) - enough
    }
    telling = sorted(
        (token for token, score in scores.items() if score >= MIN_TOKEN_SCORE), key=lambda t: (-scores[t], t)
    )
    return TextEncoding(tokens=tuple(telling[:MAX_TOKENS]))


def _rates_of_other_folds(states: Indices, target: Floats, fold_of: Indices, n_states: int) -> Floats:
    rates = np.empty(len(target))
    for held in range(_RATE_FOLDS):
        others = fold_of != held
        known = _smoothed_log_odds(states[others], target[others], n_states)
        rates[~others] = known[states[~others]]
    return rates


def _smoothed_log_odds(states: Indices, target: Floats, n_states: int) -> Floats:
    """Log-odds of the outcome in each state, shrunk towards the overall rate (Micci-Barreca, SIGKDD Explorations 2001)."""
    overall = (float(np.sum(target)) + 0.5) / (len(target) + 1.0)
    rows = np.bincount(states, minlength=n_states)
    positives = np.bincount(states, weights=target, minlength=n_states)
    rate = (positives + RATE_SMOOTHING * overall) / (rows + RATE_SMOOTHING)
    return np.asarray(np.log(rate / (1.0 - rate)), dtype=np.float64)
