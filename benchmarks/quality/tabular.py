"""Measures our tabular models on the public reference tables, beside the figures of other libraries.

    python benchmarks/quality/tabular.py [--data DIR] [--out DIR]

prints a Markdown report and one JSON object; ``--out`` also writes both. The reference figures were measured on the same rows and
columns with each library's defaults. ``calibration floor`` is the mean calibration error that outcomes drawn from our own
probabilities have, that is, what a perfect model would show on so few rows.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from reference_tables import ReferenceTable, load_tables
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from hotcrm_ai.training.baselines import NaiveBayes
from hotcrm_ai.training.fit import fit_tabular
from hotcrm_ai.training.metrics import measure, metric_values

HERE = Path(__file__).resolve().parent
SHOWN = ("roc_auc", "average_precision", "brier", "log_loss", "calibration_error", "top_decile_lift")
SMALL_SIZES = (100, 300, 1_000)
DRAWS = 5


def main() -> None:
    """Run all measurements and print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=HERE.parents[2] / "shared" / "data")
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    reference = json.loads((HERE / "reference_figures.json").read_text())
    tables = load_tables(chosen.data)
    full = {table.name: measure_table(table) for table in tables}
    small = {table.name: measure_small(table) for table in tables if table.name in SMALL_TABLES}
    report = markdown(full, small, reference)
    figures = json.dumps({"ours": full, "small": small, "reference": reference}, indent=1)
    print(report)
    print(figures)
    if chosen.out:
        (chosen.out / "RESULTS.md").write_text(report)
        (chosen.out / "results.json").write_text(figures + "\n")


SMALL_TABLES = ("x_education/no_leakage", "telco_churn")


def measure_table(table: ReferenceTable) -> dict[str, object]:
    """Train on the training part and measure on the test part."""
    outcome = table.target[table.train]
    seen, unseen = table.columns(table.train), table.columns(table.test)
    fit = fit_tabular(seen, outcome, features=table.features, seed=0)
    stated = fit.model.probabilities(fit.model.encode_columns(unseen, n_rows=len(table.test)))
    measured = measure(table.target[table.test], stated, seed=0)
    naive = NaiveBayes(seen, outcome, table.features).probabilities(unseen)
    return {
        "chosen": fit.kind,
        "cross_validated_log_loss": fit.log_losses,
        "seconds": fit.seconds,
        "trees": len(fit.model.trees.roots),
        "leaves": int((fit.model.trees.column < 0).sum()),
        "values": dict(measured.values),
        "intervals": dict(measured.intervals),
        "out_of_fold": metric_values(outcome, fit.oof_probabilities),
        "naive_bayes": metric_values(table.target[table.test], naive),
        "calibration_floor": calibration_floor(stated),
    }


def measure_small(table: ReferenceTable) -> dict[str, dict[str, dict[str, float]]]:
    """Train on few rows, five draws of each size, beside a plain logistic regression on the same rows."""
    unseen, truth = table.columns(table.test), table.target[table.test]
    found: dict[str, dict[str, dict[str, float]]] = {}
    for size in SMALL_SIZES:
        ours, plain = [], []
        for draw in range(DRAWS):
            rows, _ = train_test_split(
                table.train, train_size=size, random_state=draw, stratify=table.target[table.train]
            )
            fit = fit_tabular(table.columns(rows), table.target[rows], features=table.features, seed=0)
            stated = fit.model.probabilities(fit.model.encode_columns(unseen, n_rows=len(table.test)))
            ours.append(metric_values(truth, stated))
            plain.append(metric_values(truth, plain_regression(table, rows)))
        found[str(size)] = {
            "ours": {name: float(np.mean([one[name] for one in ours])) for name in SHOWN},
            "logistic regression": {name: float(np.mean([one[name] for one in plain])) for name in SHOWN},
        }
    return found


def plain_regression(table: ReferenceTable, rows: np.ndarray) -> np.ndarray:
    """Return the test part's probabilities by scikit-learn's default logistic regression."""
    frame = table.frame.drop(columns=[spec.name for spec in table.features if spec.type == "date"])
    numbers = [spec.name for spec in table.features if spec.type == "number"]
    categories = [spec.name for spec in table.features if spec.type == "category"]
    frame = frame.astype(dict.fromkeys(categories, object)).fillna(dict.fromkeys(categories, "(missing)"))
    encoder = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore"), categories),
    )
    model = make_pipeline(encoder, LogisticRegression(max_iter=2_000))
    model.fit(frame.iloc[rows], table.target[rows])
    return model.predict_proba(frame.iloc[table.test])[:, 1]


def calibration_floor(stated: np.ndarray) -> float:
    """Return the mean calibration error of outcomes drawn from the stated probabilities themselves."""
    random = np.random.default_rng(0)
    return float(
        np.mean(
            [
                metric_values((random.random(len(stated)) < stated).astype(float), stated)["calibration_error"]
                for _ in range(200)
            ]
        )
    )


def markdown(full: dict, small: dict, reference: dict) -> str:
    """Return the report for people."""
    lines = ["# Quality of the tabular models on public tables", "", "Made by:", ""]
    lines += ["    python benchmarks/quality/tabular.py --out benchmarks/quality", ""]
    lines += [
        "Test part of the fixed split; figures of other libraries are their defaults on the same rows and columns."
    ]
    for name, found in full.items():
        lines += ["", f"## {name}", ""]
        lines += ["| model | " + " | ".join(SHOWN) + " | seconds |", "| --- |" + " --- |" * (len(SHOWN) + 1)]
        lines.append(_line(f"**ours** ({found['chosen']})", found["values"], found["seconds"]))
        lines.append(_line("naive Bayes over categories", found["naive_bayes"], None))
        for model, figures in reference[name].items():
            lines.append(_line(model, figures, figures.get("seconds")))
        low, high = found["intervals"]["roc_auc"]
        lines += [
            "",
            f"ROC-AUC 95 % interval {low:.3f} to {high:.3f}; out of fold on the training part: "
            f"ROC-AUC {found['out_of_fold']['roc_auc']:.4f}, log loss {found['out_of_fold']['log_loss']:.4f}, "
            f"calibration error {found['out_of_fold']['calibration_error']:.4f}; "
            f"calibration floor of the test part {found['calibration_floor']:.4f}; {found['trees']} trees, {found['leaves']} leaves.",
        ]
    for name, sizes in small.items():
        lines += ["", f"## {name}, few training rows (means of {DRAWS} draws)", ""]
        lines += ["| rows | model | " + " | ".join(SHOWN) + " |", "| --- | --- |" + " --- |" * len(SHOWN)]
        for size, models in sizes.items():
            for model, figures in models.items():
                lines.append(f"| {size} | {model} | " + " | ".join(f"{figures[key]:.4f}" for key in SHOWN) + " |")
    return "\n".join(lines) + "\n"


def _line(model: str, figures: dict, seconds: float | None) -> str:
    cells = [f"{figures[key]:.4f}" if key in figures else "" for key in SHOWN]
    return f"| {model} | " + " | ".join(cells) + f" | {'' if seconds is None else f'{seconds:.1f}'} |"


if __name__ == "__main__":
    main()
