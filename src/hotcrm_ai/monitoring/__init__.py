"""Latency, reliability and health of each model, from mergeable sketches in bounded memory."""

from hotcrm_ai.monitoring.alert_watch import AlertService
from hotcrm_ai.monitoring.health import NOT_ASKED
from hotcrm_ai.monitoring.minute_book import MinuteBook
from hotcrm_ai.monitoring.performance_monitor import PerformanceMonitor
from hotcrm_ai.monitoring.quantile_sketch import QuantileSketch

__all__ = ["NOT_ASKED", "AlertService", "MinuteBook", "PerformanceMonitor", "QuantileSketch"]
