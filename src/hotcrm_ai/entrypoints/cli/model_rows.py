"""Shows models, their features and their history as tables, without anything that could be a credential."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hotcrm_ai.domain.metric import METRICS, NOT_TOLD, measured_metrics, metric_of
from hotcrm_ai.domain.model import ModelConfig, Revision
from hotcrm_ai.domain.personal import personal_names
from hotcrm_ai.domain.signature import FeatureSpec
from hotcrm_ai.domain.value_text import value_text
from hotcrm_ai.entrypoints.cli.screen import facts, shown, status_text, table

_MOST_CATEGORIES: Final = 6
_PERSONAL_WORDS: Final = {
    "omit": "not sent to {}",
    "hash": "sent to {} as a digest where it is text, else not at all",
    "send": "sent to {} as it is",
}


def shown_model(model: ModelConfig) -> ModelConfig:
    """Return a model as it may be shown: of the provider's configuration without credentials and options."""
    if model.provider_config is None:
        return model
    provider = msgspec.structs.replace(model.provider_config, credentials={}, config={})
    return msgspec.structs.replace(model, provider_config=provider)


def shown_revision(revision: Revision) -> Revision:
    """Return a revision as it may be shown."""
    return (
        revision if revision.config is None else msgspec.structs.replace(revision, config=shown_model(revision.config))
    )


def model_table(models: Sequence[ModelConfig], champions: Mapping[str, str]) -> Table:
    """Return the table of models, in which those are marked that answer for their feature where no model is named."""
    rows = [
        (
            model.id,
            model.version,
            status_text(model.status),
            _purpose(model, champions),
            _auc(model),
            _test(model),
        )
        for model in models
    ]
    return table(
        ("Model", "Version", "Status", "For", "ROC-AUC", "A/B test"),
        rows,
        right=("ROC-AUC",),
        whole=("Model", "Version", "Status"),
    )


def standing(model: ModelConfig, champion: str) -> str:
    """Say which model answers for a model's feature where none is named."""
    if champion == model.id:
        return f"It is the champion of {model.feature}: it answers where no model is named."
    test = model.ab_test
    role = "" if test is None or not test.enabled else f"It is the challenger of {test.champion_model_id}. "
    return f"{role}Where no model is named for {model.feature}, {champion} answers."


def print_model(console: Console, model: ModelConfig, *, champion: str | None) -> None:
    """Print one model: what it is, its metrics, its features; ``champion`` is that of its AI feature."""
    rows: list[tuple[str, Any]] = [
        ("Name", model.name or None),
        ("Description", model.description or None),
        ("Status", status_text(model.status)),
        ("Version", f"{model.version} (revision {model.revision})"),
        ("Type", f"{model.type}, provider {model.provider}"),
        ("Personal data", _personal(model)),
        ("AI feature", model.feature),
        ("Answers", None if champion is None else standing(model, champion)),
        ("Promoted", model.promoted_at.isoformat(timespec="seconds") if model.promoted_at else None),
        ("Endpoint", model.endpoint),
        ("Fallback", model.fallback_model_id),
        ("A/B test", _test(model)),
        ("Trained", model.last_trained.isoformat(timespec="seconds") if model.last_trained else None),
        ("Files", model.bundle_digest and f"sha256 {model.bundle_digest}"),
    ]
    console.print(Text(model.id, style="bold"))
    console.print(facts((name, value) for name, value in rows if value))
    if model.metrics:
        console.print()
        console.print(Text(_metrics_title(model), style="bold"))
        console.print(_metrics_table(model))
    if model.signature is not None:
        console.print()
        console.print(_features_table(model.signature.features))


def _purpose(model: ModelConfig, champions: Mapping[str, str]) -> Text:
    if model.feature is None:
        return shown(model.type)
    return shown(model.feature + (" (champion)" if champions.get(model.feature) == model.id else ""))


def history_table(revisions: Sequence[Revision]) -> Table:
    """Return the table of a model's revisions."""
    rows = [
        (
            str(revision.number),
            revision.created_at.isoformat(sep=" ", timespec="seconds"),
            revision.action,
            revision.config.version if revision.config else None,
            status_text(revision.config.status if revision.config else None),
            revision.note,
        )
        for revision in revisions
    ]
    return table(("No.", "When", "Change", "Version", "Status", "Reason"), rows, right=("No.",))


def _metrics_table(model: ModelConfig) -> Table:
    measured = measured_metrics(model.metrics)
    known = [name for name in METRICS if name in measured]
    rows = [
        (metric_of(name).title, metric_of(name).text(measured[name]))
        for name in (*known, *(name for name in measured if name not in METRICS.keys() | NOT_TOLD))
    ]
    return table(("Metric", "Value"), rows, right=("Value",))


def _metrics_title(model: ModelConfig) -> str:
    source = model.metrics_source
    if source is None:
        return "Metrics"
    if source.kind == "declared":
        return "Metrics, declared by hand"
    place = " of the sample CRM" if source.trained_on == "sample" else ""
    return f"Metrics, measured on {source.rows or 0:,} held-out rows{place}"


def _features_table(features: Sequence[FeatureSpec]) -> Table:
    rows = [(spec.name, spec.type + (", required" if spec.required else ""), _seen(spec)) for spec in features]
    return table(("Feature", "Type", "Seen in training"), rows)


def _seen(spec: FeatureSpec) -> Text:
    if spec.minimum is not None and spec.maximum is not None:
        return shown(
            f"{value_text(spec.minimum)} to {value_text(spec.maximum)}" + (f" {spec.unit}" if spec.unit else "")
        )
    more = len(spec.categories) - _MOST_CATEGORIES
    return shown(", ".join(spec.categories[:_MOST_CATEGORIES]) + (f" and {more} more" if more > 0 else "") or None)


def _personal(model: ModelConfig) -> str | None:
    """Say which features are personal, and what becomes of them on the way to a provider outside of this process."""
    names = ", ".join(sorted(personal_names(model)))
    if not names or model.provider == "local":
        return names or None
    policy = (model.provider_config.personal_fields if model.provider_config is not None else None) or "omit"
    return f"{names}: {_PERSONAL_WORDS[policy].format(model.provider)}"


def _auc(model: ModelConfig) -> Text:
    return Text(METRICS["roc_auc"].text(measured_metrics(model.metrics).get("roc_auc")))


def _test(model: ModelConfig) -> str | None:
    test = model.ab_test
    if test is None:
        return None
    share = "shadow" if test.mode == "shadow" else f"{test.traffic_percentage:g} %"
    return f"{share} against {test.champion_model_id}" + ("" if test.enabled else " (stopped)")
