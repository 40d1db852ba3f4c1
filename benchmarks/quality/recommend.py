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

from hotcrm_ai.local_models.recommender import Recommender
from hotcrm_ai.sample_crm import generate_sample_crm
from hotcrm_ai.training.reading import read_table
from hotcrm_ai.training.recommend_fit import (
    build_recommender,
    choose_settings,
    fit_chance,
    fit_ranker,
    fit_segments,
)
from hotcrm_ai.training.recommend_rank import cut_history, hit_rates, ndcg, rank
from hotcrm_ai.training.recommend_table import Purchase, Purchases, read_purchases

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
    ranker = fit_ranker(train, count, settings)
    fitted_in = time.perf_counter() - started
    ranked = rank(ranker, train, judged, limit=100).numbers
    wanted = [targets[customer] for customer in judged]
    plain = msgspec.structs.replace(settings, basket_weight=0.0, decay_days=None, floor=1.0)
    without = rank(fit_ranker(train, count, plain), train, judged, limit=AT).numbers
    popular = np.zeros(count)
    for rows in train.values():
        popular[[row.product for row in rows]] += 1
    order = np.argsort(-popular, kind="stable")
    own = {customer: {row.product for row in train[customer]} for customer in judged}
    by_popularity = np.array([[item for item in order[:400] if item not in own[customer]][:AT] for customer in judged])
    latency = one_request(items, train, ranker, judged)
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


def one_request(items, train, ranker, judged) -> float:
    """Return the median time of one recommendation, reasons included."""
    purchases = Purchases(
        products=tuple(items), accounts={name: tuple(rows) for name, rows in train.items()}, kin={}, dated=True, rows=0
    )
    known, targets = cut_history(train, "basket")
    asked = sorted(targets)
    chance = fit_chance(rank(ranker, known, asked, limit=100), [targets[customer] for customer in asked])
    model = build_recommender(purchases, ranker, chance, rates=((0.0,) * 100, (0.0,) * 100))
    times = []
    for customer in judged[:500]:
        owned = [items[row.product] for row in train[customer]]
        days = [train[customer][-1].day - row.day for row in train[customer]]
        started = time.perf_counter()
        model.recommend(owned, days_ago=days)
        times.append(time.perf_counter() - started)
    return 1e6 * float(np.median(times))


def measure_new_accounts() -> dict[str, float]:
    """Return the NDCG@10 of what accounts buy first (their first basket), for accounts that the model never saw, on the sample CRM.

    In five parts: each fifth of the accounts is answered from industry and size by what the other four fifths have, and by what is
    bought most among these.
    """
    crm = generate_sample_crm()
    accounts = {account["id"]: account for account in crm.tables["accounts"]}
    rows = [
        {
            "account": purchase["account_id"],
            "product": purchase["product_id"],
            "date": purchase["purchase_date"],
            "industry": accounts[purchase["account_id"]]["industry"],
            "company_size": accounts[purchase["account_id"]]["company_size"],
        }
        for purchase in crm.tables["purchases"]
    ]
    purchases = read_purchases(read_table(rows), date="date")
    names = np.random.default_rng(0).permutation(sorted(purchases.accounts)).tolist()
    gains: dict[str, list[float]] = {"kin": [], "popularity": []}
    for part in range(5):
        unseen = names[part::5]
        seen = {name: own for name, own in purchases.accounts.items() if name not in set(unseen)}
        segments = fit_segments(purchases, seen)
        model = Recommender(
            products=purchases.products,
            starts=np.zeros(len(purchases.products) + 1, dtype=np.int64),
            neighbours=np.empty(0, dtype=np.int32),
            weights=np.empty(0, dtype=np.float32),
            decay_days=None,
            floor=1.0,
            slope=1.0,
            shift=0.0,
            segments=segments,
            hit_rates=(0.0,) * 100,
            new_hit_rates=(0.0,) * 100,
        )
        for name in unseen:
            own = purchases.accounts[name]
            wanted = [[one.product for one in own if one.day == own[0].day]]
            industry, size = purchases.kin[name]
            for kind, known in (("kin", (industry, size)), ("popularity", (None, None))):
                ranked = model.recommend([], industry=known[0], company_size=known[1], limit=AT)
                numbers = np.array([[model.number_of[one.product] for one in ranked]])
                gains[kind].append(ndcg(numbers, wanted, at=AT))
    better = np.array(gains["kin"]) - np.array(gains["popularity"])
    return {
        "accounts": len(better),
        "kin": float(np.mean(gains["kin"])),
        "popularity": float(np.mean(gains["popularity"])),
        "difference": float(better.mean()),
        "standard_error": float(better.std(ddof=1) / np.sqrt(len(better))),
    }


def main() -> None:
    """Measure both protocols and print a table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=Path)
    arguments.add_argument("--new-only", action="store_true")
    given = arguments.parse_args()
    new = measure_new_accounts()
    print("new accounts of the sample CRM, NDCG@10: " + ", ".join(f"{name} {value:.4g}" for name, value in new.items()))
    if given.new_only:
        return
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
