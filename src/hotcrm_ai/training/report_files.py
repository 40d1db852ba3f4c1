"""Writes a training report for people (Markdown with pictures) and for machines (JSON)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.domain.metric import METRICS, OF_SERIES_AND_PRODUCTS, metric_of
from hotcrm_ai.domain.training import TrainingReport
from hotcrm_ai.training.report_pictures import draw_pictures
from hotcrm_ai.training.report_tables import cell, money_section, segments_section, table

_METRICS: Final[tuple[tuple[str, str, bool], ...]] = (
    ("roc_auc", "ROC-AUC", True),
    ("average_precision", "average precision", True),
    ("accuracy", "accuracy", True),
    ("precision", "precision", True),
    ("recall", "recall", True),
    ("f1", "F1", True),
    ("log_loss", "log loss", False),
    ("brier", "Brier score", False),
    ("calibration_error", "calibration error", False),
    ("top_decile_lift", "top-decile lift", True),
    *((name, METRICS[name].title, METRICS[name].more_is_better) for name in OF_SERIES_AND_PRODUCTS),
)
_DIRECTIONS: Final = {"+": "only raises the probability", "-": "only lowers it"}


def write_report(report: TrainingReport, folder: Path) -> TrainingReport:
    """Write ``report.md``, ``report.json`` and the pictures into the folder, and return the report with the paths in ``files``.

    Raises:
        StorageError: the folder cannot be made or written to.
        MissingExtra: matplotlib is not installed.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pictures = draw_pictures(report, folder)
        names = {"markdown": "report.md", "json": "report.json", **pictures}
        written = msgspec.structs.replace(report, files={kind: str(folder / name) for kind, name in names.items()})
        (folder / "report.md").write_text(report_markdown(written, pictures=pictures), encoding="utf-8")
        encoded = msgspec.json.format(msgspec.json.encode(written), indent=2)
        (folder / "report.json").write_bytes(encoded + b"\n")
    except OSError as problem:
        raise StorageError(
            f"The training report cannot be written to {str(folder)!r}: {problem.strerror}."
        ) from problem
    return written


def report_markdown(report: TrainingReport, *, pictures: dict[str, str]) -> str:
    """Return the report as Markdown; ``pictures`` are file names beside it."""
    sections = [
        _head(report),
        *([_list("Please note", report.warnings)] if report.warnings else []),
        "## Quality on held-out rows\n\n" + _quality(report),
        *[f"![{kind}]({name})" for kind, name in pictures.items()],
        *([_reliability(report)] if report.reliability else []),
        *([_bands(report)] if report.band_quality else []),
        *([_confusion(report)] if report.confusion else []),
        *([segments_section(report)] if report.segments else []),
        *([money_section(report)] if "gains" in report.money else []),
        *(["## What was kept out\n\n" + _excluded(report)] if report.excluded else []),
        *(["## Columns as they were read\n\n" + _columns(report)] if report.columns else []),
        *(["## How the model was chosen\n\n" + _choice(report)] if report.choice else []),
    ]
    return "\n\n".join(sections) + "\n"


def _head(report: TrainingReport) -> str:
    bands = ", ".join(f"{name} from {100 * limit:.1f} %" for name, limit in report.bands.items())
    facts = [
        ("model", f"{report.model_id} {report.version} ({report.status})"),
        ("AI feature", report.feature),
        ("target", report.target),
        ("closed records" if report.bands else "rows", _rows(report)),
        ("learned from / measured on", f"{report.training_rows} / {report.held_out_rows} rows"),
        ("split", report.split),
        ("kind of model", report.chosen),
        ("classes", bands),
        ("one direction only", ", ".join(f"{name} {_DIRECTIONS[sign]}" for name, sign in report.monotone.items())),
        ("data fingerprint", f"`{report.data_fingerprint}`"),
        ("bundle", f"`{report.bundle_digest}`"),
        ("seconds", f"{report.seconds:.1f}"),
    ]
    return f"# Training report: {cell(report.model_id)}\n\n" + table(("", ""), [fact for fact in facts if fact[1]])


def _rows(report: TrainingReport) -> str:
    if not report.bands:
        return f"{report.rows}"
    return f"{report.rows} ({report.positives} positive, {100 * report.positives / max(1, report.rows):.1f} %)"


def _quality(report: TrainingReport) -> str:
    names = [name for name in report.baselines if any(metric in report.baselines[name] for metric, _, _ in _METRICS)]
    rows = []
    for metric, title, higher in _METRICS:
        if metric not in report.metrics:
            continue
        interval = report.intervals.get(metric)
        shown = f"{_told(metric, interval[0])} to {_told(metric, interval[1])}" if interval else ""
        others = [_told(metric, report.baselines[name].get(metric)) for name in names]
        direction = "higher is better" if higher else "lower is better"
        rows.append((title, f"**{_told(metric, report.metrics[metric])}**", shown, *others, direction))
    header = ("metric", "this model", "95 % interval", *(name.replace("_", " ") for name in names), "")
    return table(header, rows)


def _reliability(report: TrainingReport) -> str:
    rows = [
        (
            f"{group['rows']:.0f}",
            f"{100 * group['predicted']:.1f} %",
            f"{100 * group['observed']:.1f} %",
            f"{100 * group['lower']:.1f} to {100 * group['upper']:.1f} %",
        )
        for group in report.reliability
    ]
    return "### Do the probabilities hold?\n\n" + table(("rows", "predicted", "observed", "95 % interval"), rows)


def _bands(report: TrainingReport) -> str:
    rows = []
    for band in report.band_quality:
        known = "precision" in band
        shown = (
            f"{100 * band['precision']:.1f} % ({100 * band['lower']:.1f} to {100 * band['upper']:.1f})" if known else ""
        )
        rows.append(
            (
                str(band["band"]),
                f"{100 * band['from']:.1f} %",
                f"{band['rows']}",
                shown,
                f"{100 * band['recall']:.1f} %",
            )
        )
    header = ("class", "from", "held-out rows", "precision (95 % interval)", "recall")
    return "### What is each class worth?\n\n" + table(header, rows)


def _confusion(report: TrainingReport) -> str:
    found = report.confusion
    rows = [
        ("said yes", str(found["truePositive"]), str(found["falsePositive"])),
        ("said no", str(found["falseNegative"]), str(found["trueNegative"])),
    ]
    return "### Right and wrong at one half\n\n" + table(("", "was positive", "was negative"), rows)


def _excluded(report: TrainingReport) -> str:
    return table(("column", "why", "evidence"), [(one.column, one.kind, one.reason) for one in report.excluded])


def _columns(report: TrainingReport) -> str:
    rows = [
        (
            str(column["name"]),
            str(column["type"]),
            f"{100 * float(column['missing']):.1f} %",
            str(column["distinct"]),
            str(column["values"]),
            "; ".join(str(column[key]) for key in ("note", "suspicion") if column.get(key)),
        )
        for column in report.columns
    ]
    return table(("column", "type", "missing", "different values", "values", "note"), rows)


def _choice(report: TrainingReport) -> str:
    ordered = sorted(report.choice.items(), key=lambda pair: pair[1])
    return table(
        ("candidate", "cross-validated log loss"), [(name.replace("_", " "), f"{loss:.4f}") for name, loss in ordered]
    )


def _list(title: str, lines: Iterable[str]) -> str:
    return f"## {title}\n\n" + "\n".join(f"- {cell(line)}" for line in lines)


def _told(metric: str, value: float | None) -> str:
    return "" if value is None else metric_of(metric).text(value, decimals=4)
