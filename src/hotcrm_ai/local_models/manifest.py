"""The manifest of a local model's bundle: what it is, what it was measured at, and the SHA-256 of each of its files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from hotcrm_ai.domain.errors import ArtifactIntegrity
from hotcrm_ai.domain.signature import Signature

FORMAT_VERSION: Final = 1
MANIFEST_NAME: Final = "manifest.json"
MODEL_NAME: Final = "model.json"


class Manifest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Everything about a bundle but the model's own parameters.

    ``metrics``, ``intervals`` and ``baselines`` are on held-out rows, on the 0-1 scale. ``bands`` are lower probability limits of the
    classes of the feature. ``origin`` says where the rows came from: fingerprint, counts, split, seed, target, ``trained_on``.
    ``kind`` names the class that reads ``model.json``.
    It holds no time, so that the same data and seed give the same digest.
    """

    feature: str
    model_type: str
    kind: str = "tabular"
    signature: Signature
    bands: dict[str, float]
    metrics: dict[str, float]
    origin: dict[str, Any]
    intervals: dict[str, tuple[float, float]] = msgspec.field(default_factory=dict)
    baselines: dict[str, dict[str, float]] = msgspec.field(default_factory=dict)
    extra: dict[str, Any] = msgspec.field(default_factory=dict)
    members: dict[str, str] = msgspec.field(default_factory=dict)
    format_version: int = FORMAT_VERSION


def pack_bundle(manifest: Manifest, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return all members of a bundle: the files, and the manifest that names the SHA-256 of each."""
    members = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    stamped = msgspec.structs.replace(manifest, members=members)
    return {**files, MANIFEST_NAME: msgspec.json.encode(stamped, order="deterministic")}


def bundle_digest(members: Mapping[str, bytes]) -> str:
    """Return the digest that names a bundle: the SHA-256 of its manifest."""
    return hashlib.sha256(members[MANIFEST_NAME]).hexdigest()


def verify_bundle(members: Mapping[str, bytes], digest: str) -> None:
    """Check that the members are exactly those of the bundle called ``digest``, before anything of the model is parsed.

    Raises:
        ArtifactIntegrity: a member is missing, unexpected or altered, or the format is not known.
    """
    manifest = read_manifest(members, digest)
    expected, found = set(manifest.members), set(members) - {MANIFEST_NAME}
    if expected != found:
        odd = sorted(expected.symmetric_difference(found))
        raise ArtifactIntegrity(
            f"Bundle {digest!r} has other files than its manifest names: {odd}; publish the model again."
        )
    for name, sha256 in manifest.members.items():
        if hashlib.sha256(members[name]).hexdigest() != sha256:
            raise ArtifactIntegrity(f"File {name!r} of bundle {digest!r} was altered; publish the model again.")


def read_manifest(members: Mapping[str, bytes], digest: str) -> Manifest:
    """Return the manifest after checking it against the digest.

    Raises:
        ArtifactIntegrity: it is missing, altered, unreadable, or of a format that this version does not know.
    """
    if MANIFEST_NAME not in members:
        raise ArtifactIntegrity(f"Bundle {digest!r} has no {MANIFEST_NAME}; publish the model again.")
    if hashlib.sha256(members[MANIFEST_NAME]).hexdigest() != digest:
        raise ArtifactIntegrity(f"The manifest of bundle {digest!r} was altered; publish the model again.")
    try:
        manifest = msgspec.json.decode(members[MANIFEST_NAME], type=Manifest)
    except msgspec.DecodeError as problem:
        raise ArtifactIntegrity(f"The manifest of bundle {digest!r} cannot be read: {problem}.") from problem
    if manifest.format_version != FORMAT_VERSION:
        raise ArtifactIntegrity(
            f"Bundle {digest!r} has format {manifest.format_version}, this version reads {FORMAT_VERSION}; train the model again."
        )
    return manifest
