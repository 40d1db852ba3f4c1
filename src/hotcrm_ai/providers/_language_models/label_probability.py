"""The probability of a label, from the log-probabilities of the tokens that spell it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from hotcrm_ai.providers._language_models.wire import TokenChance


def label_probability(
    chances: Sequence[TokenChance], text: str, *, key: str, label: str, labels: Sequence[str]
) -> float | None:
    """Return how likely the model was to write this label and none of the others, or None where the tokens do not tell.

    At each token of the label, the likeliest tokens that could begin any label there share the whole; those that can only become this
    one count for it, and the walk ends where no other label is possible. That is what the model does when it may write nothing else;
    tokens beyond the listed ones are left out.
    """
    whole = text.encode()
    start = _start_of_label(whole, key, label)
    if start is None or not b"".join(chance.token for chance in chances).startswith(whole):
        return None
    spelled = {name: name.encode() + b'"' for name in labels}
    found, reach, begin = 0.0, 1.0, 0
    for chance in chances:
        end = begin + len(chance.token)
        if end > start:
            likely = {token: math.exp(logarithm) for token, logarithm in chance.others}
            likely[chance.token] = math.exp(chance.logarithm)
            fitting = {token: _possible(whole[:begin] + token, whole, start, spelled) for token in likely}
            total = sum(likely[token] for token, names in fitting.items() if names)
            if total <= 0:
                return None
            certain = sum(likely[token] for token, names in fitting.items() if names == {label})
            found += reach * certain / total
            if fitting[chance.token] == {label}:
                return min(found, 1.0)
            reach *= likely[chance.token] / total
        begin = end
    return None


def calibrated(points: Sequence[tuple[float, float]], raw: float) -> float:
    """Return what a table of pairs makes of a probability: straight between two points, level beyond the ends."""
    before = max((point for point in points if point[0] <= raw), default=points[0])
    after = min((point for point in points if point[0] >= raw), default=points[-1])
    if before[0] >= after[0]:
        return before[1] if raw >= before[0] else after[1]
    return before[1] + (after[1] - before[1]) * (raw - before[0]) / (after[0] - before[0])


def _start_of_label(whole: bytes, key: str, label: str) -> int | None:
    found = re.search(rb'"%b"\s*:\s*"' % re.escape(key.encode()), whole)
    if found is None or not whole.startswith(label.encode() + b'"', found.end()):
        return None
    return found.end()


def _possible(candidate: bytes, whole: bytes, start: int, spelled: dict[str, bytes]) -> set[str]:
    if len(candidate) <= start:
        return set(spelled) if whole.startswith(candidate) else set()
    if candidate[:start] != whole[:start]:
        return set()
    tail = candidate[start:]
    return {name for name, word in spelled.items() if word.startswith(tail) or tail.startswith(word)}
