"""The recipe of a recommender: read purchases, choose settings on the past, measure on last baskets, fit on all, pack."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any, Final, Unpack

import msgspec
import numpy as np

from hotcrm_ai.domain.errors import TrainingDataError
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.domain.training import TrainingReport
from hotcrm_ai.local_models.manifest import Manifest, bundle_digest, pack_bundle
from hotcrm_ai.local_models.recommender import MAX_LIMIT, Recommender
from hotcrm_ai.local_models.recommender_file import write_recommender
from hotcrm_ai.training.judged import JudgedAccounts
from hotcrm_ai.training.recommend_fit import build_recommender, choose_settings, fit_chance, fit_ranker
from hotcrm_ai.training.recommend_rank import (
    Settings,
    cut_history,
    hit_rates,
    ndcg,
    ndcg_gains,
    rank,
    sample_accounts,
)
from hotcrm_ai.training.recommend_table import Purchase, Purchases, read_purchases
from hotcrm_ai.training.run import Progress, RunOptions, TrainingRun

_AT: Final = 10
_FEWEST_PRODUCTS: Final = 3
_FEWEST_JUDGED: Final = 10
_MOST_JUDGED: Final = 10_000
_SPLIT: Final = "the last basket of each account with two earlier products"


class TrainedRecommender(msgspec.Struct, frozen=True, kw_only=True):
    """A recommender that is ready to be published: the report for people, the manifest, and all members of the bundle by name."""

    report: TrainingReport
    manifest: Manifest
    members: dict[str, bytes]
    judged: JudgedAccounts | None = None


class _Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What the last baskets say: the quality of lists, that of simpler ones, and what sums of weights are worth."""

    metrics: dict[str, float]
    baselines: dict[str, dict[str, float]]
    rates: tuple[tuple[float, ...], tuple[float, ...]]
    chance: tuple[float, float]
    judged: JudgedAccounts


class _Learned(msgspec.Struct, frozen=True, kw_only=True):
    """The final model, its settings, and what was measured of its twin that knew less."""

    model: Recommender
    settings: Settings
    measured: _Measured


def train_recommender(
    source: Any,
    *,
    feature_name: str = "product-recommendation",
    target: str | None = None,
    time_column: str | None = None,
    account: str = "account",
    product_name: str | None = None,
    quantity: str | None = None,
    industry: str | None = None,
    company_size: str | None = None,
    **asked: Unpack[RunOptions],
) -> TrainedRecommender:
    """Train, measure and pack a recommender of purchase rows ``account, product, date?, quantity?``; nothing is registered or written.

    ``target`` names the column of products (``product``), ``product_name`` that of what people call them, ``time_column`` that of
    dates (``date``). ``industry`` and ``company_size``
    name columns that describe the account of a row; new accounts are answered from them. Settings are chosen on a cut of the past, the
    figures measured on each account's last basket; the model that is packed has learned from all rows. ``asked`` are the
    options of ``TrainingRun``; ``exclude``, ``keep`` and ``band_names`` change nothing here.

    Raises:
        TrainingDataError: the table cannot be used, or holds too few products or accounts with a past.
    """
    run = TrainingRun(feature_name=feature_name, **asked)
    started = run.clock.monotonic()
    table = run.read(source)
    purchases = read_purchases(
        table,
        account=account,
        product=target or "product",
        product_name=product_name,
        date=time_column,
        quantity=quantity,
        industry=industry,
        company_size=company_size,
        allow_bad_rows=run.allow_bad_rows,
    )
    learned = _learn(purchases, seed=run.seed, told=run.progress)
    origin = run.origin(dataFingerprint=table.fingerprint)
    manifest, members = _pack(learned, purchases, feature_name=feature_name, origin=origin)
    run.progress("packed", 1.0)
    report = TrainingReport(
        model_id=run.id,
        version=run.version,
        feature=feature_name,
        metrics=learned.measured.metrics,
        baselines=learned.measured.baselines,
        excluded=(),
        bundle_digest=bundle_digest(members),
        seconds=run.clock.monotonic() - started,
        warnings=(*table.warnings, *purchases.warnings, *_honest_words(purchases, learned.measured)),
        chosen=_words_of(learned.settings),
        rows=purchases.rows,
        training_rows=purchases.rows,
        held_out_rows=len(learned.measured.judged.gains),
        split=_SPLIT,
        target=target or "product",
        data_fingerprint=table.fingerprint,
    )
    return TrainedRecommender(report=report, manifest=manifest, members=members, judged=learned.measured.judged)


