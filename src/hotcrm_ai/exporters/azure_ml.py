"""Writes a folder for a managed online endpoint of Azure Machine Learning: a scoring script with its environment."""

from __future__ import annotations

import msgspec

from hotcrm_ai.exporters.request import ExportRequest

_SERVER = "azureml-inference-server-http"
_SCORE = b'''"""The scoring script: Azure's inference server calls init once, and run for each request."""

from pathlib import Path

from hotcrm_ai.entrypoints.exported.azure_script import AzureScript

_script = AzureScript(Path(__file__).parent)
init = _script.init


def run(raw_data):
    return _script.run(raw_data)
'''


def files(request: ExportRequest) -> dict[str, bytes]:
    """Return the files of the folder."""
    deployment = f"""$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json
name: blue
endpoint_name: {request.model_id.replace(".", "-").replace("_", "-")[:32].strip("-")}
code_configuration:
  code: .
  scoring_script: score.py
environment:
  conda_file: conda.yaml
  image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest
instance_type: Standard_DS2_v2
instance_count: 1
"""
    example = msgspec.json.encode({"data": [request.record()]}).decode()
    readme = f"""# {request.title()} for Azure Machine Learning

    python -m pip install {_SERVER} -r requirements.txt
    azmlinfsrv --entry_script score.py                # the server that Azure runs, on this machine
    curl localhost:5001/score -H 'content-type: application/json' -d '{example}'
    az ml online-deployment create -f deployment.yaml --all-traffic

The answer is `{{"predictions": [{{"prediction": ..., "confidence": ...}}]}}`. Register the endpoint here with provider `azure-ml` and
`"parameters": {{"output": {{"as": "raw", "path": "prediction", "confidence": "confidence"}}}}`.
"""
    return {
        **request.bundle("bundle"),
        **request.code_below(),
        "score.py": _SCORE,
        "requirements.txt": request.requirements_text(),
        "conda.yaml": request.conda(_SERVER),
        "deployment.yaml": deployment.encode(),
        "README.md": readme.encode(),
    }
