"""The places that alerts are told to: one file each, opened from the table ``[alerts.sinks]`` of the settings."""

from hotcrm_ai.notifiers._opening import open_sinks

__all__ = ["open_sinks"]
