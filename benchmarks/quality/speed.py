"""Times training and one prediction of each AI feature beside what a user would pick instead, in one run.

    python benchmarks/quality/speed.py [--data DIR] [--rounds 3] [--only NAME] [--json FILE]

Ours is ``AI.train`` with all that it does (types, leaks, cross-validated choice, calibration, held-out figures, report, publishing) and
``AI.predict`` with validation, monitor and prediction log, asked each time with features never seen before. Beside it stands the bare
fit and the bare call of the library, on the same rows, in alternating rounds. ``pip install catboost statsforecast`` brings the peers
that the product itself does not need; a peer that is missing is an error. Only training parts are read: nothing here measures quality.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from forecast import load as load_series
from recommend import load as load_purchases
from reference_tables import ReferenceTable, load_tables
from scipy.sparse import hstack
from sentiment import TWEETS
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from hotcrm_ai import AI, Settings

CALLS = 200
HORIZON = 12

Train = Callable[[AI], Awaitable[Any]]
Ask = Callable[[AI, int], Awaitable[Any]]
"""Ask with something new; the number makes it so."""


@dataclass(frozen=True)
class Contest:
    """One AI feature beside its peer: both train on the same rows, then answer one record at a time."""

    name: str
    peer: str
    train: Train | None
    ask: Ask
    peer_train: Callable[[], Any] | None
    peer_ask: Callable[[Any, int], Any]


def table_contest(feature: str, table: ReferenceTable, name: str) -> Contest:
    """Return a table of records beside CatBoost with its defaults."""
    from catboost import CatBoostClassifier

    frame = table.frame.iloc[table.train].reset_index(drop=True)
    records = frame.astype(object).where(frame.notna(), None).to_dict("records")
    words = [spec.name for spec in table.features if spec.type != "number"]
    plain = frame.copy()
    plain[words] = plain[words].astype(str)
    rows = plain.to_numpy(dtype=object).tolist()
    numeric = next(spec.name for spec in table.features if spec.type == "number")

    async def train(ai: AI) -> Any:
        return await ai.train(
            feature, frame.assign(outcome=table.target[table.train]), target="outcome", model_id=name, promote=True
        )

    async def ask(ai: AI, number: int) -> Any:
        return await ai.predict(name, {**records[number % len(records)], numeric: float(number)})

    def fit() -> Any:
        model = CatBoostClassifier(verbose=False, random_seed=0, allow_writing_files=False, thread_count=2)
        return model.fit(plain, table.target[table.train], cat_features=words)

    return Contest(
        name, "CatBoost", train, ask, fit, lambda model, number: model.predict_proba(rows[number % len(rows)])
    )


def sentiment_contest(path: Path) -> Contest:
    """Return the airline tweets beside TF-IDF of words and letters with a logistic regression."""
    table = pd.read_csv(path)[["text", "airline_sentiment"]]
    seen, _ = train_test_split(table, test_size=0.25, random_state=0, stratify=table.airline_sentiment)
    texts = seen.text.tolist()

    async def train(ai: AI) -> Any:
        return await ai.train("sentiment-analysis", seen, target="airline_sentiment", model_id="tweets", promote=True)

    async def ask(ai: AI, number: int) -> Any:
        return await ai.predict("tweets", {"text": f"{texts[number % len(texts)]} {number}"})

    def fit() -> Any:
        kinds = (
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=2),
        )
        columns = hstack([kind.fit_transform(texts) for kind in kinds]).tocsr()
        return kinds, LogisticRegression(C=4, max_iter=2_000).fit(columns, seen.airline_sentiment)

    def call(model: Any, number: int) -> Any:
        kinds, regression = model
        return regression.predict_proba(
            hstack([kind.transform([texts[number % len(texts)]]) for kind in kinds]).tocsr()
        )

    return Contest("tweets", "TF-IDF, logistic regression", train, ask, fit, call)


def forecast_contest(path: Path) -> Contest:
    """Return one retail series after another, with nothing to train, beside the median of three methods of statsforecast."""
    from statsforecast.models import AutoCES, AutoETS, DynamicOptimizedTheta

    series = [train for train, _ in load_series(path)]

    async def ask(ai: AI, number: int) -> Any:
        values = series[number % len(series)] + 1e-6 * number
        return await ai.predict("revenue-forecast-v1", {"historical_revenue": values.tolist(), "horizon": HORIZON})

    def call(_: Any, number: int) -> Any:
        kinds = (DynamicOptimizedTheta(season_length=12), AutoETS(season_length=12), AutoCES(season_length=12))
        return np.median([kind.forecast(y=series[number % len(series)], h=HORIZON)["mean"] for kind in kinds], axis=0)

    return Contest("revenue-forecast-v1", "median of three of statsforecast", None, ask, None, call)


def recommendation_contest() -> Contest:
    """Return Online Retail beside EASE^R (Steck, 2019), one inverse of the products' Gram matrix."""
    items, history = load_purchases()
    rows = [
        {"account": account, "product": items[one.product], "date": pd.Timestamp(one.day, unit="D").isoformat()}
        for account, own in history.items()
        for one in own[:-1]
    ]
    owned = [[one.product for one in own[:-1]] for own in history.values()]
    known = [{"current_products": [items[item] for item in own]} for own in owned]

    async def train(ai: AI) -> Any:
        return await ai.train("product-recommendation", rows, time_column="date", model_id="retail", promote=True)

    async def ask(ai: AI, number: int) -> Any:
        return await ai.predict("retail", {**known[number % len(known)], "limit": 10 + number // len(known)})

    def fit() -> Any:
        has = np.zeros((len(owned), len(items)), dtype=np.float32)
        for number, own in enumerate(owned):
            has[number, own] = 1.0
        gram = has.T @ has
        gram[np.diag_indices(len(items))] += 300.0
        inverse = np.linalg.inv(gram)
        weights = inverse / -np.diag(inverse)
        np.fill_diagonal(weights, 0.0)
        return weights

    def call(weights: Any, number: int) -> Any:
        own = owned[number % len(owned)]
        scores = weights[own].sum(axis=0)
        scores[own] = -np.inf
        return np.argpartition(-scores, 10)[:10]

    return Contest("retail", "EASE^R", train, ask, fit, call)


def contests(data: Path, only: str | None) -> list[Contest]:
    """Return the contests in the order of the features, or the one that is asked for."""
    tables = {table.name: table for table in load_tables(data)}
    makers: dict[str, Callable[[], Contest]] = {
        "lead-scoring": lambda: table_contest("lead-scoring", tables["x_education/no_leakage"], "x-education"),
        "churn-prediction": lambda: table_contest("churn-prediction", tables["telco_churn"], "telco"),
        "sentiment-analysis": lambda: sentiment_contest(data / TWEETS),
        "revenue-forecast": lambda: forecast_contest(data / "forecasting" / "aus_retail_monthly.csv.gz"),
        "product-recommendation": recommendation_contest,
    }
    return [make() for name, make in makers.items() if only in (None, name)]


async def measure(contest: Contest, rounds: int) -> dict[str, list[float]]:
    """Return seconds of each round: training and one prediction (the median of many), ours and the peer's."""
    found: dict[str, list[float]] = {"train": [], "peer train": [], "predict": [], "peer predict": []}
    with tempfile.TemporaryDirectory() as folder:
        async with AI.open(Settings(home=Path(folder), timeout_seconds=60)) as ai:
            for number in range(rounds):
                model = None
                if contest.train is not None and contest.peer_train is not None:
                    found["train"].append(await _seconds(contest.train(ai)))
                    started = time.perf_counter()
                    model = contest.peer_train()
                    found["peer train"].append(time.perf_counter() - started)
                first = number * CALLS
                ours = [await _seconds(contest.ask(ai, call)) for call in range(first, first + CALLS)]
                found["predict"].append(statistics.median(ours))
                theirs = []
                for call in range(first, first + CALLS):
                    started = time.perf_counter()
                    contest.peer_ask(model, call)
                    theirs.append(time.perf_counter() - started)
                found["peer predict"].append(statistics.median(theirs))
    return found


async def _seconds(call: Awaitable[Any]) -> float:
    started = time.perf_counter()
    await call
    return time.perf_counter() - started


def report(found: dict[str, dict[str, list[float]]]) -> str:
    """Return the figures as a Markdown table; a ratio is the median of the ratios of the rounds."""
    lines = ["| set, beside | what | ours | peer | ours / peer |", "| --- | --- | ---: | ---: | ---: |"]
    for name, figures in found.items():
        for what, unit, scale in (("train", "s", 1.0), ("predict", "ms", 1_000.0)):
            ours, theirs = figures[what], figures[f"peer {what}"]
            if ours:
                ratio = statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
                shown = [f"{scale * statistics.median(values):.3g} {unit}" for values in (ours, theirs)]
                lines.append(f"| {name} | {what} | {shown[0]} | {shown[1]} | {ratio:.2f} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[3] / "shared" / "data")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--only")
    arguments.add_argument("--json", type=Path)
    given = arguments.parse_args()
    found = {}
    for contest in contests(given.data, given.only):
        found[f"{contest.name}, {contest.peer}"] = asyncio.run(measure(contest, given.rounds))
        print(report(found), flush=True)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
