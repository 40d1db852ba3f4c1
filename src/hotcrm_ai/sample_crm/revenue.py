"""The monthly revenue of the sample CRM: one series for each segment and product line."""

import math
from dataclasses import dataclass
from datetime import date

import numpy as np

from hotcrm_ai.sample_crm.dates import add_months
from hotcrm_ai.sample_crm.rows import Row
from hotcrm_ai.sample_crm.streams import Floats, Stream

FIRST_MONTH = date(2020, 1, 1)
MONTHS = 78
"""January 2020 to June 2026."""

_SEGMENTS = {"Small": 1.0, "Mid": 2.4, "Enterprise": 4.5}
_LINES = {"Core": 60_000.0, "Analytics": 24_000.0, "Marketing": 30_000.0, "Service": 21_000.0}
_MISSING_SHARE = 0.015
_YEAR_END = (-0.08, -0.06, 0.05, -0.03, -0.01, 0.08, -0.09, -0.12, 0.06, 0.02, 0.05, 0.13)
"""How far sales lie above or below their yearly mean in each month, on the log scale: quarters end busily."""


@dataclass(frozen=True, slots=True)
class Revenue:
    """The series, their monthly revenue, and the truth behind it."""

    series: list[Row]
    rows: list[Row]
    truth: list[Row]


def draw_revenue(*, seed: int) -> Revenue:
    """Return twelve series of monthly revenue; a few months are missing, as if nobody had booked them.

    value = level · exp(growth · years + step + swing · season(month) + noise), where the step comes once, in a third
    of the series, the swing differs by series, and the noise remembers 0.4 of that of the month before.
    The truth is the same without the noise.
    """
    all_series: list[Row] = []
    rows: list[Row] = []
    truth: list[Row] = []
    for segment, scale in _SEGMENTS.items():
        for line, level in _LINES.items():
            series = f"{segment} / {line}"
            all_series.append({"id": series, "segment": segment, "product_line": line})
            expected = level * scale * np.exp(_log_course(series, seed=seed))
            values = np.round(expected * np.exp(_log_noise(series, seed=seed)), 2).tolist()
            booked = (~Stream(seed, f"monthly_revenue.{series}.missing").chance(_MISSING_SHARE, MONTHS)).tolist()
            for place, mean in enumerate(np.round(expected, 2).tolist()):
                period = add_months(FIRST_MONTH, place)
                truth.append({"series": series, "period": period, "expected_value": mean})
                if booked[place]:
                    names: Row = {"series": series, "segment": segment, "product_line": line}
                    rows.append(names | {"period": period, "value": values[place]})
    return Revenue(all_series, [{"id": number} | row for number, row in enumerate(rows, start=1)], truth)


def _log_course(series: str, *, seed: int) -> Floats:
    """Return trend, step and season of a series, relative to its level."""
    lots: list[float] = Stream(seed, f"monthly_revenue.{series}.course").uniform(4).tolist()
    growth, swing, step, moment = lots
    months = np.arange(MONTHS)
    season = np.array([_YEAR_END[month % 12] for month in range(MONTHS)])
    jump = (step - 0.15) * 1.2 if step < 1.0 / 3.0 else 0.0
    began = months >= 24 + math.floor(moment * 36)
    course: Floats = (-0.02 + 0.16 * growth) * months / 12.0 + (0.4 + 1.4 * swing) * season + jump * began
    return course


def _log_noise(series: str, *, seed: int) -> Floats:
    """Return the noise of a series on the log scale: six per cent a month."""
    shocks = 0.06 * Stream(seed, f"monthly_revenue.{series}.noise").normal(MONTHS)
    noise = shocks.copy()
    for place in range(1, MONTHS):
        noise[place] = 0.4 * noise[place - 1] + math.sqrt(1 - 0.4**2) * shocks[place]
    return noise
