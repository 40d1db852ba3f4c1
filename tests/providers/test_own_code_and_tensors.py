"""Functions and classes as providers, recipes as plain data, and the other forms that servers take."""

from __future__ import annotations

from typing import Any

import pytest

from hotcrm_ai.domain.errors import ProviderError, ProviderMisconfigured, ProviderRejected
from hotcrm_ai.domain.model import ModelConfig, ProviderConfig
from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.providers.custom import fill
from hotcrm_ai.testing import FakeProvider, ModelServer, Said

MODEL = ModelConfig(id="m", provider="custom", parameters={"output": {"as": "number"}})


class Doubling:
    """A class with a predict of its own."""

    def __init__(self, factor: float = 2.0) -> None:
        self.factor = factor

    async def predict(self, features: dict[str, Any]) -> float:
        return self.factor * features["size"]


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        (lambda features: features["size"], {"value": 3.0}),
        (lambda features: PredictionOutput(prediction={"mine": 1}, confidence=60.0), {"mine": 1}),
        (Doubling, {"value": 6.0}),
        (Doubling(5.0), {"value": 15.0}),
    ],
)
async def test_a_function_or_class_answers(factory_for: Any, ask: Any, target: Any, answer: Any) -> None:
    """A function (in a thread), an async method, a class that is made, and an answer that is complete already."""
    provider = factory_for().get_provider({"provider": "custom", "config": {"python": target}})
    assert (await provider.predict(MODEL, ask(3.0))).prediction == answer
    assert [one.prediction for one in await provider.batch_predict(MODEL, [ask(3.0), ask(3.0)])] == [answer, answer]


def test_a_whole_provider_is_taken_as_it_is(factory_for: Any) -> None:
    """What implements the port needs nothing around it; two functions are two instances."""
    mine = FakeProvider()
    factory = factory_for()
    assert factory.get_provider({"provider": "custom", "config": {"python": mine}}) is mine
    one, other = (
        factory.get_provider({"provider": "custom", "config": {"python": made}}) for made in (Doubling(), Doubling())
    )
    assert one is not other


@pytest.mark.parametrize(
    "named",
    ["os:system", "statistics:nothing", "statistics", "builtins:eval", "statistics:Counter", "statistics:attrgetter"],
)
def test_only_listed_modules_are_loaded_by_name(factory_for: Any, named: str) -> None:
    """A name that arrives in a configuration imports nothing that the operator did not list, nor what a listed module itself imports."""
    with pytest.raises(ProviderMisconfigured):
        factory_for().get_provider({"provider": "custom", "config": {"python": named}})


async def test_a_listed_function_is_found_by_name(factory_for: Any, ask: Any) -> None:
    """``module:name`` of a listed module; the function fails here, and its error says nothing but its kind."""
    provider = factory_for().get_provider({"provider": "custom", "config": {"python": "statistics:mean"}})
    with pytest.raises((TypeError, ProviderError)):
        await provider.predict(MODEL, ask(1.0))


def test_a_template_is_data() -> None:
    """Only ``{{feature}}`` is replaced, a whole one keeps its type, and a value that looks like a template stays what it is."""
    features = {"size": 3.0, "name": "{{secret}} {% x %} ${y}", "secret": "s", "flag": False}
    template = {
        "n": "{{size}}",
        "t": "a {{ name }} of {{size}}",
        "l": ["{{flag}}", "{{gone}}", "{{gone}}!"],
        "k": 1,
        "{{size}}": None,
    }
    assert fill(template, features) == {
        "n": 3.0,
        "t": "a {{secret}} {% x %} ${y} of 3",
        "l": [False, None, "!"],
        "k": 1,
        "{{size}}": None,
    }


