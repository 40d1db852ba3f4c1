"""Watches a workspace: looks at it again and again, notes what the rules find, and sees to it that messages arrive."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final

import msgspec

from hotcrm_ai.domain.alert import ALERT_RULES, CACHE_SUBJECT, AlertMessage, Delivery, Finding, Incident, Look
from hotcrm_ai.domain.alert_settings import AlertSettings
from hotcrm_ai.domain.errors import AlertNotDelivered, ConfigError, HotCRMAIError
from hotcrm_ai.monitoring.alert_rules import judge_look
from hotcrm_ai.ports.alert_sink import AlertSink
from hotcrm_ai.ports.alert_store import AlertStore
from hotcrm_ai.ports.clock import Clock

FIRST_RETRY_SECONDS: Final = 15.0
LONGEST_RETRY_SECONDS: Final = 1800.0
SEND_SECONDS: Final = 20.0
"""How long one delivery may take; so long, and as long again, it is kept from other processes."""

_logger: Final = logging.getLogger("hotcrm_ai.alerts")


class AlertService:
    """Alerts of one workspace, whoever of its processes sees what happens: one message when it begins and one when it is over."""

    def __init__(
        self,
        *,
        store: AlertStore,
        sinks: Mapping[str, AlertSink],
        look: Callable[[], Awaitable[Look]],
        settings: AlertSettings,
        clock: Clock,
        new_id: Callable[[], str],
        workspace: str,
    ) -> None:
        self.settings = settings
        self._store = store
        self._sinks = sinks
        self._look = look
        self._clock = clock
        self._new_id = new_id
        self._workspace = workspace

    @property
    def sinks(self) -> tuple[str, ...]:
        """The names of the sinks that messages go to."""
        return tuple(self._sinks)

    async def check(self) -> list[Incident]:
        """Look once and return the incidents that this opened or closed; their messages are kept until they have arrived.

        Raises:
            StorageError: the database failed.
        """
        look = await self._look()
        found = judge_look(look, self.settings)
        found += await self._left(look, found)
        changed = [
            await self._store.note(
                finding,
                now=self._clock.now(),
                sinks=self.sinks,
                good_minutes=self.settings.good_minutes,
            )
            for finding in found
        ]
        return [incident for incident in changed if incident is not None]

    async def wrong_now(self) -> list[Finding]:
        """Look once and return what is wrong by any rule, in force or not; this notes nothing and tells nobody.

        Raises:
            StorageError: the database failed.
        """
        every_rule = msgspec.structs.replace(self.settings, rules=ALERT_RULES)
        return [finding for finding in judge_look(await self._look(), every_rule) if finding.reason is not None]

    async def deliver(self) -> list[Delivery]:
        """Send what is due, all at once, and return each delivery as it is now; ``problem`` is None where it arrived.

        One after another, a slow receiver would hold up the rest until their claims are over and another process tells them too.

        Raises:
            StorageError: the database failed.
        """
        now = self._clock.now()
        due = await self._store.claim(now=now, until=now + timedelta(seconds=2 * SEND_SECONDS))
        settled = await asyncio.gather(*map(self._deliver, due), return_exceptions=True)
        delivered = []
        for outcome in settled:
            if isinstance(outcome, BaseException):
                raise outcome
            delivered.append(outcome)
        return delivered

    async def incidents(
        self, *, is_open: bool | None = None, limit: int = 100, after: str | None = None
    ) -> list[Incident]:
        """Return incidents, the newest first: all, or only those that are open (or over); after the one of that id.

        Raises:
            StorageError: the database failed.
        """
        return await self._store.incidents(is_open=is_open, limit=limit, after=after)

    async def waiting(self) -> list[Delivery]:
        """Return messages that have not arrived, with the number of attempts and the latest problem; raises ``StorageError``."""
        return await self._store.waiting()

    async def send_test(self, sink: str) -> AlertMessage:
        """Send a test message to one sink, once, and return it.

        Raises:
            ConfigError: there is no such sink.
            AlertNotDelivered: it did not take the message.
        """
        if sink not in self._sinks:
            raise ConfigError(f"There is no alert sink {sink!r}; there are {', '.join(map(repr, self.sinks))}.")
        now = self._clock.now()
        incident = Incident(id=self._new_id(), rule="cache_degraded", subject="test", reason="Test", opened_at=now)
        message = AlertMessage(
            id=self._new_id(), kind="test", workspace=self._workspace, incident=incident, created_at=now
        )
        await self._send(sink, message)
        return message

    async def run(self) -> None:
        """Check and deliver until cancelled; a database that is away is met again at the next round."""
        while True:
            try:
                await self.check()
                await self.deliver()
            except HotCRMAIError as problem:
                _logger.warning("the watch for alerts will try again: %s", problem.message)
            await asyncio.sleep(self.settings.every_seconds)

    async def _left(self, look: Look, found: list[Finding]) -> list[Finding]:
        """Say that all is well with what is no longer looked at: models that are not active, rules that are switched off."""
        watched = {(finding.rule, finding.subject) for finding in found}
        active = {model.model_id for model in look.models} | {CACHE_SUBJECT}
        return [
            Finding(rule=incident.rule, subject=incident.subject, reason=None)
            for incident in await self._store.incidents(is_open=True, limit=10_000)
            if (incident.subject not in active or incident.rule not in self.settings.rules)
            and (incident.rule, incident.subject) not in watched
        ]

    async def _deliver(self, delivery: Delivery) -> Delivery:
        try:
            await self._send(delivery.sink, delivery.message)
        except AlertNotDelivered as problem:
            return await self._try_later(delivery, problem.message)
        arrived = Delivery(message=delivery.message, sink=delivery.sink, attempts=delivery.attempts + 1)
        await self._store.settle(arrived, delivered_at=self._clock.now(), next_attempt_at=None)
        return arrived

    async def _send(self, sink: str, message: AlertMessage) -> None:
        if sink not in self._sinks:
            raise AlertNotDelivered(
                f"The sink {sink!r} is no longer in the settings; put it back, or let the message go."
            )
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._sinks[sink].send(message)
        except TimeoutError:
            raise AlertNotDelivered(f"The receiver did not take the message within {SEND_SECONDS:g} seconds.") from None

    async def _try_later(self, delivery: Delivery, problem: str) -> Delivery:
        attempts = delivery.attempts + 1
        wait = min(FIRST_RETRY_SECONDS * 2 ** min(attempts - 1, 20), LONGEST_RETRY_SECONDS)
        again = self._clock.now() + timedelta(seconds=wait)
        is_given_up = again > delivery.message.created_at + timedelta(hours=self.settings.retry_hours)
        failed = Delivery(message=delivery.message, sink=delivery.sink, attempts=attempts, problem=problem)
        await self._store.settle(failed, delivered_at=None, next_attempt_at=None if is_given_up else again)
        _logger.warning(
            "message %s to alert sink %r: attempt %d failed (%s); %s",
            delivery.message.id,
            delivery.sink,
            attempts,
            problem,
            "it is given up" if is_given_up else f"trying again in {wait:.0f} s",
        )
        return failed
