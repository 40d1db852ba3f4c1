"""Measures product recommendation on Online Retail: ``python benchmarks/quality/recommend.py [--json FILE]``.

Rows, filters and targets follow the README of the data set. All items that an account does not have are ranked. Settings are chosen on
a second cut of the same kind inside the training part; the test part is used once. Popularity is measured beside.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import re
import time
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np

from hotcrm_ai.training.recommend_fit import (
    Settings,
    build_recommender,
    choose_settings,
    cut_history,
    fit_chance,
    fit_weights,
    hit_rates,
    ndcg,
    rank,
)
from hotcrm_ai.training.recommend_table import Purchase, Purchases

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "recommendation" / "online_retail_2009_2010.csv.gz"
PRODUCT = re.compile(r"\d{5}")
AT = 10


def load() -> tuple[list[str], dict[str, list[Purchase]]]:
    """Return the items, and each customer's first purchases in order of time and file."""
    first: dict[tuple[str, str], tuple[float, int]] = {}
    with gzip.open(DATA, "rt", encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            code = row["stock_code"].upper()
            if (
                not row["customer_id"]
                or float(row["quantity"]) <= 0
                or float(row["price"]) <= 0
                or not PRODUCT.match(code)
            ):
                continue
            day = datetime.fromisoformat(row["invoice_date"]).timestamp() / 86_400
            key = (row["customer_id"], code)
            first[key] = min((day, number), first.get(key, (day, number)))
    buyers = Counter(code for _, code in first)
    common = {code for code, count in buyers.items() if count >= 5}
    owned = Counter(customer for customer, code in first if code in common)
    items = sorted(common)
    number_of = {code: number for number, code in enumerate(items)}
    history: dict[str, list[tuple[float, int, int]]] = defaultdict(list)
    for (customer, code), (day, number) in first.items():
        if code in common and owned[customer] >= 5:
            history[customer].append((day, number, number_of[code]))
    return items, {
        customer: [Purchase(day, item) for day, _, item in sorted(rows)] for customer, rows in sorted(history.items())
    }


def split(history, kind):
    """Return the training part and the targets of the protocol."""
    train, targets = {}, {}
    for customer, rows in history.items():
        if kind == "purchase":
            train[customer], targets[customer] = rows[:-1], [rows[-1].product]
            continue
        before = [row for row in rows if row.day < rows[-1].day]
        train[customer] = before
        if len(before) >= 2:
            targets[customer] = [row.product for row in rows if row.day == rows[-1].day]
    return {customer: rows for customer, rows in train.items() if rows}, targets


def measure(items, history, kind) -> dict[str, object]:
    """Choose settings, fit, and measure one protocol."""
    train, targets = split(history, kind)
    count, judged = len(items), sorted(targets)
    started = time.perf_counter()
    settings = choose_settings(train, count, kind=kind, dated=True, seed=0)
    chosen_in = time.perf_counter() - started
    started = time.perf_counter()
    weights = fit_weights(train, count, settings)
    fitted_in = time.perf_counter() - started
    ranked = rank(weights, train, judged, settings, count, limit=100)
    wanted = [targets[customer] for customer in judged]
    plain = Settings(ridge=settings.ridge, basket_weight=0.0, decay_days=None, floor=1.0)
    without = rank(fit_weights(train, count, plain), train, judged, plain, count, limit=AT)
    popular = np.zeros(count)
    for rows in train.values():
        popular[[row.product for row in rows]] += 1
    order = np.argsort(-popular, kind="stable")
    own = {customer: {row.product for row in train[customer]} for customer in judged}
    by_popularity = np.array([[item for item in order[:400] if item not in own[customer]][:AT] for customer in judged])
    latency = one_request(items, train, weights, settings, judged)
    return {
        "protocol": "last one" if kind == "purchase" else "last basket",
        "customers": len(judged),
        "settings": msgspec.to_builtins(settings),
        "ndcg@10": ndcg(ranked, wanted, at=AT),
        "recall@10": float(
            np.mean(
                [np.isin(row[:AT], want).sum() / min(AT, len(want)) for row, want in zip(ranked, wanted, strict=True)]
            )
        ),
        "hit rate@10": hit_rates(ranked, wanted)[AT - 1],
        "coverage@10": len(np.unique(ranked[:, :AT])) / count,
        "ndcg@10 without dates": ndcg(without, wanted, at=AT),
        "ndcg@10 popularity": ndcg(by_popularity, wanted, at=AT),
        "seconds to choose settings": chosen_in,
        "seconds to fit": fitted_in,
        "microseconds a request (median)": latency,
    }


def one_request(items, train, weights, settings, judged) -> float:
    """Return the median time of one recommendation, reasons included."""
    purchases = Purchases(
        products=tuple(items), accounts={name: tuple(rows) for name, rows in train.items()}, kin={}, dated=True, rows=0
    )
    known, targets = cut_history(train, "basket")
    chance = fit_chance(weights, known, targets, settings, len(items), seed=0)
    model = build_recommender(purchases, weights, settings, chance, rates=((0.0,) * 100, (0.0,) * 100))
    times = []
    for customer in judged[:500]:
        owned = [items[row.product] for row in train[customer]]
        days = [train[customer][-1].day - row.day for row in train[customer]]
        started = time.perf_counter()
        model.recommend(owned, days_ago=days)
        times.append(time.perf_counter() - started)
    return 1e6 * float(np.median(times))


def main() -> None:
    """Measure both protocols and print a table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=Path)
    given = arguments.parse_args()
    items, history = load()
    results = [measure(items, history, kind) for kind in ("purchase", "basket")]
    keys = [key for key in results[0] if key not in ("protocol", "settings")]
    print("| figure | " + " | ".join(str(result["protocol"]) for result in results) + " |\n| --- | ---: | ---: |")
    for key in keys:
        print(f"| {key} | " + " | ".join(f"{result[key]:,.4g}" for result in results) + " |")
    for result in results:
        print(result["protocol"], result["settings"])
    if given.json:
        given.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
