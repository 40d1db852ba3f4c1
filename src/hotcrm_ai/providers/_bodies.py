"""Writes records as the bodies that model servers take, split by bytes and count, and finds the answers in what they send back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec

from hotcrm_ai.domain.errors import ProviderBadAnswer, ProviderMisconfigured, ProviderRejected
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.providers._reply import parse_json, value_at

BodyForm = Literal["instances", "records", "split", "input_data", "data", "rows", "csv", "jsonlines"]
"""``instances`` and ``records`` carry objects, ``split`` and ``input_data`` are MLflow's tables, ``data`` and ``rows`` are bare values."""

_PLACES: Final = ("predictions", "outputs", "result", "results")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One request's content and the number of records in it."""

    content: bytes
    content_type: str
    count: int


@dataclass(frozen=True, slots=True)
class _Frame:
    """What stands before, between and after the records of one form."""

    before: bytes
    record: Callable[[Mapping[str, Any]], bytes]
    between: bytes
    after: Callable[[int], bytes]
    content_type: str = "application/json"


def bodies(
    rows: Sequence[Mapping[str, Any]],
    model: ModelConfig,
    *,
    form: BodyForm,
    columns: Sequence[str] | None = None,
    max_bytes: int,
    max_records: int,
) -> Iterator[Body]:
    """Give the records as bodies of at most ``max_bytes`` and ``max_records`` each, in order.

    ``columns`` is the order of values where a form has no names; without it, that of the model's signature counts.

    Raises:
        ProviderMisconfigured: the form needs an order of columns and there is none.
        ProviderRejected: a single record is larger than a request may be.
    """
    frame = _frame(form, model, columns)
    parts: list[bytes] = []
    size = 0
    for row in rows:
        part = frame.record(row)
        added = len(part) + len(frame.between)
        if parts and (len(parts) == max_records or size + added + _around(frame, len(parts) + 1) > max_bytes):
            yield _body(frame, parts)
            parts, size = [], 0
        if added + _around(frame, 1) > max_bytes:
            raise ProviderRejected(
                f"A record for model {model.id!r} has {len(part)} bytes, more than the {max_bytes} that a request may have; send "
                "less text, or raise max_bytes in provider_config.config where the service takes more.",
                model_id=model.id,
                provider=model.provider,
            )
        parts.append(part)
        size += added
    if parts:
        yield _body(frame, parts)


def answers_in(
    content: bytes, content_type: str, model: ModelConfig, *, count: int, place: str | None = None, twice: bool = False
) -> list[Any]:
    """Return the ``count`` answers of a reply: JSON (also JSON lines), or CSV.

    ``place`` is the path of the list of answers; without it ``predictions`` and its like are looked for, then the reply itself is taken.

    Raises:
        ProviderBadAnswer: there are more or fewer, or none can be found.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "text/csv":
        found: Any = _csv_answers(content, model, count)
    elif kind in ("application/jsonlines", "application/x-ndjson", "application/jsonl"):
        found = [parse_json(line, model) for line in content.splitlines() if line.strip()]
    else:
        found = _json_answers(parse_json(content, model, twice=twice), model, count, place)
    if not isinstance(found, list) or len(found) != count:
        number = len(found) if isinstance(found, list) else "no list of"
        raise _bad(model, f"it has {number} answers to {count} questions")
    return found


def _json_answers(value: Any, model: ModelConfig, count: int, place: str | None) -> Any:
    if place is not None:
        try:
            return value_at(value, place)
        except LookupError:
            raise _bad(model, f"there is nothing at {place!r}, where provider_config.config.answers points") from None
    if isinstance(value, dict):
        named = [name for name in _PLACES if isinstance(value.get(name), list)]
        if named:
            return value[named[0]]
    if count == 1 and not isinstance(value, list):
        return [value]
    return value


def _csv_answers(content: bytes, model: ModelConfig, count: int) -> list[Any]:
    try:
        lines = [line for line in csv.reader(io.StringIO(content.decode(), newline="")) if line]
    except (UnicodeDecodeError, csv.Error):
        raise _bad(model, "it is no CSV") from None
    if len(lines) == 1 and count > 1 and len(lines[0]) == count:
        return [_cell(cell) for cell in lines[0]]
    return [_cell(line[0]) if len(line) == 1 else [_cell(cell) for cell in line] for line in lines]


def _cell(text: str) -> Any:
    stripped = text.strip()
    try:
        return float(stripped)
    except ValueError:
        return stripped or None


def _frame(form: BodyForm, model: ModelConfig, columns: Sequence[str] | None) -> _Frame:
    if form in ("instances", "records", "jsonlines"):
        if form == "jsonlines":
            return _Frame(b"", _json, b"\n", lambda _: b"\n", "application/jsonlines")
        name = "instances" if form == "instances" else "dataframe_records"
        return _Frame(b'{"%s":[' % name.encode(), _json, b",", lambda _: b"]}")
    names = tuple(columns or ()) or _signed(model, form)

    def values(row: Mapping[str, Any]) -> bytes:
        return _json([row.get(name) for name in names])

    match form:
        case "csv":
            return _Frame(
                b"", lambda row: _csv_line([row.get(name) for name in names]), b"\n", lambda _: b"\n", "text/csv"
            )
        case "split":
            return _Frame(b'{"dataframe_split":{"columns":%s,"data":[' % _json(names), values, b",", lambda _: b"]}}")
        case "input_data":
            before = b'{"input_data":{"columns":%s,"data":[' % _json(names)
            return _Frame(before, values, b",", lambda count: b'],"index":%s}}' % _json(list(range(count))))
        case "data":
            return _Frame(b'{"data":[', values, b",", lambda _: b"]}")
        case _:
            return _Frame(b"[", values, b",", lambda _: b"]")


def _signed(model: ModelConfig, form: BodyForm) -> tuple[str, ...]:
    if model.signature is None:
        raise ProviderMisconfigured(
            f"Model {model.id!r} takes {form!r} bodies, which need an order of columns; give the model a signature, or list "
            "columns in provider_config.config.",
            model_id=model.id,
            provider=model.provider,
        )
    return tuple(spec.name for spec in model.signature.features)


def _csv_line(values: Sequence[Any]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="").writerow(["" if value is None else _csv_cell(value) for value in values])
    return line.getvalue().encode()


def _csv_cell(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return _json(value).decode() if isinstance(value, list | dict) else value


def _json(value: Any) -> bytes:
    return msgspec.json.encode(value)


def _around(frame: _Frame, count: int) -> int:
    return len(frame.before) + len(frame.after(count))


def _body(frame: _Frame, parts: Sequence[bytes]) -> Body:
    content = frame.before + frame.between.join(parts) + frame.after(len(parts))
    return Body(content=content, content_type=frame.content_type, count=len(parts))


def _bad(model: ModelConfig, reason: str) -> ProviderBadAnswer:
    return ProviderBadAnswer(
        f"The answer of model {model.id!r} (provider {model.provider!r}) cannot be used: {reason}. Nothing was predicted.",
        model_id=model.id,
        provider=model.provider,
    )
