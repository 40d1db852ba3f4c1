"""The model of a forecast bundle: what training chose, the histories it saw, and the answer to one request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

import msgspec
import numpy as np

from hotcrm_ai.domain.errors import ArtifactIntegrity, InvalidFeatures
from hotcrm_ai.local_models.forecast_course import Course, forecast_course
from hotcrm_ai.local_models.forecast_months import LAST_PERIOD, Period, coming_periods
from hotcrm_ai.local_models.forecast_state_space import Floats

FORMAT: Final = "hotcrm-ai/forecast/1"
MAX_HORIZON: Final = 60
USUAL_HORIZON: Final = 12
SEASON_LENGTHS: Final[Mapping[str, int]] = {"none": 1, "quarterly": 4, "monthly": 12, "weekly": 52}
"""The words of the feature ``seasonality``: how many values of the history make a year."""

_LARGEST_EFFECT: Final = 0.5
_TESTED_PERIODS: Final = 2

DriverName = Literal["pipeline_value", "growth_rate"]


class Driver(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What a further number adds, as a back-test showed: log change = weight · fading^(step - 1) · (signal - usual).

    The signal of a pipeline is the logarithm of its ratio to the mean of the last year's values; that of a growth rate is the rate.
    """

    feature: DriverName
    usual: float
    weight: float
    fading: float


