"""SageMaker's streaming and asynchronous endpoints give the same answers as a real-time one, in time, or a typed error."""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from hotcrm_ai import AI, ConfigError, ModelConfig, PredictionInput, ProviderError, ProviderTimeout, Settings
from hotcrm_ai.assembly.jobs import run_job
from hotcrm_ai.domain.addresses import AllowedHosts
from hotcrm_ai.domain.model import ProviderConfig
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.providers import ProviderKit, aws_sagemaker
from hotcrm_ai.testing import FakeClock, ModelServer, Said, check_provider


def _front() -> Any:
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
PLACE = {"place": "s3://leads-bucket/asked"}
MODEL = ModelConfig(
    id="lead-remote",
    provider="aws-sagemaker",
    signature=Signature(features=(FeatureSpec(name="x", type="number"),)),
    parameters={"output": {"as": "probability", "path": "score"}},
)
RECORDS = [{"x": float(number)} for number in range(30)]


def config_for(url: str, **options: Any) -> ProviderConfig:
    given = {"endpoint_name": "leads", "region": front_module.REGION, **options}
    return ProviderConfig(provider="aws-sagemaker", endpoint=url, credentials=REFERENCES, config=given)


class Place:
    """A front and the providers made before it."""

    def __init__(self, front: Any, server: ModelServer) -> None:
        self.front, self.server = front, server
        self.made: list[Any] = []

    def provider(self, **options: Any) -> Any:
        from hotcrm_ai.ports.clock import SystemClock

        hosts = AllowedHosts([self.server.host])
        kit = ProviderKit(
            models=None, features={}, clock=SystemClock(), hosts=hosts, environ=KEYS, connect_seconds=10.0
        )  # type: ignore[arg-type]
        self.made.append(aws_sagemaker.create(config_for(self.server.url, **options), kit))
        return self.made[-1]

    async def ask(self, provider: Any, x: float, *, seconds: float = 5.0) -> Any:
        asked = PredictionInput(features={"x": x}, prediction_id=f"p-{x:g}", timeout_seconds=seconds)
        return await provider.predict(MODEL, asked)


@pytest.fixture(params=["streaming", "asynchronous"])
async def way(request: pytest.FixtureRequest) -> Any:
    """Each of the two ways, with its options."""
    is_streaming = request.param == "streaming"
    front = front_module.SageMakerFront() if is_streaming else front_module.AsyncFront()
    async with ModelServer(front) as server:
        place = Place(front, server)
        yield place, {"streaming": True} if is_streaming else {"asynchronous": PLACE}
        for provider in place.made:
            await provider.aclose()


@pytest.fixture
async def streaming() -> Any:
    async with ModelServer(front_module.SageMakerFront()) as server:
        place = Place(server.reply, server)
        yield place, place.provider(streaming=True)
        for provider in place.made:
            await provider.aclose()


@pytest.fixture
async def asynchronous() -> Any:
    async with ModelServer(front_module.AsyncFront()) as server:
        place = Place(server.reply, server)
        yield place, place.provider(asynchronous=PLACE)
        for provider in place.made:
            await provider.aclose()


async def test_both_ways_keep_the_rules_of_the_port(way: Any) -> None:
    """The conformance suite passes over signed requests, and batches split by count keep their order."""
    place, options = way
    await check_provider(place.provider(**options), MODEL, [{"x": 10.0}, {"x": 75.0}])
    questions = [PredictionInput(features={"x": n}, prediction_id=f"q-{n:g}", timeout_seconds=20.0) for n in range(9)]
    answers = await place.provider(**options, max_records=2).batch_predict(MODEL, questions)
    assert [answer.prediction["probability"] for answer in answers] == [n / 100 for n in range(9)]


