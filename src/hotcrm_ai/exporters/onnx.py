"""Writes a tabular model as an ONNX graph in double precision, from raw numbers and categories to the calibrated probability."""

from __future__ import annotations

from hotcrm_ai.domain.errors import ConfigError, MissingExtra
from hotcrm_ai.exporters.request import ExportRequest
from hotcrm_ai.local_models.encoding import CategoryEncoding, ConstantEncoding, NumberEncoding
from hotcrm_ai.local_models.expected_value import VALUE_COLUMN
from hotcrm_ai.local_models.kinds import read_model
from hotcrm_ai.local_models.tabular import TabularModel


def onnx_files(request: ExportRequest) -> dict[str, bytes]:
    """Return the files of the folder.

    Raises:
        ConfigError: the model takes what ONNX cannot express, such as words of a text.
        MissingExtra: the package that writes ONNX is not installed.
    """
    model = read_model(request.manifest, request.members)
    if not isinstance(model, TabularModel):
        raise ConfigError(
            f"Model {request.model_id!r} is of kind {request.manifest.kind!r}, which ONNX cannot express; export it for mlflow, "
            "sagemaker or azure-ml instead."
        )
    known = (NumberEncoding, CategoryEncoding, ConstantEncoding)
    odd = [
        name for name, encoding in zip(model.features, model.encodings, strict=True) if not isinstance(encoding, known)
    ]
    if odd:
        raise ConfigError(
            f"Model {request.model_id!r} reads texts or dates ({', '.join(odd)}), which ONNX cannot encode as we do; export it for "
            "mlflow, sagemaker or azure-ml, or train one without them."
        )
    try:
        from hotcrm_ai.exporters.onnx_graph import graph_of
    except ImportError:
        raise MissingExtra(feature="Exporting for ONNX", extra="onnx") from None
    content, inputs, outputs = graph_of(model, request)
    return {
        "model.onnx": content,
        **request.bundle("bundle"),
        "README.md": _readme(request, inputs, outputs).encode(),
    }


def _readme(request: ExportRequest, inputs: dict[str, str], outputs: tuple[str, ...]) -> str:
    listed = "\n".join(f"| `{name}` | {kind} |" for name, kind in inputs.items())
    chance, *scores = outputs
    score = "".join(f", and `{name}` is 100 times it" for name in scores)
    column = request.manifest.extra.get(VALUE_COLUMN)
    worth = f" What a record is worth is not in the graph: it is `{chance}` times `{column}`." if column else ""
    limits = ", ".join(f"{name} from {limit:g}" for name, limit in request.manifest.bands.items())
    return f"""# {request.title()} as ONNX

`model.onnx` (opset 21, ai.onnx.ml 5, double precision) takes one column for each feature, of the shape records by 1:

| input | what it holds |
| --- | --- |
{listed}

`{chance}` is the calibrated chance{score}. Classes by probability: {limits or "none"}.{worth} A missing number is NaN and a missing
category is the empty text. ONNX cannot fold case: a category is known in the spellings that training saw and in lower case, and
counts as never seen in any other. Features that the model does not use have no input.
"""
