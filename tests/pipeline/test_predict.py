"""A prediction names who answered, tells what it is worth, and is an error wherever there is no answer."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas
import pytest

from hotcrm_ai.domain.errors import (
    HotCRMAIError,
    InvalidFeatures,
    InvalidRequest,
    ModelNotActive,
    ModelNotFound,
    ProviderBadAnswer,
    ProviderError,
    ProviderMisconfigured,
    ProviderTimeout,
    ProviderUnavailable,
    StorageError,
)
from hotcrm_ai.domain.prediction import Context, PredictionOutput, PredictionRequest
from hotcrm_ai.pipeline.validate import read_features
from hotcrm_ai.testing import FakeProvider
from hotcrm_ai.testing.provider import score_of

MODEL = "lead-scoring-v1"
LEAD = {"company_size": 500, "industry": "Technology", "is_customer": False}


async def test_a_response_names_the_model_that_answered(pipeline: Any) -> None:
    """The response carries the provider's own value and confidence, and model, version, provider and variant."""
    pipeline.provider = FakeProvider(lambda model, asked: PredictionOutput(prediction={"score": 0}, confidence=0.0))
    pipeline.providers.by_name["local"] = pipeline.provider
    response = await pipeline.service.predict(MODEL, LEAD)
    assert response.prediction == {"score": 0}
    assert response.confidence == 0.0
    assert (response.model_id, response.model_version, response.requested_model_id) == (MODEL, "1.0.0", MODEL)
    assert (response.cached, response.prediction_id) == (False, "prediction-1")
    assert (response.metadata["provider"], response.metadata["variant"]) == ("local", "none")
    assert response.metadata["warnings"] == []
    assert set(response.metadata["stages"]) == {"validate", "choose", "cache", "provider", "record"}
    assert "fallback" not in response.metadata


async def test_the_provider_gets_fitted_features_and_no_context(pipeline: Any) -> None:
    """The model sees numbers as floats and nothing of the user or the record."""
    await pipeline.service.predict(MODEL, {"companySize": 500}, context={"userId": "ada", "object_id": "42"})
    (question,) = pipeline.provider.attempts[0].questions
    assert question.features == {"company_size": 500.0}
    assert question.prediction_id == "prediction-1"


@pytest.mark.parametrize(
    "asked",
    [
        PredictionRequest(model_id=MODEL, features=LEAD, context=Context(object_id="42")),
        {"modelId": MODEL, "features": LEAD, "context": {"objectId": "42"}},
        {"model_id": MODEL, "features": LEAD, "context": {"object_id": "42"}},
    ],
    ids=["record", "camelCase", "snake_case"],
)
async def test_a_whole_request_is_taken_in_both_spellings(pipeline: Any, asked: Any) -> None:
    """A request record, and a mapping in either spelling, mean what the arguments mean."""
    response = await pipeline.service.predict(asked)
    assert response.prediction == (await pipeline.service.predict(MODEL, LEAD)).prediction
    assert pipeline.log.rows[0].object_id == "42"


async def test_missing_and_unknown_features_are_named_in_warnings(pipeline: Any) -> None:
    """A feature left out, one never seen and one out of range are told, and the answer is given."""
    response = await pipeline.service.predict(MODEL, {"company_size": 50_000, "industry": "Magic", "shoe_size": 44})
    assert response.metadata["warnings"] == [
        "company_size = 50000 is above what training saw (up to 10000)",
        "industry = 'Magic' (text) was not seen in training; the model treated it as rare",
        "is_customer is missing; the model treated it as unknown",
        "shoe_size is not a feature of this model and was ignored",
    ]


async def test_numbers_of_other_libraries_and_decimals_are_numbers(pipeline: Any) -> None:
    """A numpy or database number means the Python number of the same value."""
    plain = await pipeline.service.predict(MODEL, {"company_size": 500, "is_customer": True})
    for size, flag in ((np.int64(500), np.bool_(True)), (np.float32(500), True), (Decimal(500), True)):
        response = await pipeline.service.predict(MODEL, {"company_size": size, "is_customer": flag})
        assert (response.prediction, response.cached) == (plain.prediction, True)


