"""Published models are read once and kept in memory, those that are used."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from hotcrm_ai.assembly.preregistered import PACKAGED_MODELS, packaged_models
from hotcrm_ai.local_models.loader import LocalModelLoader
from hotcrm_ai.storage import FileBundleStore

LEADS, CHURN, MOODS = (
    next(model.digest for model in packaged_models() if model.id == id_)
    for id_ in ("lead-scoring-v1", "churn-prediction-v1", "sentiment-analysis-v1")
)


class CountedBundles:
    """The bundles of the package, and which of them were read."""

    def __init__(self) -> None:
        self._store = FileBundleStore(PACKAGED_MODELS)
        self.read_digests: list[str] = []

    def publish(self, members: Mapping[str, bytes]) -> str:
        """Publish nothing."""
        raise AssertionError(members)

    def read(self, digest: str) -> dict[str, bytes]:
        """Read a bundle."""
        self.read_digests.append(digest)
        return self._store.read(digest)


def test_a_model_that_answers_all_the_time_makes_no_room_for_one_asked_once() -> None:
    """Beyond the capacity the one goes that nobody has used for longest, not the one that was loaded first."""
    bundles = CountedBundles()
    loader = LocalModelLoader(bundles, capacity=2)
    for digest in (LEADS, CHURN, LEADS, MOODS, LEADS):
        assert loader.load(digest, model_id="m").digest == digest
    assert bundles.read_digests == [LEADS, CHURN, MOODS]


@pytest.mark.parametrize("times", [1, 3])
def test_a_model_is_read_once(times: int) -> None:
    """However often it is asked for."""
    bundles = CountedBundles()
    loader = LocalModelLoader(bundles)
    models = [loader.load(LEADS, model_id="m") for _ in range(times)]
    assert all(model is models[0] for model in models)
    assert bundles.read_digests == [LEADS]