def _learn(purchases: Purchases, *, seed: int, told: Progress) -> _Learned:
    """Choose settings on a cut of the past, measure on last baskets, and fit the final model on everything."""
    count = len(purchases.products)
    known, targets = cut_history(purchases.accounts, "basket")
    _check_enough(purchases, targets)
    told("choosing settings on the past", 0.1)
    settings = choose_settings(known, count, kind="basket", dated=purchases.dated, seed=seed)
    told("measuring on last baskets", 0.6)
    measured = _measure(purchases, known, targets, settings, seed=seed)
    told("fitting the final model", 0.8)
    ranker = fit_ranker(purchases.accounts, count, settings)
    model = build_recommender(purchases, ranker, measured.chance, rates=measured.rates)
    return _Learned(model=model, settings=settings, measured=measured)


def _check_enough(purchases: Purchases, targets: dict[str, list[int]]) -> None:
    if len(purchases.products) < _FEWEST_PRODUCTS:
        raise TrainingDataError(
            f"The purchases are of {len(purchases.products)} products; at least {_FEWEST_PRODUCTS} are needed to recommend any."
        )
    if len(targets) < _FEWEST_JUDGED:
        raise TrainingDataError(
            f"{len(targets)} accounts have two products and a later basket; at least {_FEWEST_JUDGED} are needed to learn "
            "what follows what."
        )


def _measure(
    purchases: Purchases, known: Any, targets: dict[str, list[int]], settings: Settings, *, seed: int
) -> _Measured:
    """Fit on what was known before each last basket, and see how its products are ranked."""
    count = len(purchases.products)
    judged = sample_accounts(targets, most=_MOST_JUDGED, seed=seed)
    wanted = [targets[account] for account in judged]
    ranker = fit_ranker(known, count, settings)
    lists = rank(ranker, known, judged, limit=MAX_LIMIT)
    ranked, chance = lists.numbers, fit_chance(lists, wanted)
    past = msgspec.structs.replace(purchases, accounts={name: tuple(rows) for name, rows in known.items()})
    model = build_recommender(past, ranker, chance, rates=((0.0,) * MAX_LIMIT,) * 2)
    by_kin = _ranked_by_kin(model, purchases, known, judged)
    popular = _ranked_by_kin(model, msgspec.structs.replace(purchases, kin={}), known, judged)
    newcomers = _ranked_by_kin(model, purchases, {}, judged)
    first = [[purchases.accounts[account][0].product] for account in judged]
    return _Measured(
        metrics=_figures(ranked, wanted, count),
        baselines={"popularity": _figures(popular, wanted, count), "accounts_alike": _figures(by_kin, wanted, count)},
        rates=(hit_rates(ranked, wanted), hit_rates(newcomers, first)),
        chance=chance,
        judged=JudgedAccounts(
            requests=[_request(purchases, account, known[account]) for account in judged],
            baskets=[frozenset(purchases.products[number] for number in row) for row in wanted],
            gains=np.array(ndcg_gains(ranked, wanted, at=_AT)),
        ),
    )


def _request(purchases: Purchases, account: str, before: Sequence[Purchase]) -> dict[str, Any]:
    """Return what is asked of a recommender for an account as it was before its last basket."""
    industry, size = purchases.kin.get(account, (None, None))
    return {
        "owned": [purchases.products[one.product] for one in before],
        "days_ago": [before[-1].day - one.day for one in before] if purchases.dated else None,
        "industry": industry,
        "company_size": size,
    }


