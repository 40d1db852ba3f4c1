"""Tells alerts in the log of the process, whatever else is configured."""

from __future__ import annotations

import logging
from typing import Final

from hotcrm_ai.domain.alert import AlertMessage

_logger: Final = logging.getLogger("hotcrm_ai.alerts")


class LogSink:
    """Writes a warning when something goes wrong or a test is made, and a note when it is over."""

    async def send(self, message: AlertMessage) -> None:
        """Write one line."""
        level = logging.INFO if message.kind == "recovery" else logging.WARNING
        _logger.log(level, "%s. %s", message.title, message.text)
