"""Judges what one look at a workspace shows, rule by rule.

A rule that cannot tell (too few samples, nothing known) finds nothing: it neither opens an incident nor ends one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from hotcrm_ai.domain.alert import CACHE_SUBJECT, Finding, Look, ModelState
from hotcrm_ai.domain.alert_settings import AlertSettings

_Z_95: Final = 1.959964


def judge_look(look: Look, settings: AlertSettings) -> list[Finding]:
    """Return what the rules in force find, wrong or well."""
    found = [
        finding
        for model in look.models
        for finding in (
            *_health(model, settings.minimum_samples),
            *_silence(model, settings.expect_predictions.get(model.model_id)),
            *_accuracy(model, settings),
        )
    ]
    found.append(Finding(rule="cache_degraded", subject=CACHE_SUBJECT, reason=look.cache_degraded))
    return [finding for finding in found if finding.rule in settings.rules]


def upper_bound(correct: int, judged: int) -> float:
    """Return the share, in per cent, that an accuracy may well have: the upper end of Wilson's 95 % interval (Wilson, 1927)."""
    share, z2 = correct / judged, _Z_95**2
    middle = (share + z2 / (2 * judged)) / (1 + z2 / judged)
    half = _Z_95 * math.sqrt(share * (1 - share) / judged + z2 / (4 * judged**2)) / (1 + z2 / judged)
    return 100.0 * (middle + half)


def _health(model: ModelState, minimum_samples: int) -> Iterator[Finding]:
    health, enough = model.health, model.health.samples >= minimum_samples
    if model.provider_is_out or (enough and health.status == "unhealthy"):
        yield Finding(rule="model_unhealthy", subject=model.model_id, reason=health.reason or "Unhealthy")
        return
    if not enough:
        return
    yield Finding(rule="model_unhealthy", subject=model.model_id, reason=None)
    reason = (health.reason or "Degraded") if health.status == "degraded" else None
    yield Finding(rule="model_degraded", subject=model.model_id, reason=reason)


def _silence(model: ModelState, minutes: float | None) -> Iterator[Finding]:
    if minutes is None:
        return
    silent = model.watched_seconds if model.silent_seconds is None else model.silent_seconds
    is_wrong = silent > 60.0 * minutes
    if is_wrong or model.silent_seconds is not None:
        reason = (
            f"No predictions for {silent / 60.0:.0f} minutes; at most {minutes:g} were expected" if is_wrong else None
        )
        yield Finding(rule="no_predictions", subject=model.model_id, reason=reason)


def _accuracy(model: ModelState, settings: AlertSettings) -> Iterator[Finding]:
    if model.held_out_accuracy is None or model.judged < settings.minimum_samples:
        return
    live = 100.0 * model.correct / model.judged
    is_wrong = (
        live < model.held_out_accuracy - settings.accuracy_margin
        and upper_bound(model.correct, model.judged) < model.held_out_accuracy
    )
    reason = (
        f"{live:.1f} % of {model.judged} predictions with a known outcome were right; "
        f"on held-out rows {model.held_out_accuracy:.1f} % were"
    )
    yield Finding(rule="accuracy_below_held_out", subject=model.model_id, reason=reason if is_wrong else None)
