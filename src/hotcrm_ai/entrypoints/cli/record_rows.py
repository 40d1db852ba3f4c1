"""Shows what was written to records as a table: the answer, its confidence, and the main reasons in a few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from hotcrm_ai.domain.titles import title_of
from hotcrm_ai.domain.value_text import value_text
from hotcrm_ai.entrypoints.cli.lead_rows import confidence_cell, confidence_head, reasons
from hotcrm_ai.entrypoints.cli.screen import shown, table
from hotcrm_ai.ports.ai_feature import AIFeature

_ITEMS = 3
_ID_CHARACTERS = 60


def record_table(feature: AIFeature, results: Sequence[Mapping[str, Any]]) -> Table:
    """Return the table of results as the actions of a feature give them, with the model of each where several answered."""
    told = len({result["modelId"] for result in results}) > 1
    keys = list(feature.write_back.answer.values())
    rows = [
        (
            shown(result["id"]),
            *(_answer_text(result["prediction"][key]) for key in keys),
            confidence_cell(feature.wording, result),
            *((shown(result["modelId"]),) if told else ()),
            _reasons(feature, result),
        )
        for result in results
    ]
    titles = [title_of(key) for key in keys]
    columns = (
        feature.crm_object,
        *titles,
        confidence_head(feature.wording),
        *(("Model",) if told else ()),
        "Main reasons",
    )
    return table(columns, rows)


def _answer_text(value: Any) -> Text:
    if isinstance(value, list):
        is_products = any("id" in one for one in value)
        names = [_product_text(one) if is_products else _period_text(one) for one in value]
        more = f" and {len(names) - _ITEMS} more" if len(names) > _ITEMS else ""
        return Text("\n" if is_products else ", ").join(map(shown, names[:_ITEMS])).append(more)
    return shown(value_text(value, longest=24))


def _product_text(item: Mapping[str, Any]) -> str:
    """Return a recommended product for people: its name, if the model knows it, with the id, and its chance."""
    name = value_text(item.get("name") or "", longest=_ID_CHARACTERS)
    id_ = value_text(item["id"], longest=_ID_CHARACTERS)
    chance = f" {100 * item['score']:.0f} %" if isinstance(item.get("score"), int | float) else ""
    return (f"{name} ({id_})" if name else id_) + chance


def _period_text(one: Mapping[str, Any]) -> str:
    """Return a coming period with its value."""
    return f"{one['period']}: {value_text(round(one['value']))}"


def _reasons(feature: AIFeature, result: Mapping[str, Any]) -> Text:
    if feature.scale in ("score", "probability", "mood"):
        return reasons(result, wording=feature.wording)
    if feature.scale == "item":
        items: list[dict[str, Any]] = result["prediction"].get("items") or [{}]
        return shown(items[0].get("reason") or "")
    return shown(", ".join(value_text(title_of(top["feature"]), longest=24) for top in result["topFeatures"][:_ITEMS]))
