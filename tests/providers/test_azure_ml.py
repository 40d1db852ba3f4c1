"""Azure's endpoints are asked with key, AML token or Entra token, and each of their statuses becomes the right kind."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

import msgspec
import pytest

from hotcrm_ai import ModelConfig, PredictionInput, ProviderError, ProviderMisconfigured
from hotcrm_ai.domain.addresses import AllowedHosts
from hotcrm_ai.domain.model import ProviderConfig
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.pipeline.guards import ProviderGuards
from hotcrm_ai.providers import ProviderKit, azure_ml
from hotcrm_ai.testing.clock import FakeClock
from hotcrm_ai.testing.model_server import Heard, ModelServer, Said
from hotcrm_ai.testing.provider_conformance import check_provider

MODEL = ModelConfig(
    id="lead-remote",
    provider="azure-ml",
    signature=Signature(features=(FeatureSpec(name="x", type="number"), FeatureSpec(name="note", type="text"))),
    parameters={"output": {"as": "probability", "path": "score"}},
)
KEY = {"api_key": {"env": "AZURE_ML_API_KEY"}}
ENTRA = {"tenant_id": {"env": "TENANT"}, "client_id": {"env": "CLIENT"}, "client_secret": {"env": "SECRET"}}
ENVIRON = {"AZURE_ML_API_KEY": "key-1", "TENANT": "t-1", "CLIENT": "c-1", "SECRET": "s-1"}


class AzureFront:
    """Answers like an endpoint whose script returns a JSON text, and like the authority that gives tokens."""

    def __init__(self) -> None:
        self.accepted = {"key-1"}
        self.failing: list[Said] = []
        self.tokens = 0
        self.seconds = 3600

    def __call__(self, heard: Heard) -> Said:
        if heard.path == "/t-1/oauth2/v2.0/token":
            return self._token(heard)
        if heard.headers.get("authorization", "").removeprefix("Bearer ") not in self.accepted:
            return Said(status=401, body={"error": heard.headers.get("authorization")})
        if self.failing:
            return self.failing.pop(0)
        if heard.path == "/swagger.json":
            return Said(body={"swagger": "2.0"})
        sent = {"azureml-model-deployment": heard.headers.get("azureml-model-deployment", "green")}
        asked = heard.json()
        if "input_data" in asked:
            table = asked["input_data"]
            places = [dict(zip(table["columns"], row, strict=True)) for row in table["data"]]
            return Said(body=[{"score": row["x"] / 100} for row in places], headers=sent)
        answers = {"predictions": [{"score": row["x"] / 100} for row in asked["instances"]]}
        return Said(body=msgspec.json.encode(answers).decode(), headers=sent)

    def _token(self, heard: Heard) -> Said:
        form = parse_qs(heard.body.decode())
        if form["client_secret"] != ["s-1"] or form["scope"] != ["https://ml.azure.com/.default"]:
            return Said(status=401, body={"error": "invalid_client", "echo": form["client_secret"]})
        self.tokens += 1
        self.accepted = {f"token-{self.tokens}"}
        return Said(body={"access_token": f"token-{self.tokens}", "expires_in": self.seconds})


@pytest.fixture
async def place():
    """The front, a clock, and a way to make a provider that asks it."""
    front, clock = AzureFront(), FakeClock()
    made = []
    async with ModelServer(front) as server:

        def make(credentials=KEY, environ=ENVIRON, **options):
            kit = ProviderKit(
                models=None,
                features={},
                clock=clock,
                hosts=AllowedHosts([server.host]),
                environ=environ,
                connect_seconds=10.0,
            )
            options = {"authority": server.url, **options} if "client_secret" in credentials else options
            config = ProviderConfig(
                provider="azure-ml", endpoint=f"{server.url}/score", credentials=credentials, config=options
            )
            made.append(azure_ml.create(config, kit))
            return made[-1]

        yield front, server, make, clock
        for provider in made:
            await provider.aclose()


def asked(x: float, number: int = 1) -> PredictionInput:
    return PredictionInput(features={"x": x}, prediction_id=f"p-{number}", timeout_seconds=5.0)


async def test_it_keeps_the_rules_of_the_port(place):
    """The conformance suite passes over a script that returns JSON in a JSON text."""
    _, _, make, _ = place
    await check_provider(make(), MODEL, [{"x": 10.0}, {"x": 75.0}])


async def test_a_deployment_is_named_and_the_one_that_answered_is_told(place):
    """The header is sent only where a deployment is configured, and the prediction's id goes along."""
    _, server, make, _ = place
    answer = await make(deployment="blue").predict(MODEL, asked(40))
    assert server.heard[-1].headers["azureml-model-deployment"] == "blue"
    assert server.heard[-1].headers["x-ms-client-request-id"] == "p-1"
    assert answer.prediction == {"probability": 0.4}
    assert answer.metadata == {"remote_variant": "blue"}
    assert (await make().predict(MODEL, asked(40))).metadata == {"remote_variant": "green"}
    assert "azureml-model-deployment" not in server.heard[-1].headers


