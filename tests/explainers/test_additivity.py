"""Whatever the model and the record: the parts add up, unused features get nothing, and the order of columns does not matter."""

from __future__ import annotations

import numpy as np
import pytest

from hotcrm_ai.domain.errors import NotExplainable
from hotcrm_ai.domain.explanation import Attribution
from hotcrm_ai.explainers.exact_shap import ExactShap
from hotcrm_ai.explainers.tree_shap import TreeShap
from hotcrm_ai.local_models.encoding import AnyEncoding
from hotcrm_ai.local_models.linear import LinearPart
from hotcrm_ai.local_models.tabular import TabularModel
from hotcrm_ai.local_models.trees import TreeEnsemble
from hotcrm_ai.pipeline.additive_parts import require_additive


class ShiftedShap(ExactShap):
    """A broken twin: it moves a hundredth of a point to one feature without taking it from another."""

    def split(self, row):
        """Return a split that does not add up."""
        base, contributions = super().split(row)
        contributions[0] += 1e-4
        return base, contributions


def residual(splitter, model: TabularModel, record: dict[str, object]) -> float:
    """How far a split is from what the model answers on its normal way, checked by the product's own gate."""
    base, contributions = splitter.split(model.encode([record])[0])
    answer = model.predict_one(record)
    split = Attribution(
        base=base,
        output=answer,
        contributions=dict(zip(model.features, contributions.tolist(), strict=True)),
        method=splitter.method,
        additivity_error=0.0,
    )
    return require_additive(split, answer, unit=1.0, model_id="m")


@pytest.mark.parametrize(
    ("method", "features", "trees", "linear"),
    [
        (ExactShap, 5, 20, True),
        (ExactShap, 5, 0, True),
        (ExactShap, 7, 20, False),
        (TreeShap, 5, 20, True),
        (TreeShap, 12, 40, True),
        (TreeShap, 30, 60, True),
        (TreeShap, 25, 0, True),
        (TreeShap, 25, 60, False),
    ],
)
def test_base_and_contributions_give_the_answer(maker, method, features, trees, linear):
    """On 125 random records of each of eight random models the parts add up to the model's own answer within 1e-9."""
    make = maker(features * 100 + trees)
    model = make.model(features=features, trees=trees, linear=linear, background=40)
    splitter = method(model)
    assert max(residual(splitter, model, make.record(model)) for _ in range(125)) <= 1e-9


def test_a_split_that_does_not_add_up_is_refused(maker):
    """The gate that all explanations pass catches an explainer that shifts one contribution by a hundredth of a point."""
    make = maker(3)
    model = make.model(features=4)
    with pytest.raises(NotExplainable, match=r"miss its answer by 0\.0001"):
        residual(ShiftedShap(model), model, make.record(model))


@pytest.mark.parametrize("method", [ExactShap, TreeShap])
def test_an_unused_feature_gets_exactly_nothing(maker, method):
    """A feature that no tree and no curve looks at, and one without columns, has the contribution 0, not a small number."""
    make = maker(4)
    model = make.model(features=8, trees=30, unused=(0, 2), background=30)
    splitter = method(model)
    for _ in range(50):
        _, contributions = splitter.split(model.encode([make.record(model)])[0])
        assert contributions[[0, 2, 4]].tolist() == [0.0, 0.0, 0.0]  # feature 4 is a constant of training
        assert contributions[1] != 0.0


@pytest.mark.parametrize("method", [ExactShap, TreeShap])
def test_the_order_of_features_does_not_matter(maker, method):
    """The same model with its features in another order gives each feature the same contribution."""
    make = maker(6)
    model = make.model(features=7, background=20)
    turned = reordered(model, [3, 6, 0, 5, 2, 4, 1])
    one, other = method(model), method(turned)
    for _ in range(20):
        record = make.record(model)
        parts = dict(zip(model.features, one.split(model.encode([record])[0])[1], strict=True))
        again = dict(zip(turned.features, other.split(turned.encode([record])[0])[1], strict=True))
        assert again == pytest.approx(parts, abs=1e-12)


def test_both_methods_agree_where_the_link_is_straight(maker):
    """For margins near zero spread the link is nearly straight, and both methods give nearly the same probabilities."""
    make = maker(9)
    model = make.model(features=5, trees=4)
    faint = TabularModel(
        model.features,
        model.encodings,
        model.intercept,
        LinearPart(model.linear.starts, model.linear.x, model.linear.y * 1e-4, model.linear.missing * 1e-4),
        scaled(model.trees, 1e-4),
        model.link,
        model.background,
    )
    row = model.encode([make.record(model)])[0]
    np.testing.assert_allclose(ExactShap(faint).split(row)[1], TreeShap(faint).split(row)[1], atol=1e-8)


def scaled(trees: TreeEnsemble, factor: float) -> TreeEnsemble:
    """Return the same trees with all leaf values multiplied."""
    return TreeEnsemble(
        trees.column, trees.threshold, trees.missing_left, trees.left, trees.right, trees.value * factor, trees.roots
    )


def reordered(model: TabularModel, order: list[int]) -> TabularModel:
    """Return the same model with its features, and so its columns, in another order."""
    columns = [column for feature in order for column in np.flatnonzero(model.column_group == feature)]
    new_place = np.argsort(columns)
    widths = np.diff(model.linear.starts)
    points = [np.arange(model.linear.starts[column], model.linear.starts[column + 1]) for column in columns]
    taken = np.concatenate(points)
    trees = model.trees
    encodings: tuple[AnyEncoding, ...] = tuple(model.encodings[feature] for feature in order)
    return TabularModel(
        features=tuple(model.features[feature] for feature in order),
        encodings=encodings,
        intercept=model.intercept,
        linear=LinearPart(
            starts=np.concatenate([[0], np.cumsum(widths[columns])]).astype(np.int32),
            x=model.linear.x[taken],
            y=model.linear.y[taken],
            missing=model.linear.missing[columns],
        ),
        trees=TreeEnsemble(
            column=np.where(trees.column >= 0, new_place[trees.column], -1).astype(np.int32),
            threshold=trees.threshold,
            missing_left=trees.missing_left,
            left=trees.left,
            right=trees.right,
            value=trees.value,
            roots=trees.roots,
        ),
        link=model.link,
        background=model.background[:, columns],
    )
