"""SageMaker is asked as its service model says, signed, split by bytes, and each of its errors becomes the right kind."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from hotcrm_ai import ConfigError, ModelConfig, PredictionInput, ProviderError, ProviderMisconfigured, ProviderRejected
from hotcrm_ai.domain.addresses import AllowedHosts
from hotcrm_ai.domain.model import ProviderConfig
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.ports.clock import SystemClock
from hotcrm_ai.providers import ProviderKit, aws_sagemaker
from hotcrm_ai.testing.model_server import ModelServer, Said
from hotcrm_ai.testing.provider_conformance import check_provider


def _front():
    path = Path(__file__).with_name("sagemaker_front.py")
    spec = importlib.util.spec_from_file_location("sagemaker_front", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules.setdefault("sagemaker_front", importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


front_module = _front()
KEYS = {"AWS_ACCESS_KEY_ID": front_module.KEY_ID, "AWS_SECRET_ACCESS_KEY": front_module.KEY}
REFERENCES = {"access_key_id": {"env": "AWS_ACCESS_KEY_ID"}, "secret_access_key": {"env": "AWS_SECRET_ACCESS_KEY"}}
MODEL = ModelConfig(
    id="lead-remote",
    provider="aws-sagemaker",
    signature=Signature(features=(FeatureSpec(name="x", type="number"), FeatureSpec(name="note", type="text"))),
    parameters={"output": {"as": "probability", "path": "score"}},
)


@pytest.fixture
async def place():
    """The front, and a way to make a provider that asks it."""
    front = front_module.SageMakerFront()
    made = []
    async with ModelServer(front) as server:

        def make(environ=KEYS, credentials=REFERENCES, **options):
            kit = ProviderKit(
                models=None,
                features={},
                clock=SystemClock(),
                hosts=AllowedHosts([server.host]),
                environ=environ,
                connect_seconds=10.0,
            )
            config = {"endpoint_name": "leads", "region": front_module.REGION, **options}
            provider = aws_sagemaker.create(
                ProviderConfig(provider="aws-sagemaker", endpoint=server.url, credentials=credentials, config=config),
                kit,
            )
            made.append(provider)
            return provider

        yield front, server, make
        for provider in made:
            await provider.aclose()


def asked(x: float, note: str = "", number: int = 1) -> PredictionInput:
    return PredictionInput(features={"x": x, "note": note}, prediction_id=f"p-{number}", timeout_seconds=5.0)


async def test_it_keeps_the_rules_of_the_port(place):
    """The conformance suite passes over signed requests."""
    _, _, make = place
    await check_provider(make(), MODEL, [{"x": 10.0}, {"x": 75.0}])


async def test_a_call_says_all_that_the_configuration_says(place):
    """Endpoint, variant, target model, component and prediction id go where SageMaker looks for them."""
    _, server, make = place
    provider = make(variant="blue", target_model="eu.tar.gz", inference_component="ic-1")
    answer = await provider.predict(MODEL, asked(40))
    heard = server.heard[-1]
    assert heard.path == "/endpoints/leads/invocations"
    assert heard.headers["x-amzn-sagemaker-target-variant"] == "blue"
    assert heard.headers["x-amzn-sagemaker-target-model"] == "eu.tar.gz"
    assert heard.headers["x-amzn-sagemaker-inference-component"] == "ic-1"
    assert heard.headers["x-amzn-sagemaker-inference-id"] == "p-1"
    assert heard.json() == {"instances": [{"x": 40, "note": ""}]}
    assert answer.prediction == {"probability": 0.4}
    assert answer.confidence is None
    assert answer.metadata == {"remote_variant": "blue"}


async def test_csv_has_the_columns_of_the_signature(place):
    """A CSV container gets values in the order of the signature, quoted where needed, and its bare numbers are read."""
    _, server, make = place
    bare = ModelConfig(id="m", signature=MODEL.signature, parameters={"output": {"as": "probability"}})
    answers = await make(body="csv").batch_predict(bare, [asked(40, 'a "b", c'), asked(0)])
    assert server.heard[-1].body == b'40,"a ""b"", c"\n0,\n'
    assert [answer.prediction["probability"] for answer in answers] == [0.4, 0.0]


async def test_json_lines_are_read(place):
    """A container that speaks JSON lines is asked with them."""
    _, _, make = place
    answers = await make(body="jsonlines").batch_predict(MODEL, [asked(10), asked(90)])
    assert [answer.prediction["probability"] for answer in answers] == [0.1, 0.9]


async def test_a_batch_is_split_by_bytes_and_by_count_and_keeps_its_order(place):
    """No request is larger than the limit, none has more records than it may, and answers come in the order of questions."""
    _, server, make = place
    questions = [asked(number, "n" * (number % 50), number) for number in range(100)]
    answers = await make(max_bytes=600, max_records=20).batch_predict(MODEL, questions)
    assert [answer.prediction["probability"] for answer in answers] == [number / 100 for number in range(100)]
    assert max(len(heard.body) for heard in server.heard) <= 600
    assert max(len(heard.json()["instances"]) for heard in server.heard) <= 20
    assert len(server.heard) > 5


async def test_a_record_above_the_limit_is_refused_before_any_call(place):
    """What could never be sent is the caller's fault, and costs no call."""
    front, _, make = place
    with pytest.raises(ProviderRejected, match="max_bytes"):
        await make(max_bytes=100).predict(MODEL, asked(1, "n" * 200))
    assert front.calls == 0


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (
            front_module.error(424, "ModelError", OriginalStatusCode=0, OriginalMessage="server error (0): timed out"),
            "timeout",
        ),
        (front_module.error(424, "ModelError", OriginalStatusCode=500, OriginalMessage="KeyError"), "model_bug"),
        (front_module.error(424, "ModelError", OriginalStatusCode=400, OriginalMessage="bad"), "model_bug"),
        (
            front_module.error(424, "ModelError", OriginalStatusCode=507, OriginalMessage="CUDA out of memory"),
            "model_bug",
        ),
        (front_module.error(424, "ModelError", OriginalStatusCode=503, OriginalMessage="busy"), "overloaded"),
        (front_module.error(429, "ModelNotReadyException"), "not_ready"),
        (front_module.error(429, "ThrottlingException"), "throttled"),
        (front_module.error(400, "ThrottlingException"), "throttled"),
        (front_module.error(400, "ValidationError"), "bad_request"),
        (front_module.error(400, "ExpiredTokenException"), "auth"),
        (front_module.error(403, "AccessDeniedException"), "auth"),
        (front_module.error(500, "InternalFailure"), "overloaded"),
        (front_module.error(503, "ServiceUnavailable"), "overloaded"),
        (front_module.error(530, "InternalDependencyException"), "overloaded"),
        (Said(status=530, body=b"<html>"), "overloaded"),
        (Said(body=b"nan", headers={"content-type": "text/csv"}), "bad_answer"),
        (Said(body={"predictions": []}), "bad_answer"),
        (Said(body={"predictions": [{"score": None}]}), "bad_answer"),
        (Said(body=b"<html>"), "bad_answer"),
    ],
)
async def test_each_error_is_of_one_kind(place, said, kind):
    """The table of faults holds for what SageMaker and the container behind it send."""
    front, _, make = place
    front.failing = [said]
    with pytest.raises(ProviderError) as raised:
        await make().predict(MODEL, asked(1))
    assert raised.value.kind == kind