async def test_a_stream_is_joined_from_its_parts(streaming: Any) -> None:
    """The answer comes in parts of seven bytes, in the kind that the container gave, with variant and prediction id as ever."""
    place, provider = streaming
    answer = await place.ask(provider, 40)
    heard = place.server.heard[-1]
    assert heard.path == "/endpoints/leads/invocations-response-stream"
    assert heard.headers["x-amzn-sagemaker-inference-id"] == "p-40"
    assert (answer.prediction, answer.metadata) == ({"probability": 0.4}, {"remote_variant": "AllTraffic"})
    bare = ModelConfig(id="m", signature=MODEL.signature, parameters={"output": {"as": "probability"}})
    asked = PredictionInput(features={"x": 7}, prediction_id="p", timeout_seconds=5.0)
    assert (await place.provider(streaming=True, body="csv").predict(bare, asked)).prediction == {"probability": 0.07}


WHOLE = front_module.streamed(b'{"predictions": [{"score": 0.5}]}')
BROKEN = {":message-type": "exception", ":exception-type": "ModelStreamError"}


@pytest.mark.parametrize(
    ("stream", "kind"),
    [
        (WHOLE[:-30] + front_module.event(b'{"ErrorCode": "ModelInvocationTimeExceeded"}', **BROKEN), "bad_answer"),
        (
            front_module.event(b"{") + front_module.event(b'{"ErrorCode": "ModelInvocationTimeExceeded"}', **BROKEN),
            "timeout",
        ),
        (front_module.event(b"{") + front_module.event(b'{"ErrorCode": "StreamBroken"}', **BROKEN), "overloaded"),
        (front_module.event(b"{") + front_module.event(b'{"ErrorCode": "Other"}', **BROKEN), "model_bug"),
        (
            front_module.event(b"", **{":message-type": "exception", ":exception-type": "InternalStreamFailure"}),
            "overloaded",
        ),
        (WHOLE[:-1], "bad_answer"),
        (WHOLE[: len(WHOLE) // 2], "bad_answer"),
        (WHOLE[:40] + bytes([WHOLE[40] ^ 1]) + WHOLE[41:], "bad_answer"),
        (b"", "bad_answer"),
        (b'{"predictions": [{"score": 0.5}]}', "bad_answer"),
    ],
)
async def test_a_stream_that_is_cut_altered_or_broken_off_is_no_answer(
    streaming: Any, stream: bytes, kind: str
) -> None:
    """Check sums, lengths and exceptions of the stream decide; half an answer is none."""
    place, provider = streaming
    place.front.failing = [Said(body=stream, headers={"content-type": "application/vnd.amazon.eventstream"})]
    with pytest.raises(ProviderError) as raised:
        await place.ask(provider, 1)
    assert raised.value.kind == kind


async def test_an_asynchronous_call_says_what_it_is_about(asynchronous: Any) -> None:
    """The question lies in S3 under the prediction's id, which is the inference id; SageMaker gets no more time than the caller has."""
    place, provider = asynchronous
    place.front.looks = 6
    answer = await place.ask(provider, 40, seconds=8.5)
    (head,) = place.front.invoked
    assert answer.prediction == {"probability": 0.4}
    assert head["x-amzn-sagemaker-inputlocation"] == "s3://leads-bucket/asked/questions/p-40"
    assert place.front.files["/leads-bucket/asked/questions/p-40"] == b'{"instances":[{"x":40}]}'
    assert head["x-amzn-sagemaker-inference-id"] == "p-40"
    assert (head["x-amzn-sagemaker-invocationtimeoutseconds"], head["x-amzn-sagemaker-requestttlseconds"]) == (
        "9",
        "60",
    )


@pytest.mark.parametrize(
    ("said", "kind"), [(b"ModelError: KeyError secret-1", "model_bug"), (b"invocation timed out", "timeout")]
)
async def test_a_failure_file_is_the_failure(asynchronous: Any, said: bytes, kind: str) -> None:
    """What SageMaker writes beside the answers ends the call at once, and nothing of it is repeated."""
    place, provider = asynchronous
    place.front.failing = [said]
    with pytest.raises(ProviderError) as raised:
        await place.ask(provider, 1)
    assert raised.value.kind == kind
    assert "secret-1" not in f"{raised.value} {raised.value.details}"


async def test_an_answer_that_does_not_come_is_a_timeout_in_time(asynchronous: Any) -> None:
    """Looking for it ends with the deadline."""
    place, provider = asynchronous
    place.front.is_holding = True
    began = time.monotonic()
    with pytest.raises(ProviderTimeout, match="had no answer"):
        await place.ask(provider, 1, seconds=0.4)
    assert time.monotonic() - began < 0.5


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (front_module.error(400, "ValidationError"), "bad_request"),
        (front_module.error(503, "ServiceUnavailable"), "overloaded"),
        (Said(status=202, body={}), "bad_answer"),
        (Said(status=202, body={}, headers={"x-amzn-sagemaker-outputlocation": "http://elsewhere/x"}), "bad_answer"),
    ],
)
async def test_a_refused_invocation_is_of_one_kind(asynchronous: Any, said: Said, kind: str) -> None:
    """Errors are those of real-time calls; an answer's place that is no file in S3 is never looked at."""
    place, provider = asynchronous
    place.front.refusing = [said]
    with pytest.raises(ProviderError) as raised:
        await place.ask(provider, 1)
    assert raised.value.kind == kind


