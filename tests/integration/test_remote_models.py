"""Models behind HTTP through the whole product: registered, predicted, guarded, explained, logged, and refused where they must be."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hotcrm_ai import AI, ConfigError, ModelConfig, ProviderConfig, Settings
from hotcrm_ai.domain.errors import ProviderBadAnswer, ProviderError, ProviderTimeout, ProviderUnavailable
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.testing import FaultProxy, Heard, ModelServer, Said

KEY = "sk-live-77b1c2d3e4f5a6b7"


def score(row: dict[str, Any]) -> float:
    return float(row["engagement"]) / 100.0


def mlflow(heard: Heard) -> Said:
    if heard.path == "/ping":
        return Said(body=b"\n")
    table = heard.json()["dataframe_split"]
    rows = [dict(zip(table["columns"], row, strict=True)) for row in table["data"]]
    return Said(body={"predictions": [score(row) for row in rows]})


def remote_model(url: str, **changes: Any) -> ModelConfig:
    values: dict[str, Any] = {
        "id": "remote-lead-v1",
        "status": "active",
        "provider": "mlflow",
        "feature": "lead-scoring",
        "endpoint": url,
        "provider_config": ProviderConfig(
            provider="mlflow", endpoint=url, credentials={"api_key": {"env": "REMOTE_KEY"}}
        ),
        "signature": Signature(
            features=(FeatureSpec(name="engagement", type="number"), FeatureSpec(name="size", type="number"))
        ),
        "parameters": {
            "output": {"as": "probability"},
            "background": [{"engagement": 20, "size": 1}, {"engagement": 60, "size": 2}],
        },
    }
    return ModelConfig(**values | changes)


class Remote:
    """A workspace with one remote model behind the fault proxy."""

    def __init__(self, ai: AI, server: ModelServer, proxy: FaultProxy) -> None:
        self.ai, self.server, self.proxy = ai, server, proxy

    async def ask(self, engagement: float, **more: Any) -> Any:
        return await self.ai.predict("remote-lead-v1", {"engagement": engagement, "size": 3}, **more)


@pytest.fixture
async def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Remote]:
    monkeypatch.setenv("REMOTE_KEY", KEY)
    async with ModelServer(mlflow) as server, FaultProxy(server.port, seed=3) as proxy:
        settings = Settings(home=tmp_path / "home", provider_hosts=(proxy.host, server.host))
        async with AI.open(settings) as ai:
            await ai.registry.register(remote_model(f"http://{proxy.host}"))
            yield Remote(ai, server, proxy)


async def test_a_remote_model_answers_in_the_features_own_shape(remote: Remote) -> None:
    """Score, class and probability are what the server said; it gave no confidence, so there is none; the attempt is told."""
    response = await remote.ask(85.0)
    assert response.prediction == {"score": 85.0, "class": "hot", "probability": 0.85}
    assert response.confidence is None
    assert response.metadata["provider"] == "mlflow"
    (attempt,) = response.metadata["attempts"]
    assert (attempt["kind"], attempt["model_id"]) == ("ok", "remote-lead-v1")
    assert remote.server.heard[0].headers["authorization"] == f"Bearer {KEY}"


async def test_a_score_of_zero_is_zero(remote: Remote) -> None:
    """Zero is a value and no missing one."""
    response = await remote.ask(0.0)
    assert (response.prediction["score"], response.prediction["class"], response.confidence) == (0.0, "cold", None)


async def test_a_batch_is_one_call_and_each_answer_that_of_its_record(remote: Remote) -> None:
    """Twenty records in order by one request."""
    rows = [{"engagement": 5.0 * number, "size": 1} for number in range(20)]
    answers = await remote.ai.batch_predict("remote-lead-v1", rows)
    assert [answer.prediction["score"] for answer in answers] == pytest.approx([5.0 * number for number in range(20)])  # type: ignore[union-attr]
    assert len(remote.server.heard) == 1


async def test_a_batch_reply_that_is_one_short_is_no_answer_at_all(remote: Remote) -> None:
    """Nothing is shifted: every item of the batch fails."""
    remote.server.reply = lambda heard: Said(body={"predictions": [0.5, 0.6]})
    with pytest.raises(ProviderBadAnswer, match="2 answers to 3 questions"):
        await remote.ai.batch_predict("remote-lead-v1", [{"engagement": float(number)} for number in range(3)])


@pytest.mark.parametrize(
    "body",
    [
        b"NaN",
        b'{"predictions": [NaN]}',
        b'{"predictions": [1e400]}',
        b'{"predictions": [null]}',
        b"<html>",
        b'{"predictions": [1.5]}',
    ],
)
async def test_what_is_no_chance_is_no_answer(remote: Remote, body: bytes) -> None:
    """Not finite, empty, out of range or no JSON: an error, no value."""
    remote.server.reply = lambda heard: Said(body=body)
    with pytest.raises(ProviderBadAnswer):
        await remote.ask(50.0)


@pytest.mark.parametrize("fault", ["blackhole", "trickle", "latency"])
async def test_the_deadline_holds_whatever_the_server_does(remote: Remote, fault: Any) -> None:
    """The answer, here a time-out, is there at most 100 ms after the deadline; the failure is counted."""

    remote.proxy.fault = fault
    began = time.monotonic()
    with pytest.raises(ProviderTimeout):
        await remote.ask(50.0, timeout=0.3)
    assert time.monotonic() - began <= 0.4
    stats = await remote.ai.predictions.get_performance_stats("remote-lead-v1")
    assert stats.failed_predictions == 1  # type: ignore[union-attr]


async def test_an_open_breaker_is_seen_in_state_and_health(remote: Remote) -> None:
    """After five broken connections nothing is asked any more; the refusal is quick, the model unhealthy, and the state says since when."""

    remote.proxy.fault = "reset"
    for number in range(5):
        with pytest.raises(ProviderError):
            await remote.ask(float(number))
    before = remote.proxy.connections
    began = time.monotonic()
    with pytest.raises(ProviderUnavailable, match="is not asked at the moment") as raised:
        await remote.ask(99.0)
    assert time.monotonic() - began < 0.05
    assert remote.proxy.connections == before
    assert raised.value.details["retry_after_seconds"] <= 5
    health = await remote.ai.predictions.get_model_health("remote-lead-v1")
    assert (health.status, "breaker" in (health.reason or "")) == ("unhealthy", True)
    states = remote.ai.predictions.get_provider_states()
    assert [(state.state, state.model_id) for state in states if state.state != "closed"] == [("open", None)]


async def test_a_neighbour_workspace_is_answered_while_ours_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workspaces of one process ask one server with one key; what is dead for one opens no breaker of the other.

    The refusal comes in ten milliseconds; the quickest of twenty is taken, since other work on the machine only adds to it.
    """
    monkeypatch.setenv("REMOTE_KEY", KEY)

    def reply(heard: Heard) -> Said:
        return Said(status=503, body={}) if heard.path.startswith("/ours") else mlflow(heard)

    async with ModelServer(reply) as server:
        homes = [Settings(home=tmp_path / name, provider_hosts=(server.host,)) for name in ("ours", "theirs")]
        async with AI.open(homes[0]) as ours, AI.open(homes[1]) as theirs:
            await ours.registry.register(remote_model(f"{server.url}/ours"))
            await theirs.registry.register(remote_model(f"{server.url}/theirs"))
            spent = []
            for number in range(30):
                began = time.monotonic()
                with pytest.raises(ProviderUnavailable):
                    await ours.predict("remote-lead-v1", {"engagement": number, "size": 1})
                spent.append(time.monotonic() - began)
                answer = await theirs.predict("remote-lead-v1", {"engagement": number, "size": 1})
                assert [attempt["kind"] for attempt in answer.metadata["attempts"]] == ["ok"]
            (broken,), (sound,) = ours.predictions.get_provider_states(), theirs.predictions.get_provider_states()
            assert (broken.state != "closed", sound.state, sound.failures) == (True, "closed", 0.0)
            assert (broken.provider, broken.endpoint) == (sound.provider, sound.endpoint)
            assert min(spent[10:]) <= 0.010
            assert 10 <= sum(heard.path.startswith("/ours") for heard in server.heard) <= 13
            health = await theirs.predictions.get_model_health("remote-lead-v1")
            assert health.status == "healthy"