async def test_every_modelled_error_of_the_service_has_a_kind():
    """No exception that the SDK's service model names is left to chance."""
    description = importlib.import_module("hotcrm_ai.providers._aws")._parts("sagemaker-runtime").service
    named = {shape.name for shape in description.operation_model("InvokeEndpoint").error_shapes}
    assert named - {"ModelError"} <= set(importlib.import_module("hotcrm_ai.providers._aws_faults").KIND_OF_CODE)


async def test_out_of_memory_is_said(place):
    """The message tells a container that ran out of memory from one that has a bug, and repeats nothing that it sent."""
    front, _, make = place
    front.failing = [front_module.error(424, "ModelError", OriginalStatusCode=507, OriginalMessage="echo secret-1")]
    with pytest.raises(ProviderError, match="ran out of memory") as raised:
        await make().predict(MODEL, asked(1))
    assert "secret-1" not in str(raised.value)


async def test_a_wrong_key_is_the_credentials_fault(place):
    """A signature that does not fit is answered with the kind for credentials."""
    _, _, make = place
    with pytest.raises(ProviderMisconfigured) as raised:
        await make(environ={**KEYS, "AWS_SECRET_ACCESS_KEY": "another"}).predict(MODEL, asked(1))
    assert raised.value.kind == "auth"


