"""Measures our forecasts on the public monthly sets, beside the figures of other libraries.

    python benchmarks/quality/forecast.py [--data DIR] [--out DIR]

prints a Markdown report and one JSON object; ``--out`` also writes both (FORECAST.md, forecast.json). One method and no training:
each series is forecast from its own training part, in one go. MASE divides by the mean absolute difference at lag 12 of the whole
training part, also where only its last 12 values were known to the method. The reference figures were measured on the same series.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import time
from pathlib import Path

import numpy as np

from hotcrm_ai.local_models.forecast_course import forecast_course

HERE = Path(__file__).resolve().parent
YEAR = 12
Z80 = 1.2816
SETS = ("m3_monthly_a", "aus_retail_monthly", "company_sales_monthly")
TARGETS = {
    "m3_monthly_a": {"full": {"smape": 13.35, "mase": 0.808}, "last 12": {"mase": 0.89}},
    "aus_retail_monthly": {"full": {"mase": 0.745}, "last 12": {"mase": 0.80}},
    "company_sales_monthly": {"full": {"mase": 1.16}, "last 12": {"mase": 1.46}},
}
REFERENCE = {
    "m3_monthly_a": {"full": {"smape": 13.345, "mase": 0.808}, "last 12": {"mase": 0.894}},
    "aus_retail_monthly": {"full": {"smape": 5.598, "mase": 0.745}, "last 12": {"mase": 0.793}},
    "company_sales_monthly": {"full": {"smape": 13.035, "mase": 1.178}, "last 12": {"mase": 1.457}},
}
"""Full: median of DynamicOptimizedTheta, AutoETS and AutoCES of statsforecast 2.1.1; last 12: the best simple method of each set."""


def main() -> None:
    """Run all measurements and print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=HERE.parents[2] / "shared" / "data" / "forecasting")
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    found = {}
    for name in SETS:
        series = load(chosen.data / f"{name}.csv.gz")
        found[name] = {
            "full": measure(series, last=None, horizon=None),
            "last 12": measure(series, last=YEAR, horizon=YEAR),
        }
    report = markdown(found)
    print(report)
    figures = json.dumps({"ours": found, "reference": REFERENCE, "targets": TARGETS}, indent=1)
    print(figures)
    if chosen.out:
        (chosen.out / "FORECAST.md").write_text(report)
        (chosen.out / "forecast.json").write_text(figures + "\n")


