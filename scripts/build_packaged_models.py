"""Rebuilds the models that come with the package from the sample CRM, bit for bit: ``python scripts/build_packaged_models.py``.

With ``--check`` nothing is written, and the exit status says whether the committed bundles are what this machine builds.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from hotcrm_ai.ai_features import discover_ai_features
from hotcrm_ai.assembly.preregistered import INDEX_NAME, PACKAGED_MODELS, PackagedModel
from hotcrm_ai.local_models.manifest import bundle_digest
from hotcrm_ai.sample_crm import SampleCRM, generate_sample_crm
from hotcrm_ai.sentiment_corpus import generate_corpus
from hotcrm_ai.training.forecast import TrainedForecast, train_forecast
from hotcrm_ai.training.recipe import Trained, train_classifier
from hotcrm_ai.training.recommend import TrainedRecommender, train_recommender
from hotcrm_ai.training.sentiment import TrainedSentiment, train_sentiment

AnyTrained = Trained | TrainedForecast | TrainedRecommender | TrainedSentiment


@dataclass(frozen=True)
class Source:
    """One packaged model: its words, and how it is trained on the sample CRM."""

    id: str
    name: str
    description: str
    train: Callable[[SampleCRM], AnyTrained]


def train_from_table(
    crm: SampleCRM, *, table: str, feature: str, columns: Mapping[str, str], target: str, time_column: str
) -> Trained:
    """Train on the closed records of one table, from the features of the public surface; ``columns`` says where each is found."""
    rows = [
        {name: record[column] for name, column in columns.items()}
        | {time_column: record[time_column], target: record[target]}
        for record in crm.tables[table]
        if record[target] is not None
    ]
    return train_classifier(
        rows,
        feature_name=feature,
        target=target,
        time_column=time_column,
        exclude=(time_column,),
        keep=tuple(columns),
        band_names=tuple(discover_ai_features()[feature].default_bands),
        trained_on="sample",
        model_id=f"{feature}-v1",
    )


def train_lead_scoring(crm: SampleCRM) -> Trained:
    """Train lead scoring on the closed leads."""
    same = {name: name for name in ("company_size", "industry", "engagement_score", "job_title")}
    return train_from_table(
        crm,
        table="leads",
        feature="lead-scoring",
        columns={**same, "budget": "estimated_budget"},
        target="converted",
        time_column="created_date",
    )


def train_churn_prediction(crm: SampleCRM) -> Trained:
    """Train churn prediction on the accounts whose 90 days after the review are over."""
    names = ("account_age", "support_tickets", "usage_frequency", "nps_score", "payment_delays")
    return train_from_table(
        crm,
        table="accounts",
        feature="churn-prediction",
        columns={name: name for name in names},
        target="churned",
        time_column="review_date",
    )


def train_sentiment_analysis(_crm: SampleCRM) -> TrainedSentiment:
    """Train sentiment analysis on the corpus of our own writing; sentences are held out with all their variants."""
    rows = [{"text": one.text, "label": one.label, "sentence": one.group} for one in generate_corpus()]
    return train_sentiment(rows, group="sentence", trained_on="sample", model_id="sentiment-analysis-v1")


def train_revenue_forecast(crm: SampleCRM) -> TrainedForecast:
    """Train the revenue forecast on the monthly revenue; no history is kept, callers give their own."""
    return train_forecast(
        crm.tables["monthly_revenue"], keep_histories=False, trained_on="sample", model_id="revenue-forecast-v1"
    )


def train_product_recommendation(crm: SampleCRM) -> TrainedRecommender:
    """Train product recommendation on all purchases, with industry and size of each account."""
    accounts = {account["id"]: account for account in crm.tables["accounts"]}
    names = {product["id"]: product["name"] for product in crm.tables["products"]}
    rows = [
        {
            "account": purchase["account_id"],
            "product": purchase["product_id"],
            "product_name": names[purchase["product_id"]],
            "date": purchase["purchase_date"],
            "quantity": purchase["quantity"],
            "industry": accounts[purchase["account_id"]]["industry"],
            "company_size": accounts[purchase["account_id"]]["company_size"],
        }
        for purchase in crm.tables["purchases"]
    ]
    return train_recommender(rows, trained_on="sample", model_id="product-recommendation-v1")


SOURCES = (
    Source(
        "lead-scoring-v1",
        "Lead Scoring",
        "Which lead to call first; trained on the sample CRM that comes with the package, so train your own soon.",
        train_lead_scoring,
    ),
    Source(
        "churn-prediction-v1",
        "Churn Prediction",
        "Which customer is about to leave; trained on the sample CRM that comes with the package, so train your own soon.",
        train_churn_prediction,
    ),
    Source(
        "sentiment-analysis-v1",
        "Sentiment Analysis",
        "How a message sounds, in English, German, French or Spanish; trained on messages written for this purpose, and measured on "
        "sentences of them that it did not see, so expect less on yours and train on your own where you have labels.",
        train_sentiment_analysis,
    ),
    Source(
        "revenue-forecast-v1",
        "Revenue Forecast",
        "What the next months bring, from the history that the request gives; its intervals were tried on the sample CRM's revenue.",
        train_revenue_forecast,
    ),
    Source(
        "product-recommendation-v1",
        "Product Recommendation",
        "What to offer an account next; trained on the sixteen products of the sample CRM, so train on your own purchases first.",
        train_product_recommendation,
    ),
)


def main() -> int:
    """Build all packaged models and write or check them."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true")
    check = arguments.parse_args().check
    index = PACKAGED_MODELS / INDEX_NAME
    present = msgspec.json.decode(index.read_bytes(), type=list[PackagedModel]) if index.exists() else []
    known = {model.id: model for model in present}
    crm = generate_sample_crm()
    entries, unchanged = [], True
    for source in SOURCES:
        trained = source.train(crm)
        entry = _entry(source, trained, known.get(source.id))
        same = entry == known.get(source.id)
        unchanged = unchanged and same
        print(f"{source.id}: {entry.digest} ({'unchanged' if same else 'changed'}), {trained.report.metrics}")
        for warning in trained.report.warnings:
            print(f"  {warning}")
        entries.append(entry)
        if not check and not same:
            _write(trained, entry.digest)
    if not check and not unchanged:
        _finish(entries)
    return 1 if check and not unchanged else 0


def _entry(source: Source, trained: AnyTrained, known: PackagedModel | None) -> PackagedModel:
    """Return the index entry; the day of measuring stays that of the bundle's first build."""
    digest = bundle_digest(trained.members)
    same = known is not None and known.digest == digest
    return PackagedModel(
        id=source.id,
        name=source.name,
        description=source.description,
        digest=digest,
        measured_at=known.measured_at if known is not None and same else datetime.now(UTC).replace(microsecond=0),
    )


def _write(trained: AnyTrained, digest: str) -> None:
    folder = PACKAGED_MODELS / digest
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in trained.members.items():
        (folder / name).write_bytes(content)


def _finish(entries: list[PackagedModel]) -> None:
    """Write the index and remove the bundles that it does not name."""
    (PACKAGED_MODELS / INDEX_NAME).write_bytes(msgspec.json.format(msgspec.json.encode(entries), indent=2) + b"\n")
    named = {entry.digest for entry in entries}
    for folder in PACKAGED_MODELS.iterdir():
        if folder.is_dir() and folder.name not in named and not folder.name.startswith("_"):
            shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