def _ranked_by_kin(model: Recommender, purchases: Purchases, known: Any, judged: Sequence[str]) -> Any:
    """Rank what accounts of the same industry and size have most, without what the account has; all of it where nothing is known."""
    lists = {key: numbers.tolist() for key, (numbers, _) in model.segments.items()}
    rows = []
    for account in judged:
        taken = {one.product for one in known.get(account, ())}
        of_kin = lists[model.kin_of(*purchases.kin.get(account, (None, None)))[0]]
        rows.append(_padded(itertools.islice((number for number in of_kin if number not in taken), MAX_LIMIT)))
    return np.array(rows)


def _padded(numbers: Iterable[int]) -> list[int]:
    given = list(numbers)
    return [*given, *[-1] * (MAX_LIMIT - len(given))]


def _figures(ranked: Any, wanted: Sequence[Sequence[int]], count: int) -> dict[str, float]:
    top = ranked[:, :_AT]
    gain = ndcg(ranked, wanted, at=_AT)
    recall = [len(set(row.tolist()) & set(want)) / min(_AT, len(want)) for row, want in zip(top, wanted, strict=True)]
    return {
        "ndcg_at_10": gain,
        "ndcg_shortfall_at_10": 1.0 - gain,
        "recall_at_10": float(np.mean(recall)),
        "hit_rate_at_10": hit_rates(ranked, wanted)[_AT - 1],
        "coverage_at_10": len(np.unique(top[top >= 0])) / count,
    }


def _pack(
    learned: _Learned, purchases: Purchases, *, feature_name: str, origin: dict[str, Any]
) -> tuple[Manifest, dict[str, bytes]]:
    counts = {
        "rows": purchases.rows,
        "accounts": len(purchases.accounts),
        "heldOutRows": len(learned.measured.judged.gains),
        "split": _SPLIT,
    }
    manifest = Manifest(
        kind="recommender",
        feature=feature_name,
        model_type="recommendation",
        signature=_signature(purchases, learned.settings),
        bands={},
        metrics=learned.measured.metrics,
        origin={**origin, **counts},
        baselines=learned.measured.baselines,
        extra={"settings": msgspec.to_builtins(learned.settings)},
    )
    return manifest, pack_bundle(manifest, write_recommender(learned.model))


def _signature(purchases: Purchases, settings: Settings) -> Signature:
    """Return what the model takes; what it learned nothing from is an option, whose absence changes nothing."""
    trades = sorted({trade for trade, _ in purchases.kin.values() if trade})
    sizes = [size for _, size in purchases.kin.values() if size is not None]
    specs = (
        FeatureSpec(name="current_products", type="category_list", description="Ids of the products that the account has."),
        FeatureSpec(
            name="purchase_dates", type="category_list", option=settings.decay_days is None,
            description="When each product was bought, in that order; recent ones count more.",
        ),
        FeatureSpec(
            name="industry", type="category", categories=tuple(trades), option=not trades,
            description="Answers accounts without products.",
        ),
        FeatureSpec(
            name="company_size", type="number", unit="employees", minimum=min(sizes, default=None),
            maximum=max(sizes, default=None), option=not sizes, description="Answers accounts without products.",
        ),
        FeatureSpec(name="product", type="text", option=True, description="Answer for this product alone, whatever its place."),
        FeatureSpec(name="usage_patterns", type="text", option=True, description="Accepted for compatibility; changes nothing."),
        FeatureSpec(
            name="limit", type="number", minimum=1, maximum=MAX_LIMIT, option=True,
            description="Length of the list, 10 by default.",
        ),
    )  # fmt: skip
    return Signature(features=specs)


def _honest_words(purchases: Purchases, measured: _Measured) -> tuple[str, ...]:
    words = []
    if not purchases.dated:
        words.append("the rows have no dates: their order was taken for that of time, and all purchases count alike")
    if measured.metrics["ndcg_at_10"] <= measured.baselines["popularity"]["ndcg_at_10"]:
        words.append(
            "what accounts have says nearly nothing of what they buy next: popularity ranks last baskets as well"
        )
    return tuple(words)


def _words_of(settings: Settings) -> str:
    fading = "no fading" if settings.decay_days is None else f"purchases fade over {settings.decay_days:g} days"
    return f"ridge {settings.ridge:g}, baskets {settings.basket_weight:g}, popularity {settings.popularity:g}, {fading}"
