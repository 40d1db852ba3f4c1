"""What simpler ways reach on the same texts: the shares of the moods, counting words of the lexicon, and naive Bayes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import CountVectorizer  # type: ignore[import-untyped]  # ships no types
from sklearn.naive_bayes import MultinomialNB  # type: ignore[import-untyped]  # ships no types

from hotcrm_ai.local_models.text_terms import sign_terms
from hotcrm_ai.local_models.text_tokens import read_tokens
from hotcrm_ai.training.text_metrics import mood_metrics

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.intp]

_GLAD = ("great", "good", "thanks", "great face")
_RATES = ("accuracy", "precision", "recall", "f1")


def baselines_of(
    texts: Sequence[str],
    labels: Sequence[str],
    unseen: Sequence[str],
    target: Whole,
    classes: Sequence[str],
    lexicon: Mapping[str, str],
) -> dict[str, dict[str, float]]:
    """Return the metrics of each baseline on the held-out texts; counting words states no probabilities, so it has rates only."""
    shares = np.array([labels.count(mood) / len(labels) for mood in classes])
    counted = mood_metrics(target, _counted(unseen, classes, lexicon), classes)
    return {
        "majority": mood_metrics(target, np.tile(shares, (len(unseen), 1)), classes),
        "lexicon": {name: counted[name] for name in _RATES},
        "naive_bayes": mood_metrics(target, _naive_bayes(texts, labels, unseen, classes), classes),
    }


def _counted(texts: Sequence[str], classes: Sequence[str], lexicon: Mapping[str, str]) -> Floats:
    """Return certainty for the mood whose words are more, for neutral (or, of two moods, the first) where they are as many."""
    stated = np.zeros((len(texts), len(classes)))
    for at, text in enumerate(texts):
        balance = sum(_worth(term.text) for term in sign_terms(read_tokens(text), lexicon))
        mood = "positive" if balance > 0 else "negative" if balance < 0 else "neutral"
        stated[at, classes.index(mood) if mood in classes else 0] = 1.0
    return stated


def _worth(sign: str) -> int:
    if sign.startswith(("~", "not ~", "no mood")) or sign.endswith((" at the end", " stressed")):
        return 0
    turned = sign.startswith("not ")
    glad = sign.removeprefix("not ") in _GLAD
    return -1 if glad is turned else 1


def _naive_bayes(texts: Sequence[str], labels: Sequence[str], unseen: Sequence[str], classes: Sequence[str]) -> Floats:
    reader = CountVectorizer(analyzer=str.split)
    rows = reader.fit_transform([*texts, *classes])
    learner = MultinomialNB().fit(rows[: len(texts)], labels)
    order = [list(learner.classes_).index(mood) for mood in classes]
    return np.asarray(learner.predict_proba(reader.transform(unseen))[:, order], dtype=np.float64)
