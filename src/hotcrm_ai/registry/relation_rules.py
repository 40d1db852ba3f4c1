"""Checks what ties models together: A/B tests and fallbacks refer to models that exist, in no circle, and are not pulled away."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hotcrm_ai.domain.errors import ConfigError, IllegalTransition, ModelInUse
from hotcrm_ai.domain.model import TRANSITIONS, ModelConfig, ModelStatus

Present = Mapping[str, ModelConfig]


def champion_of(config: ModelConfig) -> str | None:
    """Return the champion of the model's running A/B test, or nothing."""
    return config.ab_test.champion_model_id if config.ab_test is not None and config.ab_test.enabled else None


def fallback_of(config: ModelConfig) -> str | None:
    """Return the model that answers where this one fails, or nothing."""
    return config.fallback_model_id


def users_of(model_id: str, present: Present) -> list[str]:
    """Return the models, not deprecated, whose running A/B test or fallback refers to the model."""
    return [
        other.id
        for other in present.values()
        if other.id != model_id
        and other.status != "deprecated"
        and model_id in (champion_of(other), fallback_of(other))
    ]


def check_relations(config: ModelConfig, present: Present) -> None:
    """Check that champion and fallback exist and lead in no circle; a deprecated model needs neither.

    Raises:
        ConfigError: listing all that is wrong.
    """
    if config.status == "deprecated":
        return
    problems = [
        *_reference_problems(config, present, champion_of, "ab_test: the champion"),
        *_reference_problems(config, present, fallback_of, "fallback_model_id: the fallback"),
    ]
    if problems:
        raise ConfigError(f"Model {config.id!r} cannot be registered:", problems=tuple(problems))


def check_not_in_use(model_id: str, present: Present, *, action: str) -> None:
    """Check that no running A/B test and no fallback needs the model.

    Raises:
        ModelInUse: naming the models that need it.
    """
    users = users_of(model_id, present)
    if users:
        raise ModelInUse(
            f"Model {model_id!r} cannot be {action}: the A/B test or fallback of {', '.join(map(repr, users))} needs it; "
            "stop the test or change the fallback first.",
            used_by=users,
        )


def check_transition(model_id: str, present: str, wanted: str) -> ModelStatus:
    """Check that the status may follow the present one, and return it.

    Raises:
        IllegalTransition: it is no status, or may not follow.
    """
    for known in TRANSITIONS:
        if known == wanted and (wanted == present or wanted in TRANSITIONS[present]):
            return _as_status(known)
    allowed = ", ".join(sorted(TRANSITIONS[present]))
    raise IllegalTransition(
        f"Model {model_id!r} is {present!r} and cannot become {str(wanted)[:80]!r}; it may become: {allowed}.",
        present=present,
        allowed=sorted(TRANSITIONS[present]),
    )


def _as_status(status: str) -> ModelStatus:
    match status:
        case "active" | "deprecated" | "training" | "testing":
            return status
        case _:
            raise AssertionError(status)


def _reference_problems(
    config: ModelConfig, present: Present, referred: Callable[[ModelConfig], str | None], role: str
) -> list[str]:
    target = referred(config)
    if target is None:
        return []
    if target == config.id:
        return [f"{role} is the model itself"]
    if target not in present:
        return [f"{role} {target[:80]!r} is not registered; register it first"]
    if present[target].status == "deprecated":
        return [f"{role} {target!r} is deprecated; choose a model that answers"]
    path = [config.id]
    following: str | None = target
    while following is not None and following in present and following not in path:
        path.append(following)
        following = referred(present[following])
    return [f"{role} leads back in a circle: {' -> '.join([*path, following])}"] if following == config.id else []
