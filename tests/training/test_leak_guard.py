"""The rules of the leak guard: each kind of leak is named with evidence, and its honest neighbour stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from hotcrm_ai.training.infer_types import infer_types
from hotcrm_ai.training.leak_guard import Guarded, guard_columns
from hotcrm_ai.training.reading import read_table
from hotcrm_ai.training.target import find_target

ROWS = 1000
CLOSED = 800
RANDOM = np.random.default_rng(11)
WON = RANDOM.random(ROWS) < 0.35
NOISE = RANDOM.random(ROWS)
Maker = Callable[[int], Any]


def guard(columns: dict[str, Maker], **options: Any) -> Guarded:
    """Judge columns made row by row; the last fifth of the rows are open records."""
    rows = [
        {name: make(at) for name, make in columns.items()}
        | {"won": "" if at >= CLOSED else ("yes" if WON[at] else "no")}
        for at in range(ROWS)
    ]
    table = read_table(rows)
    target = find_target(table, "won")
    typed = infer_types(table)
    typed = typed.select([name for name in typed.columns if name != "won"])
    return guard_columns(typed.take(target.closed), target.outcomes, open_table=typed.take(target.open_rows), **options)


def is_open(at: int) -> bool:
    """Return whether the row has no outcome yet."""
    return at >= CLOSED


LEAKS: dict[str, tuple[Maker, str]] = {
    "copy": (lambda at: {True: "W", False: "L"}[bool(WON[at])], "target copy"),
    "recoded": (lambda at: ("a", "b")[at % 2] if WON[at] else ("c", "d", "e")[at % 3], "target copy"),
    "flipped": (lambda at: int(not WON[at]), "target copy"),
    "deal value": (lambda at: round(1000 * NOISE[at] + 100) if WON[at] else 0, "target copy"),
    "nearly": (lambda at: "good" if NOISE[at] < (0.95 if WON[at] else 0.03) else "plain", "gives the outcome away"),
    "lost reason": (
        lambda at: None if WON[at] or is_open(at) else ("price", "timing")[at % 2],
        "filled after the outcome",
    ),
    "signed by": (
        lambda at: ("Ann", "Bob")[at % 2] if WON[at] and NOISE[at] < 0.3 else None,
        "filled after the outcome",
    ),
    "review": (lambda at: None if is_open(at) else ("one", "two")[at % 2], "filled after the outcome"),
    "stage": (
        lambda at: "Contract" if WON[at] and not is_open(at) and NOISE[at] < 0.5 else ("New", "Open")[at % 2],
        "filled after the outcome",
    ),
    "Last Step": (
        lambda at: "SMS sent" if (NOISE[at] < 0.7) == WON[at] else ("E-mail opened", "Page visited")[at % 2],
        "last touch",
    ),
    "opinion": (
        lambda at: ("Not sure", "High", "Worst")[at % 3] if NOISE[at] < (0.7 if WON[at] else 0.3) else None,
        "grading",
    ),
    "uuid": (lambda at: f"{at * 7919 % 100_003:08x}", "identifier"),
    "Lead Number": (lambda at: 500_000 + at * 7919 % 100_003, "identifier"),
    "row": (lambda at: 10_000 + 3 * at, "identifier"),
    "owner_id": (lambda at: f"U{at % 400}", "identifier"),
    "e-mail": (lambda at: f"someone{at % 300}@example.net", "personal"),
    "mobile": (lambda at: f"+49 171 {1000000 + at % 700}", "personal"),
    "first_name": (lambda at: f"Name{at % 40}", "personal"),
}
HONEST: dict[str, Maker] = {
    "lead_source": lambda at: "Referral" if NOISE[at] < (0.6 if WON[at] else 0.3) else ("Ads", "Web", "Fair")[at % 3],
    "minutes": lambda at: round(100 * NOISE[at] + (40 if WON[at] else 0)),
    "employees": lambda at: 3 + at * 7919 % 100_003,
    "budget": lambda at: None if NOISE[at] < 0.3 else round(50_000 * NOISE[at]),
    "sales_agent": lambda at: f"Agent {at % 30}",
    "priority": lambda at: ("High", "Medium", "Low")[at % 3],
    "engagement_score": lambda at: round(60 * NOISE[at] + (15 if WON[at] else 0)),
    "created": lambda at: date(2025, 1, 1) + timedelta(days=at // 4),
    "occupation": lambda at: "Working" if NOISE[at] < (0.8 if WON[at] else 0.45) else None,
    "phone service": lambda at: ("Yes", "No")[at % 2],
    "notes": lambda at: f"Asked about the offer number {at} and sent a long mail",
}


@pytest.mark.parametrize("name", LEAKS)
def test_each_kind_of_leak_is_excluded_by_its_evidence(name: str) -> None:
    """A column that could not be known in time is named with the kind of evidence against it."""
    make, kind = LEAKS[name]
    guarded = guard({name: make, "minutes": HONEST["minutes"]})
    assert {one.column: one.kind for one in guarded.excluded} == {name: kind}
    assert guarded.kept == ("minutes",)


def test_honest_columns_are_kept_and_not_even_suspected() -> None:
    """Predictive, partly missing, unique or graded facts are no leaks by themselves."""
    guarded = guard(HONEST)
    assert guarded.excluded == ()
    assert set(guarded.suspicious) <= {"occupation"}


def test_a_date_after_the_beginning_is_excluded_when_it_is_called_an_end_and_suspected_otherwise() -> None:
    """The order of times alone is a suspicion; together with a name like closing it is evidence."""
    columns: dict[str, Maker] = {
        "created": HONEST["created"],
        "closing_day": lambda at: date(2025, 3, 1) + timedelta(days=at // 4 + at % 50),
        "audit": lambda at: date(2025, 3, 1) + timedelta(days=at // 4 + at % 50),
    }
    guarded = guard(columns)
    assert [one.column for one in guarded.excluded] == ["closing_day"]
    assert "lies after 'created' in 100 % of the rows" in guarded.excluded[0].reason
    assert "lies after 'created'" in guarded.suspicious["audit"]


def test_results_of_another_scoring_are_found_by_their_common_gaps() -> None:
    """Columns that are missing together, one a coarse form of another, come from one scoring and leave together."""
    scored = RANDOM.integers(1, 20, ROWS)
    filled = RANDOM.random(ROWS) < 0.6
    columns: dict[str, Maker] = {
        "points": lambda at: int(scored[at]) if filled[at] else None,
        "level": lambda at: ("low", "mid", "top")[int(scored[at]) // 7] if filled[at] else None,
        "hobby": lambda at: ("tennis", "chess")[at % 2] if filled[at] else None,
        "city": lambda at: ("Bonn", "Kiel")[at % 2] if NOISE[at] < 0.6 else None,
    }
    guarded = guard(columns)
    assert {one.column for one in guarded.excluded} == {"points", "level", "hobby"}
    assert "'level' is 'points' in bands" in guarded.excluded[0].reason
    without_bands = guard({name: columns[name] for name in ("points", "hobby", "city")})
    assert without_bands.excluded == ()


def test_a_column_that_is_kept_on_purpose_stays_with_its_evidence_as_a_warning() -> None:
    """``keep`` overrules the guard, and the evidence is still told."""
    guarded = guard({"copy": LEAKS["copy"][0], "minutes": HONEST["minutes"]}, keep=["copy"])
    assert guarded.kept == ("copy", "minutes")
    assert guarded.suspicious["copy"].endswith("it was kept as asked")
    assert "copy or recoding of the target" in guarded.suspicious["copy"]


def test_a_million_categories_are_an_identifier_and_take_little_time() -> None:
    """A column with a new value in every row is judged in one pass."""
    table = read_table([{"code": f"c{at * 7}", "won": at % 3 == 0} for at in range(50_000)])
    target = find_target(table, "won")
    guarded = guard_columns(infer_types(table).select(["code"]), target.outcomes)
    assert [one.kind for one in guarded.excluded] == ["identifier"]
