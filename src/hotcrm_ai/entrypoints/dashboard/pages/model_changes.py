"""The versions of one model, its A/B test, and their changes: promote, roll back, end a test, each with a reason."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Any, Final

from hotcrm_ai.assembly.releases import promote_experiment, promote_model, roll_back, stop_experiment
from hotcrm_ai.domain.errors import HotCRMAIError, InvalidRequest, PromotionRefused
from hotcrm_ai.domain.experiment import ExperimentReport
from hotcrm_ai.domain.model import ModelConfig, Revision
from hotcrm_ai.entrypoints.dashboard import model_parts
from hotcrm_ai.entrypoints.dashboard.addresses import model_address
from hotcrm_ai.entrypoints.dashboard.page import Answer, Page, Sent, Shown, Visit
from hotcrm_ai.entrypoints.dashboard.tried import tried

_REVISIONS_SHOWN: Final = 30
_TESTS_SHOWN: Final = 5
_CHANGED: Final = {
    "promoted": "It answers predictions now.",
    "rolled-back": "The earlier revision is the present one again.",
    "test-promoted": "The challenger is the champion now, and the test is over.",
    "test-stopped": "The champion answers everybody, and the test is over.",
}
"""What a page says after a change, by the word in its address."""


async def show_changes(visit: Visit) -> Shown:
    """Show versions and tests."""
    return await _page(visit, await model_parts.find(visit))


async def promote(visit: Visit) -> Answer:
    """Let the model answer predictions."""
    model = await model_parts.find(visit)
    work = promote_model(visit.ai, model.id, reason=_reason(visit), anyway=_anyway(visit), if_revision=_revision(visit))
    return await _changed(visit, model, work, "promoted")


async def take_back(visit: Visit) -> Answer:
    """Make an earlier revision the present one."""
    model = await model_parts.find(visit)
    to = _whole(visit.form.get("to", ""), "the revision to go back to")
    work = roll_back(visit.ai, model.id, reason=_reason(visit), to=to, if_revision=_revision(visit))
    return await _changed(visit, model, work, "rolled-back")


async def end_with_challenger(visit: Visit) -> Answer:
    """End the A/B test in favour of the challenger."""
    model = await model_parts.find(visit)
    work = promote_experiment(
        visit.ai, model.id, reason=_reason(visit), anyway=_anyway(visit), if_revision=_revision(visit)
    )
    return await _changed(visit, model, work, "test-promoted")


async def end_with_champion(visit: Visit) -> Answer:
    """End the A/B test in favour of the champion."""
    model = await model_parts.find(visit)
    work = stop_experiment(visit.ai, model.id, reason=_reason(visit), if_revision=_revision(visit))
    return await _changed(visit, model, work, "test-stopped")


async def _changed(visit: Visit, model: ModelConfig, work: Awaitable[Any], word: str) -> Answer:
    """Make a change and lead on to the page that tells of it; a refusal is told where it was asked for."""
    try:
        await work
    except HotCRMAIError as error:
        return await _page(visit, model, refused=error, asked=word)
    return Sent(to=f"{model_address(model.id, 'changes')}?done={word}")


async def _page(
    visit: Visit, model: ModelConfig, *, refused: HotCRMAIError | None = None, asked: str | None = None
) -> Shown:
    ai = visit.ai
    revisions = await ai.registry.history(model.id)
    challengers = [model.id] if model.ab_test is not None else []
    challengers += [
        one.id
        for one in await ai.registry.list_models()
        if one.ab_test is not None and one.ab_test.champion_model_id == model.id and one.ab_test.enabled
    ]
    tests = [await tried(ai.experiments.report(one)) for one in challengers[:_TESTS_SHOWN]]
    values: dict[str, Any] = {
        **await model_parts.frame(visit, model, "changes"),
        "revisions": list(reversed(revisions))[:_REVISIONS_SHOWN],
        "revision_count": len(revisions),
        "earlier": earlier_ones(model, revisions),
        "tests": tests,
        "more_tests": len(challengers) - len(tests),
        "is_running": is_running,
        "refused": refused,
        "can_insist": isinstance(refused, PromotionRefused),
        "asked": asked,
        "reason": visit.form.get("reason", ""),
        "to": visit.form.get("to", ""),
        "done": _CHANGED.get(visit.query.get("done", "")),
    }
    return Shown(
        template="model_changes.html", title=f"{model.id}, versions", values=values, status=409 if refused else 200
    )


def earlier_ones(model: ModelConfig, revisions: Sequence[Revision]) -> list[Revision]:
    """Return the revisions that one could go back to, the newest first: those that kept the model, other than the present one."""
    return [one for one in reversed(revisions) if one.config is not None and one.number != model.revision][
        :_REVISIONS_SHOWN
    ]


def is_running(test: ExperimentReport) -> bool:
    """Whether a test still decides who answers."""
    return test.enabled and (test.mode == "shadow" or test.traffic_percentage > 0)


def _reason(visit: Visit) -> str:
    return visit.form.get("reason", "")


def _anyway(visit: Visit) -> bool:
    return visit.form.get("anyway") == "yes"


def _revision(visit: Visit) -> int:
    return _whole(visit.form.get("revision", ""), "the revision that you saw")


def _whole(text: str, what: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise InvalidRequest(f"The form does not say {what}; open the page again and repeat it there.")
    return int(text)


PAGES: Final = (
    Page(path="/models/{model_id}/changes", scope="read", show=show_changes),
    Page(path="/models/{model_id}/promote", method="POST", scope="write", show=promote),
    Page(path="/models/{model_id}/roll-back", method="POST", scope="write", show=take_back),
    Page(path="/models/{model_id}/test/promote", method="POST", scope="write", show=end_with_challenger),
    Page(path="/models/{model_id}/test/stop", method="POST", scope="write", show=end_with_champion),
)
