"""Says how the answers of an AI feature are told to people: what their reasons do, whether that is good, and what confidence is of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The words of one AI feature.

    ``number`` names what reasons move; ``raises`` and ``lowers`` head the reasons that do, and ``more_is_good`` says which of
    them are welcome. ``yes`` and ``no`` finish "it ...", for a feature that says how likely something is; for any other one
    ``confidence`` tells the confidence, with ``{}`` where its per cent stand. ``records`` names what its models learn from, and
    ``measured`` what they are measured on, where that is not others of those.
    """

    number: str
    raises: str
    lowers: str
    more_is_good: bool = True
    yes: str | None = None
    no: str | None = None
    confidence: str = "{} % confidence"
    records: str = "records"
    measured: str | None = None

    def learned_from(self, learned: int, held_out: int) -> str:
        """Say from how many records a model learned and on how many it was measured.

        >>> Wording(number="risk", raises="Raises it", lowers="Lowers it", records="accounts").learned_from(3000, 1000)
        'learned from 3,000 accounts, measured on 1,000 other accounts'
        """
        return f"learned from {learned:,} {self.records}, measured on {held_out:,} {self.measured or f'other {self.records}'}"

    def claim(self, prediction: Any) -> str | None:
        """Return what an answer says in the end, ``leaves`` or ``stays``; None where it is about no yes or no.

        Confidence is that of this claim and not of a band such as ``high``: an account with a chance of 40 % may be called a medium
        risk, and stays in 60 of 100 cases.
        """
        chance = _chance(prediction)
        return None if chance is None else self.yes if chance >= 0.5 else self.no

    def confidence_text(self, prediction: Any, confidence: float | None) -> str | None:
        """Return the confidence with what it is of; None where it is not known.

        >>> words = Wording(number="risk", raises="Raises it", lowers="Lowers it", yes="leaves", no="stays")
        >>> words.confidence_text({"risk": "medium", "probability": 0.4}, 60.0)
        '60 % sure it stays'
        """
        if confidence is None:
            return None
        claim = self.claim(prediction)
        return (
            f"{confidence:.0f} % sure it {claim}" if claim is not None else self.confidence.format(f"{confidence:.0f}")
        )


NEUTRAL: Final = Wording(number="prediction", raises="Positive factors", lowers="Negative factors")
"""The words for answers of no known AI feature."""


def _chance(prediction: Any) -> float | None:
    """Return the chance (0-1) that an answer gives, where it gives one."""
    chance = prediction.get("probability") if isinstance(prediction, Mapping) else None
    return float(chance) if isinstance(chance, int | float) and not isinstance(chance, bool) else None