async def test_mlflow_models_get_a_table_with_its_index_and_parameters(place):
    """``input_data`` has columns, index and data, in the signature's order; missing values are null."""
    _, server, make, _ = place
    answers = await make(body="input_data", params={"depth": 3}).batch_predict(MODEL, [asked(40), asked(0)])
    assert server.heard[-1].json() == {
        "input_data": {"columns": ["x", "note"], "data": [[40, None], [0, None]], "index": [0, 1]},
        "params": {"depth": 3},
    }
    assert [answer.prediction["probability"] for answer in answers] == [0.4, 0.0]


async def test_an_aml_token_may_come_from_a_function(place):
    """Tokens that end are given by a function, which is asked at each call."""
    _, _, make, _ = place
    tokens = iter(["key-1", "key-2"])
    provider = make(credentials={"token": lambda: next(tokens)})
    assert (await provider.predict(MODEL, asked(40))).prediction == {"probability": 0.4}
    with pytest.raises(ProviderMisconfigured):
        await provider.predict(MODEL, asked(40))


async def test_an_entra_token_is_kept_and_renewed_before_it_ends(place):
    """One token serves until five minutes before its end, then a new one is fetched."""
    front, _, make, clock = place
    provider = make(credentials=ENTRA)
    await provider.validate()
    await provider.predict(MODEL, asked(1))
    await provider.predict(MODEL, asked(2))
    assert front.tokens == 1
    clock.advance(3301)
    await provider.predict(MODEL, asked(3))
    assert front.tokens == 2


async def test_a_refused_entra_token_is_renewed_once(place):
    """A kept token that is refused may be retried with a new one; a fresh one that is refused is not."""
    front, _, make, _ = place
    provider = make(credentials=ENTRA)
    await provider.predict(MODEL, asked(1))
    front.accepted = set()
    with pytest.raises(ProviderMisconfigured) as refused:
        await provider.predict(MODEL, asked(1))
    assert refused.value.retries == 1
    assert (await provider.predict(MODEL, asked(1))).prediction == {"probability": 0.01}


async def test_calls_refused_together_all_get_the_new_token(place):
    """Each call that had sent the kept token is tried once more, the late ones too, and none drops what another has renewed."""
    front, server, make, clock = place
    provider = make(credentials=ENTRA)
    await provider.predict(MODEL, asked(1))
    held, arrived = asyncio.Event(), []

    async def hold_back(heard: Heard) -> Said:
        if heard.path == "/score" and heard.headers["authorization"] == "Bearer token-1":
            arrived.append(heard)
            if len(arrived) > 1:
                await held.wait()
        return front(heard)

    server.reply = hold_back
    front.accepted = set()
    guards = ProviderGuards(clock=clock, random=lambda: 0.0)

    async def call(number: int) -> object:
        return await guards.call(provider, MODEL, lambda left: provider.predict(MODEL, asked(number)), seconds=5.0)

    calls = [asyncio.create_task(call(number)) for number in (1, 2, 3)]
    done, late = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
    held.set()
    await asyncio.wait(late)
    answers = [await one for one in [*done, *late]]
    assert sorted(answer.prediction["probability"] for answer in answers) == [0.01, 0.02, 0.03]
    assert (len(arrived), front.tokens) == (3, 2)


async def test_a_refused_key_is_not_sent_again(place):
    """A key and an AML token are read at each call, so the refused one was the newest, and the call ends."""
    front, _, make, _ = place
    front.accepted = set()
    for credentials in (KEY, {"token": {"env": "AZURE_ML_API_KEY"}}):
        with pytest.raises(ProviderMisconfigured) as refused:
            await make(credentials=credentials).predict(MODEL, asked(1))
        assert (refused.value.kind, refused.value.retries) == ("auth", 0)


