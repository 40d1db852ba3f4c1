"""Loads published bundles into models that can answer: digest first, then structure, then use."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final

from hotcrm_ai.domain.errors import ArtifactIntegrity
from hotcrm_ai.local_models.kinds import read_model
from hotcrm_ai.local_models.manifest import Manifest, read_manifest
from hotcrm_ai.ports.bundle_store import BundleStore

_CAPACITY: Final = 32


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A bundle in memory: its manifest, and the model with all its parameters, of the class that the manifest's kind names."""

    digest: str
    manifest: Manifest
    model: Any


class LocalModelLoader:
    """Keeps the most recently used models in memory; safe to use from several threads."""

    def __init__(self, bundles: BundleStore, *, capacity: int = _CAPACITY) -> None:
        self._bundles = bundles
        self._capacity = capacity
        self._loaded: OrderedDict[str, LoadedModel] = OrderedDict()
        self._lock = threading.Lock()

    def load(self, digest: str | None, *, model_id: str) -> LoadedModel:
        """Return the model of a bundle.

        Raises:
            ArtifactIntegrity: the model has no bundle, or its files are missing, altered or malformed.
        """
        if digest is None:
            raise ArtifactIntegrity(f"Model {model_id!r} has no bundle; train it or import one.", model_id=model_id)
        found = self._loaded.get(digest)
        if found is not None:
            with contextlib.suppress(KeyError):  # another thread may have made room of it meanwhile
                self._loaded.move_to_end(digest)
            return found
        with self._lock:
            found = self._loaded.get(digest) or self._read(digest)
            self._loaded[digest] = found
            self._loaded.move_to_end(digest)
            while len(self._loaded) > self._capacity:
                self._loaded.popitem(last=False)
        return found

    def _read(self, digest: str) -> LoadedModel:
        members = self._bundles.read(digest)
        manifest = read_manifest(members, digest)
        return LoadedModel(digest=digest, manifest=manifest, model=read_model(manifest, members))
