"""Asks MLflow's scoring server, ``mlflow models serve`` or whatever else answers at ``/invocations``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from hotcrm_ai.domain.errors import ProviderBadAnswer, ProviderMisconfigured
from hotcrm_ai.domain.model import ModelConfig, ProviderConfig
from hotcrm_ai.domain.performance import ProviderHealth, ProviderScope
from hotcrm_ai.domain.prediction import PredictionInput, PredictionOutput
from hotcrm_ai.providers._kit import ProviderKit
from hotcrm_ai.providers._remote import RemoteServer, columns_of, seconds_of
from hotcrm_ai.providers._reply import parse_json, read_answers

NAME: Final = "mlflow"
FORMATS: Final = ("dataframe_split", "dataframe_records", "instances", "inputs")
_INVOCATIONS: Final = "/invocations"


def create(config: ProviderConfig, kit: ProviderKit) -> MLflowProvider:
    """Return the provider for one scoring server."""
    return MLflowProvider(config, kit)


class MLflowProvider:
    """Sends rows as ``config["format"]`` says (``dataframe_split`` unless told otherwise) and reads ``predictions``, one for each row.

    ``parameters["params"]`` of the model are sent along as the server's ``params``.
    """

    def __init__(self, config: ProviderConfig, kit: ProviderKit) -> None:
        self._server = RemoteServer(config, kit)
        self._features = kit.features
        self._format = config.config.get("format", FORMATS[0])
        if self._format not in FORMATS:
            raise ProviderMisconfigured(
                f"config['format'] of provider {NAME!r} is {self._format!r}; use one of {', '.join(FORMATS)}.",
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
        body: dict[str, Any] = {self._format: self._rows(model, inputs)}
        if "params" in model.parameters:
            body["params"] = model.parameters["params"]
        reply = await self._server.send(
            "POST", self._server.url(_INVOCATIONS), body, model=model, seconds=seconds_of(inputs)
        )
        answer = parse_json(reply.body, model)
        if not isinstance(answer, dict) or "predictions" not in answer:
            raise ProviderBadAnswer(
                f"The answer of model {model.id!r} (provider {NAME!r}) has no 'predictions'; nothing was predicted.",
                model_id=model.id,
                provider=NAME,
            )
        return read_answers(answer["predictions"], model, len(inputs), features=self._features)

    async def health_check(self) -> ProviderHealth:
        """Ask the server's ``/ping``."""
        return await self._server.health(self._server.endpoint.rstrip("/").removesuffix(_INVOCATIONS) + "/ping")

    def scope(self, model: ModelConfig) -> ProviderScope:  # noqa: ARG002 - one server, whatever the model
        """Return what fails together."""
        return self._server.scope()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._server.aclose()

    def _rows(self, model: ModelConfig, inputs: Sequence[PredictionInput]) -> Any:
        columns = columns_of(model, inputs)
        values = [[asked.features.get(column) for column in columns] for asked in inputs]
        if self._format == "dataframe_split":
            return {"columns": columns, "data": values}
        if self._format == "inputs":
            return {column: [row[place] for row in values] for place, column in enumerate(columns)}
        return [dict(zip(columns, row, strict=True)) for row in values]