async def test_a_wrong_secret_is_said_and_never_shown(place):
    """The authority's refusal is the credentials' fault; what it echoes stays out of the message."""
    _, _, make, _ = place
    with pytest.raises(ProviderMisconfigured, match="service principal") as raised:
        await make(credentials=ENTRA, environ={**ENVIRON, "SECRET": "s-wrong"}).predict(MODEL, asked(1))
    assert raised.value.kind == "auth"
    assert not raised.value.retryable
    assert "s-wrong" not in repr(raised.value) + str(raised.value.details)


def inner(status: int) -> Said:
    return Said(status=424, body={}, headers={"ms-azureml-model-error-statuscode": str(status)})


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Said(status=404), "not_ready"),
        (Said(status=408), "timeout"),
        (inner(500), "model_bug"),
        (inner(422), "model_bug"),
        (inner(503), "overloaded"),
        (inner(504), "timeout"),
        (Said(status=424), "model_bug"),
        (Said(status=429, headers={"retry-after": "2"}), "throttled"),
        (Said(status=500, headers={"x-ms-run-function-failed": "True"}), "model_bug"),
        (Said(status=500), "overloaded"),
        (Said(status=502), "overloaded"),
        (Said(status=503), "overloaded"),
        (Said(status=504), "timeout"),
        (Said(status=413), "bad_request"),
        (Said(body='"not json'), "bad_answer"),
        (Said(body='{"predictions": [{"score": NaN}]}'), "bad_answer"),
        (Said(body=[]), "bad_answer"),
    ],
)
async def test_each_status_is_of_one_kind(place, said, kind):
    """The table of faults holds for the front end and the container behind it."""
    front, _, make, _ = place
    front.failing = [said]
    with pytest.raises(ProviderError) as raised:
        await make().predict(MODEL, asked(1))
    assert raised.value.kind == kind
    assert raised.value.retry_after_seconds == (2.0 if said.headers.get("retry-after") else None)


async def test_a_refused_key_is_not_echoed(place):
    """A 401 whose body repeats our key leaves no trace of it."""
    _, _, make, _ = place
    with pytest.raises(ProviderMisconfigured) as raised:
        await make(environ={"AZURE_ML_API_KEY": "key-wrong"}).predict(MODEL, asked(1))
    assert "key-wrong" not in str(raised.value) + repr(raised.value.details)
    assert not raised.value.retryable


async def test_validate_names_what_is_missing(place):
    """Address and credentials are each one clear line, before any call."""
    _, server, make, clock = place
    await make().validate()
    with pytest.raises(ProviderMisconfigured, match="AZURE_ML_API_KEY"):
        await make(environ={}).validate()
    with pytest.raises(ProviderMisconfigured, match="no tenant_id and no client_id"):
        await make(credentials={"client_secret": {"env": "SECRET"}}).validate()
    empty = ProviderKit(models=None, features={}, clock=clock, environ={})
    with pytest.raises(ProviderMisconfigured, match="AZURE_ML_ENDPOINT"):
        await azure_ml.create(ProviderConfig(provider="azure-ml"), empty).validate()
    assert server.heard == []


async def test_the_environments_endpoint_and_key_go_together(place):
    """The variables of the contract are enough, and the key goes to no other host than that of the variable or Azure's own."""
    _, server, _, clock = place
    environ = {**ENVIRON, "AZURE_ML_ENDPOINT": f"{server.url}/score"}
    kit = ProviderKit(models=None, features={}, clock=clock, environ=environ)
    provider = azure_ml.create(ProviderConfig(provider="azure-ml"), kit)
    assert (await provider.predict(MODEL, asked(40))).prediction == {"probability": 0.4}
    await provider.aclose()
    elsewhere = azure_ml.create(ProviderConfig(provider="azure-ml", endpoint="https://models.example.com/score"), kit)
    with pytest.raises(ProviderMisconfigured):
        await elsewhere.validate()


async def test_health_asks_the_endpoint_itself(place):
    """Health is what the endpoint answers with the credentials of a prediction."""
    front, server, make, _ = place
    assert (await make().health_check()).healthy
    assert server.heard[-1].path == "/swagger.json"
    front.failing = [Said(status=503)]
    found = await make().health_check()
    assert not found.healthy
    assert "503" in str(found.error)
