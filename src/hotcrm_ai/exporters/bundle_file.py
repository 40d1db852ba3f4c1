"""Writes a model as one file, its bundle and its configuration, and reads such a file from anywhere after checking all of it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from hotcrm_ai.domain.errors import ArtifactIntegrity, ConfigError, StorageError
from hotcrm_ai.domain.model import MetricsSource, ModelConfig
from hotcrm_ai.domain.spelling import read_record
from hotcrm_ai.domain.training import registry_metrics
from hotcrm_ai.local_models.kinds import read_model
from hotcrm_ai.local_models.manifest import read_manifest, verify_bundle

_CONFIG: Final = "model-config.json"
_FOLDER: Final = "bundle/"
_MEMBER: Final = re.compile(r"bundle/[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_MOST_MEMBERS: Final = 64
_MOST_BYTES: Final = 512 * 1024 * 1024
_UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, EOFError)
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
_OF_THIS_WORKSPACE: Final = {
    "ab_test": None,
    "fallback_model_id": None,
    "provider_config": None,
    "endpoint": None,
    "revision": 0,
}


def write_bundle_file(model: ModelConfig, members: Mapping[str, bytes], path: Path) -> None:
    """Write a model's file, whole or not at all; equal models give equal bytes.

    What only means something in this workspace is left out: revision, A/B test, fallback, addresses and credentials.

    Raises:
        ConfigError: the file is there already.
        StorageError: the disk failed.
    """
    plain = msgspec.structs.replace(model, status="testing", **_OF_THIS_WORKSPACE)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_entry(_CONFIG), msgspec.json.format(msgspec.json.encode(plain), indent=1))
        for name, member in sorted(members.items()):
            archive.writestr(_entry(_FOLDER + name), member)
    try:
        with path.open("xb") as file:
            _fill(file, content.getvalue(), path)
    except FileExistsError:
        raise ConfigError(f"{str(path)!r} is there already; choose another name.") from None
    except OSError as problem:
        raise StorageError(f"{str(path)!r} could not be written: {problem.strerror}.") from problem


def _fill(file: BinaryIO, content: bytes, path: Path) -> None:
    """Write all of it, or take the file away again: half a model would be in the way of the next attempt."""
    try:
        file.write(content)
        file.flush()
    except OSError:
        path.unlink()
        raise


def read_bundle_file(path: Path) -> tuple[ModelConfig, dict[str, bytes]]:
    """Return the configuration and the bundle of a model's file, which may come from anybody.

    Everything is checked before any of it is used: names and sizes, the digest that the configuration gives, the digest of each member,
    and that the model in it is sound. Type, features, metrics and where these come from are the bundle's, whatever the configuration says.

    Raises:
        ArtifactIntegrity: it is no such file, or something in it is missing, altered or malformed.
        StorageError: it cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            content = _members(archive, path)
    except OSError as problem:
        raise StorageError(f"{str(path)!r} cannot be read: {problem.strerror or problem}.") from problem
    except _UNREADABLE as problem:
        raise ArtifactIntegrity(f"{str(path)!r} is no exported model: {problem}; export it again.") from problem
    config = _config(content.pop(_CONFIG, b""), path)
    if config.bundle_digest is None:
        raise ArtifactIntegrity(f"{str(path)!r} names no bundle; export the model again.")
    members = {name.removeprefix(_FOLDER): member for name, member in content.items()}
    verify_bundle(members, config.bundle_digest)
    manifest = read_manifest(members, config.bundle_digest)
    read_model(manifest, members)
    fitting = msgspec.structs.replace(
        config,
        provider="local",
        status="testing",
        type=manifest.model_type,
        signature=manifest.signature,
        feature=manifest.feature,
        metrics=registry_metrics(manifest.metrics),
        metrics_source=MetricsSource(
            kind="measured",
            data_fingerprint=manifest.origin.get("dataFingerprint"),
            rows=manifest.origin.get("heldOutRows"),
            measured_at=config.metrics_source.measured_at if config.metrics_source is not None else None,
            trained_on=manifest.origin.get("trainedOn"),
        ),
        **_OF_THIS_WORKSPACE,
    )
    return fitting, members


def _members(archive: zipfile.ZipFile, path: Path) -> dict[str, bytes]:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    odd = [name for name in names if name != _CONFIG and not _MEMBER.fullmatch(name)]
    if odd or len(set(names)) != len(names) or len(names) > _MOST_MEMBERS:
        raise ArtifactIntegrity(f"{str(path)!r} holds other files than a model's; export it again.")
    if sum(entry.file_size for entry in entries) > _MOST_BYTES:
        raise ArtifactIntegrity(f"{str(path)!r} would unpack to more than {_MOST_BYTES} bytes; no model is so large.")
    content: dict[str, bytes] = {}
    for entry in entries:
        with archive.open(entry) as member:
            content[entry.filename] = member.read(entry.file_size + 1)
        if len(content[entry.filename]) != entry.file_size:
            raise ArtifactIntegrity(
                f"{entry.filename!r} in {str(path)!r} has another size than it says; export it again."
            )
    return content


def _config(content: bytes, path: Path) -> ModelConfig:
    try:
        found = msgspec.json.decode(content, type=dict)
        return read_record(ModelConfig, found, what="model configuration")
    except (msgspec.DecodeError, UnicodeError, ConfigError) as problem:
        raise ArtifactIntegrity(f"The configuration in {str(path)!r} cannot be read: {problem}.") from problem


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=_NO_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