async def test_a_declared_fallback_answers_and_is_not_filed_as_the_primary(remote: Remote) -> None:
    """The response names the model that failed, its attempts stand beside the fallback's, and once healed the primary answers again."""
    backup = remote_model(f"http://{remote.server.host}", id="backup-lead-v1")
    await remote.ai.registry.register(backup)
    await remote.ai.registry.update("remote-lead-v1", fallback_model_id="backup-lead-v1")
    remote.proxy.fault = "refuse"
    response = await remote.ask(40.0)
    assert (response.model_id, response.metadata["fallback"]) == ("backup-lead-v1", "remote-lead-v1")
    kinds = [(one["model_id"], one["kind"]) for one in response.metadata["attempts"]]
    assert kinds[-1] == ("backup-lead-v1", "ok")
    assert set(kinds[:-1]) == {("remote-lead-v1", "unreachable")}
    remote.proxy.fault = "none"
    healed = await remote.ask(40.0)
    assert (healed.model_id, healed.cached) == ("remote-lead-v1", False)


async def test_a_refused_request_is_no_case_for_the_fallback(remote: Remote) -> None:
    """What the server calls a wrong request is an error of the request, whoever would answer it."""
    await remote.ai.registry.register(remote_model(f"http://{remote.server.host}", id="backup-lead-v1"))
    await remote.ai.registry.update("remote-lead-v1", fallback_model_id="backup-lead-v1")
    remote.proxy.fault, remote.proxy.status = "status", 422
    with pytest.raises(ProviderError, match="refused the request"):
        await remote.ask(40.0)


