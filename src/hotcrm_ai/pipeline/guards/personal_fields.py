"""Keeps personal features from providers outside of this process, unless the operator chose otherwise for the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from hotcrm_ai.domain.errors import ProviderMisconfigured
from hotcrm_ai.domain.model import ModelConfig, PersonalPolicy
from hotcrm_ai.domain.personal import personal_digest, personal_names
from hotcrm_ai.domain.prediction import PredictionInput, PredictionOutput

USUAL_POLICY: Final[PersonalPolicy] = "omit"
_DIGESTED: Final = frozenset({"text", "category"})


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """What may leave this process of a model's features: everything, or personal ones left out or as digests of this workspace.

    A digest stands for texts and categories; a personal number, date or list is left out in either case, for its digest would be none.
    """

    policy: PersonalPolicy
    workspace: str

    def questions(
        self, model: ModelConfig, questions: list[PredictionInput]
    ) -> tuple[list[PredictionInput], list[tuple[str, ...]]]:
        """Return the questions as they may be sent, and for each the notes on what was held back.

        Raises:
            ProviderMisconfigured: all features of the model would be held back, or one that it requires; nothing is sent then.
        """
        names = frozenset() if self.policy == "send" else personal_names(model)
        if not names:
            return questions, [()] * len(questions)
        if self.policy == "omit" and model.signature is not None and len(names) == len(model.signature.features):
            raise _needs_a_choice(model, min(names))
        sent, notes = [], []
        for question in questions:
            kept, noted = self._held_back(model, question.features, names)
            sent.append(msgspec.structs.replace(question, features=kept))
            notes.append(noted)
        return sent, notes

    def rows(self, model: ModelConfig, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the records of a table as they may be sent."""
        asked = [PredictionInput(features=row, prediction_id="") for row in rows]
        return [question.features for question in self.questions(model, asked)[0]]

    def _held_back(
        self, model: ModelConfig, features: Mapping[str, Any], names: frozenset[str]
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        kept: dict[str, Any] = {}
        notes = []
        for name, value in features.items():
            spec = model.signature.feature(name) if model.signature is not None and name in names else None
            if spec is None or value is None:
                kept[name] = value
            elif self.policy == "hash" and spec.type in _DIGESTED:
                kept[name] = personal_digest(self.workspace, name, value)
                notes.append(f"{name} is personal and was sent to provider {_provider(model)!r} as a digest only")
            elif spec.required:
                raise _needs_a_choice(model, name)
            else:
                notes.append(f"{name} is personal and was not sent to provider {_provider(model)!r}")
        return kept, tuple(notes)


def outgoing_for(model: ModelConfig, workspace: str, *, is_own_provider: bool = True) -> Outgoing:
    """Return the rule of a model; its ``provider_config`` speaks for its own provider only, not for one asked in its place."""
    declared = model.provider_config.personal_fields if model.provider_config is not None and is_own_provider else None
    return Outgoing(policy=declared or USUAL_POLICY, workspace=workspace)


def with_notes(output: PredictionOutput, notes: tuple[str, ...]) -> PredictionOutput:
    """Return an answer with notes among the warnings of its metadata."""
    if not notes:
        return output
    given = output.metadata.get("warnings")
    warnings = [*(given if isinstance(given, list) else ()), *notes]
    return msgspec.structs.replace(output, metadata={**output.metadata, "warnings": warnings})


def _provider(model: ModelConfig) -> str:
    return model.provider_config.provider if model.provider_config is not None else model.provider


def _needs_a_choice(model: ModelConfig, name: str) -> ProviderMisconfigured:
    return ProviderMisconfigured(
        f"Model {model.id!r} cannot be asked without {name!r}, which its signature marks as personal, and personal features are not sent "
        f"to provider {_provider(model)!r}; set provider_config.personal_fields to 'hash' or 'send' if they may be.",
        model_id=model.id,
        provider=_provider(model),
        feature=name,
    )
