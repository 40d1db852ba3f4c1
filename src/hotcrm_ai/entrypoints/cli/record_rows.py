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


def record_table(feature: AIFeature, results: Sequence[Mapping[str, Any]]) -> Table:
    """Return the table of results as the actions of a feature give them."""
    keys = list(feature.write_back.answer.values())
    in_points = feature.scale in ("score", "probability", "mood")
    rows = [
        (
            shown(result["id"]),
            *(_answer_text(result["prediction"][key]) for key in keys),
            confidence_cell(feature.wording, result),
            reasons(result, wording=feature.wording) if in_points else _fact_names(result),
        )
        for result in results
    ]
    titles = [title_of(key) for key in keys]
    return table((feature.crm_object, *titles, confidence_head(feature.wording), "Main reasons"), rows)


def _answer_text(value: Any) -> Text:
    if isinstance(value, list):
        names = [str(one.get("id", one.get("period", ""))) for one in value]
        more = f" and {len(names) - _ITEMS} more" if len(names) > _ITEMS else ""
        return shown(", ".join(names[:_ITEMS]) + more)
    return shown(value_text(value, longest=24))


def _fact_names(result: Mapping[str, Any]) -> Text:
    return shown(", ".join(value_text(title_of(top["feature"]), longest=24) for top in result["topFeatures"][:_ITEMS]))