async def test_a_rotated_key_is_used_from_the_next_call_on(place):
    """The environment is read at each call, and the scope of failures changes with it."""
    _, _, make = place
    environ = {**KEYS, "AWS_SECRET_ACCESS_KEY": "old"}
    provider = make(environ=environ)
    before = provider.scope(MODEL)
    with pytest.raises(ProviderMisconfigured):
        await provider.predict(MODEL, asked(1))
    environ["AWS_SECRET_ACCESS_KEY"] = front_module.KEY
    assert (await provider.predict(MODEL, asked(1))).prediction == {"probability": 0.01}
    assert provider.scope(MODEL) != before


def test_two_addresses_fail_apart():
    """Endpoints of one name at two addresses, or in two regions, do not share a circuit breaker."""
    kit = ProviderKit(models=None, features={}, clock=SystemClock(), hosts=AllowedHosts(["127.0.0.1:1", "127.0.0.1:2"]))

    def endpoint(address, region="eu-central-1"):
        config = {"endpoint_name": "leads", "region": region}
        provider = ProviderConfig(provider="aws-sagemaker", endpoint=address, credentials=REFERENCES, config=config)
        return aws_sagemaker.create(provider, kit).scope(MODEL).endpoint

    assert endpoint("http://127.0.0.1:1") == "127.0.0.1:1/leads"
    assert endpoint("http://127.0.0.1:2") == "127.0.0.1:2/leads"
    assert (endpoint(None), endpoint(None, "us-east-1")) == ("eu-central-1/leads", "us-east-1/leads")


async def test_validate_names_what_is_missing(place):
    """Endpoint name, region and keys are each one clear line, before any call."""
    front, _, make = place
    await make().validate()
    with pytest.raises(ProviderMisconfigured, match="endpoint_name"):
        await make(endpoint_name=None).validate()
    with pytest.raises(ProviderMisconfigured, match="AWS_REGION"):
        await make(region=None).validate()
    with pytest.raises(ProviderMisconfigured, match="no access_key_id and no secret_access_key"):
        await make(credentials={}).validate()
    with pytest.raises(ProviderMisconfigured, match="AWS_ACCESS_KEY_ID"):
        await make(environ={}).validate()
    assert front.calls == 0


async def test_an_unknown_option_is_refused(place):
    """A misspelt option is no silent default."""
    _, _, make = place
    with pytest.raises(ConfigError, match="varient"):
        make(varient="blue")


async def test_health_is_the_endpoints_status(place):
    """Only an endpoint that is in service is healthy."""
    front, _, make = place
    assert (await make().health_check()).healthy
    front.status = "Failed"
    found = await make().health_check()
    assert not found.healthy
    assert "'Failed'" in str(found.error)


async def test_without_an_address_the_regions_own_is_asked():
    """The default address is derived from the region alone, so the environment's key can go nowhere else."""
    kit = ProviderKit(models=None, features={}, clock=SystemClock(), environ={**KEYS, "AWS_REGION": "eu-west-1"})
    provider = aws_sagemaker.create(ProviderConfig(provider="aws-sagemaker", endpoint="leads"), kit)
    await provider.validate()
    assert provider._aws.host("sagemaker-runtime") == "https://runtime.sagemaker.eu-west-1.amazonaws.com"
    evil = aws_sagemaker.create(
        ProviderConfig(provider="aws-sagemaker", endpoint="leads", config={"region": "eu-west-1.evil.com/"}), kit
    )
    with pytest.raises(ProviderMisconfigured, match="which is none"):
        await evil.validate()
