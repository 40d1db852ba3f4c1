"""No route of the server is without a method of the clients, and what a method sends is what its route takes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hotcrm_ai.client.calls import Call, Listing
from hotcrm_ai.client.methods import CacheCalls, ExperimentCalls, ModelCalls, ServerCalls
from hotcrm_ai.client.request import Request
from hotcrm_ai.domain.errors import InvalidRequest
from hotcrm_ai.domain.model import ABTest, ModelConfig
from hotcrm_ai.domain.prediction import Context, PredictionRequest
from hotcrm_ai.entrypoints.http.operation import Operation
from hotcrm_ai.entrypoints.http.operations import OPERATIONS
from hotcrm_ai.entrypoints.http.reading import read_query, read_record


class Recorder:
    """Sends nothing: keeps the request."""

    def __init__(self) -> None:
        self.requests: list[Request[Any]] = []

    def send(self, request: Request[Any]) -> Any:
        """Keep a request."""
        self.requests.append(request)

    def pages(self, request: Request[Any]) -> Iterator[Any]:
        """Keep the request for the first page."""
        self.requests.append(request)
        return iter(())


RECORDER = Recorder()
SERVER, MODELS = ServerCalls(RECORDER), ModelCalls(RECORDER)
EXPERIMENTS, CACHE = ExperimentCalls(RECORDER), CacheCalls(RECORDER)
FEATURES = {"company_size": 500, "industry": "Technology"}
CALLS: dict[str, Callable[[], object]] = {
    "predict": lambda: SERVER.predict("m", FEATURES, context=Context(object_id="L1"), use_cache=False),
    "predict, as a request": lambda: SERVER.predict(PredictionRequest(model_id="m", features=FEATURES)),
    "batch_predict": lambda: SERVER.batch_predict(
        "m", [FEATURES, {}], contexts=[{"object_id": "L1"}, None], on_error="collect"
    ),
    "explain": lambda: SERVER.explain("m", FEATURES, context={"user_id": "u"}, prediction={"score": 3}, confidence=80),
    "compare": lambda: SERVER.compare("m", FEATURES, {}),
    "what_if": lambda: SERVER.what_if("m", FEATURES, changeable=("company_size",), goal="hot", context={}),
    "record_outcome": lambda: SERVER.record_outcome("id", True),
    "record_outcome, of an object": lambda: SERVER.record_outcome(
        actual=None, object_type="Lead", object_id="L1", model_id="m"
    ),
    "score_lead": lambda: SERVER.score_lead("LD 1/2"),
    "batch_score_leads": lambda: SERVER.batch_score_leads(["a", "b"]),
    "score_lead, a model": lambda: SERVER.score_lead("LD 1/2", model_id="m"),
    "score_opportunity": lambda: SERVER.score_opportunity("OP-1", model_id="m"),
    "batch_score_opportunities": lambda: SERVER.batch_score_opportunities(["a"], model_id="m"),
    "predict_churn": lambda: SERVER.predict_churn("AC-1"),
    "batch_predict_churn": lambda: SERVER.batch_predict_churn({"filters": [("id", "in", ["a"])]}),
    "analyze_sentiment": lambda: SERVER.analyze_sentiment("EM-1"),
    "batch_analyze_sentiment": lambda: SERVER.batch_analyze_sentiment(["a"]),
    "forecast_revenue": lambda: SERVER.forecast_revenue("Small / Core"),
    "batch_forecast_revenue": lambda: SERVER.batch_forecast_revenue(),
    "recommend_products": lambda: SERVER.recommend_products("AC-1"),
    "batch_recommend_products": lambda: SERVER.batch_recommend_products(["a"]),
    "batch_score_leads, all": lambda: SERVER.batch_score_leads(),
    "batch_score_leads, some": lambda: SERVER.batch_score_leads({"filters": [("id", "in", ["a"])]}),
    "stats": lambda: SERVER.stats(window=60),
    "health": lambda: SERVER.health(),
    "usage": lambda: SERVER.usage(days=7),
    "alerts": lambda: SERVER.alerts(state="open"),
    "is_alive": lambda: SERVER.is_alive(),
    "is_ready": lambda: SERVER.is_ready(),
    "metrics": lambda: SERVER.metrics(),
    "models.list": lambda: MODELS.list(type="classification", status="active"),
    "models.get": lambda: MODELS.get("m"),
    "models.register": lambda: MODELS.register(
        ModelConfig(id="m", revision=3, provider="custom", ab_test=ABTest(champion_model_id="n")), if_revision=0
    ),
    "models.register, a mapping": lambda: MODELS.register({"id": "m", "cache_ttl": 3, "abTest": None}, reason="why"),
    "models.update": lambda: MODELS.update("m", cache_ttl=0.0, tags=("a",), reason="why", anyway=True, if_revision=4),
    "models.update_status": lambda: MODELS.update_status("m", "deprecated"),
    "models.unregister": lambda: MODELS.unregister("m", reason="old"),
    "models.promote": lambda: MODELS.promote("m", reason="better", if_revision=2),
    "models.roll_back": lambda: MODELS.roll_back("m", reason="worse", to=2),
    "models.history": lambda: MODELS.history("m"),
    "models.importance": lambda: MODELS.importance("m"),
    "models.drift": lambda: MODELS.drift("m", window=3600),
    "models.stats": lambda: MODELS.stats("m", window=60),
    "models.health": lambda: MODELS.health("m"),
    "models.usage": lambda: MODELS.usage("m", days=2),
    "experiments.list": lambda: EXPERIMENTS.list(),
    "experiments.report": lambda: EXPERIMENTS.report("m"),
    "experiments.promote": lambda: EXPERIMENTS.promote("m", reason="better", anyway=True),
    "experiments.stop": lambda: EXPERIMENTS.stop("m", reason="worse", if_revision=2),
    "cache.stats": lambda: CACHE.stats(),
    "cache.clear": lambda: CACHE.clear("m"),
}
"""A call of every method, with what it can be given."""


def sent_by(call: Callable[[], object]) -> Request[Any]:
    """Return the request of one call."""
    call()
    return RECORDER.requests.pop()


def operation_of(request: Request[Any]) -> Operation:
    """Return the operation that a server would answer this request by: exact paths before those with an id in them."""
    fits = [
        operation
        for operation in OPERATIONS
        if operation.method == request.method
        and re.fullmatch(re.escape(operation.path).replace(r"\{id\}", "[^/]+"), request.path)
    ]
    return min(fits, key=lambda operation: "{id}" in operation.path)


def missing_operations(calls: dict[str, Callable[[], object]]) -> set[str]:
    """Return the operations of the server that no call reaches."""
    return {operation.name for operation in OPERATIONS} - {operation_of(sent_by(call)).name for call in calls.values()}


def test_every_route_has_a_method() -> None:
    """A route that is added to the server without a method of the clients is found here."""
    assert missing_operations(CALLS) == set()


def test_a_missing_method_is_found() -> None:
    """The check names the route of a call that is taken away."""
    fewer = {name: call for name, call in CALLS.items() if name != "what_if"}
    assert missing_operations(fewer) == {"whatIf"}


def test_every_method_is_called_here() -> None:
    """No method of a client is missing from the calls above."""
    groups = {"": ServerCalls, "models.": ModelCalls, "experiments.": ExperimentCalls, "cache.": CacheCalls}
    methods = {
        prefix + name
        for prefix, group in groups.items()
        for name, member in vars(group).items()
        if isinstance(member, Call | Listing)
    }
    assert {name.split(",")[0] for name in CALLS} == methods


@pytest.mark.parametrize("name", CALLS)
def test_the_server_can_read_what_a_method_sends(name: str) -> None:
    """Body and query of each call fit the records that its route reads them as; a route without a body gets none."""
    request = sent_by(CALLS[name])
    operation = operation_of(request)
    read_query(operation.query, request.target.partition("?")[2].encode())
    if operation.takes is None:
        assert request.body is None
        return
    assert request.body is not None
    document = json.loads(request.body)
    (operation.read or (lambda body: read_record(operation.takes, body)))(document)  # type: ignore[arg-type,type-var]


@pytest.mark.parametrize("name", CALLS)
def test_only_what_is_safe_is_repeated(name: str) -> None:
    """Requests that change nothing are repeated freely, a POST with an effect under a key of its own, all others never."""
    request = sent_by(CALLS[name])
    without_effect = {"predict", "explain", "compare", "whatIf"}
    if request.method == "GET" or operation_of(request).name in without_effect:
        assert request.repeats == "freely"
    else:
        assert request.repeats == ("under_key" if request.method == "POST" else "never")


def test_an_id_stays_one_segment_of_the_path() -> None:
    """Whatever stands in an id, it leads to no other route; an empty one is refused before anything is sent."""
    assert sent_by(lambda: SERVER.score_lead("LD 1/2?x#y")).path == "/v1/leads/LD%201%2F2%3Fx%23y/score"
    assert sent_by(lambda: MODELS.get("..")).path == "/v1/models/%2E%2E"
    with pytest.raises(InvalidRequest, match="An id is empty"):
        MODELS.get("")


def test_a_value_that_json_does_not_have_is_refused_before_it_is_sent() -> None:
    """NaN never leaves the client."""
    with pytest.raises(InvalidRequest, match="nan"):
        SERVER.predict("m", {"x": float("nan")})


def test_conditions_become_headers() -> None:
    """A revision is If-Match with the ETag of that revision, 0 is If-None-Match, and without a condition there is no header."""
    assert sent_by(CALLS["models.update"]).headers == {"if-match": '"4"'}
    assert sent_by(CALLS["models.register"]).headers == {"if-none-match": "*"}
    assert sent_by(CALLS["models.unregister"]).headers == {}
