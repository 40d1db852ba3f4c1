"""What is written back holds when records change, vanish or refuse meanwhile, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from hotcrm_ai import AI, InvalidFeatures, NewerAnswer, Settings, actions
from hotcrm_ai.domain.write_back import is_later
from hotcrm_ai.sample_crm import generate_sample_crm, write_sample_crm

LATER = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def crm_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty CRM, once of each kind."""
    return (
        str(request.getfixturevalue("postgres_url")) if request.param == "postgresql" else f"sqlite:///{tmp_path}/my.db"
    )


@pytest.fixture
def crm(crm_url: str) -> Any:
    """The database of a sample CRM of 30 accounts, as others see it."""
    url = crm_url.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url)
    write_sample_crm(generate_sample_crm(leads=20, accounts=30), engine)
    yield engine
    engine.dispose()


@pytest.fixture
async def ai(crm: Engine, crm_url: str, tmp_path: Path) -> AsyncIterator[AI]:
    """A workspace whose CRM is the sample."""
    async with AI.open(Settings(home=tmp_path / "home", crm_url=crm_url)) as opened:  # type: ignore[arg-type]
        yield opened


class Meddled:
    """The CRM store of a workspace, with something else happening to the CRM just before a call of one method."""

    def __init__(self, store: Any, method: str, happening: Callable[[], Any]) -> None:
        self._store, self._method, self._happening = store, method, happening

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._store, name)
        if name != self._method:
            return real

        async def meddled(*arguments: Any, **options: Any) -> Any:
            happening, self._happening = self._happening, lambda: None
            happening()
            return await real(*arguments, **options)

        return meddled


def run(crm: Engine, statement: str, **values: Any) -> None:
    """Change the CRM as another program does."""
    with crm.begin() as connection:
        connection.execute(text(statement), values)


async def emails(ai: AI, count: int) -> list[str]:
    """The ids of the first messages."""
    return [one["id"] for one in (await ai.crm.find("Email", (), ["id"], page=1))[:count]]


def codes(results: list[dict[str, Any]]) -> list[str | None]:
    """What each result failed by; None where it did not."""
    found: list[Mapping[str, Any]] = [one.get("error", {}) for one in results]
    return [one.get("code") for one in found]


async def test_a_record_that_vanishes_before_the_write_fails_alone(ai: AI, crm: Engine) -> None:
    """The others of its chunk are written all the same."""
    ids = await emails(ai, 4)
    ai.crm = Meddled(ai.crm, "update_many", lambda: run(crm, "DELETE FROM emails WHERE id = :id", id=ids[1]))
    assert codes(await actions.batch_analyze_sentiment(ai, ids)) == [None, "record_not_found", None, None]
    left = await ai.crm.find("Email", [["id", "in", ids]], ["ai_sentiment"])
    assert [one["id"] for one in left] == [ids[0], ids[2], ids[3]]
    assert all(one["ai_sentiment"] for one in left)


async def test_a_record_that_holds_a_later_answer_is_told_and_left(ai: AI) -> None:
    """A batch says so at its place, a single call raises, and the later answer stays as it was."""
    first, second = await emails(ai, 2)
    await ai.crm.update("Email", first, {"ai_sentiment": "kept", "last_sentiment_date": LATER})
    assert codes(await actions.batch_analyze_sentiment(ai, [first, second])) == ["newer_answer", None]
    with pytest.raises(NewerAnswer, match=f"'{first}' holds an answer of a later moment"):
        await actions.analyze_sentiment(ai, first)
    record = await ai.crm.get("Email", first)
    assert (record["ai_sentiment"], record["ai_sentiment_explanation"]) == ("kept", None)


