"""The local model for texts: weighted words, letters and signs of mood, and probabilities that hold what they promise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from hotcrm_ai.domain.errors import ArtifactIntegrity
from hotcrm_ai.local_models.text_file import TextBlock, TextFile, read_text_file, write_text_file
from hotcrm_ai.local_models.text_phrases import weighty
from hotcrm_ai.local_models.text_terms import BLOCKS, Term, block_terms, count_terms
from hotcrm_ai.local_models.text_tokens import Token, read_tokens

Floats = npt.NDArray[np.float64]

WORTH: Final[Mapping[str, float]] = {"negative": 0.0, "neutral": 0.5, "positive": 1.0}
"""What each mood adds to the score of a text, times its probability."""


@dataclass(frozen=True, slots=True)
class Mood:
    """How a text sounds: the probability of each mood, and the score from 0 (most negative) to 1 (most positive)."""

    probabilities: Mapping[str, float]
    score: float

    @property
    def sentiment(self) -> str:
        """The most probable mood."""
        return max(self.probabilities, key=lambda mood: self.probabilities[mood])


class TextModel:
    """A linear model over three blocks of terms, each scaled to length 1, whose log-odds of the moods are calibrated.

    Everything that it needs is in its file, the lexicon included, so that a later version of the package answers the same.
    """

    def __init__(self, file: TextFile) -> None:
        """Take the parts of a model after checking that they fit together.

        Raises:
            ArtifactIntegrity: a part has the wrong size or is not finite.
        """
        _verify(file)
        self.file = file
        self.classes: tuple[str, ...] = tuple(file.classes)
        self._blocks = tuple(_Block(block, moods=len(file.classes)) for block in file.blocks)
        self._known = next((block.places for block in self._blocks if block.name == "words"), {})
        self._slope = file.slope
        self._bias: Floats = file.slope * np.array(file.bias) + np.array(file.shift)
        self._worth = np.array([WORTH[mood] for mood in file.classes])

    @staticmethod
    def from_json(content: bytes) -> TextModel:
        """Read a model from its file.

        Raises:
            ArtifactIntegrity: it is unreadable, of another format, or its parts do not fit together.
        """
        return TextModel(read_text_file(content))

    def to_json(self) -> bytes:
        """Return the file of the model."""
        return write_text_file(self.file)

    @cached_property
    def typical_words(self) -> Mapping[str, float]:
        """The mean size of the contribution of the words that matter most in the texts of training, on the 0-1 scale."""
        return dict(self.file.typical)

    @property
    def base_logits(self) -> Floats:
        """The calibrated log-odds of the moods before a word is read."""
        return self._bias.copy()

    def predict_one(self, text: str) -> Mood:
        """Return the mood of a text."""
        return self.mood_of(self.logits(read_tokens(text)))

    def known_words(self, tokens: Sequence[Token]) -> tuple[int, int]:
        """Return how many of the tokens are words that the model knows, and how many are words."""
        words = [token.word for token in tokens if token.word[0].isalpha()]
        return sum(word in self._known or word in self.file.lexicon for word in words), len(words)

    def logits(self, tokens: Sequence[Token]) -> Floats:
        """Return the calibrated log-odds of the moods."""
        total: Floats = self._bias.copy()
        for block in self._blocks:
            rows, strengths = block.strengths(count_terms(block.name, tokens, self.file.lexicon))
            if len(rows):
                total += self._slope * (strengths @ block.weights[rows])
        return total

    def token_logits(self, tokens: Sequence[Token]) -> Floats:
        """Return what each token adds to the log-odds; the last row is what no single token adds.

        What is of several words, such as a pair or a phrase, is shared equally among those of them that say something by themselves
        (among all where none does).
        """
        says = weighty(tokens)
        parts = np.zeros((len(tokens) + 1, len(self.classes)))
        for block in self._blocks:
            terms = [term for term in block_terms(block.name, tokens, self.file.lexicon) if term.text in block.places]
            counts = Counter(term.text for term in terms)
            rows, strengths = block.strengths(counts)
            values = self._slope * strengths[:, None] * block.weights[rows]
            each = {text: values[at] / counts[text] for at, text in enumerate(counts)}
            for term in terms:
                _share(parts, term, each[term.text], says)
        return parts

    def mood_of(self, logits: Floats) -> Mood:
        """Return the mood of calibrated log-odds."""
        probabilities = softmax(logits)
        return Mood(
            probabilities=dict(zip(self.classes, probabilities.tolist(), strict=True)),
            score=float(min(1.0, max(0.0, probabilities @ self._worth))),
        )

    def score_gradient(self, logits: Floats) -> Floats:
        """Return the derivative of the score by each log-odds, for rows of log-odds."""
        probabilities = softmax(logits)
        scores = probabilities @ self._worth
        return np.asarray(probabilities * (self._worth - scores[..., None]), dtype=np.float64)


class _Block:
    """One block of terms, ready for look-up."""

    def __init__(self, block: TextBlock, *, moods: int) -> None:
        self.name = block.name
        self.places: dict[str, int] = {term: at for at, term in enumerate(block.terms)}
        self.rarity = np.array(block.rarity)
        self.weights = np.array(block.weights).reshape(len(block.terms), moods)

    def strengths(self, counts: Mapping[str, int]) -> tuple[npt.NDArray[np.intp], Floats]:
        """Return the rows of the known terms and how strong each is in the text: rare ones and repeated ones more."""
        known = [(self.places[text], count) for text, count in counts.items() if text in self.places]
        if not known:
            return np.empty(0, dtype=np.intp), np.empty(0)
        rows = np.array([row for row, _ in known], dtype=np.intp)
        raw = (1.0 + np.log(np.array([count for _, count in known], dtype=np.float64))) * self.rarity[rows]
        return rows, raw / np.sqrt(raw @ raw)


def softmax(logits: Floats) -> Floats:
    """Return the probabilities of log-odds along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float64)


def _share(parts: Floats, term: Term, value: Floats, says: Sequence[bool]) -> None:
    if term.first < 0:
        parts[-1] += value
        return
    places = list(range(term.first, term.last + 1))
    bearers = [at for at in places if says[at]] or places
    parts[bearers] += value / len(bearers)


def _verify(file: TextFile) -> None:
    problem = _problem(file)
    if problem:
        raise ArtifactIntegrity(f"A model file for texts does not fit together: {problem}; publish the model again.")


def _problem(file: TextFile) -> str | None:
    width = len(file.classes)
    if width < 2 or len(set(file.classes)) != width or not set(file.classes) <= set(WORTH):
        return f"its moods are {file.classes!r}"
    if len(file.bias) != width or len(file.shift) != width:
        return "there is not one bias and one shift for each mood"
    names = [block.name for block in file.blocks]
    if len(set(names)) != len(names) or not set(names) <= set(BLOCKS):
        return f"its blocks are {names!r}"
    numbers: list[Any] = [file.bias, file.shift, [file.slope], list(file.typical.values())]
    for block in file.blocks:
        if len(block.rarity) != len(block.terms) or len(block.weights) != width * len(block.terms):
            return f"block {block.name!r} has not one weight for each term and mood"
        if len(set(block.terms)) != len(block.terms) or any(value <= 0.0 for value in block.rarity):
            return f"block {block.name!r} repeats a term or has one without rarity"
        numbers += [block.rarity, block.weights]
    if not all(bool(np.isfinite(np.array(part, dtype=np.float64)).all()) for part in numbers):
        return "a number is not finite"
    return "its calibration does not increase" if file.slope <= 0.0 else None
