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
        "The method was chosen by back-tests within the training parts: their last 18 (12) values and those before them were held out in",
        "turn. There the mean of all smoothing weights, judged by errors of one and of many steps, made the MASE of the M3 series smaller",
        "than the single best weights did, by 0.014 (standard error 0.005) and 0.012 (0.003), and changed retail (+0.007, 0.010; -0.001,",
        "0.009) and company sales (+0.02, 0.02; +0.02, 0.05) by no more than chance.",
        "",
        "Two members that forecast changes, from month to month and from year to year, were added next: MASE changed by -0.009 (standard",
        "error 0.004) and +0.002 (0.002) on M3, -0.011 (0.005) and -0.007 (0.005) on retail, -0.063 (0.025) and -0.031 (0.019) on company",
        "sales, and the intervals held 1 to 4 points more: 77 to 78 % on M3, 86 and 71 % on retail, 80 and 82 % on company sales.",
        "About forty combinations were compared on a part of the M3 series; on the 571 and 59 others the change was -0.008 (0.004)",
        "and +0.013 (0.004). Medians, trimmed means, complex smoothing and levels that return to a trend were no better. On the same",
        "back-tests the median of the reference had a larger MASE than the mean before these two: by 0.008 (0.009) and 0.028 (0.007)",
        "on M3, 0.026 (0.019) and -0.022 (0.012) on retail.",
        "",
        "The test parts were measured with four methods in all; nothing was chosen by them.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
