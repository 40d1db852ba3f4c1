"""Explains models that run elsewhere by asking them what they answer when a feature, or a part of a text, is taken away.

A feature that is away has the value of a background record (``parameters["background"]``, a list of sets of features); the worth of a
coalition is the mean answer over them. A part of a text that is away is left out. Every number comes from the model itself.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec

from hotcrm_ai.domain.errors import NotExplainable
from hotcrm_ai.domain.explanation import Attribution, FeatureImportance
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.explainers.coalitions import EXACT_PLAYERS, BudgetTooSmall, Shares, exact_shares, sampled_shares
from hotcrm_ai.ports.ai_feature import AIFeature

DEFAULT_CALLS: Final = 2_048
MOST_CALLS: Final = 20_000
MOST_BACKGROUND: Final = 16
MOST_PARTS: Final = 24
CHUNK_ROWS: Final = 256
_SEED: Final = 0
_IMPORTANCE_RECORDS: Final = 8
_SENTENCE: Final = re.compile(r"[^.!?\n]+[.!?]*\s*|[.!?\n]+\s*")
_TOKEN: Final = re.compile(r"\S+\s*")


class AsksRows(Protocol):
    """Asks a model about several sets of features at once, as the prediction service does."""

    def __call__(
        self, model: ModelConfig, rows: Sequence[Mapping[str, Any]], *, seconds: float
    ) -> Awaitable[list[PredictionOutput]]:
        """Return one answer for each row, in order; raises ``ProviderError``."""
        ...


class ExplainOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``parameters["explain"]`` of a model may say: rows asked per explanation at most, seconds for each call, and the seed."""

    calls: int = DEFAULT_CALLS
    seconds: float = 30.0
    seed: int = _SEED


class SampledExplainer:
    """An ``Explainer`` for every model that is asked through a provider.

    Up to eight features are explained exactly where the budget allows it (``exact-shap``), more by samples with a standard error each
    (``sampled-shap``); a model of one text by the parts of that text (``token-shap``).
    """

    def __init__(self, *, ask: AsksRows, features: Mapping[str, AIFeature]) -> None:
        self._ask = ask
        self._features = features

    def supports(self, model: ModelConfig) -> bool:
        """True for models without a bundle whose AI feature gives a score or a probability."""
        feature = self._features.get(model.feature or "")
        return model.bundle_digest is None and feature is not None and feature.scale in ("score", "probability", "mood")

    async def attribute(self, model: ModelConfig, features: Mapping[str, Any]) -> Attribution:
        """Split the model's answer among its features, or the parts of its text.

        Raises:
            NotExplainable: there is no background to compare with, or the budget of calls is too small; the message says what to set.
            ProviderError: the model could not be asked.
        """
        options = self._options(model)
        text = _only_text(model, features)
        game = _TextGame(text, features) if text is not None else _FeatureGame(model, features)
        names = game.names
        if not names:
            raise _refusal(model, "there is nothing in the record that could be taken away")
        asked = _Asked(self, model, options, game)
        shares = await self._shares(model, options, asked, len(names))
        contributions = dict(zip(names, shares.shares, strict=True))
        return Attribution(
            base=shares.empty,
            output=shares.full,
            contributions=contributions,
            method=game.method if shares.errors is None or text is not None else "sampled-shap",
            additivity_error=abs(shares.empty + sum(shares.shares) - shares.full),
            errors=None if shares.errors is None else dict(zip(names, shares.errors, strict=True)),
        )

    async def importance(self, model: ModelConfig) -> list[FeatureImportance]:
        """Return the mean size of each feature's contribution over a few background records, largest first."""
        sizes: dict[str, float] = {}
        records = _background(model)[:_IMPORTANCE_RECORDS]
        for record in records:
            attribution = await self.attribute(model, record)
            for name, contribution in attribution.contributions.items():
                sizes[name] = sizes.get(name, 0.0) + abs(contribution) / len(records)
        ordered = sorted(sizes.items(), key=lambda one: -one[1])
        return [FeatureImportance(feature=name, importance=100.0 * size) for name, size in ordered]

    async def numbers(self, model: ModelConfig, rows: Sequence[Mapping[str, Any]], *, seconds: float) -> list[float]:
        """Return the number that is explained, on the 0-1 scale, for each row."""
        scale = self._features[model.feature or ""].scale
        key = "score" if scale == "mood" else scale
        found: list[float] = []
        for start in range(0, len(rows), CHUNK_ROWS):
            answers = await self._ask(model, rows[start : start + CHUNK_ROWS], seconds=seconds)
            found += [_number(answer, key, model) / (100.0 if scale == "score" else 1.0) for answer in answers]
        return found

    async def _shares(self, model: ModelConfig, options: ExplainOptions, asked: _Asked, players: int) -> Shares:
        most = options.calls // asked.rows_of_coalition
        if players <= EXACT_PLAYERS and 2**players <= most:
            return await exact_shares(asked, players)
        try:
            return await sampled_shares(asked, players, most_coalitions=most, seed=options.seed)
        except BudgetTooSmall as problem:
            raise _refusal(
                model,
                f"{problem}; raise parameters['explain']['calls'] (now {options.calls}, and {asked.rows_of_coalition} calls each), "
                "or give fewer background records",
            ) from None

    def _options(self, model: ModelConfig) -> ExplainOptions:
        try:
            options = msgspec.convert(model.parameters.get("explain", {}), ExplainOptions)
        except msgspec.ValidationError as problem:
            raise _refusal(model, f"parameters['explain'] is not valid: {problem}") from None
        if not 0 < options.calls <= MOST_CALLS or not 0 < options.seconds <= 600:
            raise _refusal(
                model, f"parameters['explain'] allows 1 to {MOST_CALLS} calls, and seconds above 0 and up to 600"
            )
        return options


