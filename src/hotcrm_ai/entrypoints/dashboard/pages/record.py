"""One lead, account or opportunity: its score, why it is so, what would change it, how it was before, and who was like it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from hotcrm_ai.actions.record_insight import (
    AskedRecord,
    answer_of,
    ask_about,
    feature_of,
    like_records,
    what_would_change,
    without_each_fact,
)
from hotcrm_ai.actions.record_search import record_line, record_name
from hotcrm_ai.assembly import AI
from hotcrm_ai.assembly.history import feature_models, record_answers
from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.domain.prediction import LoggedPrediction
from hotcrm_ai.domain.value_text import value_text
from hotcrm_ai.entrypoints.dashboard.charts import Line, Lines, Tone, Waterfall
from hotcrm_ai.entrypoints.dashboard.explanation_chart import ScaleWords, explanation_chart, scale_words
from hotcrm_ai.entrypoints.dashboard.faults import NoSuchTable, PageNotFound
from hotcrm_ai.entrypoints.dashboard.page import Page, Shown, Visit
from hotcrm_ai.entrypoints.dashboard.tried import Tried, tried

HISTORY_SHOWN: Final = 100
_FIELDS_TRIED: Final = 8
_BEST: Final[Mapping[str, str]] = {"score": "hot", "probability": "low"}
"""The answer that is wished for, by the scale of the AI feature: a lead that is hot, an account whose risk is low."""

OUTCOME_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "Lead": ("won", "lost"),
    "Account": ("left", "stayed"),
    "Opportunity": ("won", "lost"),
}


async def show_record(visit: Visit) -> Shown:
    """Show everything about one record; parts that cannot be had say why."""
    ai, object_type = visit.ai, visit.path["object_type"]
    if object_type not in OUTCOME_WORDS:
        raise PageNotFound(
            f"Records of the type {object_type[:40]!r} have no page; those of {', '.join(OUTCOME_WORDS)} have."
        )
    feature = feature_of(ai, object_type)
    try:
        record = await ai.crm.get(object_type, visit.path["object_id"])
    except ConfigError as problem:
        raise NoSuchTable(problem.message) from problem
    answers = await tried(record_answers(ai, object_type, [record["id"]], limit=HISTORY_SHOWN))
    history = [one for one in answers.value or () if one.prediction_type == feature]
    model_id = visit.query.get("model") or (history[0].requested_model_id if history else None)
    asked = await tried(ask_about(ai, object_type, record, model_id=model_id))
    values: dict[str, Any] = {
        "record": record,
        "name": record_name,
        "line": record_line,
        "object_type": object_type,
        "command": ai.features[feature].write_back.command,
        "words": OUTCOME_WORDS[object_type],
        "asked": asked,
        "models": [model.id for model in (await feature_models(ai, feature))[:20]],
        "model_id": model_id,
        "history": Tried(history, answers.problem),
        "history_chart": history_chart(history),
        "answer_of": answer_of,
        "facts": {name: value for name, value in record.items() if not name.startswith("ai_")},
    }
    if asked.value is not None:
        values |= await _insight(ai, asked.value, visit)
    return Shown(template="record.html", title=record_name(record), values=values)


async def _insight(ai: AI, asked: AskedRecord, visit: Visit) -> dict[str, Any]:
    """Return what the model itself says about the record."""
    fields = changeable_fields(asked)
    chosen = [name for name in visit.query.get("change", "").split(",") if name in fields] or fields[:_FIELDS_TRIED]
    feature = ai.features[feature_of(ai, asked.object_type)]
    words, goal = scale_words(feature), _BEST[feature.scale]
    without, alike, change = await asyncio.gather(
        tried(without_each_fact(ai, asked)),
        tried(like_records(ai, asked)),
        tried(what_would_change(ai, asked, changeable=chosen[:_FIELDS_TRIED], goal=goal)),
    )
    return {
        "waterfall": waterfall_chart(asked, words),
        "unit": words.unit,
        "sure": feature.wording.confidence_text(asked.explanation.prediction, asked.explanation.confidence),
        "without": without,
        "alike": alike,
        "change": change,
        "fields": [(name, asked.title(name), name in chosen[:_FIELDS_TRIED]) for name in fields],
        "most_fields": _FIELDS_TRIED,
        "goal": goal,
        "value_text": value_text,
    }


def changeable_fields(asked: AskedRecord) -> list[str]:
    """Return the fields that a search for another answer can change: no texts; those first that matter most."""
    specs = {spec.name: spec for spec in asked.model.signature.features} if asked.model.signature is not None else {}
    ordered = [part.feature for part in asked.explanation.feature_contributions]
    return [name for name in ordered if name in specs and specs[name].type in ("number", "category", "boolean")]


def waterfall_chart(asked: AskedRecord, words: ScaleWords) -> Waterfall:
    """Return the steps from the average to the answer."""
    names = {one.feature: asked.title(one.feature) for one in asked.explanation.feature_contributions}
    return explanation_chart(asked.explanation, answer=asked.answer, words=words, titles=names)


def history_chart(history: Sequence[LoggedPrediction]) -> Lines | None:
    """Return the answers over time, one line for each model; None where there are fewer than two."""
    if len(history) < 2:
        return None
    oldest_first = list(reversed(history))
    models = list(dict.fromkeys(one.model_id for one in oldest_first))
    tones: tuple[Tone, ...] = ("accent", "second", "third")
    return Lines(
        label="The answers of the past",
        places=tuple(one.created_date.strftime("%Y-%m-%d %H:%M:%S") for one in oldest_first),
        lines=tuple(
            Line(
                name=model_id,
                values=tuple(
                    answer_of(one.prediction_value) if one.model_id == model_id else None for one in oldest_first
                ),
                tone=tones[place % 3],
                dots=True,
            )
            for place, model_id in enumerate(models)
        ),
        axis="Answer",
        place_title="When",
        decimals=1,
        minimum=0.0,
        maximum=100.0,
    )


PAGES: Final = (Page(path="/records/{object_type}/{object_id:path}", scope="read", show=show_record),)
