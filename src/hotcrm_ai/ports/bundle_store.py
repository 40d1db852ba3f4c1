"""Where the files of local models are published and read from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class BundleStore(Protocol):
    """Bundles of files, complete or absent, named by the SHA-256 of their manifest."""

    def publish(self, members: Mapping[str, bytes]) -> str:
        """Write a bundle (its ``manifest.json`` among the members) durably and return its digest."""
        ...

    def read(self, digest: str) -> dict[str, bytes]:
        """Return all members after checking each against the digest; raises ``ArtifactIntegrity``."""
        ...
