"""Counts are written so that Prometheus reads back exactly what was counted, and several workers' counts add up."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from hotcrm_ai.exporters.prometheus import FAMILIES, exposition, series
from hotcrm_ai.exporters.worker_counts import Snapshot, WorkerCounts

REQUESTS = "hotcrm_ai_http_requests_total"


def test_prometheus_reads_what_was_written() -> None:
    """Names, kinds, labels with quotes, backslashes and line ends, whole and broken numbers: all come back."""
    odd = 'a"b\\c\nd'
    text = exposition(
        [
            (series(REQUESTS, method="GET", route=odd, status="200"), 3.0),
            (series("hotcrm_ai_http_request_seconds_bucket", route="/x", le="+Inf"), 2),
            (series("hotcrm_ai_http_request_seconds_sum", route="/x"), 0.125),
            (series("hotcrm_ai_http_request_seconds_count", route="/x"), 2),
            ("hotcrm_ai_workers", 2.0),
        ]
    ).decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    (requests,) = families["hotcrm_ai_http_requests"].samples
    assert (requests.labels, requests.value) == ({"method": "GET", "route": odd, "status": "200"}, 3.0)
    assert families["hotcrm_ai_http_request_seconds"].type == "histogram"
    assert [sample.value for sample in families["hotcrm_ai_http_request_seconds"].samples] == [2.0, 0.125, 2.0]
    assert families["hotcrm_ai_workers"].type == "gauge"
    assert all(family.documentation for family in families.values())


def test_every_value_belongs_to_a_family() -> None:
    """A series that nobody described is a mistake of ours, not a line without help."""
    with pytest.raises(KeyError):
        exposition([("hotcrm_ai_unheard_of", 1.0)])
    assert all(name.startswith("hotcrm_ai_") for name in FAMILIES)


def test_two_workers_add_up(tmp_path: Path) -> None:
    """Each tells its own counts as they are and the other's as it last wrote them."""
    one, two = WorkerCounts(tmp_path, number=1), WorkerCounts(tmp_path, number=2)
    two.publish(Snapshot(counters={REQUESTS: 5.0}, gauges={"hotcrm_ai_http_connections": 2.0}))
    joined, workers = one.joined(Snapshot(counters={REQUESTS: 7.0}, gauges={"hotcrm_ai_http_connections": 1.0}))
    assert (joined.counters[REQUESTS], joined.gauges["hotcrm_ai_http_connections"], workers) == (12.0, 3.0, 2)


def test_no_sum_falls_when_a_worker_is_replaced(tmp_path: Path) -> None:
    """The new worker of a number goes on from what the dead one wrote; states begin anew."""
    WorkerCounts(tmp_path, number=1).publish(Snapshot(counters={REQUESTS: 5.0}, gauges={"hotcrm_ai_workers": 1.0}))
    again = WorkerCounts(tmp_path, number=1)
    joined, _ = again.joined(Snapshot(counters={REQUESTS: 1.0}))
    assert (joined.counters, joined.gauges) == ({REQUESTS: 6.0}, {})
    again.publish(Snapshot(counters={REQUESTS: 2.0}))
    seen, _ = WorkerCounts(tmp_path, number=2).joined(Snapshot())
    assert seen.counters == {REQUESTS: 7.0}


def test_alone_nothing_is_written() -> None:
    """One process needs no folder."""
    alone = WorkerCounts()
    alone.publish(Snapshot(counters={REQUESTS: 1.0}))
    assert alone.joined(Snapshot(counters={REQUESTS: 1.0}))[0].counters == {REQUESTS: 1.0}
