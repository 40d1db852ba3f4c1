"""A provider whose calls of many would be many calls anyway is asked one by one, by the pipeline itself."""

from __future__ import annotations

from typing import Any

from hotcrm_ai.domain.errors import ProviderBadAnswer
from hotcrm_ai.domain.prediction import PredictionError, PredictionOutput
from hotcrm_ai.testing import FakeProvider
from hotcrm_ai.testing.provider import score_of


class OneByOne(FakeProvider):
    """Says that several records are several calls."""

    one_by_one = True


async def test_each_record_has_its_own_call_and_its_own_error(pipeline: Any) -> None:
    """One unusable answer costs that record alone, and the one retry that it may have; no other record is asked twice."""

    def answer(model: Any, asked: Any) -> PredictionOutput:
        if asked.features["company_size"] == 3:
            raise ProviderBadAnswer("prose")
        return score_of(model, asked)

    provider = pipeline.providers.by_name["local"] = OneByOne(answer)
    batch = [{"company_size": size} for size in range(1, 21)]
    results = await pipeline.service.batch_predict("lead-scoring-v1", batch, on_error="collect")
    assert [result.index for result in results if isinstance(result, PredictionError)] == [2]
    assert {attempt.method for attempt in provider.attempts} == {"predict"}
    asked = [attempt.questions[0].features["company_size"] for attempt in provider.attempts]
    assert sorted(set(asked)) == list(range(1, 21))
    assert all(asked.count(size) == 1 for size in set(asked) - {3})
    assert asked.count(3) <= 2
