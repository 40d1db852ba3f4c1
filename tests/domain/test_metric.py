"""People read one scale of each metric, wherever it is kept."""

from __future__ import annotations

from hotcrm_ai.domain.metric import METRICS, measured_metrics, metric_of


def test_the_registry_and_a_report_are_told_alike() -> None:
    """A ROC-AUC kept as 87.6 and one of 0.876 read the same, and so do shares, which have their sign."""
    kept = {"auc": 87.6, "accuracy": 81.8, "f1_score": 59.25, "log_loss": 0.4213, "top_decile_lift": 3.0, "mase": 0.71}
    measured = {
        "roc_auc": 0.876,
        "accuracy": 0.818,
        "f1": 0.5925,
        "log_loss": 0.4213,
        "top_decile_lift": 3.0,
        "mase": 0.71,
    }
    told = {name: metric_of(name).text(value) for name, value in measured_metrics(kept).items()}
    assert told == {name: metric_of(name).text(value) for name, value in measured.items()}
    assert told == {
        "roc_auc": "0.876",
        "accuracy": "81.8 %",
        "f1": "0.593",
        "log_loss": "0.421",
        "top_decile_lift": "3.00 ×",
        "mase": "0.71",
    }


def test_a_report_may_have_more_decimals() -> None:
    """They are those of numbers without a unit; a share has one decimal, and what is not known a dash."""
    assert METRICS["roc_auc"].text(0.87624, decimals=4) == "0.8762"
    assert METRICS["accuracy"].text(0.81849, decimals=4) == "81.8 %"
    assert METRICS["roc_auc"].text(None) == "–"
    assert METRICS["calibration_error"].text(-0.01) == "−0.010"


def test_a_metric_that_is_not_known_has_its_name_in_words() -> None:
    """Any number that a plug-in declares is told as it is."""
    assert (metric_of("my_own_metric").title, metric_of("my_own_metric").text(12.5)) == ("My own metric", "12.500")