async def test_an_answer_is_as_old_as_the_reading_of_its_record(ai: AI, crm: Engine) -> None:
    """Who read a record first and writes last does not replace the answer of who read it after a change."""
    (account, *_) = [one["id"] for one in await ai.crm.find("Account", (), ["id"], page=1)]
    stale = await ai.crm.get("Account", account)
    worse = "UPDATE accounts SET usage_frequency = 0, nps_score = 0, payment_delays = 9 WHERE id = :id"
    real = ai.crm

    class ReadsEarly:
        """Gives the record as it was before somebody else changed it and had it answered for."""

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        async def get(self, object_type: str, id: str) -> dict[str, Any]:  # noqa: A002
            ai.crm = real
            run(crm, worse, id=account)
            self.newer = await actions.predict_churn(ai, account)
            return stale

    early = ReadsEarly()
    ai.crm = early
    with pytest.raises(NewerAnswer):
        await actions.predict_churn(ai, account)
    held = await ai.crm.get("Account", account)
    assert held["ai_churn_probability"] == round(early.newer["prediction"]["probability"], 4)


async def test_a_message_without_text_gets_no_mood(ai: AI) -> None:
    """There is nothing to answer about, which is told; neither mood nor date is written."""
    empty, blank, full = await emails(ai, 3)
    await ai.crm.update_many("Email", {empty: {"body": None}, blank: {"body": " \n"}})
    results = await actions.batch_analyze_sentiment(ai, [empty, blank, full])
    assert codes(results) == ["invalid_features", "invalid_features", None]
    with pytest.raises(InvalidFeatures, match="'text': the record has none"):
        await actions.analyze_sentiment(ai, empty)
    for one in (empty, blank):
        record = await ai.crm.get("Email", one)
        assert (record["ai_sentiment"], record["last_sentiment_date"]) == (None, None)


async def test_a_second_run_changes_nothing_but_the_date(ai: AI) -> None:
    """The same records asked again hold the same answers, once each."""
    ids = await emails(ai, 3)
    await actions.batch_analyze_sentiment(ai, ids)
    first = await ai.crm.find("Email")
    await actions.batch_analyze_sentiment(ai, ids)
    second = await ai.crm.find("Email")
    changed = {name for one, other in zip(first, second, strict=True) for name in one if one[name] != other[name]}
    assert changed == {"last_sentiment_date"}


async def test_rows_of_a_record_are_found_by_a_number_too(ai: AI, crm: Engine) -> None:
    """Where ids are whole numbers, purchases are found by them, though callers have ids as text."""
    run(crm, "CREATE TABLE clients (id INTEGER PRIMARY KEY, industry TEXT, company_size INTEGER, ai_recommendations TEXT,"
        " ai_recommendation_confidence REAL, ai_recommendation_explanation TEXT, last_recommendation_date TEXT)")  # fmt: skip
    run(crm, "CREATE TABLE orders (id INTEGER PRIMARY KEY, account_id INTEGER, product_id TEXT, purchase_date DATE)")
    run(crm, "INSERT INTO clients (id, industry, company_size) VALUES (5, 'Retail', 100)")
    run(crm, "INSERT INTO orders VALUES (1, 5, 'PR-001', '2026-01-05')")
    settings = Settings(
        home=ai.settings.home.parent / "other",
        crm_url=ai.settings.crm.reveal(),
        crm_objects={"Account": "clients", "Purchase": "orders"},
    )
    async with AI.open(settings) as other:
        offered = {item["id"] for item in (await actions.recommend_products(other, "5"))["prediction"]["items"]}
        await other.crm.update("Account", "5", {"last_recommendation_date": LATER})
        with pytest.raises(NewerAnswer):
            await actions.recommend_products(other, "5")
    assert offered
    assert "PR-001" not in offered


@pytest.mark.parametrize(
    ("held", "later"),
    [
        ("2026-03-31 12:00:01", True), ("2026-03-31T14:00:00+02:00", False), ("2026-03-31 11:59:59.999", False),
        (date(2026, 4, 1), True), (datetime(2026, 3, 31, 12, tzinfo=UTC), False), ("soon", False), (None, False),
    ],
)  # fmt: skip
def test_moments_are_compared_whatever_their_column_holds(held: Any, later: bool) -> None:
    """Text, days, moments with and without a zone: what tells no moment keeps nobody from writing."""
    assert is_later(held, datetime(2026, 3, 31, 12, tzinfo=UTC)) is later