class Coverage(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """How many of the values that followed lay inside their intervals, in a back-test that no choice was made on."""

    inside: int
    values: int


class _ModelFile(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    format: Literal["hotcrm-ai/forecast/1"]
    period: int
    widening: float
    coverage: Coverage | None
    drivers: list[Driver]
    histories: dict[str, list[float | None]]
    last_periods: dict[str, str] | msgspec.UnsetType = msgspec.UNSET


class ForecastAnswer(NamedTuple):
    """One forecast: ``value`` is the sum of its ``parts``, step by step; ``confidence`` is 0-100, or None where none was measured."""

    value: Floats
    lower: Floats
    upper: Floats
    parts: Mapping[str, Floats]
    confidence: float | None
    method: str
    notes: tuple[str, ...]
    periods: tuple[Period, ...]


class ForecastModel:
    """Forecasts a history that comes with the request, or one that training kept under the name of its series."""

    def __init__(
        self,
        *,
        period: int,
        widening: float = 1.0,
        coverage: Coverage | None = None,
        drivers: Sequence[Driver] = (),
        histories: Mapping[str, Sequence[float | None]] | None = None,
        last_periods: Mapping[str, str] | None = None,
    ) -> None:
        self.period = period
        self.widening = widening
        self.coverage = coverage
        self.drivers = tuple(drivers)
        self.histories = {name: tuple(values) for name, values in (histories or {}).items()}
        self.last_periods = dict(last_periods or {})

    def answer(self, features: Mapping[str, Any], *, with_confidence: bool = True) -> ForecastAnswer:
        """Forecast for fitted features; the confidence may cost two more forecasts, and is None without it.

        Raises:
            InvalidFeatures: horizon, history or series cannot be used; each is named with the reason.
        """
        horizon = _horizon(features.get("horizon"))
        history = self._history(features)
        periods = self._periods(features, horizon)
        period, notes = self._season_length(features.get("seasonality"))
        try:
            course = forecast_course(history, horizon, period=period, widening=self.widening)
        except ValueError as problem:
            raise InvalidFeatures({"historical_revenue": str(problem)}) from None
        change, unused = self._change(features, history, horizon)
        confidence, reason = (
            self._confidence(history, period, own="series" in features) if with_confidence else (None, ())
        )
        factor = np.exp(change)
        return ForecastAnswer(
            value=course.value * factor,
            lower=np.minimum(course.lower * factor, course.value * factor),
            upper=np.maximum(course.upper * factor, course.value * factor),
            parts=_parts(course, factor),
            confidence=confidence,
            method=course.method,
            notes=(*course.notes, *notes, *unused, *reason),
            periods=periods,
        )

    def to_json(self) -> bytes:
        """Return the model's file; the same model gives the same bytes."""
        file = _ModelFile(
            format=FORMAT,
            period=self.period,
            widening=self.widening,
            coverage=self.coverage,
            drivers=list(self.drivers),
            histories={name: list(values) for name, values in sorted(self.histories.items())},
            last_periods=dict(sorted(self.last_periods.items())) if self.last_periods else msgspec.UNSET,
        )
        return msgspec.json.encode(file)

    @classmethod
    def from_json(cls, content: bytes) -> ForecastModel:
        """Read a model's file.

        Raises:
            ArtifactIntegrity: it is malformed, or holds numbers that no training writes.
        """
        try:
            file = msgspec.json.decode(content, type=_ModelFile)
        except (msgspec.DecodeError, RecursionError) as problem:
            raise ArtifactIntegrity(f"The file of a forecast model cannot be read: {problem}.") from problem
        numbers = [file.widening, *(number for one in file.drivers for number in (one.usual, one.weight, one.fading))]
        numbers += [value for values in file.histories.values() for value in values if value is not None]
        if not 1 <= file.period <= 366 or file.widening <= 0.0 or not np.isfinite(numbers).all():
            raise ArtifactIntegrity("The file of a forecast model holds numbers that make no sense; train it again.")
        if file.coverage is not None and not 0 <= file.coverage.inside <= file.coverage.values:
            raise ArtifactIntegrity("The file of a forecast model counts more hits than values; train it again.")
        return cls(
            period=file.period,
            widening=file.widening,
            coverage=file.coverage,
            drivers=file.drivers,
            histories=file.histories,
            last_periods={} if isinstance(file.last_periods, msgspec.UnsetType) else file.last_periods,
        )

    def _history(self, features: Mapping[str, Any]) -> Sequence[float | None]:
        given, series = features.get("historical_revenue"), features.get("series")
        if given is not None and series is not None:
            raise InvalidFeatures({"series": "is given beside historical_revenue; give one of them"})
        if series is not None:
            if series not in self.histories:
                known = ", ".join(repr(name) for name in list(self.histories)[:5]) or "none"
                raise InvalidFeatures({"series": f"{series!r} was not in the training data; known are {known}"})
            return self.histories[series]
        if given is None:
            raise InvalidFeatures({"historical_revenue": "is required (numbers, oldest first)"})
        values: Sequence[float | None] = given
        return values

    def _periods(self, features: Mapping[str, Any], horizon: int) -> tuple[Period, ...]:
        last = features.get(LAST_PERIOD) or self.last_periods.get(str(features.get("series")))
        return coming_periods(last, horizon, own_length=self.period, seasonality=features.get("seasonality"))

    def _season_length(self, word: Any) -> tuple[int, tuple[str, ...]]:
        if word is None or str(word).strip().lower() in ("", "auto", "yearly"):
            return self.period, ()
        length = SEASON_LENGTHS.get(str(word).strip().lower())
        if length is not None:
            return length, ()
        words = ", ".join(SEASON_LENGTHS)
        return self.period, (
            f"seasonality {str(word)[:40]!r} was not used: the season is found in the history ({words} say otherwise)",
        )

    def _change(
        self, features: Mapping[str, Any], history: Sequence[float | None], horizon: int
    ) -> tuple[Floats, tuple[str, ...]]:
        change, notes = np.zeros(horizon), []
        drivers = {driver.feature: driver for driver in self.drivers}
        names: tuple[DriverName, ...] = ("pipeline_value", "growth_rate")
        for name in names:
            if features.get(name) is None:
                continue
            driver = drivers.get(name)
            if driver is None:
                notes.append(f"{name} was not used: no back-test on training data showed that it helps")
                continue
            signal = driver_signal(name, float(features[name]), history, self.period)
            if signal is None:
                notes.append(f"{name} was not used: it has no ratio to a level that is not above 0")
                continue
            change = change + driver_effect(driver, signal, horizon)
        return np.clip(change, -_LARGEST_EFFECT, _LARGEST_EFFECT), tuple(notes)

    def _confidence(
        self, history: Sequence[float | None], period: int, *, own: bool
    ) -> tuple[float | None, tuple[str, ...]]:
        """Return the share of later values that lay inside their intervals: over the training series, or on this very history."""
        if own and self.coverage is not None and self.coverage.values:
            return 100.0 * self.coverage.inside / self.coverage.values, ()
        found = back_test(history, period, widening=self.widening)
        if found is None:
            return None, (f"confidence is unknown: a back-test needs {4 * max(period, 3)} values",)
        return 100.0 * found.inside / found.values, ()


def back_test(history: Sequence[float | None], period: int, *, widening: float) -> Coverage | None:
    """Forecast the last year and the year before it from what was known then, and count the values inside their intervals.

    Returns None where fewer than two years would be left to forecast the earlier of them from.
    """
    step = max(period, 3)
    inside = values = 0
    for ago in range(1, _TESTED_PERIODS + 1):
        origin = len(history) - ago * step
        if origin < 2 * step or sum(value is not None for value in history[:origin]) < 2 * step:
            break
        course = forecast_course(history[:origin], step, period=period, widening=widening)
        for at, true in enumerate(history[origin : origin + step]):
            if true is not None:
                values += 1
                inside += bool(course.lower[at] <= true <= course.upper[at])
    return Coverage(inside=inside, values=values) if values >= 2 * step else None


def driver_signal(name: DriverName, given: float, history: Sequence[float | None], period: int) -> float | None:
    """Return the signal of a driver at the end of a history, or None where it has none."""
    if name == "growth_rate":
        return given
    known = [value for value in history[-max(period, 3) :] if value is not None]
    level = float(np.mean(known)) if known else 0.0
    return float(np.log(given) - np.log(level)) if given > 0.0 and level > 0.0 else None


def driver_effect(driver: Driver, signal: float, horizon: int) -> Floats:
    """Return the change that a signal makes on the log scale, step by step."""
    return np.asarray(driver.weight * (signal - driver.usual) * driver.fading ** np.arange(horizon), dtype=np.float64)


def _parts(course: Course, factor: Floats) -> dict[str, Floats]:
    return {
        "level": course.level,
        "trend": course.trend,
        "season": course.season,
        "pipeline": course.value * (factor - 1.0),
    }


def _horizon(given: Any) -> int:
    if given is None:
        return USUAL_HORIZON
    if not float(given).is_integer() or not 1 <= given <= MAX_HORIZON:
        raise InvalidFeatures({"horizon": f"expected a whole number from 1 to {MAX_HORIZON}, got {given!r}"})
    return int(given)
