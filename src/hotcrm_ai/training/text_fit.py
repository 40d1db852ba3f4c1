"""Fits a text model: terms are chosen and weighted on the texts, the link is calibrated out of fold."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
from scipy import sparse  # type: ignore[import-untyped]  # ships no types
from scipy.optimize import minimize  # type: ignore[import-untyped]  # ships no types
from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped]  # ships no types
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # ships no types
from sklearn.model_selection import GroupKFold, StratifiedKFold  # type: ignore[import-untyped]  # ships no types

from hotcrm_ai.local_models.text_attribution import split_score
from hotcrm_ai.local_models.text_file import TextBlock, TextFile
from hotcrm_ai.local_models.text_model import WORTH, TextModel, softmax
from hotcrm_ai.local_models.text_terms import BLOCKS
from hotcrm_ai.local_models.text_tokens import read_tokens
from hotcrm_ai.training.text_counts import CountedTerms, count_texts

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.intp]
Told = Callable[[str, float], None]

FOLDS: Final = 5
_LEAST_TEXTS: Final[Mapping[str, int]] = {"words": 2, "letters": 3, "signs": 2, "triples": 2}
_MOST_TYPICAL: Final = 100
_LEAST_TYPICAL: Final = 2
"""A word of one text only is none to show of the model: it may be a name."""
_TYPICAL_FROM: Final = 1_000
_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Strength:
    """How much each block counts, and how freely the weights may grow (``freedom``, the inverse of the penalty).

    A block that counts nothing is left out. ``most_slope`` bounds how much the calibration may sharpen the probabilities.
    """

    words: float = 1.0
    letters: float = 0.6
    signs: float = 0.6
    triples: float = 0.6
    freedom: float = 2.0
    most_slope: float = 20.0

    def of(self, block: str) -> float:
        """Return how much a block counts."""
        return {"words": self.words, "letters": self.letters, "signs": self.signs, "triples": self.triples}[block]


OWN_TEXTS: Final = Strength()
"""For texts of the place where the model will be used."""
OTHER_TEXTS: Final = Strength(words=0.8, letters=0.5, signs=1.0, triples=0.0, freedom=0.5, most_slope=1.0)
"""For texts from elsewhere: what carries over is trusted, the exact words are not, and nothing is made surer than it was."""


@dataclass(frozen=True, slots=True)
class TextFit:
    """A fitted model, and the probabilities of its texts by models that did not see them."""

    model: TextModel
    oof_probabilities: Floats


def fit_text(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    lexicon: Mapping[str, str],
    groups: Sequence[int] | None = None,
    strength: Strength = OWN_TEXTS,
    seed: int = 0,
    told: Told = lambda _stage, _share: None,
) -> TextFit:
    """Fit on texts with the labels positive, negative and, where it occurs, neutral.

    Texts of one group stay together when parts are held out for the calibration. The same input gives the same model.
    """
    classes = [mood for mood in WORTH if mood in set(labels)]
    target = np.array([classes.index(label) for label in labels], dtype=np.intp)
    told("reading the texts", 0.0)
    counted = count_texts(
        [read_tokens(text) for text in texts], lexicon, [name for name in BLOCKS if strength.of(name)]
    )
    held = np.zeros((len(texts), len(classes)))
    folds = _folds(target, groups, seed=seed)
    for number, (seen, unseen) in enumerate(folds):
        told("calibrating out of fold", 0.2 + 0.6 * number / len(folds))
        held[unseen] = _fit_part(counted, target, seen, classes, strength).margins(counted, unseen)
    slope, shift = _calibrate(held, target, most_slope=strength.most_slope)
    told("fitting on all texts", 0.8)
    whole = _fit_part(counted, target, np.arange(len(texts)), classes, strength)
    file = whole.file(counted, classes, lexicon, slope=slope, shift=shift)
    return TextFit(model=_with_typical(TextModel(file), texts), oof_probabilities=softmax(slope * held + shift))


def _folds(target: Whole, groups: Sequence[int] | None, *, seed: int) -> list[tuple[Whole, Whole]]:
    count = int(max(2, min(FOLDS, np.bincount(target).min())))
    if groups is not None:
        parts = GroupKFold(count, shuffle=True, random_state=seed).split(target, target, np.asarray(groups))
    else:
        parts = StratifiedKFold(count, shuffle=True, random_state=seed).split(target, target)
    return [(np.asarray(seen), np.asarray(unseen)) for seen, unseen in parts]


@dataclass(frozen=True, slots=True)
class _Part:
    """Vocabulary, rarities and weights learned from some of the texts; ``columns`` are the places of its terms among those counted."""

    columns: dict[str, Whole]
    rarity: dict[str, Floats]
    scales: dict[str, float]
    weights: Floats
    bias: Floats

    def matrix(self, counted: Mapping[str, CountedTerms], rows: Whole) -> Any:
        """Return a row for each of some texts, each block scaled to its length."""
        return sparse.hstack(
            [
                self.scales[name] * counted[name].scaled(rows, self.columns[name], self.rarity[name])
                for name in self.scales
            ]
        ).tocsr()

    def margins(self, counted: Mapping[str, CountedTerms], rows: Whole) -> Floats:
        """Return the log-odds of each text before calibration."""
        return np.asarray(self.matrix(counted, rows) @ self.weights.T + self.bias, dtype=np.float64)

    def file(
        self,
        counted: Mapping[str, CountedTerms],
        classes: list[str],
        lexicon: Mapping[str, str],
        *,
        slope: float,
        shift: Floats,
    ) -> TextFile:
        """Return the parts as the model's file holds them, numbers rounded to four digits."""
        blocks, start = [], 0
        for name in self.scales:
            terms = [counted[name].terms[at] for at in self.columns[name].tolist()]
            weights = self.scales[name] * self.weights[:, start : start + len(terms)].T
            start += len(terms)
            blocks.append(
                TextBlock(name=name, terms=terms, rarity=_rounded(self.rarity[name]), weights=_rounded(weights.ravel()))
            )
        return TextFile(
            classes=classes,
            lexicon=dict(lexicon),
            blocks=blocks,
            bias=_rounded(self.bias, 8),
            slope=_rounded(np.array([slope]), 8)[0],
            shift=_rounded(shift, 8),
        )