async def test_a_url_takes_values_in_path_and_query_only(factory_for: Any, ask: Any) -> None:
    """A value cannot leave its place in the address."""
    async with ModelServer(lambda heard: Said(body={"v": 0})) as server:
        config = {"method": "get", "answer": "v"}
        factory = factory_for(server.host)
        provider = factory.get_provider(
            {"provider": "custom", "endpoint": server.url + "/{{industry}}?size={{size}}", "config": config}
        )
        asked = ask(3.0)
        asked.features["industry"] = "../a b&c=d#e"
        assert (await provider.predict(MODEL, asked)).prediction == {"value": 0.0}
        assert server.heard[0].path == "/..%2Fa%20b%26c%3Dd%23e?size=3"
        assert (server.heard[0].method, server.heard[0].body) == ("GET", b"")
        asked.features["industry"] = ".."
        with pytest.raises(ProviderRejected, match="lead to another path"):
            await provider.predict(MODEL, asked)
        assert len(server.heard) == 1
        await factory.aclose()
    with pytest.raises(ProviderMisconfigured):
        factory_for("models.example.com").get_provider({"provider": "custom", "endpoint": "https://{{industry}}/x"})


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("dataframe_split", {"columns": ["industry", "size"], "data": [["Finance", 1.0]]}),
        ("dataframe_records", [{"industry": "Finance", "size": 1.0}]),
        ("instances", [{"industry": "Finance", "size": 1.0}]),
        ("inputs", {"industry": ["Finance"], "size": [1.0]}),
    ],
)
async def test_mlflow_takes_four_forms(factory_for: Any, ask: Any, form: str, body: Any) -> None:
    """Exactly one of them is sent, with the model's params beside it."""
    model = ModelConfig(id="m", provider="mlflow", parameters={"params": {"depth": 2}})
    async with ModelServer(lambda heard: Said(body={"predictions": [0.5]})) as server:
        factory = factory_for(server.host)
        provider = factory.get_provider(
            ProviderConfig(provider="mlflow", endpoint=server.url + "/invocations", config={"format": form})
        )
        assert (await provider.predict(model, ask(1.0))).prediction == 0.5
        assert server.heard[0].json() == {form: body, "params": {"depth": 2}}
        assert server.heard[0].path == "/invocations"
        await factory.aclose()


async def test_open_inference_takes_a_tensor_and_several_outputs(factory_for: Any, ask: Any) -> None:
    """One matrix of numbers in; outputs of several names are one object for each row."""

    def reply(heard: Any) -> Said:
        outputs = [
            {"name": "label", "shape": [2], "datatype": "BYTES", "data": ["no", "yes"]},
            {"name": "chances", "shape": [2, 2], "datatype": "FP64", "data": [0.9, 0.1, 0.2, 0.8]},
        ]
        return Said(body={"id": heard.json()["id"], "outputs": outputs})

    model = ModelConfig(id="m", provider="open-inference", parameters={"fill": {"size": -1.0}})
    async with ModelServer(reply) as server:
        factory = factory_for(server.host)
        config = {"inputs": "tensor", "model_name": "a/b", "model_version": "7"}
        provider = factory.get_provider(ProviderConfig(provider="open-inference", endpoint=server.url, config=config))
        first, second = ask(3.0), ask(4.0)
        for asked in (first, second):
            del asked.features["industry"]
        second.features["size"] = None
        answers = await provider.batch_predict(model, [first, second])
        assert [one.prediction for one in answers] == [
            {"label": "no", "chances": [0.9, 0.1]},
            {"label": "yes", "chances": [0.2, 0.8]},
        ]
        assert server.heard[0].path == "/v2/models/a%2Fb/versions/7/infer"
        assert server.heard[0].json()["inputs"] == [
            {"name": "input-0", "shape": [2, 1], "datatype": "FP64", "data": [3.0, -1.0]}
        ]
        with pytest.raises(ProviderRejected, match="no number"):
            await provider.predict(model, ask(3.0))
        await factory.aclose()


@pytest.mark.parametrize(
    "body",
    [
        {"outputs": []},
        {"outputs": [{"name": "y", "shape": [2], "data": [1.0, 2.0]}]},
        {"outputs": [{"name": "y", "shape": [1], "data": [1.0, 2.0]}]},
        {"outputs": [{"shape": [1], "data": [1.0]}]},
        {"id": "another", "outputs": [{"name": "y", "shape": [1], "data": [1.0]}]},
        {"error": "no"},
    ],
)
async def test_open_inference_outputs_must_fit_the_question(factory_for: Any, ask: Any, body: Any) -> None:
    """Another number of rows, values that do not fill their shape, or another request's id: no answer."""
    async with ModelServer(lambda heard: Said(body=body)) as server:
        factory = factory_for(server.host)
        provider = factory.get_provider(ProviderConfig(provider="open-inference", endpoint=server.url))
        with pytest.raises(ProviderError, match="cannot be used"):
            await provider.predict(ModelConfig(id="m", provider="open-inference"), ask(1.0))
        await factory.aclose()