class _Asked:
    """The worth of coalitions, asked of the model in as few calls as its rows allow."""

    def __init__(
        self, explainer: SampledExplainer, model: ModelConfig, options: ExplainOptions, game: _FeatureGame | _TextGame
    ) -> None:
        self._explainer = explainer
        self._model = model
        self._options = options
        self._game = game
        self.rows_of_coalition = len(game.rows(0))

    async def __call__(self, coalitions: Sequence[int]) -> Sequence[float]:
        """Return the mean answer of each coalition's rows; rows that are equal are asked about once."""
        wanted = [self._game.rows(coalition) for coalition in coalitions]
        keys = [[msgspec.json.encode(row, order="deterministic") for row in rows] for rows in wanted]
        different = {
            key: row for names, rows in zip(keys, wanted, strict=True) for key, row in zip(names, rows, strict=True)
        }
        numbers = await self._explainer.numbers(self._model, list(different.values()), seconds=self._options.seconds)
        known = dict(zip(different, numbers, strict=True))
        return [sum(known[key] for key in names) / len(names) for names in keys]


class _FeatureGame:
    """Players are the features of the model; those that are away have the values of a background record."""

    method: Final = "exact-shap"

    def __init__(self, model: ModelConfig, features: Mapping[str, Any]) -> None:
        self._features = features
        self._background = _background(model)
        declared = [spec.name for spec in model.signature.features] if model.signature is not None else []
        self.names = declared or sorted({*features, *(name for row in self._background for name in row)})

    def rows(self, coalition: int) -> list[dict[str, Any]]:
        """Return the records of a coalition: its features from the record explained, all others from a background record."""
        made = []
        for other in self._background:
            row = {}
            for place, name in enumerate(self.names):
                source = self._features if coalition >> place & 1 else other
                if source.get(name) is not None:
                    row[name] = source[name]
            made.append(row)
        return made


class _TextGame:
    """Players are the words of a short text, or the sentences of a longer one; those that are away are left out."""

    method: Final = "token-shap"

    def __init__(self, feature: str, features: Mapping[str, Any]) -> None:
        self._feature = feature
        self._features = features
        self._parts = _parts(str(features.get(feature, "")))
        self.names = _named(self._parts)

    def rows(self, coalition: int) -> list[dict[str, Any]]:
        """Return the record with the parts of a coalition, in their order."""
        text = "".join(part for place, part in enumerate(self._parts) if coalition >> place & 1).strip()
        return [{**self._features, self._feature: text}]


def _parts(text: str) -> list[str]:
    """Return the words of a text, or its sentences where there are too many words, or equal stretches of them."""
    words = _TOKEN.findall(text)
    if len(words) <= MOST_PARTS:
        return words
    sentences = [part for part in _SENTENCE.findall(text) if part.strip()]
    if 1 < len(sentences) <= MOST_PARTS:
        return sentences
    size = -(-len(words) // MOST_PARTS)
    return ["".join(words[start : start + size]) for start in range(0, len(words), size)]


def _named(parts: Sequence[str]) -> list[str]:
    """Return a name for each part, with its number where a part occurs again."""
    names: dict[str, None] = {}
    for part in parts:
        name = text = part.strip()
        times = 1
        while name in names:
            times += 1
            name = f"{text} ({times})"
        names[name] = None
    return list(names)


def _only_text(model: ModelConfig, features: Mapping[str, Any]) -> str | None:
    """Return the feature that holds the text of a model of one text, or nothing."""
    if model.signature is not None:
        specs = model.signature.features
        return specs[0].name if len(specs) == 1 and specs[0].type == "text" else None
    is_text = model.type == "nlp" and len(features) == 1
    return next(iter(features)) if is_text else None


def _background(model: ModelConfig) -> list[dict[str, Any]]:
    rows = model.parameters.get("background")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise _refusal(
            model,
            "it has no background records to compare with; set parameters['background'] to a few typical sets of features",
        )
    return rows[:MOST_BACKGROUND]


def _number(answer: PredictionOutput, key: str, model: ModelConfig) -> float:
    number = answer.prediction.get(key) if isinstance(answer.prediction, Mapping) else None
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise _refusal(
            model, f"its answer has no number {key!r}; check parameters['output'] and its AI feature {model.feature!r}"
        )
    return float(number)


def _refusal(model: ModelConfig, reason: str) -> NotExplainable:
    return NotExplainable(f"Model {model.id!r} cannot be explained: {reason}.", model_id=model.id)