@pytest.mark.parametrize("mark", [pandas.NA, pandas.NaT, np.datetime64("NaT", "s"), "", "  "], ids=repr)
async def test_marks_of_data_frames_and_blanks_are_missing(pipeline: Any, mark: Any) -> None:
    """What a data frame or a form holds where there is no value is told as missing, as None is."""
    given = {"company_size": mark, "industry": "Technology", "is_customer": True}
    response = await pipeline.service.predict(MODEL, given)
    assert response.metadata["warnings"] == ["company_size is missing; the model treated it as unknown"]


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (pandas.Timestamp("2026-03-01", tz="UTC"), "2026-03-01T00:00:00+00:00"),
        (np.datetime64("2026-03-01"), "2026-03-01T00:00:00"),
        (np.datetime64("2026-03-01T12:00", "ns"), "2026-03-01T12:00:00"),
        (pandas.Timedelta(hours=1), 3600.0),
        (np.timedelta64(1, "h"), 3600.0),
        (np.array(["2026-03-01"], dtype="datetime64[ns]"), ["2026-03-01T00:00:00"]),
    ],
    ids=["Timestamp", "day", "nanoseconds", "Timedelta", "hour", "array"],
)
def test_moments_of_data_frames_are_dates_and_durations_seconds(value: Any, plain: Any) -> None:
    """A moment is never a count of nanoseconds, and a duration is what training took it for."""
    assert read_features({"at": value}, model_id=MODEL) == {"at": plain}


@pytest.mark.parametrize(
    ("features", "named"),
    [
        ({"company_size": "500"}, "company_size"),
        ({"company_size": True}, "company_size"),
        ({"company_size": math.nan}, "company_size"),
        ({"company_size": math.inf}, "company_size"),
        ({"is_customer": 1}, "is_customer"),
        ({"industry": object()}, "industry"),
        ({"industry": "x" * 70_000}, "industry"),
        ({"companySize": 1, "company_size": 1}, "company_size"),
        ({7: 1}, "7"),
        ({"x" * 200: 1}, "x" * 128),
    ],
)
async def test_features_that_do_not_fit_are_an_error_that_names_them(pipeline: Any, features: Any, named: str) -> None:
    """Nothing is coerced or left out in silence: the provider is not asked, nothing is logged, no failure is booked."""
    with pytest.raises(InvalidFeatures) as refused:
        await pipeline.service.predict(MODEL, features)
    assert named in refused.value.problems
    assert pipeline.provider.attempts == []
    assert pipeline.log.rows == []
    assert await pipeline.counts() == (0, 0)


async def test_deeply_nested_features_are_refused_at_once(make_pipeline: Any, make_model: Any) -> None:
    """A value nested ten thousand levels deep is an error that names it, also without a signature."""
    pipeline = make_pipeline(make_model(signature=None))
    deep: Any = []
    for _ in range(10_000):
        deep = [deep]
    with pytest.raises(InvalidFeatures, match=r"'a': .*nested deeper"):
        await pipeline.service.predict(MODEL, {"a": deep})


async def test_too_many_features_are_refused(make_pipeline: Any, make_model: Any) -> None:
    """More than a thousand features are an error."""
    pipeline = make_pipeline(make_model(signature=None))
    with pytest.raises(InvalidFeatures, match="1001 features"):
        await pipeline.service.predict(MODEL, {f"f{number}": 1 for number in range(1001)})


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ((MODEL,), {}),
        ((MODEL, [1]), {}),
        ((7, {}), {}),
        (({"modelId": MODEL},), {}),
        (({"modelId": MODEL, "model_id": MODEL, "features": {}},), {}),
        (({"modelId": MODEL, "features": {}}, {}), {}),
        ((MODEL, {}), {"context": {"tenant": "x"}}),
        ((MODEL, {}), {"context": "ada"}),
        ((MODEL, {}), {"timeout": 0}),
        ((MODEL, {}), {"timeout": math.nan}),
    ],
)
async def test_what_is_no_request_is_refused(pipeline: Any, arguments: Any, options: Any) -> None:
    """A request that cannot be read is an error, and nobody is asked."""
    with pytest.raises(InvalidRequest):
        await pipeline.service.predict(*arguments, **options)
    assert pipeline.provider.attempts == []


async def test_unknown_and_inactive_models_do_not_answer(pipeline: Any) -> None:
    """An unknown id and a model of another status are typed errors, and neither makes a series in the monitor."""
    with pytest.raises(ModelNotFound):
        await pipeline.service.predict("lead-scoring-v9", LEAD)
    pipeline.models.change(MODEL, status="deprecated")
    with pytest.raises(ModelNotActive):
        await pipeline.service.predict(MODEL, LEAD)
    assert await pipeline.monitor.get_all_stats() == {}


FAULTS = [
    (ProviderMisconfigured("The key is missing; set it."), ProviderMisconfigured),
    (ValueError("boom"), ProviderError),
    (KeyError("score"), ProviderError),
    (TimeoutError(), ProviderTimeout),
    (ConnectionRefusedError(), ProviderUnavailable),
    (OSError("broken"), ProviderError),
    (RecursionError(), ProviderError),
]