def s3_error(status: int, code: str) -> Said:
    """Return a reply as S3 writes its errors."""
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>secret-1</Message></Error>'
    return Said(status=status, body=body.encode(), headers={"content-type": "application/xml"})


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (s3_error(503, "SlowDown"), "throttled"),
        (s3_error(503, "ServiceUnavailable"), "overloaded"),
        (s3_error(500, "InternalError"), "overloaded"),
        (s3_error(400, "RequestTimeout"), "timeout"),
        (s3_error(400, "ExpiredToken"), "auth"),
        (s3_error(403, "InvalidAccessKeyId"), "auth"),
        (s3_error(403, "AccessDenied"), "auth"),
        (s3_error(404, "NoSuchBucket"), "bad_request"),
        (Said(status=503, body=b""), "overloaded"),
    ],
)
async def test_an_error_of_s3_is_of_one_kind(asynchronous: Any, said: Said, kind: str) -> None:
    """What S3 says in XML where the status says less decides over repeating, and nothing else of it is told."""
    place, provider = asynchronous
    place.server.reply = lambda heard: said
    with pytest.raises(ProviderError) as raised:
        await place.ask(provider, 1)
    assert (raised.value.kind, raised.value.details["status"]) == (kind, said.status)
    assert "secret-1" not in f"{raised.value} {raised.value.details}"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Said(status=400, body={"__type": "ThrottlingException"}), "throttled"),
        (Said(status=400, body={"__type": "com.amazonaws.sagemaker#ResourceLimitExceeded"}), "quota_spent"),
        (Said(status=400, body={"__type": "ExpiredTokenException"}), "auth"),
        (Said(status=400, body={"__type": "ValidationException"}), "bad_request"),
    ],
)
async def test_a_refused_job_is_of_one_kind(streaming: Any, said: Said, kind: str) -> None:
    """SageMaker answers 400 to too many calls, to spent limits and to old keys as well as to wrong requests; its code tells them apart."""
    place, _ = streaming
    place.server.reply = lambda heard: said if "x-amz-target" in heard.headers else Said(body=b"")
    provider = place.provider(job={"place": "s3://leads-bucket/jobs", "model_name": "leads-1"})
    with pytest.raises(ProviderError) as raised:
        await provider.submit_job(MODEL, provider.ticket(MODEL, RECORDS), RECORDS)
    assert raised.value.kind == kind


