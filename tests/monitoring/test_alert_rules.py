"""What the rules of alerts find in one look at a workspace."""

from __future__ import annotations

from typing import Any

import pytest

from hotcrm_ai.domain.alert import Finding, Look, ModelState
from hotcrm_ai.domain.alert_settings import AlertSettings, read_alert_settings
from hotcrm_ai.domain.performance import Health
from hotcrm_ai.monitoring.alert_rules import judge_look, upper_bound

SETTINGS = AlertSettings()


def state(**changes: Any) -> ModelState:
    values: dict[str, Any] = {
        "model_id": "m",
        "health": Health(status="healthy", samples=50),
        "provider_is_out": False,
        "silent_seconds": 5.0,
        "watched_seconds": 3600.0,
        "judged": 0,
        "correct": 0,
        "held_out_accuracy": None,
    }
    return ModelState(**{**values, **changes})


def found(model: ModelState, settings: AlertSettings = SETTINGS) -> dict[str, str | None]:
    look = Look(models=(model,), cache_degraded=None)
    return {one.rule: one.reason for one in judge_look(look, settings) if one.subject == "m"}


def test_an_unhealthy_model_is_wrong_with_its_reason() -> None:
    """A model with enough samples whose health is bad is found, in the words of its health."""
    sick = state(health=Health(status="unhealthy", reason="High error rate: 40.0% (20 of 50)", samples=50))
    assert found(sick) == {"model_unhealthy": "High error rate: 40.0% (20 of 50)"}


def test_a_degraded_model_is_not_unhealthy() -> None:
    """Degraded health is its own finding, and ends one of being unhealthy."""
    slow = state(health=Health(status="degraded", reason="High latency: P95 = 550ms", samples=50))
    assert found(slow) == {"model_unhealthy": None, "model_degraded": "High latency: P95 = 550ms"}


@pytest.mark.parametrize("status", ["healthy", "degraded", "unknown"])
def test_few_samples_tell_nothing(status: Any) -> None:
    """Below twenty samples nothing is found, neither wrong nor well."""
    assert found(state(health=Health(status=status, reason="x", samples=19))) == {}


def test_a_provider_that_is_out_needs_no_samples() -> None:
    """An open circuit breaker is found at once, whatever was counted."""
    out = state(provider_is_out=True, health=Health(status="unhealthy", reason="The breaker is open", samples=0))
    assert found(out) == {"model_unhealthy": "The breaker is open"}


def test_silence_is_wrong_only_where_predictions_are_expected() -> None:
    """A model that must be asked every hour and was not is found; others may be silent."""
    expecting = AlertSettings(expect_predictions={"m": 60.0})
    silent = state(silent_seconds=2 * 3600.0)
    assert "no_predictions" not in found(silent)
    assert found(silent, expecting)["no_predictions"] == ("No predictions for 120 minutes; at most 60 were expected")
    assert found(state(silent_seconds=3599.0), expecting)["no_predictions"] is None


def test_a_model_never_asked_gets_its_time_from_the_start_of_the_watch() -> None:
    """Without any prediction on record the watch's own time counts; before it is over nothing is said."""
    expecting = AlertSettings(expect_predictions={"m": 60.0})
    assert "no_predictions" not in found(state(silent_seconds=None, watched_seconds=3599.0), expecting)
    assert found(state(silent_seconds=None, watched_seconds=3601.0), expecting)["no_predictions"] is not None


def test_accuracy_has_to_fall_below_by_more_than_chance() -> None:
    """Live accuracy counts against the held-out one, with a margin and only beyond what few outcomes explain."""
    rule = "accuracy_below_held_out"
    assert found(state(judged=400, correct=280, held_out_accuracy=80.0))[rule] == (
        "70.0 % of 400 predictions with a known outcome were right; on held-out rows 80.0 % were"
    )
    assert found(state(judged=400, correct=304, held_out_accuracy=80.0))[rule] is None
    assert found(state(judged=20, correct=14, held_out_accuracy=80.0))[rule] is None
    assert rule not in found(state(judged=19, correct=0, held_out_accuracy=80.0))
    assert rule not in found(state(judged=400, correct=0, held_out_accuracy=None))


def test_the_upper_bound_is_wilsons() -> None:
    """7 right of 10 may well be 89.2 % (Wilson's interval as in Brown, Cai and DasGupta, 2001)."""
    assert upper_bound(7, 10) == pytest.approx(89.22, abs=0.01)


def test_the_cache_has_a_rule_of_its_own() -> None:
    """A cache whose service is away is found under the subject cache."""
    look = Look(models=(), cache_degraded="Redis is away; memory steps in")
    assert judge_look(look, SETTINGS) == [
        Finding(rule="cache_degraded", subject="cache", reason="Redis is away; memory steps in")
    ]


def test_rules_can_be_chosen() -> None:
    """Only the rules in force find anything."""
    only = AlertSettings(rules=("no_predictions",))
    assert found(state(health=Health(status="unhealthy", reason="x", samples=50)), only) == {}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"rulez": []}, "rulez"),
        ({"rules": ["model_sad"]}, "model_sad"),
        ({"every_seconds": 120.0}, "1 to 60"),
        ({"sinks": {"a": {"kind": "pager"}}}, "pager"),
        ({"sinks": {"a": {"kind": "webhook", "url": "nonsense", "secret": {"env": "S"}}}}, "no URL"),
        ({"sinks": {"a": {"kind": "webhook", "url": "https://h.example/x", "secret": {"value": "s"}}}}, "reference"),
        ({"sinks": {"a": {"kind": "slack", "url": {"text": "https://x"}}}}, "reference"),
        ({"sinks": {"a": {"kind": "email", "host": "h", "sender": "a@b", "recipients": []}}}, "e-mail addresses"),
        (
            {"sinks": {"a": {"kind": "email", "host": "h", "sender": "a@b", "recipients": ["c@d"], "user": "u"}}},
            "together",
        ),
        ({"sinks": {"log": {"kind": "slack", "url": {"env": "S"}}}}, "always a sink"),
        ({"expect_predictions": {"m": 0.0}}, "expect_predictions.m"),
    ],
)
def test_wrong_settings_say_what_is_wrong(given: dict[str, Any], words: str) -> None:
    """Each mistake is named; nothing of a secret is needed for that."""
    with pytest.raises(ValueError, match=words):
        read_alert_settings(given)
