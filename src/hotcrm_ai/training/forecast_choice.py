"""What a forecast model learns from many series by back-test: the width of intervals, and whether further numbers help."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from hotcrm_ai.local_models.forecast_course import SHARE_INSIDE, forecast_course
from hotcrm_ai.local_models.forecast_model import Driver, DriverName, driver_effect, driver_signal
from hotcrm_ai.local_models.forecast_state_space import Floats

MOST_SERIES: Final = 300
"""So many series, spread over all, are back-tested; more would change the choices little."""

_STEPS: Final = 12
_PRIOR_VALUES: Final = 60
_NARROWEST: Final = 0.6
_WIDEST: Final = 2.0
_FADINGS: Final = (1.0, 0.85, 0.6, 0.3)
_FEWEST_ORIGINS: Final = 24
_CLEAR_GAIN: Final = 2.0


class Origin(NamedTuple):
    """One forecast of the past: what was known, what was said, what came; ``drivers`` are the further numbers, ``signals`` theirs."""

    known: Sequence[float | None]
    value: Floats
    lower: Floats
    upper: Floats
    true: Floats
    signals: Mapping[str, float]
    drivers: Mapping[str, float]


def origins_of(
    histories: Mapping[str, Sequence[float | None]],
    drivers: Mapping[str, Mapping[str, Sequence[float | None]]],
    *,
    period: int,
    years_ago: int,
    told: Callable[[float], None],
) -> list[Origin]:
    """Forecast the last year of each series, or the one ``years_ago`` before it, from what was known then."""
    names = list(histories)
    chosen = (
        names
        if len(names) <= MOST_SERIES
        else [names[at] for at in np.linspace(0, len(names) - 1, MOST_SERIES).astype(int)]
    )
    found = []
    for done, name in enumerate(chosen):
        told(done / len(chosen))
        history = histories[name]
        steps = min(_STEPS, max(len(history) // 4, 1))
        last = len(history) - steps * years_ago
        known = history[: last - steps]
        true = np.array([np.nan if value is None else value for value in history[last - steps : last]])
        if sum(value is not None for value in known) < 3 or np.isnan(true).all():
            continue
        course = forecast_course(known, steps, period=period)
        signals = {
            column: signal
            for column, by_series in drivers.items()
            if (signal := _signal(column, by_series[name], known, period)) is not None
        }
        given = {
            column: number
            for column, by_series in drivers.items()
            if (number := _given(by_series[name], known)) is not None
        }
        found.append(Origin(known, course.value, course.lower, course.upper, true, signals, given))
    return found


def widening_of(origins: Sequence[Origin]) -> float:
    """Return the factor by which intervals must be stretched to hold their share, drawn towards 1 where few values are known."""
    ratios: list[float] = []
    for one in origins:
        above = one.true > one.value
        room = np.where(above, one.upper - one.value, one.value - one.lower)
        usable = ~np.isnan(one.true) & (room > 0.0)
        ratios += (np.abs(one.true - one.value)[usable] / room[usable]).tolist()
    if not ratios:
        return 1.0
    factor = float(np.clip(np.quantile(ratios, SHARE_INSIDE), _NARROWEST, _WIDEST))
    trust = len(ratios) / (len(ratios) + _PRIOR_VALUES)
    return round(float(np.exp(trust * np.log(factor))), 4)


def driver_of(column: DriverName, learned: Sequence[Origin], tested: Sequence[Origin]) -> tuple[Driver | None, str]:
    """Return a driver that made the errors of later origins clearly smaller, or None, and the evidence in words.

    Weight and fading are fitted on ``learned``; it is kept if the mean absolute error on the log scale falls on ``tested`` by more than
    two standard errors of the change.
    """
    usable = [one for one in learned if _usable(one, column)]
    later = [one for one in tested if _usable(one, column)]
    if len(usable) < _FEWEST_ORIGINS or len(later) < _FEWEST_ORIGINS:
        return (
            None,
            f"{column}: {min(len(usable), len(later))} series have it at the times of the back-test, {_FEWEST_ORIGINS} are needed",
        )
    usual = float(np.mean([one.signals[column] for one in usable]))
    best: tuple[float, Driver] | None = None
    for fading in _FADINGS:
        unit = Driver(feature=column, usual=usual, weight=1.0, fading=fading)
        pairs = [_errors(one, unit, column) for one in usable]
        error, effect = (np.concatenate(part) for part in zip(*pairs, strict=True))
        size = float(effect @ effect)
        if size <= 0.0:
            return None, f"{column} never changes"
        weight = round(float(error @ effect) / (size * (1.0 + 1.0 / len(usable))), 6)
        loss = float(np.abs(error - weight * effect).mean())
        if best is None or loss < best[0]:
            best = (loss, Driver(feature=column, usual=round(usual, 6), weight=weight, fading=fading))
    assert best is not None  # noqa: S101 - there are fadings
    driver = best[1]
    gains = np.array([_gain(one, driver, column) for one in later])
    mean, doubt = float(gains.mean()), float(gains.std(ddof=1) / np.sqrt(len(gains)))
    said = f"{column}: mean absolute log error {'falls' if mean > 0 else 'rises'} by {abs(mean):.4f} (± {doubt:.4f}) on later periods"
    return (driver, said) if mean > _CLEAR_GAIN * doubt else (None, said)


def _signal(column: str, values: Sequence[float | None], known: Sequence[float | None], period: int) -> float | None:
    given = _given(values, known)
    name: DriverName = "pipeline_value" if column == "pipeline_value" else "growth_rate"
    return None if given is None else driver_signal(name, given, known, period)


def _given(values: Sequence[float | None], known: Sequence[float | None]) -> float | None:
    return values[len(known) - 1] if len(known) <= len(values) else None


def _usable(one: Origin, column: str) -> bool:
    known = one.true[~np.isnan(one.true)]
    return column in one.signals and bool((known > 0.0).all()) and bool((one.value > 0.0).all())


def _errors(one: Origin, driver: Driver, column: str) -> tuple[Floats, Floats]:
    there = ~np.isnan(one.true)
    effect = driver_effect(driver, one.signals[column], len(one.true))
    return np.log(one.true[there] / one.value[there]), effect[there]


def _gain(one: Origin, driver: Driver, column: str) -> float:
    error, effect = _errors(one, driver, column)
    return float((np.abs(error) - np.abs(error - effect)).mean())