async def test_a_remote_model_is_explained_by_asking_it(remote: Remote) -> None:
    """The parts add up to the very answer, and a feature that the model ignores has none."""
    found = await remote.ai.explain("remote-lead-v1", {"engagement": 85.0, "size": 3.0})
    contributions = {part.feature: part.contribution for part in found.feature_contributions}
    assert found.method == "exact-shap"
    assert found.base_value == pytest.approx(40.0)
    assert contributions == pytest.approx({"engagement": 0.45, "size": 0.0}, abs=1e-12)
    assert found.additivity_error < 1e-9


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1",
        "169.254.169.254",
        "http://[::1]",
        "https://10.1.2.3/x",
        "https://evil.example.com",
        "http://models.example.com",
    ],
)
async def test_an_address_that_is_not_listed_cannot_be_registered(remote: Remote, url: str) -> None:
    """It is refused when it is registered, with a line that says what the operator would have to do."""
    for changes in (
        {"endpoint": url, "provider_config": None},
        {"endpoint": None, "provider_config": ProviderConfig(provider="mlflow", endpoint=url)},
    ):
        with pytest.raises(ConfigError, match="cannot be registered"):
            await remote.ai.registry.register(remote_model(url, id="other", **changes))


async def test_a_key_is_read_for_its_own_provider_only(remote: Remote) -> None:
    """Another provider's key, and this product's own settings, are no credentials of this model."""
    for name in ("OPENAI_API_KEY", "DATABASE_URL", "HOTCRM_AI_HOME"):
        config = ProviderConfig(
            provider="mlflow", endpoint=f"http://{remote.proxy.host}", credentials={"api_key": {"env": name}}
        )
        with pytest.raises(ConfigError, match=name):
            await remote.ai.registry.register(
                remote_model(f"http://{remote.proxy.host}", id="other", provider_config=config)
            )


async def test_a_credential_does_not_follow_a_model_to_another_host(remote: Remote) -> None:
    """Changing the model's address alone clears what was trusted to the old one: references, and personal features as they are."""
    url = f"http://{remote.proxy.host}"
    config = ProviderConfig(provider="mlflow", credentials={"api_key": {"env": "REMOTE_KEY"}}, personal_fields="send")
    await remote.ai.registry.register(remote_model(url, id="moving", provider_config=config))
    same = await remote.ai.registry.update("moving", description="still there")
    assert same.provider_config is not None
    assert same.provider_config.credentials == {"api_key": {"env": "REMOTE_KEY"}}
    assert same.provider_config.personal_fields == "send"
    moved = await remote.ai.registry.update("moving", endpoint=f"http://{remote.server.host}")
    assert moved.provider_config is not None
    assert moved.provider_config.credentials == {}
    assert moved.provider_config.personal_fields is None


async def test_the_key_is_nowhere_to_be_found(remote: Remote, tmp_path: Path) -> None:
    """Not in responses, errors, states, registry or any file of the workspace, although it was sent and echoed."""
    shown = [repr(await remote.ask(10.0))]
    remote.server.reply = lambda heard: Said(status=401, body={"bad key": heard.headers})
    with pytest.raises(ProviderError) as raised:
        await remote.ask(11.0)
    shown += [repr(raised.value), str(raised.value.details), repr(remote.ai.predictions.get_provider_states())]
    shown.append(repr(await remote.ai.registry.get_model("remote-lead-v1")))
    shown.append(repr(await remote.ai.monitor.get_recent_errors("remote-lead-v1")))
    await remote.ai.aclose()
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]  # noqa: ASYNC240 - nothing else runs
    assert KEY in remote.server.heard[-1].headers["authorization"]
    assert not any(KEY in text for text in shown)
    assert not any(KEY.encode() in content for content in files)
