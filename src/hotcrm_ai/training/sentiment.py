"""The recipe of a sentiment model: read labelled texts, part, fit, measure beside baselines, pack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, Unpack

import msgspec
import numpy as np
import numpy.typing as npt

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.domain.training import Exclusion, TrainingReport
from hotcrm_ai.local_models.manifest import MODEL_NAME, Manifest, bundle_digest, pack_bundle
from hotcrm_ai.local_models.text_cleaning import clean_text
from hotcrm_ai.local_models.text_model import WORTH, TextModel
from hotcrm_ai.training.curves import reliability_groups
from hotcrm_ai.training.infer_types import infer_types
from hotcrm_ai.training.judged import JudgedTexts
from hotcrm_ai.training.metrics import Measured
from hotcrm_ai.training.raw_table import RawTable
from hotcrm_ai.training.run import RunOptions, TrainingRun
from hotcrm_ai.training.sentiment_baselines import baselines_of
from hotcrm_ai.training.sentiment_labels import LabelledRows, read_labelled
from hotcrm_ai.training.sentiment_lexicon import sentiment_lexicon
from hotcrm_ai.training.split import HELD_OUT_SHARE, split_rows
from hotcrm_ai.training.target import check_column
from hotcrm_ai.training.text_fit import OTHER_TEXTS, OWN_TEXTS, TextFit, fit_text
from hotcrm_ai.training.text_metrics import measure_moods

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.intp]

_FEW: Final = 100


class TrainedSentiment(msgspec.Struct, frozen=True, kw_only=True):
    """A sentiment model that is ready to be published: the report for people, the manifest, and all members of the bundle by name."""

    report: TrainingReport
    manifest: Manifest
    members: dict[str, bytes]
    judged: JudgedTexts | None = None


class _Parts(msgspec.Struct, frozen=True, kw_only=True):
    """The rows to learn from and those to measure on, and in words how they were parted."""

    seen: Whole
    unseen: Whole
    words: str


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    """The model, and what came of measuring it."""

    model: TextModel
    measured: Measured
    baselines: dict[str, dict[str, float]]
    top: Floats
    right: npt.NDArray[np.int8]
    judged: JudgedTexts


def train_sentiment(
    source: Any,
    *,
    feature_name: str = "sentiment-analysis",
    target: str | None = None,
    text: str | None = None,
    meanings: Mapping[str, str] | None = None,
    group: str | None = None,
    time_column: str | None = None,
    **asked: Unpack[RunOptions],
) -> TrainedSentiment:
    """Train, measure and pack a sentiment model of a table of texts and labels; nothing is registered or written.

    ``target`` and ``text`` name the columns (``label`` and ``text``), ``meanings`` the mood of each label where it is no usual word.
    Equal texts, and rows with the same value in the column ``group``, are held out together; the newest by ``time_column`` where it is
    given. The same content and seed give the same bundle. ``asked`` are the options of ``TrainingRun``; ``keep`` and
    ``band_names`` change nothing here.

    Raises:
        TrainingDataError: the table cannot be used; the message names the column.
    """
    run = TrainingRun(feature_name=feature_name, **asked)
    started = run.clock.monotonic()
    table = run.read(source)
    rows = read_labelled(table, target=target, text=text, meanings=meanings, exclude=tuple(run.exclude))
    groups = _groups(rows, table, group)
    parts = _split(rows, table, groups, time_column=time_column, seed=run.seed)
    found = _measure(rows, parts, groups, run, grouped=group is not None)
    manifest = _manifest(rows, parts, found, table, run)
    members = pack_bundle(manifest, {MODEL_NAME: found.model.to_json()})
    run.progress("packed", 1.0)
    report = _report(rows, parts, found, table, manifest)
    return TrainedSentiment(
        report=msgspec.structs.replace(
            report,
            model_id=run.id,
            version=run.version,
            bundle_digest=bundle_digest(members),
            seconds=run.clock.monotonic() - started,
        ),
        manifest=manifest,
        members=members,
        judged=found.judged,
    )


def _groups(rows: LabelledRows, table: RawTable, column: str | None) -> list[int]:
    """Return one number for all rows that belong together: the same text, or the same value of the column."""
    if column is not None:
        check_column(table, column)
        keys = [str(table.columns[column][at]) for at in rows.positions]
    else:
        keys = [" ".join(clean_text(text).casefold().split()) for text in rows.texts]
    numbers: dict[str, int] = {}
    return [numbers.setdefault(key, len(numbers)) for key in keys]


def _split(rows: LabelledRows, table: RawTable, groups: list[int], *, time_column: str | None, seed: int) -> _Parts:
    if time_column is not None:
        return _split_by_time(rows, table, time_column, seed=seed)
    mood_of: dict[int, str] = {}
    for number, label in zip(groups, rows.labels, strict=True):
        mood_of.setdefault(number, label)
    sizes = Counter(groups)
    random = np.random.default_rng(seed)
    held: set[int] = set()
    for mood in sorted(set(rows.labels)):
        members = np.array([number for number, found in mood_of.items() if found == mood])
        wanted, taken = HELD_OUT_SHARE * sum(sizes[number] for number in members.tolist()), 0
        for number in random.permutation(members).tolist():
            if taken >= wanted:
                break
            held.add(number)
            taken += sizes[number]
    unseen = np.array([number in held for number in groups])
    _check_both(rows, unseen)
    return _Parts(
        seen=np.flatnonzero(~unseen),
        unseen=np.flatnonzero(unseen),
        words=f"stratified: a random {100 * unseen.mean():.0f} % of the rows of each mood were held out (seed {seed})",
    )


def _split_by_time(rows: LabelledRows, table: RawTable, column: str, *, seed: int) -> _Parts:
    check_column(table, column)
    only = msgspec.structs.replace(table, columns={column: table.columns[column]})
    typed = infer_types(only).take(np.array(rows.positions, dtype=np.intp))
    if column not in typed.columns:
        raise TrainingDataError(
            f"The time column {column!r} {typed.dropped.get(column, 'cannot be used')}; name another.", column=column
        )
    negative = np.array([label == "negative" for label in rows.labels], dtype=np.int8)
    split = split_rows(negative, time=typed.columns[column], seed=seed, asked=True)
    unseen = np.zeros(len(rows.labels), dtype=bool)
    unseen[split.held_out] = True
    _check_both(rows, unseen)
    return _Parts(seen=split.training, unseen=split.held_out, words=split.description)


def _check_both(rows: LabelledRows, unseen: npt.NDArray[np.bool_]) -> None:
    labels = np.array(rows.labels)
    for part in (labels[unseen], labels[~unseen]):
        lacking = sorted(set(rows.labels) - set(part.tolist()))
        if lacking:
            raise TrainingDataError(
                f"Texts that are {lacking[0]} are too few and too alike to learn from some and measure on others; add more of them.",
                column=rows.target,
            )


def _measure(rows: LabelledRows, parts: _Parts, groups: list[int], run: TrainingRun, *, grouped: bool) -> _Found:
    """Fit on the training part and measure on the held-out part, beside the baselines."""
    texts, labels = _pick(rows.texts, parts.seen), _pick(rows.labels, parts.seen)
    own = run.trained_on is None
    lexicon = sentiment_lexicon(wide=not own)
    fitted: TextFit = fit_text(
        texts,
        labels,
        lexicon=lexicon,
        groups=[groups[at] for at in parts.seen.tolist()] if grouped else None,
        strength=OWN_TEXTS if own else OTHER_TEXTS,
        seed=run.seed,
        told=lambda stage, share: run.progress(stage, 0.1 + 0.7 * share),
    )
    run.progress("measuring on held-out texts", 0.85)
    classes = fitted.model.classes
    unseen = _pick(rows.texts, parts.unseen)
    target = np.array([classes.index(label) for label in _pick(rows.labels, parts.unseen)], dtype=np.intp)
    stated = np.array([list(fitted.model.predict_one(text).probabilities.values()) for text in unseen])
    return _Found(
        model=fitted.model,
        measured=measure_moods(target, stated, classes, seed=run.seed),
        baselines=baselines_of(texts, labels, unseen, target, classes, lexicon),
        top=stated.max(axis=1),
        right=(stated.argmax(axis=1) == target).astype(np.int8),
        judged=JudgedTexts(unseen, _pick(rows.labels, parts.unseen), stated[np.arange(len(target)), target]),
    )


def _manifest(
    rows: LabelledRows,
    parts: _Parts,
    found: _Found,
    table: RawTable,
    run: TrainingRun,
) -> Manifest:
    spec = FeatureSpec(
        name="text", type="text", label="Text", description="The message in any of its languages.", personal=True
    )
    return Manifest(
        feature=run.feature_name,
        model_type="nlp",
        kind="text",
        signature=Signature(features=(spec,)),
        bands={},
        metrics=dict(found.measured.values),
        origin=run.origin(
            dataFingerprint=table.fingerprint,
            rows=len(rows.labels),
            trainingRows=len(parts.seen),
            heldOutRows=len(parts.unseen),
            split=parts.words,
            target=rows.target,
            text=rows.text_column,
        ),
        intervals=dict(found.measured.intervals),
        baselines=found.baselines,
        extra={"classes": list(found.model.classes), "labels": {mood: rows.labels.count(mood) for mood in WORTH}},
    )


def _report(rows: LabelledRows, parts: _Parts, found: _Found, table: RawTable, manifest: Manifest) -> TrainingReport:
    used = {rows.target, rows.text_column}
    reason = "is no part of the text; a sentiment model reads the text only"
    return TrainingReport(
        model_id="",
        version="",
        feature=manifest.feature,
        metrics=dict(found.measured.values),
        baselines=found.baselines,
        excluded=tuple(
            Exclusion(column=name, kind="option", reason=reason) for name in table.columns if name not in used
        ),
        bundle_digest="",
        seconds=0.0,
        warnings=(*table.warnings, *rows.warnings, *_honest(rows, found)),
        intervals=dict(found.measured.intervals),
        chosen="words, letters and signs",
        rows=len(rows.labels),
        training_rows=len(parts.seen),
        held_out_rows=len(parts.unseen),
        positives=rows.labels.count("positive"),
        split=parts.words,
        target=rows.target,
        data_fingerprint=table.fingerprint,
        reliability=reliability_groups(found.top, found.right),
        importance=dict(list(found.model.typical_words.items())[:20]),
    )


def _honest(rows: LabelledRows, found: _Found) -> list[str]:
    """Say where the figures promise less than they seem to."""
    words = []
    own, prior = found.measured.values["log_loss"], found.baselines["majority"]["log_loss"]
    if own >= prior:
        words.append(f"the model knows no more than the shares of the moods: log loss {own:.4f} against {prior:.4f}")
    mood, fewest = min(Counter(rows.labels).items(), key=lambda one: one[1])
    if fewest < _FEW:
        words.append(f"only {fewest} texts are {mood}; how well that mood is found is hardly known")
    return words


def _pick(values: Sequence[str], places: Whole) -> list[str]:
    return [values[at] for at in places.tolist()]
