"""Fits the local model of a yes-or-no outcome: linear, boosted or a blend, whichever cross-validation prefers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedKFold  # type: ignore[import-untyped]  # ships no types

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.domain.signature import FeatureSpec
from hotcrm_ai.local_models.calibration import Calibration
from hotcrm_ai.local_models.encoding import Column
from hotcrm_ai.local_models.tabular import TabularModel
from hotcrm_ai.local_models.trees import TreeEnsemble
from hotcrm_ai.ports.clock import Clock, SystemClock
from hotcrm_ai.training.calibrate import choose_calibration
from hotcrm_ai.training.directions import Direction, column_directions
from hotcrm_ai.training.encoding_fit import encode_table, encode_training_table, fit_encodings
from hotcrm_ai.training.evidence import fit_spread, has_few_outcomes
from hotcrm_ai.training.fit_choice import Choice, FoldMargins, choose
from hotcrm_ai.training.fit_linear import fit_linear_path
from hotcrm_ai.training.fit_rounding import significant
from hotcrm_ai.training.fit_trees import fit_ensemble, fit_recipe_margins
from hotcrm_ai.training.run import Progress, silent

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

BACKGROUND_ROWS: Final = 100
_LARGE_TABLE_ROWS: Final = 20_000


@dataclass(frozen=True)
class FitResult:
    """A fitted model, and what cross-validation on the training rows said.

    ``oof_probabilities`` are of each training row by models and calibrations that did not see it. ``log_losses`` are the
    cross-validated log losses of ``prior``, ``linear``, ``boosted`` and ``blend`` before calibration, each at its best settings.
    ``seconds`` is wall-clock time.
    """

    model: TabularModel
    oof_probabilities: Floats
    kind: Literal["linear", "boosted", "blend"]
    log_losses: dict[str, float]
    seconds: float


def fit_tabular(
    table: Mapping[str, Column],
    target: npt.ArrayLike,
    *,
    features: Sequence[FeatureSpec],
    seed: int,
    monotone: Mapping[str, Direction] = MappingProxyType({}),
    progress: Progress | None = None,
    clock: Clock | None = None,
) -> FitResult:
    """Fit a model to typed columns and an outcome of 0 and 1.

    ``table`` holds for each feature its values: numbers as float (NaN missing), categories and texts as str or None, booleans as
    bool or None, dates as datetime or None. The same table, target and seed give the same model, byte for byte.
    With a number or boolean named in ``monotone`` the probability may only rise ("+") or only fall ("-"), all else equal.

    Raises:
        TrainingDataError: there are not two rows of each outcome, or a feature has a type that cannot be taken.
    """
    timer = clock or SystemClock()
    started = timer.monotonic()
    outcome = np.asarray(target, dtype=np.float64)
    _check_outcome(outcome)
    report = progress or silent
    folds = _split(outcome, seed=seed)
    parts = []
    for number, (train, held) in enumerate(folds):
        report("cross-validating", 0.85 * number / len(folds))
        parts.append(_fold_margins(table, outcome, train, held, features=features, monotone=monotone, seed=seed))
    choice = choose(parts, outcome)
    report("fitting the final model", 0.85)
    link, probabilities = choose_calibration(choice.margins, outcome, folds)
    model = _fit_final(table, outcome, choice, link, features=features, monotone=monotone, seed=seed)
    if has_few_outcomes(outcome):
        report("finding how sure the model is", 0.9)
        model = _with_spread(model, table, outcome, choice, features=features, monotone=monotone, seed=seed)
    report("fitted", 1.0)
    return FitResult(
        model=model,
        oof_probabilities=probabilities,
        kind=choice.kind,
        log_losses=choice.log_losses,
        seconds=timer.monotonic() - started,
    )


def _fold_margins(
    table: Mapping[str, Column],
    target: Floats,
    train: Indices,
    held: Indices,
    *,
    features: Sequence[FeatureSpec],
    monotone: Mapping[str, Direction],
    seed: int,
) -> FoldMargins:
    """Fit all candidates on a fold's training rows, encoders included, and score its held-out rows."""
    names = [spec.name for spec in features]
    seen, unseen = _take(table, names, train), _take(table, names, held)
    encodings = fit_encodings(seen, features, target[train])
    matrix = encode_training_table(encodings, seen, names, target[train], seed=seed)
    held_matrix = encode_table(encodings, unseen, names)
    directions = column_directions(encodings, features, monotone)
    return FoldMargins(
        held=held,
        prior=float(np.log(target[train].mean() / (1.0 - target[train].mean()))),
        linear=[fit.margins(held_matrix) for fit in fit_linear_path(matrix, target[train], directions=directions)],
        boosted=fit_recipe_margins(matrix, target[train], held_matrix, seed=seed, directions=directions),
    )