@pytest.mark.parametrize(("fault", "expected"), FAULTS, ids=lambda value: getattr(value, "__name__", repr(value)))
async def test_a_failing_provider_is_a_typed_error(
    pipeline: Any, fault: Exception, expected: type[HotCRMAIError]
) -> None:
    """Whatever a provider raises reaches the caller as our error with its cause, is counted, and is neither logged nor cached."""
    pipeline.provider.always = fault
    for _ in range(2):
        with pytest.raises(expected) as failed:
            await pipeline.service.predict(MODEL, LEAD)
        assert failed.value is fault or failed.value.__cause__ is fault
    assert len(pipeline.provider.attempts) == 2
    assert pipeline.log.rows == []
    assert await pipeline.counts() == (0, 2)
    assert (await pipeline.monitor.get_recent_errors(MODEL))[0].code == expected.code


async def test_two_hundred_faulty_calls_give_only_the_providers_own_values(make_pipeline: Any) -> None:
    """Whatever faults come between, every answer equals what the provider sent for that very request."""
    pipeline = make_pipeline()
    pipeline.provider.fail_next(*[fault for number in range(50) for fault in (FAULTS[number % 7][0], None, None, None)])
    answered = 0
    for number in range(1, 201):
        try:
            response = await pipeline.service.predict(MODEL, {"company_size": number})
        except HotCRMAIError:
            continue
        answered += 1
        (question,) = pipeline.provider.attempts[-1].questions
        assert question.features == {"company_size": float(number)}
        assert response.prediction == score_of(await pipeline.models.get_model(MODEL), question).prediction
    assert (answered, *await pipeline.counts()) == (150, 150, 50)


def answering(answer: Any) -> FakeProvider:
    return FakeProvider(lambda model, asked: answer)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {"score": 50},
        PredictionOutput(prediction=None),
        PredictionOutput(prediction={"score": math.nan}),
        PredictionOutput(prediction=[1.0, math.inf]),
        PredictionOutput(prediction={"score": object()}),
        PredictionOutput(prediction=1, confidence=math.nan),
        PredictionOutput(prediction=1, confidence=101.0),
        PredictionOutput(prediction=1, confidence=-1.0),
        PredictionOutput(prediction=1, confidence="high"),  # type: ignore[arg-type]
        PredictionOutput(prediction=1, confidence=True),
        PredictionOutput(prediction=1, metadata={"x": math.nan}),
    ],
)
async def test_an_answer_that_is_no_prediction_is_an_error(pipeline: Any, answer: Any) -> None:
    """What is not finite, no JSON value or no per cent never becomes an answer, a log row or a cache entry."""
    pipeline.providers.by_name["local"] = answering(answer)
    with pytest.raises(ProviderBadAnswer):
        await pipeline.service.predict(MODEL, LEAD)
    assert pipeline.log.rows == []
    assert (await pipeline.cache.stats()).size == 0
    assert await pipeline.counts() == (0, 1)


async def test_an_unknown_confidence_stays_unknown(pipeline: Any) -> None:
    """Where the provider gives no confidence it is None in answer, log and mean, never a default."""
    pipeline.providers.by_name["local"] = answering(PredictionOutput(prediction={"score": 0.0}))
    for _ in range(2):
        assert (await pipeline.service.predict(MODEL, LEAD)).confidence is None
    assert [row.confidence_score for row in pipeline.log.rows] == [None, None]
    stats = await pipeline.service.get_performance_stats(MODEL)
    assert stats.average_confidence is None


async def test_zero_false_and_empty_are_predictions(pipeline: Any) -> None:
    """A prediction of 0, false, an empty text or an empty list is an answer, fresh and cached."""
    for number, value in enumerate((0, False, "", [], {})):
        pipeline.providers.by_name["local"] = answering(PredictionOutput(prediction=value, confidence=0.0))
        for _ in range(2):
            response = await pipeline.service.predict(MODEL, {"company_size": number + 1})
            assert (response.prediction, type(response.prediction), response.confidence) == (value, type(value), 0.0)


async def test_a_provider_that_is_not_async_is_a_typed_error(pipeline: Any) -> None:
    """A plug-in whose predict is no coroutine fails as a provider, not with a Python error."""

    class Synchronous(FakeProvider):
        def predict(self, model: Any, input: Any) -> Any:  # type: ignore[override]  # noqa: A002
            return PredictionOutput(prediction=1)

    pipeline.providers.by_name["local"] = Synchronous()
    with pytest.raises(ProviderError):
        await pipeline.service.predict(MODEL, LEAD)


