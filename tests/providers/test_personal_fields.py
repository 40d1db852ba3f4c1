"""No provider outside of this process gets a personal value, in any byte of any call, unless the operator chose to send it."""

from __future__ import annotations

from itertools import count
from typing import Any

import msgspec
import pytest

from hotcrm_ai.domain.canonical import digest_of
from hotcrm_ai.domain.errors import ProviderMisconfigured
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.monitoring import PerformanceMonitor
from hotcrm_ai.pipeline.service import PredictionService
from hotcrm_ai.testing import FakeCatalogue, FakeClock, FakePredictionLog, FakeProvider, FakeProviders, ModelServer

PERSONAL = "Planted Personal Ltd"
RECORDS = [{"size": 7.0, "industry": PERSONAL}, {"size": 9.0, "industry": PERSONAL}]
SIGNATURE = Signature(
    features=(
        FeatureSpec(name="size", type="number"),
        FeatureSpec(name="industry", type="category", personal=True),
    )
)


def service_for(model: Any, providers: Any) -> PredictionService:
    numbers = count(1)
    clock = FakeClock()
    return PredictionService(
        models=FakeCatalogue(model),
        providers=providers,
        cache=None,
        monitor=PerformanceMonitor(clock=clock),
        log=FakePredictionLog(),
        clock=clock,
        new_id=lambda: f"p-{next(numbers)}",
        workspace="ws-1",
    )


async def answered(remote: str, peers: Any, factory_for: Any, true_answer: Any, policy: str | None) -> Any:
    """Ask a provider for one record and for two, and return all that its peer heard, with the answers."""
    async with ModelServer(lambda heard: peers[remote].reply(heard, true_answer)) as server:
        factory = factory_for(server.host)
        made = peers[remote].peer(server.url)
        model = msgspec.structs.replace(
            made.model,
            status="active",
            signature=SIGNATURE,
            provider_config=msgspec.structs.replace(made.config, personal_fields=policy),
            parameters={**made.model.parameters, "fill": {"industry": "unknown"}},
        )
        service = service_for(model, factory)
        answers = [await service.predict("m", RECORDS[0]), *await service.batch_predict("m", RECORDS)]
        await service.answer_rows(model, [RECORDS[1]], seconds=2.0)
        await service.answer(await service.fit(model, RECORDS[1]))
        await factory.aclose()
    said = b" ".join(f"{heard.path} {heard.headers}".encode() + heard.body for heard in server.heard)
    assert len(server.heard) >= 4
    return answers, said


@pytest.mark.parametrize("policy", [None, "omit"])
async def test_a_personal_value_is_in_no_byte_of_any_call(
    remote: str, peers: Any, factory_for: Any, true_answer: Any, policy: str | None
) -> None:
    """Single calls, batches, explanations and replays leave it out by default, answer all the same, and say so."""
    answers, said = await answered(remote, peers, factory_for, true_answer, policy)
    assert b"Planted" not in said
    assert b"sha256:" not in said
    for answer, record in zip(answers, [RECORDS[0], *RECORDS], strict=True):
        assert answer.prediction["probability"] == pytest.approx(true_answer(record), abs=1e-12)
        assert (
            f"industry is personal and was not sent to provider '{peers[remote].NAME}'" in answer.metadata["warnings"]
        )


async def test_a_digest_is_sent_where_that_was_chosen(
    remote: str, peers: Any, factory_for: Any, true_answer: Any
) -> None:
    """The same value has the same digest, so a model can tell people apart without knowing them."""
    answers, said = await answered(remote, peers, factory_for, true_answer, "hash")
    assert b"Planted" not in said
    assert said.count(f"sha256:{digest_of('ws-1', 'industry', PERSONAL)}".encode()) >= 4
    noted = f"industry is personal and was sent to provider '{peers[remote].NAME}' as a digest only"
    assert all(noted in answer.metadata["warnings"] for answer in answers)


async def test_the_value_is_sent_where_that_was_chosen(
    remote: str, peers: Any, factory_for: Any, true_answer: Any
) -> None:
    """The choice is the operator's, and then nothing needs to be said."""
    answers, said = await answered(remote, peers, factory_for, true_answer, "send")
    assert said.count(PERSONAL.encode()) >= 4
    assert not any("personal" in str(answer.metadata.get("warnings")) for answer in answers)


@pytest.mark.parametrize(
    "features",
    [
        (FeatureSpec(name="text", type="text", personal=True),),
        (FeatureSpec(name="size", type="number"), FeatureSpec(name="text", type="text", personal=True, required=True)),
    ],
)
async def test_a_model_that_needs_what_is_held_back_is_not_asked(peers: Any, features: Any) -> None:
    """One clear line names the feature and the setting; no call is made on half a record."""
    provider = FakeProvider()
    model = msgspec.structs.replace(
        peers["openai"].peer("http://127.0.0.1:1").model, status="active", signature=Signature(features=features)
    )
    service = service_for(model, FakeProviders(openai=provider))
    with pytest.raises(
        ProviderMisconfigured, match=r"without 'text'.*provider_config\.personal_fields to 'hash' or 'send'"
    ):
        await service.predict("m", {"text": "call Ann at home"})
    assert provider.attempts == []


async def test_the_choice_for_one_provider_is_none_for_another(peers: Any) -> None:
    """A provider asked in the place of the model's own gets no personal value, whatever was chosen for that one."""
    provider, other = FakeProvider(), FakeProvider()
    made = peers["mlflow"].peer("http://127.0.0.1:1")
    model = msgspec.structs.replace(
        made.model,
        status="active",
        signature=SIGNATURE,
        provider_config=msgspec.structs.replace(made.config, personal_fields="send"),
    )
    service = service_for(model, FakeProviders(mlflow=provider, other=other))
    await service.predict("m", RECORDS[0])
    await service.predict("m", RECORDS[0], provider="other")
    assert provider.attempts[0].questions[0].features == RECORDS[0]
    assert other.attempts[0].questions[0].features == {"size": 7.0}


async def test_a_personal_number_is_never_sent_as_a_digest(peers: Any) -> None:
    """A model that takes a number could make nothing of one, so it is left out; a missing value stays missing."""
    provider = FakeProvider()
    made = peers["mlflow"].peer("http://127.0.0.1:1")
    features = (*SIGNATURE.features, FeatureSpec(name="age", type="number", personal=True))
    model = msgspec.structs.replace(
        made.model,
        status="active",
        signature=Signature(features=features),
        provider_config=msgspec.structs.replace(made.config, personal_fields="hash"),
    )
    answer = await service_for(model, FakeProviders(mlflow=provider)).predict("m", {"size": 1, "age": 44})
    assert provider.attempts[0].questions[0].features == {"size": 1.0}
    assert "age is personal and was not sent to provider 'mlflow'" in answer.metadata["warnings"]