def _fit_final(
    table: Mapping[str, Column],
    target: Floats,
    choice: Choice,
    link: Calibration,
    *,
    features: Sequence[FeatureSpec],
    monotone: Mapping[str, Direction],
    seed: int,
) -> TabularModel:
    names = [spec.name for spec in features]
    encodings = fit_encodings(table, features, target)
    matrix = encode_training_table(encodings, table, names, target, seed=seed)
    directions = column_directions(encodings, features, monotone)
    linear = fit_linear_path(matrix, target, strengths=[choice.strength], directions=directions)[0]
    share = choice.boosted_share
    trees = TreeEnsemble.empty()
    if share > 0.0:
        trees = fit_ensemble(matrix, target, recipe=choice.recipe, share=share, seed=seed, directions=directions)
    chosen = np.sort(np.random.default_rng(seed).permutation(len(target))[:BACKGROUND_ROWS])
    return TabularModel(
        features=tuple(names),
        encodings=encodings,
        intercept=float(significant(np.array((1.0 - share) * linear.intercept))),
        linear=linear.to_curves(share=1.0 - share),
        trees=trees,
        link=link,
        background=encode_table(encodings, _take(table, names, chosen), names),
    )


def _with_spread(
    model: TabularModel,
    table: Mapping[str, Column],
    target: Floats,
    choice: Choice,
    *,
    features: Sequence[FeatureSpec],
    monotone: Mapping[str, Direction],
    seed: int,
) -> TabularModel:
    """Return the model with the intervals that fitting it to resampled rows gives."""
    names = [spec.name for spec in features]

    def refit(rows: Indices) -> TabularModel:
        sample = _take(table, names, rows)
        return _fit_final(sample, target[rows], choice, model.link, features=features, monotone=monotone, seed=seed)

    def ask(asked: TabularModel) -> Floats:
        return asked.probabilities(asked.encode_columns(table, n_rows=len(target)))

    return replace(model, spread=fit_spread(model, target, refit, ask, seed=seed))


def _split(target: Floats, *, seed: int) -> list[tuple[Indices, Indices]]:
    rarer = int(min(target.sum(), len(target) - target.sum()))
    wanted = 10 if len(target) < 1_000 else 5 if len(target) <= _LARGE_TABLE_ROWS else 3
    splitter = StratifiedKFold(n_splits=max(2, min(wanted, rarer)), shuffle=True, random_state=seed % 2**32)
    return list(splitter.split(np.zeros(len(target)), target))


def _take(table: Mapping[str, Column], names: Sequence[str], rows: Indices) -> dict[str, Column]:
    return {name: _take_column(table[name], rows) for name in names}


def _take_column(column: Column, rows: Indices) -> Column:
    if isinstance(column, np.ndarray):
        return column[rows]
    return [column[row] for row in rows]


def _check_outcome(target: Floats) -> None:
    if not np.isin(target, (0.0, 1.0)).all():
        raise TrainingDataError("The outcome holds other values than 0 and 1; normalise it first.")
    positives = int(target.sum())
    if min(positives, len(target) - positives) < 2:
        raise TrainingDataError(
            f"The {len(target)} training rows hold {positives} positive outcomes; at least two of each outcome are needed."
        )
