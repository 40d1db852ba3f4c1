"""What the writer of every target is given: the verified bundle, its manifest, and the code and packages that answer with it."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass

from hotcrm_ai.local_models.manifest import Manifest
from hotcrm_ai.ports.ai_feature import AIFeature


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """One model on its way out; ``code`` are source files by path, ``requirements`` other packages with their versions."""

    model_id: str
    digest: str
    manifest: Manifest
    members: Mapping[str, bytes]
    feature: AIFeature
    code: Mapping[str, bytes]
    requirements: tuple[str, ...]

    def bundle(self, folder: str) -> dict[str, bytes]:
        """Return the bundle's files below a folder."""
        return {f"{folder}/{name}": content for name, content in self.members.items()}

    def code_below(self, folder: str = "") -> dict[str, bytes]:
        """Return the code below a folder."""
        return {f"{folder}{name}": content for name, content in self.code.items()}

    @property
    def python(self) -> str:
        """The version of Python that the model was exported with, without its patch number."""
        return ".".join(platform.python_version_tuple()[:2])

    def requirements_text(self) -> bytes:
        """Return the packages as a requirements file."""
        return "".join(f"{line}\n" for line in self.requirements).encode()

    def conda(self, *further: str) -> bytes:
        """Return the environment as a conda file."""
        lines = [f"      - {line}" for line in (*self.requirements, *further)]
        text = f"name: hotcrm-ai-model\nchannels:\n  - conda-forge\ndependencies:\n  - python={self.python}\n  - pip\n  - pip:\n"
        return (text + "\n".join(lines) + "\n").encode()

    def title(self) -> str:
        """Return how the model is called in the texts of a folder."""
        return f"{self.model_id} ({self.manifest.feature}, bundle {self.digest[:12]})"

    def record(self) -> dict[str, object]:
        """Return an example of a record, made from what training saw of each feature."""
        return {
            spec.name: _example(spec.type, spec.minimum, spec.maximum, spec.categories)
            for spec in self.manifest.signature.features
        }


def _example(kind: str, low: float | None, high: float | None, categories: tuple[str, ...]) -> object:
    if kind == "number":
        return round(((low or 0.0) + (high or 0.0)) / 2.0, 2)
    if kind == "category":
        return categories[0] if categories else None
    return {"boolean": True, "date": "2026-03-31", "text": "We would like a demo next week."}.get(kind)
