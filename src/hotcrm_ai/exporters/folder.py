"""Writes the folder of one target: the bundle, the code that answers with it, and what the target wants to find beside them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec

from hotcrm_ai.domain.errors import ConfigError, StorageError
from hotcrm_ai.exporters import azure_ml, mlflow, sagemaker
from hotcrm_ai.exporters.onnx import onnx_files
from hotcrm_ai.exporters.own_code import own_code
from hotcrm_ai.exporters.request import ExportRequest
from hotcrm_ai.local_models.manifest import read_manifest, verify_bundle
from hotcrm_ai.ports.ai_feature import AIFeature

Files = dict[str, bytes]
_WRITERS: Final[Mapping[str, Callable[[ExportRequest], Files]]] = {
    "sagemaker": sagemaker.files,
    "azure-ml": azure_ml.files,
    "mlflow": mlflow.files,
    "onnx": onnx_files,
}
TARGETS: Final = tuple(_WRITERS)
"""What a model can be exported for."""

_FACE: Final[Mapping[str, str]] = {
    "sagemaker": "hotcrm_ai.entrypoints.exported.container",
    "azure-ml": "hotcrm_ai.entrypoints.exported.azure_script",
    "mlflow": "hotcrm_ai.entrypoints.exported.mlflow_model",
}


class ExportedFolder(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What was written: the folder, its files and their size in bytes."""

    model_id: str
    target: str
    folder: str
    bundle_digest: str
    files: tuple[str, ...]
    bytes_written: int


def export_folder(
    members: Mapping[str, bytes], digest: str, feature: AIFeature, *, model_id: str, target: str, out: Path
) -> ExportedFolder:
    """Write the folder for a target, complete or not at all.

    Raises:
        ConfigError: the target is not known, the folder is in use, or the model cannot be expressed there.
        ArtifactIntegrity: the bundle is not what was published.
        StorageError: the disk failed.
    """
    if target not in _WRITERS:
        raise ConfigError(f"A model cannot be exported for {target!r}; known are {', '.join(TARGETS)}.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError(f"{str(out)!r} is there already and not an empty folder; choose another one.")
    verify_bundle(members, digest)
    manifest = read_manifest(members, digest)
    code: Files = {}
    others: tuple[str, ...] = ()
    if target in _FACE:
        code, others = own_code([_FACE[target], type(feature).__module__])
    request = ExportRequest(
        model_id=model_id,
        digest=digest,
        manifest=manifest,
        members=members,
        feature=feature,
        code=code,
        requirements=tuple(f"{name}=={version(name)}" for name in others),
    )
    files = _WRITERS[target](request)
    _write(files, out)
    return ExportedFolder(
        model_id=model_id,
        target=target,
        folder=str(out),
        bundle_digest=digest,
        files=tuple(sorted(files)),
        bytes_written=sum(map(len, files.values())),
    )


def _write(files: Mapping[str, bytes], out: Path) -> None:
    try:
        out.absolute().parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=out.absolute().parent))
        try:
            for name, content in files.items():
                path = unfinished / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            unfinished.chmod(0o755)
            os.replace(unfinished, out)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    except OSError as problem:
        raise StorageError(
            f"The folder {str(out)!r} could not be written ({problem.strerror}); check the disk."
        ) from problem
