"""Takes rare misspellings of a frequent category for that category."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_FREQUENT: Final = 20
_TIMES_RARER: Final = 10
_SHORTEST: Final = 5


def misspellings_of(counts: Mapping[str, int]) -> dict[str, str]:
    """Return the frequent category that each rare one is taken for.

    A rare category is taken for a frequent one (20 records or more) that it is at least ten times rarer than, if both have five letters
    or more, no digits, and one letter too many, missing, changed or swapped with its neighbour makes one of the other. Where two
    frequent ones are so near, it stays as it is.

        >>> misspellings_of({"education": 50, "educaton": 2, "media": 40, "meida": 1, "retail": 30, "rental": 2})
        {'educaton': 'education', 'meida': 'media'}
    """
    frequent = [name for name, count in counts.items() if count >= _FREQUENT and _is_word(name)]
    found = {}
    for name, count in sorted(counts.items()):
        near = [other for other in frequent if count * _TIMES_RARER <= counts[other] and _is_one_slip(name, other)]
        if len(near) == 1 and _is_word(name):
            found[name] = near[0]
    return found


def _is_word(name: str) -> bool:
    return len(name) >= _SHORTEST and not any(letter.isdigit() for letter in name)


def _is_one_slip(name: str, other: str) -> bool:
    if name == other or abs(len(name) - len(other)) > 1:
        return False
    start = next((at for at, (one, two) in enumerate(zip(name, other, strict=False)) if one != two), None)
    if start is None:
        return True
    one, two = name[start:], other[start:]
    swapped = one[:2] == two[1::-1] and len(two) > 1 and one[2:] == two[2:]
    return swapped or one[1:] == two[1:] or one[1:] == two or one == two[1:]
