"""Asks challengers along in the background; whatever they do, the answer that the user got stays as it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec

from hotcrm_ai.domain.errors import HotCRMAIError
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.pipeline.answering import Answering
from hotcrm_ai.pipeline.choose_model import Choice, fit_features
from hotcrm_ai.pipeline.deadline import Deadline, own_timeout
from hotcrm_ai.pipeline.journey import Journey
from hotcrm_ai.pipeline.record_answer import AnswerRecorder
from hotcrm_ai.ports.clock import Clock

MOST_AT_A_TIME: Final = 256


class ShadowCalls:
    """The calls of challengers in shadow tests that are under way.

    At most 256 run at a time; what comes on top is not asked, and ``left_out`` counts it.
    """

    def __init__(
        self, *, answering: Answering, recorder: AnswerRecorder, clock: Clock, new_id: Callable[[], str], seconds: float
    ) -> None:
        self._answering = answering
        self._recorder = recorder
        self._clock = clock
        self._new_id = new_id
        self._seconds = seconds
        self._under_way: set[asyncio.Task[None]] = set()
        self.left_out = 0

    def start(self, answered: Journey) -> None:
        """Begin to ask the challengers of an answered journey, and return at once."""
        for challenger in answered.choice.shadows:
            if len(self._under_way) >= MOST_AT_A_TIME:
                self.left_out += 1
                continue
            task = asyncio.get_running_loop().create_task(self._ask(challenger, answered))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def aclose(self) -> None:
        """Return once all calls under way are over."""
        while self._under_way:
            await asyncio.gather(*self._under_way)

    async def _ask(self, challenger: ModelConfig, answered: Journey) -> None:
        """Ask one challenger; its failure, also of its features or of the log, is counted for it and goes no further."""
        journey = self._journey_of(challenger, answered)
        try:
            journey.fitted = fit_features(journey.choice, journey.asked.features)
            deadline = Deadline(self._clock, self._seconds)
            deadline.allow(own_timeout(challenger))
            await self._answering.answer((journey,), deadline)
            if journey.error is None:
                journey.took = journey.milliseconds
                await self._recorder.record(journey)
        except HotCRMAIError as error:
            self._recorder.book(challenger, error, milliseconds=journey.milliseconds)

    def _journey_of(self, challenger: ModelConfig, answered: Journey) -> Journey:
        journey = Journey(self._new_id())
        journey.shadow = True
        journey.asked = msgspec.structs.replace(answered.asked, provider=None)
        journey.answering = challenger
        journey.choice = Choice(
            requested=challenger,
            answering=challenger,
            variant="challenger",
            experiment_id=challenger.id,
            subject=answered.choice.subject,
            subject_kind=answered.choice.subject_kind,
        )
        return journey
