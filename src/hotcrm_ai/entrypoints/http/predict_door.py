"""Answers ``POST /v1/predict`` ahead of the router, without a framework: no other route is asked as often."""

from __future__ import annotations

from typing import Any, Final, NoReturn

from hotcrm_ai.domain.errors import InvalidRequest
from hotcrm_ai.domain.prediction import PredictionRequest
from hotcrm_ai.entrypoints.http.authorization import admit
from hotcrm_ai.entrypoints.http.exchange import Exchange
from hotcrm_ai.entrypoints.http.prediction_routes import PREDICT
from hotcrm_ai.entrypoints.http.reading import names_of, read_record, respelled
from hotcrm_ai.entrypoints.http.reply import Reply, encode_json
from hotcrm_ai.entrypoints.http.request_body import Receive, receive_body
from hotcrm_ai.entrypoints.http.request_head import check_media_type
from hotcrm_ai.entrypoints.http.strict_json import read_json_object

_NAMES: Final = names_of(PredictionRequest)


async def answer_predict(exchange: Exchange, receive: Receive) -> Reply:
    """Answer one request for a prediction.

    Raises:
        HotCRMAIError: the request is refused, or the prediction failed.
    """
    if PREDICT.scope is not None:
        exchange = await admit(exchange, PREDICT.scope)
    check_media_type(exchange.headers)
    body = await receive_body(
        receive, exchange.headers, limit_bytes=PREDICT.body_limit, timeout_seconds=exchange.body_seconds
    )
    response = await exchange.ai.predict(read_prediction_request(read_json_object(body)))
    return Reply(200, encode_json(response))


def read_prediction_request(document: dict[str, Any]) -> PredictionRequest:
    """Build the request from a decoded body; the usual one, without context, without detours."""
    if document.get("context") is not None:
        return read_record(PredictionRequest, document)
    given = respelled(document, _NAMES, where="the body")
    model_id, features, use_cache = given.get("modelId"), given.get("features"), given.get("useCache", True)
    if type(model_id) is not str or type(features) is not dict or type(use_cache) is not bool:
        _refuse(document)
    return PredictionRequest(model_id=model_id, features=features, use_cache=use_cache)


def _refuse(document: dict[str, Any]) -> NoReturn:
    """Let the general reader say what is wrong."""
    read_record(PredictionRequest, document)
    raise InvalidRequest("The body does not fit: modelId is text, features an object, useCache true or false.")
