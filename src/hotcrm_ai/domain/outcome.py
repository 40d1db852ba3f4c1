"""Reads what really happened: what can be the outcome of which prediction, and whether the prediction was right."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from hotcrm_ai.domain.errors import InvalidOutcome
from hotcrm_ai.domain.written_numbers import written_number

_YES: Final = frozenset({"yes", "y", "true", "t", "1", "1.0", "churned", "ja", "oui", "sí", "si"})
_NO: Final = frozenset({"no", "n", "false", "f", "0", "0.0", "-1", "retained", "stayed", "not churned", "nein", "non"})
YES_WORDS: Final = _YES | {"won", "closed won", "converted", "success", "positive"}
NO_WORDS: Final = _NO | {
    "lost",
    "closed lost",
    "not converted",
    "unconverted",
    "failure",
    "failed",
    "negative",
}
LEFT_WORDS: Final = _YES | {"churn", "lost", "left", "cancelled", "canceled", "inactive", "gone", "terminated"}
"""Yes where the question is whether a customer leaves; won and converted say nothing of that."""
STAYED_WORDS: Final = _NO | {"active", "renewed", "current", "kept", "no churn"}
MOOD_WORDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("positive", "pos", "good", "happy", "positiv", "positif", "positivo", "positiva"), "positive"),
    **dict.fromkeys(("neutral", "neu", "none", "mixed", "neutre", "neutro"), "neutral"),
    **dict.fromkeys(
        ("negative", "neg", "bad", "unhappy", "negativ", "négatif", "négative", "negativo", "negativa"), "negative"
    ),
}
_UNQUALIFIED: Final = "unqualified"
_RENEWED: Final = "renewed"
_LOST: Final = "lost"


class OwnLabels(NamedTuple):
    """What a yes-or-no model calls its two outcomes: the values that its training table had."""

    positive: str
    negative: str


class KnownOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What really happened: to one prediction, or to an object about which a model was asked."""

    actual: Any
    prediction_id: str | None = None
    object_type: str | None = None
    object_id: str | None = None
    model_id: str | None = None


def word_truth(text: str, *, of_churn: bool = False) -> bool | None:
    """Read a word as yes or no, such as ``won`` and ``Closed-Lost``; None where it is neither.

    ``of_churn``: whether a customer leaves, which a lost one does.

    >>> word_truth("lost"), word_truth("lost", of_churn=True), word_truth("active", of_churn=True)
    (False, True, False)
    """
    yes, no = (LEFT_WORDS, STAYED_WORDS) if of_churn else (YES_WORDS, NO_WORDS)
    folded = text.strip().casefold()
    for word in (folded, " ".join(folded.replace("_", " ").replace("-", " ").split())):
        if word in yes or word in no:
            return word in yes
    return None


def judge(prediction: Any, actual: Any, *, model_id: str, labels: OwnLabels | None = None) -> bool | None:
    """Say whether a prediction turned out right; None where that cannot be decided, or ``actual`` takes an outcome back.

    A prediction that holds a ``probability`` (0-1) counts as yes from 0.5 on, a mood is right where it is the very one. Forecasts and
    recommendations take numbers and products, which are kept and not judged; an answer of another shape takes any JSON.

    Raises:
        InvalidOutcome: what happened cannot be the outcome of such a prediction; the message says what can be.
    """
    if actual is None or not isinstance(prediction, Mapping):
        return None
    if _is_number(prediction.get("probability")):
        return bool(prediction["probability"] >= 0.5) == _truth_of(prediction, actual, model_id, labels)
    if "sentiment" in prediction:
        return bool(prediction["sentiment"] == _mood_of(actual, model_id))
    if "forecast" in prediction and not _all_are(_is_numeral, actual):
        raise _refused(actual, model_id, "a number, or a list of numbers in the order of the periods")
    if "items" in prediction and not _all_are(_is_product, actual):
        raise _refused(actual, model_id, "the id of a product, or a list of ids")
    return None


def actual_truth(actual: Any, *, of_churn: bool = False, labels: OwnLabels | None = None) -> bool | None:
    """Read what really happened as yes or no: a model's own labels, booleans, 0 and 1, and words; None where it is neither.

    ``lost`` is no for a lead; of a churn prediction (``of_churn``) it could mean either, so it is neither.
    """
    if isinstance(actual, bool):
        return actual
    text = written_number(actual) if _is_number(actual) else actual
    if not isinstance(text, str):
        return None
    folded = text.strip().casefold()
    for label, truth in zip(labels or (), (True, False), strict=False):
        if folded == label.strip().casefold():
            return truth
    if folded in (_LOST, _RENEWED):
        return None if (folded == _LOST) == of_churn else False
    return False if folded == _UNQUALIFIED and not of_churn else word_truth(text, of_churn=of_churn)


def _truth_of(prediction: Mapping[str, Any], actual: Any, model_id: str, labels: OwnLabels | None) -> bool:
    of_churn = "risk" in prediction
    truth = actual_truth(actual, of_churn=of_churn, labels=labels)
    if truth is None:
        words = (
            "1, churned, or false, 0, retained" if of_churn else "1, won, converted, or false, 0, lost, not converted"
        )
        own = f", or as the model's own labels {labels.positive!r} and {labels.negative!r}" if labels else ""
        raise _refused(actual, model_id, f"yes or no, for example as true, {words}{own}")
    return truth


def _mood_of(actual: Any, model_id: str) -> str:
    mood = MOOD_WORDS.get(actual.strip().casefold()) if isinstance(actual, str) else None
    if mood is None:
        raise _refused(actual, model_id, "positive, neutral or negative")
    return mood


def _refused(actual: Any, model_id: str, accepted: str) -> InvalidOutcome:
    shown = repr(actual)
    return InvalidOutcome(
        f"{shown if len(shown) <= 60 else shown[:57] + '...'} is no outcome of model {model_id!r}; give {accepted}. "
        "What was known before stays.",
        model_id=model_id,
        accepted=accepted,
    )


def _all_are(fits: Any, actual: Any) -> bool:
    """Whether a value fits, or is a list of those that do, in which null stands for what is not known."""
    if isinstance(actual, list | tuple):
        return all(one is None or fits(one) for one in actual)
    return bool(fits(actual))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_numeral(value: Any) -> bool:
    """Whether a value is a number, or text that is one, as the cells of a CSV file are."""
    try:
        return _is_number(float(value) if isinstance(value, str) else value)
    except ValueError:
        return False


def _is_product(value: Any) -> bool:
    return bool(value.strip()) if isinstance(value, str) else isinstance(value, int) and not isinstance(value, bool)
