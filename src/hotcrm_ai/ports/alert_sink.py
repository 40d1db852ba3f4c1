"""What a place needs that alerts are told to."""

from __future__ import annotations

from typing import Protocol

from hotcrm_ai.domain.alert import AlertMessage


class AlertSink(Protocol):
    """One place that messages go to."""

    async def send(self, message: AlertMessage) -> None:
        """Tell a message, and return once the receiver has taken it; raises ``AlertNotDelivered`` otherwise."""
        ...
