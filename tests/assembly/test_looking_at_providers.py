"""A look at the providers of models: what a plug-in does wrong is told of its model, and of no other one."""

from __future__ import annotations

from hotcrm_ai import AI, ModelConfig
from hotcrm_ai.actions.model_health import check_models
from hotcrm_ai.assembly.inspection import provider_problem
from hotcrm_ai.domain.performance import ProviderHealth
from hotcrm_ai.testing import FakeProvider

FAILED = (
    "Provider 'mine' of model 'far' failed with ValueError; nothing was predicted. The cause is attached to this error."
)


class Raises(FakeProvider):
    """A plug-in that raises errors of its own."""

    async def validate(self) -> None:
        """Fail in its own way."""
        raise ValueError("no key")


class RaisesWhenAsked(FakeProvider):
    """A plug-in whose health check raises an error of its own."""

    async def health_check(self) -> ProviderHealth:
        """Fail in its own way."""
        raise ValueError("no server")


async def test_a_plug_in_that_raises_what_it_likes_makes_its_model_unhealthy_and_no_other(ai: AI) -> None:
    """All models are still told of."""
    ai.providers.register("mine", lambda _: Raises())
    far = await ai.registry.register(ModelConfig(id="far", provider="mine", status="active"))
    assert await provider_problem(ai, far, ask=False) == FAILED
    told = {model.model_id: model for model in (await check_models(ai)).models}
    assert (told["far"].status, told["far"].reason) == ("unhealthy", FAILED)
    assert told["lead-scoring-v1"].status == "unknown"


async def test_only_where_it_is_wished_a_provider_is_asked(ai: AI) -> None:
    """The doctor looks at what is configured, health asks."""
    ai.providers.register("mine", lambda _: RaisesWhenAsked())
    far = await ai.registry.register(ModelConfig(id="far", provider="mine", status="active"))
    assert await provider_problem(ai, far, ask=False) is None
    assert await provider_problem(ai, far, ask=True) == FAILED