async def test_what_the_log_cannot_take_is_not_answered(pipeline: Any) -> None:
    """Without the log an answer is a storage error, never given unlogged."""
    pipeline.log.failure = StorageError("The database is away; try again.")
    with pytest.raises(StorageError):
        await pipeline.service.predict(MODEL, LEAD)


async def test_every_answer_is_logged_with_what_a_replay_needs(pipeline: Any) -> None:
    """Fresh and cached answers are logged with model, revision, features, value, record and user."""
    context = Context(user_id="ada", object_type="Lead", object_id="42")
    fresh = await pipeline.service.predict(MODEL, LEAD, context=context)
    await pipeline.service.predict(MODEL, LEAD, context=context)
    first, second = pipeline.log.rows
    assert (first.id, second.id) == ("prediction-1", "prediction-2")
    assert (first.was_cached, second.was_cached) == (False, True)
    assert first.prediction_value == second.prediction_value == fresh.prediction
    assert (first.model_id, first.model_version, first.model_revision) == (MODEL, "1.0.0", 1)
    assert (first.object_type, first.object_id, first.created_by) == ("Lead", "42", "ada")
    assert first.input_features == {"company_size": 500.0, "industry": "Technology", "is_customer": False}
    assert (first.prediction_type, first.provider, first.created_date) == (
        "lead-scoring",
        "local",
        pipeline.clock.now(),
    )
    assert (first.variant, first.experiment_id, first.subject_kind, first.fallback_for) == ("none", None, None, None)


async def test_changing_an_answer_changes_no_log_row(pipeline: Any) -> None:
    """The caller's answer shares nothing with the log."""
    response = await pipeline.service.predict(MODEL, LEAD)
    score = response.prediction["score"]
    response.prediction["score"] = -1
    assert pipeline.log.rows[0].prediction_value == {"score": score}


async def test_personal_values_are_hashed_in_the_log(make_pipeline: Any, make_model: Any) -> None:
    """A feature marked as personal reaches a model that may have it as it is, and the log as a digest."""
    from hotcrm_ai.domain.model import ProviderConfig
    from hotcrm_ai.domain.signature import FeatureSpec, Signature

    signature = Signature(features=(FeatureSpec(name="email", type="text", personal=True),))
    sends = ProviderConfig(provider="local", personal_fields="send")
    pipeline = make_pipeline(make_model(signature=signature, provider_config=sends))
    await pipeline.service.predict(MODEL, {"email": "ada@example.org"})
    assert pipeline.provider.attempts[0].questions[0].features == {"email": "ada@example.org"}
    assert pipeline.log.rows[0].input_features["email"].startswith("sha256:")
    assert "ada" not in repr(pipeline.log.rows[0])


async def test_another_provider_can_be_asked_by_name_or_instance(pipeline: Any) -> None:
    """`provider` is asked instead of the model's own; answers of a named one are filed apart, of an instance not at all."""
    own = FakeProvider(lambda model, asked: PredictionOutput(prediction="own"))
    pipeline.providers.by_name["other"] = FakeProvider(lambda model, asked: PredictionOutput(prediction="other"))
    await pipeline.service.predict(MODEL, LEAD)
    named = [await pipeline.service.predict(MODEL, LEAD, provider="other") for _ in range(2)]
    assert [(one.prediction, one.cached, one.metadata["provider"]) for one in named] == [
        ("other", False, "other"),
        ("other", True, "other"),
    ]
    given = [await pipeline.service.predict(MODEL, LEAD, provider=own) for _ in range(2)]
    assert [(one.prediction, one.cached, one.metadata["provider"]) for one in given] == [
        ("own", False, "FakeProvider")
    ] * 2
    with pytest.raises(ProviderMisconfigured):
        await pipeline.service.predict(MODEL, LEAD, provider="nowhere")


async def test_what_a_named_provider_does_is_not_counted_as_the_models_own(pipeline: Any) -> None:
    """Neither its answers nor its failures are in the model's statistics and health; the error names who was asked."""
    pipeline.other_provider.fail_next(*[ValueError("boom")] * 30)
    for number in range(30):
        with pytest.raises(ProviderError, match="Provider 'other' of model 'lead-scoring-v1' failed with ValueError"):
            await pipeline.service.predict(MODEL, {**LEAD, "company_size": number + 1}, provider="other")
    await pipeline.service.predict(MODEL, LEAD, provider="other")
    assert await pipeline.counts() == (0, 0)
    assert (await pipeline.service.get_model_health(MODEL)).status == "unknown"
    assert [row.provider for row in pipeline.log.rows] == ["other"]
