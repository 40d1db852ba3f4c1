"""Writes a model folder of MLflow: a pyfunc with its code beside it, made from plain files, so that nothing is unpickled."""

from __future__ import annotations

import platform
from typing import Final

import msgspec

from hotcrm_ai.exporters.request import ExportRequest

_LOADER: Final = b'''"""What MLflow calls to load the model."""

from pathlib import Path

from hotcrm_ai.entrypoints.exported.mlflow_model import MLflowModel


def _load_pyfunc(path):
    return MLflowModel(Path(path))
'''
_TYPES: Final = {"number": "double", "boolean": "boolean", "category": "string", "date": "string", "text": "string"}


def files(request: ExportRequest) -> dict[str, bytes]:
    """Return the files of the folder."""
    columns = [
        {"name": spec.name, "type": _TYPES[spec.type], "required": False}
        for spec in request.manifest.signature.features
        if spec.type in _TYPES
    ]
    # Lists have no type among MLflow's columns: a model that takes some goes without a signature of MLflow's.
    is_flat = len(columns) == len(request.manifest.signature.features)
    signature = f"signature:\n  inputs: '{_quoted(columns)}'\n  outputs: null\n  params: null\n" if is_flat else ""
    described = f"""flavors:
  python_function:
    code: code
    data: bundle
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: hotcrm_loader
    python_version: '{platform.python_version()}'
{signature}metadata:
  hotcrm_ai_model: {request.model_id}
  hotcrm_ai_bundle: {request.digest}
"""
    environment = f"python: '{request.python}'\nbuild_dependencies:\n- pip\ndependencies:\n- -r requirements.txt\n"
    readme = f"""# {request.title()} for MLflow

    mlflow models serve -m . --env-manager local -p 5001      # needs mlflow and what requirements.txt lists

    import mlflow; mlflow.pyfunc.load_model(".").predict(table)

Each row gives `{{"prediction": ..., "confidence": ...}}`. Register a server of it here with provider `mlflow` and
`"parameters": {{"output": {{"as": "raw", "path": "prediction", "confidence": "confidence"}}}}`.
"""
    return {
        **request.bundle("bundle"),
        **request.code_below("code/"),
        "code/hotcrm_loader.py": _LOADER,
        "MLmodel": described.encode(),
        "requirements.txt": request.requirements_text() + b"mlflow\npandas\n",
        "conda.yaml": request.conda("mlflow", "pandas"),
        "python_env.yaml": environment.encode(),
        "README.md": readme.encode(),
    }


def _quoted(columns: list[dict[str, object]]) -> str:
    return msgspec.json.encode(columns).decode().replace("'", "''")
