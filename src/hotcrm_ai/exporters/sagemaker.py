"""Writes a folder that is built into a container for SageMaker: ``/ping`` and ``/invocations``, served by the standard library."""

from __future__ import annotations

import msgspec

from hotcrm_ai.exporters.request import ExportRequest

_SERVE = b'''"""Serves the model of this folder; SageMaker starts it as `serve`."""

from pathlib import Path

from hotcrm_ai.entrypoints.exported.container import serve

serve(Path(__file__).parent)
'''


def files(request: ExportRequest) -> dict[str, bytes]:
    """Return the files of the folder."""
    dockerfile = f"""FROM python:{request.python}-slim
WORKDIR /opt/program
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
EXPOSE 8080
ENTRYPOINT ["python", "serve.py"]
"""
    example = msgspec.json.encode({"instances": [request.record()]}).decode()
    readme = f"""# {request.title()} for Amazon SageMaker

    python -m pip install -r requirements.txt
    python serve.py                                   # or: docker build -t model . && docker run -p 8080:8080 model serve
    curl localhost:8080/invocations -H 'content-type: application/json' -d '{example}'

The answer is `{{"predictions": [{{"prediction": ..., "confidence": ...}}]}}`. Also taken: `text/csv` (no header, in the order of
the features above) and `application/jsonlines`. Push the image to ECR, make a model and an endpoint of it, and register it here with
provider `aws-sagemaker` and `"parameters": {{"output": {{"as": "raw", "path": "prediction", "confidence": "confidence"}}}}`.
"""
    return {
        **request.bundle("bundle"),
        **request.code_below(),
        "serve.py": _SERVE,
        "requirements.txt": request.requirements_text(),
        "Dockerfile": dockerfile.encode(),
        ".dockerignore": b"__pycache__\n*.pyc\n",
        "README.md": readme.encode(),
    }
