"""Splits the score of a text among its words and phrases, so that base and parts add up to the score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from hotcrm_ai.domain.titles import REST_OF_TEXT
from hotcrm_ai.local_models.text_model import TextModel
from hotcrm_ai.local_models.text_phrases import read_phrases
from hotcrm_ai.local_models.text_tokens import read_tokens

_STEPS: Final = 256


@dataclass(frozen=True, slots=True)
class TextParts:
    """The score before a word is read, the score of the text, what each phrase gives, and by which words the model reads it."""

    base: float
    score: float
    contributions: Mapping[str, float]
    words: Mapping[str, str]


_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(_STEPS)
_AT: Final = 0.5 * (_NODES + 1.0)
_SHARE: Final = 0.5 * _WEIGHTS


def split_score(model: TextModel, text: str) -> TextParts:
    """Return what each word or phrase gives to the score, as it stands in the text, one that is there again with the first.

    The log-odds are a sum over words. The score bends them; on the straight way from the base to the text each word gets the score's
    change that goes with its log-odds (Aumann and Shapley, *Values of Non-Atomic Games*, 1974). What no phrase holds is the rest.
    """
    tokens = read_tokens(text)
    rows = model.token_logits(tokens)
    way = model.base_logits + _AT[:, None] * rows.sum(axis=0)
    values = rows @ (_SHARE @ model.score_gradient(way))
    names: dict[str, str] = {}
    words: dict[str, str] = {}
    contributions: dict[str, float] = {}
    rest = float(values.sum())
    for phrase in read_phrases(tokens, model.file.lexicon):
        name = names.setdefault(phrase.written.casefold(), phrase.written)
        words.setdefault(name, phrase.words)
        value = float(values[phrase.first : phrase.last + 1].sum())
        contributions[name] = contributions.get(name, 0.0) + value
        rest -= value
    return TextParts(
        base=model.mood_of(model.base_logits).score,
        score=model.mood_of(model.logits(tokens)).score,
        contributions={**contributions, REST_OF_TEXT: rest},
        words=words,
    )
