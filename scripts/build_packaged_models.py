"""Rebuilds the models that come with the package from the sample CRM, bit for bit: ``python scripts/build_packaged_models.py``.

With ``--check`` nothing is written, and the exit status says whether the committed bundles are what this machine builds.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from datetime import UTC, datetime

import msgspec

from hotcrm_ai.assembly.preregistered import INDEX_NAME, PACKAGED_MODELS, PackagedModel
from hotcrm_ai.local_models.manifest import bundle_digest
from hotcrm_ai.sample_crm import generate_sample_crm
from hotcrm_ai.training.recipe import Trained, train_classifier

LEAD_FEATURES = {
    "company_size": "company_size",
    "industry": "industry",
    "engagement_score": "engagement_score",
    "job_title": "job_title",
    "budget": "estimated_budget",
}


def train_lead_scoring() -> Trained:
    """Train lead scoring on the closed leads of the default sample CRM, from the five features of the public surface."""
    leads = generate_sample_crm().tables["leads"]
    closed = [lead for lead in leads if lead["converted"] is not None]
    rows = [
        {name: lead[column] for name, column in LEAD_FEATURES.items()}
        | {"created_date": lead["created_date"], "converted": lead["converted"]}
        for lead in closed
    ]
    return train_classifier(
        rows,
        feature_name="lead-scoring",
        target="converted",
        time_column="created_date",
        exclude=("created_date",),
        keep=tuple(LEAD_FEATURES),
        trained_on="sample",
        model_id="lead-scoring-v1",
    )


def main() -> int:
    """Build all packaged models and write or check them."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true")
    check = arguments.parse_args().check
    trained = train_lead_scoring()
    digest = bundle_digest(trained.members)
    index = PACKAGED_MODELS / INDEX_NAME
    present = msgspec.json.decode(index.read_bytes(), type=list[PackagedModel]) if index.exists() else []
    unchanged = [model.digest for model in present] == [digest]
    print(f"lead-scoring-v1: {digest} ({'unchanged' if unchanged else 'changed'}), {trained.report.metrics}")
    for warning in trained.report.warnings:
        print(f"  {warning}")
    if check or unchanged:
        return 0 if unchanged else 1
    shutil.rmtree(PACKAGED_MODELS, ignore_errors=True)
    folder = PACKAGED_MODELS / digest
    folder.mkdir(parents=True)
    for name, content in trained.members.items():
        (folder / name).write_bytes(content)
    entry = PackagedModel(
        id="lead-scoring-v1",
        name="Lead Scoring",
        description="Which lead to call first; trained on the sample CRM that comes with the package, so train your own soon.",
        digest=digest,
        measured_at=datetime.now(UTC).replace(microsecond=0),
    )
    index.write_bytes(msgspec.json.format(msgspec.json.encode([entry]), indent=2) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
