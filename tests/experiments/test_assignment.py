"""The arm of a subject is a pure function of experiment, seed and subject, with shares near their targets."""

from __future__ import annotations

from itertools import pairwise

import pytest

from hotcrm_ai.domain.prediction import Context
from hotcrm_ai.experiments.assignment import assign_arm, bucket_of, subject_of

SUBJECTS = [f"Lead:{number}" for number in range(100_000)]


@pytest.mark.parametrize(
    ("subject", "bucket"),
    [("Lead:1", 9425), ("Lead:2", 5369), ("Lead:42", 4409), ("user:ada", 8564), ("Lead:é", 987)],
)
def test_a_subject_keeps_its_place_after_every_restart(subject: str, bucket: int) -> None:
    """The places are those of SHA-256, written out here: no process, version or machine may give others."""
    assert bucket_of("lead-scoring-v2", 7, subject) == bucket


@pytest.mark.parametrize("percentage", [1.0, 10.0, 20.0, 50.0, 99.0])
def test_a_hundred_thousand_subjects_are_split_as_configured(percentage: float) -> None:
    """The challenger's share is within 0.6 points of the configured one."""
    share = sum(assign_arm("lead-scoring-v2", 7, subject, percentage) == "challenger" for subject in SUBJECTS)
    assert share / 1000 == pytest.approx(percentage, abs=0.6)


def test_no_traffic_and_all_traffic_are_exact() -> None:
    """At 0 % nobody gets the challenger, at 100 % everybody."""
    assert {assign_arm("lead-scoring-v2", 7, subject, 0) for subject in SUBJECTS[:5000]} == {"champion"}
    assert {assign_arm("lead-scoring-v2", 7, subject, 100) for subject in SUBJECTS[:5000]} == {"challenger"}


def challengers(percentage: float) -> set[str]:
    return {
        subject
        for subject in SUBJECTS[:20_000]
        if assign_arm("lead-scoring-v2", 7, subject, percentage) == "challenger"
    }


def test_raising_traffic_moves_nobody_out() -> None:
    """Whoever had the challenger at 10 % has it at 20 % and at every higher share."""
    arms = [challengers(percentage) for percentage in (0.5, 10.0, 20.0, 35.5, 80.0)]
    assert all(smaller < larger for smaller, larger in pairwise(arms))


@pytest.mark.parametrize(("first", "second"), [(("a-v2", 0), ("b-v2", 0)), (("a-v2", 0), ("a-v2", 1))])
def test_two_experiments_assign_independently(first: tuple[str, int], second: tuple[str, int]) -> None:
    """The arms of two experiments, or of two seeds of one, do not depend on each other: chi-squared below 10.83, p > 0.001."""
    counts = {(one, two): 0 for one in (True, False) for two in (True, False)}
    for subject in SUBJECTS:
        counts[assign_arm(*first, subject, 30) == "challenger", assign_arm(*second, subject, 30) == "challenger"] += 1
    total = len(SUBJECTS)
    chi_squared = 0.0
    for (one, two), count in counts.items():
        row = counts[one, True] + counts[one, False]
        column = counts[True, two] + counts[False, two]
        expected = row * column / total
        chi_squared += (count - expected) ** 2 / expected
    assert chi_squared < 10.83


def test_the_subject_is_the_record_then_the_user_then_the_features() -> None:
    """A record goes before its user, and only a request without both is split by its features."""
    features = {"company_size": 5}
    everything = Context(object_type="Lead", object_id="42", user_id="ada")
    assert subject_of(everything, features) == ("Lead:42", "object")
    assert subject_of(Context(user_id="ada"), features) == ("user:ada", "user")
    assert subject_of(None, features)[1] == "features"
    assert subject_of(Context(), features)[1] == "features"


def test_equal_features_are_one_subject_in_any_spelling() -> None:
    """Order, camelCase, null values and 1 against 1.0 do not make another subject; true and "1" do."""
    subject = subject_of(None, {"company_size": 1, "industry": "Finance"})
    assert subject_of(None, {"industry": "Finance", "companySize": 1.0, "budget": None}) == subject
    for other in (True, "1", 2):
        assert subject_of(None, {"company_size": other, "industry": "Finance"}) != subject
