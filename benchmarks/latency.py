"""Measures what a prediction and an explanation cost beside the raw model: ``python benchmarks/latency.py [--rounds 5] [--json FILE]``.

Everything runs in one process on one model (the packaged lead scoring) in alternating rounds, so that a ratio holds although the
machine's speed drifts. ``raw model`` is one call of the model's own single-row path with features already fitted; ``fresh`` is
``AI.predict`` with features never seen before, ``cached`` with features seen before; both include validation, the choice of the model,
the cache, monitoring and the prediction log. ``explain`` is ``AI.explain``. ``batch`` is ``AI.batch_predict`` over 1,000 records.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from hotcrm_ai import AI, Settings
from hotcrm_ai.assembly.preregistered import PACKAGED_MODELS, packaged_models
from hotcrm_ai.local_models.loader import LocalModelLoader
from hotcrm_ai.storage import FileBundleStore

MODEL = "lead-scoring-v1"
LEAD = {"company_size": 500.0, "industry": "Technology", "engagement_score": 85.0, "job_title": "CTO"}
CALLS, EXPLAINED, BATCH = 1_000, 100, 1_000

Round = Callable[[int], Awaitable[float]]


def _lead(number: int) -> dict[str, object]:
    return {**LEAD, "budget": 1_000.0 + number}


async def _timed(calls: int, call: Callable[[int], Awaitable[object]]) -> float:
    """Return microseconds of wall time for one call."""
    started = time.perf_counter()
    for number in range(calls):
        await call(number)
    return 1e6 * (time.perf_counter() - started) / calls


def _rounds(ai: AI) -> dict[str, Round]:
    digest = next(model.digest for model in packaged_models() if model.id == MODEL)
    raw = LocalModelLoader(FileBundleStore(PACKAGED_MODELS)).load(digest, model_id=MODEL).model

    async def raw_model(_: int) -> float:
        async def call(number: int) -> object:
            return raw.predict_one(_lead(number))

        return await _timed(CALLS, call)

    async def fresh(round_number: int) -> float:
        return await _timed(CALLS, lambda number: ai.predict(MODEL, _lead(1_000_000 * (round_number + 1) + number)))

    async def cached(_: int) -> float:
        await ai.predict(MODEL, _lead(0))
        return await _timed(CALLS, lambda _number: ai.predict(MODEL, _lead(0)))

    async def explain(_: int) -> float:
        return await _timed(EXPLAINED, lambda number: ai.explain(MODEL, _lead(number)))

    async def batch(round_number: int) -> float:
        leads = [_lead(50_000_000 * (round_number + 1) + number) for number in range(BATCH)]
        return await _timed(1, lambda _number: ai.batch_predict(MODEL, leads)) / BATCH

    return {"raw model": raw_model, "fresh": fresh, "cached": cached, "batch, per record": batch, "explain": explain}


async def measure(rounds: int) -> dict[str, list[float]]:
    """Return microseconds per call of each kind, one figure a round."""
    with tempfile.TemporaryDirectory() as folder:
        async with AI.open(Settings(home=Path(folder), timeout_seconds=60)) as ai:
            kinds = _rounds(ai)
            figures: dict[str, list[float]] = {name: [] for name in kinds}
            for round_number in range(-1, rounds):
                for name, kind in kinds.items():
                    microseconds = await kind(round_number + 1)
                    if round_number >= 0:
                        figures[name].append(microseconds)
    return figures


def report(figures: dict[str, list[float]]) -> str:
    """Return the figures as a Markdown table, with the ratio to the raw model round by round."""
    lines = ["| call | median us | min - max | times the raw model (median) |", "| --- | ---: | ---: | ---: |"]
    for name, values in figures.items():
        ratios = [value / raw for value, raw in zip(values, figures["raw model"], strict=True)]
        lines.append(
            f"| {name} | {statistics.median(values):,.1f} | {min(values):,.1f} - {max(values):,.1f} | {statistics.median(ratios):.1f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--json", type=Path)
    given = arguments.parse_args()
    figures = asyncio.run(measure(given.rounds))
    print(f"Python {platform.python_version()}, {given.rounds} rounds\n\n{report(figures)}")
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