@pytest.mark.parametrize(
    "options",
    [
        {"streaming": True, "asynchronous": PLACE},
        {"streaming": True, "target_model": "m.tar.gz"},
        {"asynchronous": PLACE, "variant": "blue"},
        {"asynchronous": {**PLACE, "ttl_seconds": 59}},
        {"asynchronous": {**PLACE, "timeout_seconds": 3601}},
    ],
)
async def test_options_that_do_not_go_together_are_refused(streaming: Any, options: dict[str, Any]) -> None:
    """SageMaker would refuse each call; it is said before the first one."""
    with pytest.raises(ConfigError):
        streaming[0].provider(**options)


@pytest.fixture
async def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A workspace with a model on an asynchronous endpoint, its front, and the file of a ticket."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    front = front_module.AsyncFront()
    async with (
        ModelServer(front) as server,
        AI.open(Settings(home=tmp_path / "home", provider_hosts=(server.host,))) as ai,
    ):
        signature = Signature(
            features=(FeatureSpec(name="x", type="number"), FeatureSpec(name="email", type="text", personal=True))
        )
        await ai.registry.register(
            ModelConfig(
                id="remote",
                status="active",
                provider="aws-sagemaker",
                provider_config=config_for(server.url, asynchronous=PLACE),
                signature=signature,
                parameters=MODEL.parameters,
            )
        )
        yield front, ai, tmp_path / "ticket.json"


async def test_a_killed_process_takes_up_its_table_again(workspace: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One invocation for the whole table, whose inference id is the job's; the second run waits for it and keeps the order."""
    front, ai, ticket = workspace
    front.is_holding = True
    provider = ai.providers.for_model(await ai.registry.get_model("remote"))
    submit = provider.submit_job

    async def submit_and_die(*given: Any) -> None:
        await submit(*given)
        raise InterruptedError

    monkeypatch.setattr(provider, "submit_job", submit_and_die)
    with pytest.raises(InterruptedError):
        await run_job(ai, "remote", RECORDS, ticket, poll_seconds=0)
    front.finish()
    answers = await run_job(ai, "remote", RECORDS, ticket, poll_seconds=0)
    assert [answer.prediction["probability"] for answer in answers] == [number / 100 for number in range(30)]
    (head,) = front.invoked
    assert head["x-amzn-sagemaker-inference-id"].startswith("hotcrm-ai-")
    assert (head["x-amzn-sagemaker-invocationtimeoutseconds"], head["x-amzn-sagemaker-requestttlseconds"]) == (
        "900",
        "21600",
    )


async def test_a_table_that_failed_or_was_forgotten_is_an_error(
    workspace: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure file ends the job, and so does the time after which SageMaker keeps no request: nothing waits for ever."""
    front, ai, ticket = workspace
    front.failing = [b"no"]
    with pytest.raises(ProviderError, match=r"s3://made-bucket/1\.error"):
        await run_job(ai, "remote", RECORDS, ticket, poll_seconds=0)
    front.is_holding = True
    provider = ai.providers.for_model(await ai.registry.get_model("remote"))
    clock = FakeClock(now=ai.now())
    monkeypatch.setattr(provider, "_kit", ProviderKit(models=None, features={}, clock=clock))  # type: ignore[arg-type]
    model = await ai.registry.get_model("remote")
    made = provider.ticket(model, RECORDS[:3])
    assert await provider.job_state(made) is None
    await provider.submit_job(model, made, RECORDS[:3])
    assert (await provider.job_state(made)).status == "running"
    clock.advance(21_600 + 900 + 601)
    assert (await provider.job_state(made)).status == "failed"


async def test_a_table_takes_no_personal_value_along(workspace: Any) -> None:
    """What single calls hold back, jobs hold back."""
    front, ai, ticket = workspace
    rows = [{"x": 5, "email": "ann@example.com"}]
    (answer,) = await run_job(ai, "remote", rows, ticket, poll_seconds=0)
    assert answer.prediction["probability"] == 0.05
    assert not any(b"ann@" in content for content in front.files.values())
