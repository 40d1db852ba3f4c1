"""Splits the score of a text among its words, so that base and parts add up to the score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from hotcrm_ai.local_models.text_model import TextModel
from hotcrm_ai.local_models.text_tokens import read_tokens

THE_REST: Final = "(the text as a whole)"
_STEPS: Final = 256


@dataclass(frozen=True, slots=True)
class WordParts:
    """The score before a word is read, the score of the text, and what each word gives."""

    base: float
    score: float
    contributions: Mapping[str, float]


_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(_STEPS)
_AT: Final = 0.5 * (_NODES + 1.0)
_SHARE: Final = 0.5 * _WEIGHTS


def split_score(model: TextModel, text: str) -> WordParts:
    """Return what each word gives to the score.

    The log-odds are a sum over words. The score bends them; on the straight way from the base to the text each word gets the score's
    change that goes with its log-odds (Aumann and Shapley, *Values of Non-Atomic Games*, 1974). A negated word is named with ``not``.
    """
    tokens = read_tokens(text)
    rows = model.token_logits(tokens)
    way = model.base_logits + _AT[:, None] * rows.sum(axis=0)
    values = rows @ (_SHARE @ model.score_gradient(way))
    contributions: dict[str, float] = {}
    for token, value in zip(tokens, values.tolist(), strict=False):
        name = f"not {token.word}" if token.negated else token.word
        contributions[name] = contributions.get(name, 0.0) + value
    contributions[THE_REST] = float(values[-1])
    return WordParts(
        base=model.mood_of(model.base_logits).score,
        score=model.mood_of(model.logits(tokens)).score,
        contributions=contributions,
    )
