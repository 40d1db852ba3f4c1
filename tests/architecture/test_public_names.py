"""The public door holds the promised names, all of them and each under its own name."""

from __future__ import annotations

import inspect

import hotcrm_ai
from hotcrm_ai.domain import errors

PROMISED = {
    "AI",
    "Settings",
    "ModelConfig",
    "ProviderConfig",
    "PredictionRequest",
    "PredictionResponse",
    "PredictionInput",
    "PredictionOutput",
    "ProviderHealth",
    "PredictionMetric",
    "ModelPerformanceStats",
    "Health",
    "CacheStats",
    "Explanation",
    "FeatureContribution",
    "Comparison",
    "TrainingReport",
    "MLProvider",
}
RECORDS_THAT_CALLERS_ALSO_HOLD = {"CacheSettings", "Context", "FeatureImportance", "PredictionError"}


def all_errors() -> set[str]:
    """Name every error of the tree."""
    return {
        name
        for name, member in vars(errors).items()
        if inspect.isclass(member) and issubclass(member, errors.HotCRMAIError)
    }


def test_the_public_names_are_exactly_the_promised_ones():
    """Nothing promised is missing, and nothing is public by accident."""
    assert set(hotcrm_ai.__all__) == PROMISED | RECORDS_THAT_CALLERS_ALSO_HOLD | all_errors()


def test_the_list_of_public_names_is_sorted_and_without_repetition():
    """A name stands once in the list, where one looks for it."""
    assert hotcrm_ai.__all__ == sorted(set(hotcrm_ai.__all__))


def test_every_public_name_can_be_had_and_is_called_so():
    """Each listed name is there, and its class has the same name."""
    for name in hotcrm_ai.__all__:
        assert getattr(hotcrm_ai, name).__name__ == name


def test_nothing_else_is_visible():
    """``dir`` shows the public names only, and an unknown name is an AttributeError."""
    assert set(dir(hotcrm_ai)) == set(hotcrm_ai.__all__)
    assert not hasattr(hotcrm_ai, "Oracle")