def _fit_part(
    counted: Mapping[str, CountedTerms], target: Whole, seen: Whole, classes: list[str], strength: Strength
) -> _Part:
    columns, rarity = {}, {}
    for name, block in counted.items():
        frequency = block.frequency(seen)
        columns[name] = np.flatnonzero(frequency >= _LEAST_TEXTS[name])
        share = (1.0 + frequency[columns[name]]) / (1.0 + len(seen))
        rarity[name] = np.array(_rounded(1.0 - np.log(share)))
    scales = {name: strength.of(name) for name in counted}
    empty = _Part(columns=columns, rarity=rarity, scales=scales, weights=np.empty((0, 0)), bias=np.empty(0))
    learner = LogisticRegression(C=strength.freedom, max_iter=300, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        learner.fit(empty.matrix(counted, seen), target[seen])
    weights, bias = learner.coef_, learner.intercept_
    if len(classes) == 2:
        weights, bias = np.vstack([-weights / 2, weights / 2]), np.array([-bias[0] / 2, bias[0] / 2])
    return _Part(columns=columns, rarity=rarity, scales=scales, weights=weights, bias=bias)


def _calibrate(margins: Floats, target: Whole, *, most_slope: float) -> tuple[float, Floats]:
    """Return the slope and the shifts of highest likelihood (temperature scaling with a bias: Guo et al., ICML 2017)."""
    rows = np.arange(len(target))
    width = margins.shape[1]

    def loss(parameters: Floats) -> tuple[float, Floats]:
        slope, shift = np.exp(parameters[0]), np.concatenate([[0.0], parameters[1:]])
        probabilities = softmax(slope * margins + shift)
        error = probabilities.copy()
        error[rows, target] -= 1.0
        gradient = np.concatenate([[slope * float((error * margins).sum())], error.sum(axis=0)[1:]]) + parameters
        lost = -float(np.log(np.clip(probabilities[rows, target], 1e-15, None)).sum())
        return lost + 0.5 * float(parameters @ parameters), gradient

    found = minimize(
        loss,
        np.zeros(width),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-3.0, np.log(most_slope))] + [(-5.0, 5.0)] * (width - 1),
    )
    return float(np.exp(found.x[0])), np.concatenate([[0.0], found.x[1:]])


def _with_typical(model: TextModel, texts: Sequence[str]) -> TextModel:
    """Return the model with the mean size of the contribution of the words that matter most in its texts."""
    chosen = [texts[at] for at in np.linspace(0, len(texts) - 1, min(len(texts), _TYPICAL_FROM)).round().astype(int)]
    sums: dict[str, float] = {}
    times: Counter[str] = Counter()
    for text in chosen:
        found = split_score(model, text)
        times.update(set(found.words.values()))
        for written, words in found.words.items():
            sums[words] = sums.get(words, 0.0) + abs(found.contributions[written])
    known = sorted((words for words in sums if times[words] >= _LEAST_TYPICAL), key=lambda words: -sums[words])
    typical = {words: _rounded(np.array([sums[words] / len(chosen)]))[0] for words in known[:_MOST_TYPICAL]}
    return TextModel(msgspec.structs.replace(model.file, typical=typical))


def _rounded(values: Floats, digits: int = _DIGITS) -> list[float]:
    return [float(f"{value:.{digits}g}") for value in values.tolist()]
