"""What is known of a model as a whole: kept in its bundle, told by the workspace, drawn in the report."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hotcrm_ai import AI, NotExplainable, Settings
from hotcrm_ai.training.bands import band_quality
from hotcrm_ai.training.insight import confusion_counts
from hotcrm_ai.training.recipe import train_classifier
from hotcrm_ai.training.report_files import write_report


def _rows(count: int) -> list[dict[str, object]]:
    """Return records whose chance is logistic in ``calls - 5``; the shop tells nothing."""
    random = np.random.default_rng(5)
    calls = random.integers(0, 11, size=count)
    won = random.random(count) < 1 / (1 + np.exp(5.0 - calls))
    shops = random.choice(["north", "south", "west"], size=count, p=[0.6, 0.3, 0.1])
    return [
        {"calls": int(call), "shop": str(shop), "won": "yes" if win else "no"}
        for call, shop, win in zip(calls, shops, won, strict=True)
    ]


def test_confusion_and_bands_are_counted_by_hand() -> None:
    """Five rows: one half belongs to yes; a class holds all records from its limit on."""
    stated, truth = np.array([0.9, 0.5, 0.4, 0.2, 0.1]), np.array([1, 0, 1, 0, 0], dtype=np.int8)
    assert confusion_counts(stated, truth) == {
        "truePositive": 1,
        "falsePositive": 1,
        "falseNegative": 1,
        "trueNegative": 2,
    }
    hot, warm, never = band_quality(stated, truth, {"hot": 0.5, "warm": 0.3, "never": 0.95})
    assert (hot["rows"], hot["precision"], hot["recall"]) == (2, 0.5, 0.5)
    assert (warm["rows"], warm["recall"]) == (3, 1.0)
    assert (never["rows"], never["recall"], "precision" in never) == (0, 0.0, False)


def test_dependence_follows_the_truth_and_says_where_the_records_are(tmp_path: Path) -> None:
    """More calls, more wins; the shares of the shops are those of the table; report, bundle and workspace tell the same."""
    rows = _rows(1500)
    trained = train_classifier(rows, feature_name="lead-scoring", target="won", keep=("calls",))
    calls, shop = (trained.report.partial_dependence[name] for name in ("calls", "shop"))
    assert calls[0]["probability"] < 0.1
    assert calls[-1]["probability"] > 0.9
    assert sum(point["share"] for point in calls) == pytest.approx(1.0, abs=1e-4)
    assert [point["value"] for point in shop] == ["north", "south", "west"]
    assert shop[0]["share"] == pytest.approx(0.6, abs=0.06)
    assert max(p["probability"] for p in shop) - min(p["probability"] for p in shop) < 0.1
    written = write_report(trained.report, tmp_path)
    assert Path(written.files["dependence"]).stat().st_size > 10_000
    assert "What is each class worth?" in (tmp_path / "report.md").read_text(encoding="utf-8")


def test_the_workspace_tells_what_the_bundle_keeps(tmp_path: Path) -> None:
    """For packaged and own models alike; a model that was not trained here has no inside to tell of."""
    with AI.open_sync(Settings(home=tmp_path)) as ai:
        found = ai.explainer.insight("churn-prediction-v1")
        ai.registry.register({"id": "far-away", "provider": "custom", "endpoint": None, "status": "testing"})
        with pytest.raises(NotExplainable, match="does not run here"):
            ai.explainer.insight("far-away")
    assert set(found) >= {"importance", "partialDependence", "reliability", "confusion", "gains", "bandQuality"}
    assert sum(found["confusion"].values()) == found["heldOutRows"]
    usage = found["partialDependence"]["usage_frequency"]
    assert usage[0]["probability"] > usage[-1]["probability"]
