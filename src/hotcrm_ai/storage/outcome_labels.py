"""Finds what the models call the outcomes that they learned, in their bundles."""

from __future__ import annotations

from hotcrm_ai.domain.errors import ArtifactIntegrity
from hotcrm_ai.domain.outcome import OwnLabels
from hotcrm_ai.local_models.manifest import read_manifest
from hotcrm_ai.ports.bundle_store import BundleStore


class BundleLabels:
    """The labels of yes-or-no models by the digest of their bundle, each read once."""

    def __init__(self, bundles: BundleStore) -> None:
        self._bundles = bundles
        self._known: dict[str, OwnLabels | None] = {}

    def of(self, digest: str | None) -> OwnLabels | None:
        """Return a model's labels; None where it has none of its own, or its files are gone: then usual words are understood."""
        if digest is None:
            return None
        if digest not in self._known:
            self._known[digest] = self._read(digest)
        return self._known[digest]

    def _read(self, digest: str) -> OwnLabels | None:
        try:
            origin = read_manifest(self._bundles.read(digest), digest).origin
        except ArtifactIntegrity:
            return None
        match origin.get("positive"), origin.get("negative"):
            case str(positive), str(negative):
                return OwnLabels(positive, negative)
            case _:
                return None
