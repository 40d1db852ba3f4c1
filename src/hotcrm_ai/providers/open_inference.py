"""Asks servers of the Open Inference Protocol, version 2: MLServer, KServe, Triton and their like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from hotcrm_ai.domain.errors import ProviderBadAnswer, ProviderMisconfigured, ProviderRejected
from hotcrm_ai.domain.model import ModelConfig, ProviderConfig
from hotcrm_ai.domain.performance import ProviderHealth, ProviderScope
from hotcrm_ai.domain.prediction import PredictionInput, PredictionOutput
from hotcrm_ai.providers._kit import ProviderKit
from hotcrm_ai.providers._remote import RemoteServer, columns_of, seconds_of
from hotcrm_ai.providers._reply import parse_json, read_answers

NAME: Final = "open-inference"
INPUTS: Final = ("columns", "tensor")


def create(config: ProviderConfig, kit: ProviderKit) -> OpenInferenceProvider:
    """Return the provider for one server."""
    return OpenInferenceProvider(config, kit)


class OpenInferenceProvider:
    """Sends one input per column, as pandas codecs expect it, or with ``config["inputs"] = "tensor"`` one matrix of numbers.

    ``config["model_name"]`` (the model's id unless told otherwise) and ``config["model_version"]`` name the model on the server,
    ``config["input_name"]`` a tensor's input, ``config["output_name"]`` the output to read; without it the only output is read, or of
    several an object with all of them by name. The protocol carries no missing values: ``parameters["fill"]`` says what is sent for them.
    """

    def __init__(self, config: ProviderConfig, kit: ProviderKit) -> None:
        self._server = RemoteServer(config, kit)
        self._features = kit.features
        self._options = config.config
        self._style = config.config.get("inputs", INPUTS[0])
        if self._style not in INPUTS:
            raise ProviderMisconfigured(
                f"config['inputs'] of provider {NAME!r} is {self._style!r}; use one of {', '.join(INPUTS)}.",
                provider=NAME,
            )

    async def validate(self) -> None:
        """Check that the credential is there, where one is referred to."""
        await self._server.validate()

    async def predict(self, model: ModelConfig, input: PredictionInput) -> PredictionOutput:  # noqa: A002 - the port's name
        """Answer one request."""
        return (await self.batch_predict(model, [input]))[0]

    async def batch_predict(self, model: ModelConfig, inputs: Sequence[PredictionInput]) -> list[PredictionOutput]:
        """Answer several requests with one call."""
        if not inputs:
            return []
        columns = columns_of(model, inputs)
        tensors = self._tensor(model, columns, inputs) if self._style == "tensor" else _columns(model, columns, inputs)
        identity = inputs[0].prediction_id
        body: dict[str, Any] = {"id": identity, "inputs": tensors}
        if self._style == "columns":
            body["parameters"] = {"content_type": "pd"}
        if "output_name" in self._options:
            body["outputs"] = [{"name": self._options["output_name"]}]
        reply = await self._server.send("POST", self._url(model), body, model=model, seconds=seconds_of(inputs))
        said = parse_json(reply.body, model)
        answers = self._answers(said, model, identity, len(inputs))
        version = said.get("model_version")
        metadata = {"remote_version": version[:128]} if isinstance(version, str) and version else {}
        return read_answers(answers, model, len(inputs), features=self._features, metadata=metadata)

    async def health_check(self) -> ProviderHealth:
        """Ask the server whether it is ready."""
        return await self._server.health(self._server.url("/v2/health/ready"))

    def scope(self, model: ModelConfig) -> ProviderScope:  # noqa: ARG002 - one server, whatever the model
        """Return what fails together."""
        return self._server.scope()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._server.aclose()

    def _url(self, model: ModelConfig) -> str:
        name = quote(str(self._options.get("model_name", model.id)), safe="")
        version = self._options.get("model_version")
        place = f"/versions/{quote(str(version), safe='')}" if version is not None else ""
        return self._server.url(f"/v2/models/{name}{place}/infer")

    def _tensor(
        self, model: ModelConfig, columns: Sequence[str], inputs: Sequence[PredictionInput]
    ) -> list[dict[str, Any]]:
        values = [_filled(model, column, asked.features) for asked in inputs for column in columns]
        for value, column in zip(values, [*columns] * len(inputs), strict=True):
            if not isinstance(value, int | float):
                raise ProviderRejected(
                    f"Feature {column!r} of model {model.id!r} is no number, and a tensor holds numbers only; use inputs by columns.",
                    model_id=model.id,
                    provider=NAME,
                )
        name = self._options.get("input_name", "input-0")
        shape = [len(inputs), len(columns)]
        return [{"name": name, "shape": shape, "datatype": "FP64", "data": [float(value) for value in values]}]

    def _answers(self, answer: Any, model: ModelConfig, identity: str, count: int) -> list[Any]:
        if not isinstance(answer, dict) or not isinstance(answer.get("outputs"), list):
            raise _bad(model, "it has no list of outputs")
        if answer.get("id") not in (None, identity):
            raise _bad(model, "it is the answer to another request")
        rows: dict[str, list[Any]] = {}
        for output in answer["outputs"]:
            if not isinstance(output, dict) or not isinstance(output.get("name"), str):
                raise _bad(model, "one of its outputs has no name")
            rows[output["name"]] = _rows(output, model, count)
        if not rows:
            raise _bad(model, "it has no outputs")
        wanted = self._options.get("output_name")
        if wanted is not None and wanted not in rows:
            raise _bad(model, f"it has no output {wanted!r}")
        if wanted is not None or len(rows) == 1:
            return rows[wanted if wanted is not None else next(iter(rows))]
        return [{name: values[place] for name, values in rows.items()} for place in range(count)]


def _columns(model: ModelConfig, columns: Sequence[str], inputs: Sequence[PredictionInput]) -> list[dict[str, Any]]:
    tensors = []
    for column in columns:
        values = [_filled(model, column, asked.features) for asked in inputs]
        tensor: dict[str, Any] = {"name": column, "shape": [len(values), 1]}
        if all(isinstance(value, bool) for value in values):
            tensor |= {"datatype": "BOOL", "data": values}
        elif all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
            tensor |= {"datatype": "FP64", "data": [float(value) for value in values]}
        elif all(isinstance(value, str) for value in values):
            tensor |= {"datatype": "BYTES", "data": values, "parameters": {"content_type": "str"}}
        else:
            raise ProviderRejected(
                f"Feature {column!r} of model {model.id!r} is a list, or of several types; the protocol carries one plain type a column.",
                model_id=model.id,
                provider=NAME,
            )
        tensors.append(tensor)
    return tensors


def _filled(model: ModelConfig, column: str, features: Mapping[str, Any]) -> Any:
    value = features.get(column)
    if value is not None:
        return value
    fill = model.parameters.get("fill", {})
    if isinstance(fill, Mapping) and fill.get(column) is not None:
        return fill[column]
    raise ProviderRejected(
        f"Feature {column!r} of model {model.id!r} is missing, and the protocol carries no missing values; give it, or say in "
        f"parameters['fill'] what is sent instead.",
        model_id=model.id,
        provider=NAME,
    )


def _rows(output: Mapping[str, Any], model: ModelConfig, count: int) -> list[Any]:
    """Return one value, or list of values, for each row of an output, whose data may be flat or nested."""
    data = list(_flat(output.get("data")))
    shape = output.get("shape")
    if not isinstance(shape, list) or not shape or not all(type(size) is int and size >= 0 for size in shape):
        raise _bad(model, "one of its outputs has no shape")
    width = 1
    for size in shape[1:]:
        width *= size
    if shape[0] != count or len(data) != count * width:
        raise _bad(model, f"an output of shape {shape} with {len(data)} values does not fit {count} questions")
    if len(shape) == 1 or width == 1:
        return data
    return [data[place * width : (place + 1) * width] for place in range(count)]


def _flat(data: Any) -> Any:
    if not isinstance(data, list):
        return
    for element in data:
        if isinstance(element, list):
            yield from _flat(element)
        else:
            yield element


def _bad(model: ModelConfig, reason: str) -> ProviderBadAnswer:
    return ProviderBadAnswer(
        f"The answer of model {model.id!r} (provider {NAME!r}) cannot be used: {reason}. Nothing was predicted.",
        model_id=model.id,
        provider=NAME,
    )