def load(path: Path) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return training and test part of each series."""
    parts: dict[str, tuple[list[float], list[float]]] = {}
    with gzip.open(path, "rt") as file:
        for row in csv.DictReader(file):
            train, test = parts.setdefault(row["unique_id"], ([], []))
            (train if row["split"] == "train" else test).append(float(row["y"]))
    return [(np.array(train), np.array(test)) for train, test in parts.values()]


def measure(series: list[tuple[np.ndarray, np.ndarray]], *, last: int | None, horizon: int | None) -> dict[str, float]:
    """Return the means over all series; widths are of 80 % intervals, in units of the MASE denominator."""
    rows, began = [], time.process_time()
    for train, test in series:
        known, true = (train if last is None else train[-last:]), test[:horizon]
        course = forecast_course(known.tolist(), len(true))
        change = train[YEAR:] - train[:-YEAR]
        scale = np.abs(change).mean()
        naive = known[-YEAR:][np.arange(len(true)) % YEAR]
        half = Z80 * np.sqrt((change**2).mean() * (np.arange(len(true)) // YEAR + 1))
        rows.append(
            (
                200.0 * (np.abs(true - course.value) / (np.abs(true) + np.abs(course.value))).mean(),
                np.abs(true - course.value).mean() / scale,
                ((true >= course.lower) & (true <= course.upper)).mean(),
                (course.upper - course.lower).mean() / scale,
                np.abs(true - naive).mean() / scale,
                (np.abs(true - naive) <= half).mean(),
                2.0 * half.mean() / scale,
            )
        )
    means = np.mean(rows, axis=0)
    names = ("smape", "mase", "coverage", "width", "naive_mase", "naive_coverage", "naive_width")
    return {
        "series": len(series),
        **{name: round(float(value), 4) for name, value in zip(names, means, strict=True)},
        "seconds_a_series": round((time.process_time() - began) / len(series), 4),
    }


def markdown(found: dict) -> str:
    """Return the report for people."""
    lines = ["# Quality of the forecasts on public monthly series", "", "Made by:", ""]
    lines += ["    python benchmarks/quality/forecast.py --out benchmarks/quality", ""]
    lines += [
        "One method for all, from each series' own values. Full: median of statsforecast's DynamicOptimizedTheta, AutoETS and",
        "AutoCES as reference; last 12: the best simple method of each set. Widths in units of the MASE denominator; those of the",
        "seasonal naive forecast come from the yearly changes of the whole training part.",
        "",
        "| set | known | sMAPE | MASE | reference MASE | target MASE | 80 % interval holds | width | seasonal naive's width | s a series |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, settings in found.items():
        for known, ours in settings.items():
            cells = (
                f"{name} ({ours['series']})",
                known,
                f"{ours['smape']:.3f}",
                f"**{ours['mase']:.3f}**",
                f"{REFERENCE[name][known]['mase']:.3f}",
                f"{TARGETS[name][known]['mase']:.3f}",
                f"{100 * ours['coverage']:.1f} %",
                f"{ours['width']:.2f}",
                f"{ours['naive_width']:.2f}",
                f"{ours['seconds_a_series']:.3f}",
            )
            lines.append("| " + " | ".join(cells) + " |")
    lines += [
        "",
        "The method was chosen by back-tests within the training parts: at four times, 36, 18, 12 and 6 values before their end, the",
        "next 18 (12) values or what is left were forecast. Half of the forecast is the mean of likely forms (Gaussian processes of",
        "level, drift and season, weighted by how well they explain the values), the other half the mean of smoothing and of changes,",
        "which was all of it before. MASE after and before, with the standard error of the difference over series:",
        "",
        "| set | 36 before | 18 before | 12 before | 6 before |",
        "| --- | --- | --- | --- | --- |",
        "| M3 | 0.764, 0.762 (0.004) | 0.829, 0.846 (0.005) | 0.651, 0.658 (0.003) | 0.594, 0.598 (0.003) |",
        "| retail | 1.073, 1.091 (0.010) | 0.752, 0.767 (0.011) | 0.658, 0.670 (0.006) | 0.611, 0.627 (0.011) |",
        "| company sales | 0.980, 0.970 (0.035) | 0.794, 0.861 (0.028) | 0.979, 1.034 (0.030) | 1.185, 1.187 (0.024) |",
        "",
        "From 12 values (at nine times, 12 to 36 values before the end) the forms alone forecast: M3 0.858 after 0.900 (0.005),",
        "retail 0.932 after 0.939 (0.007), company sales 1.241 after 1.288 (0.019). From 18 values, where the last twelve alone were",
        "used before, an earlier grid of the forms had 0.79 after 0.89, 0.86 after 0.97 and 1.16 after 1.35 (three times).",
        "",
        "On the same back-tests the median of the reference had 0.788, 0.863, 0.674 and 0.608 on M3, 1.077, 0.804, 0.660 and 0.678 on",
        "retail, 0.994, 0.905, 1.083 and 1.229 on company sales. Tried without a gain beyond chance: weights of the members by their",
        "own earlier errors, medians, the reference's methods as further members, forms fitted to the last 2 to 7 years, the season",
        "of the forms for the other members, forms that return to a mean or a curve, outliers drawn in by the forms, other sizes of",
        "the grid.",
        "",
        "Intervals come from the forms, whose errors of recent years count more. The means over the four times were near 80 % on M3",
        "(77 to 82 % each) and on retail (72 to 84 %), and 74 % on company sales (65 to 86 %), before all were made 4 % wider. From",
        "12 values they held 75, 78 and 77 % with widths of 3.11, 3.22 and 3.51 after 75, 84 and 84 % with 2.94, 3.91 and 4.96",
        "(interval scores 5.09, 4.58 and 5.95 after 4.81, 4.82 and 6.63). No formula of some twenty held 75 % of all three sets and",
        "was narrower than the seasonal naive forecast, whose width there comes from all earlier years.",
        "",
        "Before anything is seen, the forms expect 2 % of growth a year, at each step not more than a tenth of the usual step. This was",
        "chosen on seven collections of monthly series that are none of these three (up to 1,500 series: M1, the rest of M3, tourism,",
        "pharmacy costs, retail of 1989 to 2008, livestock, textbooks); MASE from the last 12 values after and before: M1 1.199, 1.222; M3",
        "0.950, 0.963; tourism 1.619, 1.673; retail 1.575, 1.677; textbooks 1.061, 1.082; livestock 1.291, 1.254. With the whole history",
        "it fell by 0.002 to 0.014, stayed on textbooks and pharmacy costs, and rose by 0.008 on livestock. Intervals held 72 to 84 %",
        "from the whole history (measured before the growth), 54 to 78 % from 12 values and 36 to 80 % from 6 or 3, which are wider now.",
        "Intervals from 12 values that held 80 % there were 12 to 70 % wider, mostly wider than those of the seasonal naive forecast.",
        "They were left as they are, because ours are meant to be narrower than that; the retail collection holds the same kind of series",
        "as the retail set, in earlier years.",
        "",
        "The test parts were measured with six methods in all; nothing was chosen by them.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
