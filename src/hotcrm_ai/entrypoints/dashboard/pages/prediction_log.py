"""The prediction log, newest first: of one model, about one record, or all; a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from hotcrm_ai.assembly.history import newest_answers
from hotcrm_ai.domain.errors import InvalidRequest
from hotcrm_ai.domain.prediction import LoggedPrediction
from hotcrm_ai.domain.value_text import value_text
from hotcrm_ai.entrypoints.dashboard import operations_parts
from hotcrm_ai.entrypoints.dashboard.page import Page, Shown, Visit
from hotcrm_ai.entrypoints.dashboard.pages.record import OUTCOME_WORDS
from hotcrm_ai.entrypoints.dashboard.rendering import number_text
from hotcrm_ai.entrypoints.dashboard.tried import tried
from hotcrm_ai.ports.ai_feature import wording_of

ROWS_A_PAGE: Final = 50


async def show_log(visit: Visit) -> Shown:
    """Show logged predictions."""
    asked = visit.query
    model_id, record = asked.get("model", "").strip(), asked.get("record", "").strip()
    found = await tried(
        newest_answers(
            visit.ai,
            limit=ROWS_A_PAGE + 1,
            model_id=model_id or None,
            record=_record(record),
            before=_before(asked.get("before", "")),
        )
    )
    rows = (found.value or [])[:ROWS_A_PAGE]
    more = len(found.value or ()) > ROWS_A_PAGE
    values: dict[str, Any] = {
        **operations_parts.frame(visit, "log"),
        "problem": found.problem,
        "rows": [(one, answer_words(one), _sure(visit, one)) for one in rows],
        "asked": {"model": model_id, "record": record},
        "is_later_page": bool(asked.get("before")),
        "older": _address(model_id, record, rows[-1]) if more else None,
        "newest": _address(model_id, record, None),
        "journal": visit.ai.waiting_predictions,
        "with_page": OUTCOME_WORDS,
    }
    return Shown(template="prediction_log.html", title="Prediction log", values=values)


def _sure(visit: Visit, logged: LoggedPrediction) -> str | None:
    """Return the confidence with what it is of."""
    wording = wording_of(visit.ai.features, logged.prediction_type)
    return wording.confidence_text(logged.prediction_value, logged.confidence_score)


def answer_words(logged: LoggedPrediction) -> str:
    """Return an answer in a few words."""
    answer = logged.prediction_value
    if not isinstance(answer, Mapping):
        return value_text(answer, longest=60)
    if "sentiment" in answer:
        return f"{answer['sentiment']}, {number_text(100 * answer['score'])} of 100"
    if "score" in answer:
        return f"{number_text(answer['score'], 1)} {answer.get('class', '')}".strip()
    if "probability" in answer:
        return f"{number_text(100 * answer['probability'], 1)} % {answer.get('risk', '')}".strip()
    if "items" in answer:
        return ", ".join(str(item.get("name") or item.get("id")) for item in answer["items"][:3]) or "no product"
    if "forecast" in answer:
        last = answer["forecast"][-1].get("period") if answer["forecast"] else None
        until = f"to {last}" if isinstance(last, str) else f"in {len(answer['forecast'])} periods"
        return f"{number_text(answer.get('value'))} {until}"
    return value_text(answer, longest=60)


def _record(text: str) -> tuple[str, str] | None:
    if not text:
        return None
    object_type, colon, object_id = text.partition(":")
    if not colon or not object_type or not object_id:
        raise InvalidRequest(f"{text[:60]!r} names no record; write its type and id, for example Lead:LD-000001.")
    return object_type, object_id


def _before(text: str) -> tuple[datetime, str] | None:
    """Read the place in the log where the page before ended."""
    moment, _, number = text.partition("~")
    try:
        return (datetime.fromisoformat(moment), number) if text else None
    except ValueError:
        raise InvalidRequest("The address of this page of the log is cut off; open the log again.") from None


def _address(model_id: str, record: str, last: LoggedPrediction | None) -> str:
    kept = {"model": model_id, "record": record}
    if last is not None:
        kept["before"] = f"{last.created_date.isoformat()}~{last.id}"
    kept = {name: value for name, value in kept.items() if value}
    return "/operations/log" + (f"?{urlencode(kept)}" if kept else "")


PAGES: Final = (Page(path="/operations/log", scope="read", show=show_log),)
