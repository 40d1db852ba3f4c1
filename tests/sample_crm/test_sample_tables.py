"""The tables of the sample CRM fit together, hold nothing hostile, and have something to learn in them."""

import re
from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise
from statistics import mean
from typing import Any

import pytest

from hotcrm_ai.sample_crm import SAMPLE_CRM, TODAY, SampleCRM

FORMULA_START = ("=", "+", "-", "@", "\t", "\r")


def numbers(rows: list[dict[str, Any]], column: str) -> list[float]:
    """Return a column of numbers."""
    return [float(row[column]) for row in rows]


def test_every_row_has_the_columns_of_its_table(sample_crm: SampleCRM) -> None:
    """Records and database tables name the same columns, in the same order."""
    for name, rows in (sample_crm.tables | sample_crm.truth).items():
        columns = [column.name for column in SAMPLE_CRM.tables[name].columns]
        assert all(list(row) == columns for row in rows), name


def test_every_reference_leads_to_a_record(sample_crm: SampleCRM) -> None:
    """Whatever a record refers to exists, in every table, and ids are unique."""
    every = sample_crm.tables | sample_crm.truth
    ids = {name: [row["id"] for row in rows] for name, rows in sample_crm.tables.items()}
    assert all(len(set(found)) == len(found) for found in ids.values())
    for name, rows in every.items():
        for column in SAMPLE_CRM.tables[name].columns:
            for key in column.foreign_keys:
                known = set(ids[key.target_fullname.split(".")[0]]) | {None}
                assert {row[column.name] for row in rows} <= known, (name, column.name)


def test_no_text_is_hostile(sample_crm: SampleCRM) -> None:
    """No text holds markup, control characters beyond line ends, or the start of a spreadsheet formula."""
    for name, rows in sample_crm.tables.items():
        for row in rows:
            for column, value in row.items():
                if isinstance(value, str):
                    assert not re.search(r"[<>{}\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", value), (
                        name,
                        column,
                        value,
                    )
                    assert not value.startswith(FORMULA_START), (name, column, value)


def test_addresses_lie_under_example_domains(sample_crm: SampleCRM) -> None:
    """No e-mail address can belong to anybody."""
    addresses = [row["email"] for name in ("leads", "contacts") for row in sample_crm.tables[name] if row["email"]]
    pattern = re.compile(r"[a-z]+\.[a-z]+@[a-z-]+\.example\.(com|org|net)")
    assert len(addresses) > 7000
    assert all(pattern.fullmatch(str(address)) for address in addresses)


def test_texts_fit_their_columns(sample_crm: SampleCRM) -> None:
    """No text is longer than its column in the database."""
    for name, rows in (sample_crm.tables | sample_crm.truth).items():
        for column in SAMPLE_CRM.tables[name].columns:
            longest = getattr(column.type, "length", None)
            if longest is not None:
                assert all(len(str(row[column.name])) <= longest for row in rows), (name, column.name)


def test_nothing_happened_after_today_and_nothing_before_its_account(sample_crm: SampleCRM) -> None:
    """Tickets, e-mails and purchases lie between an account's first day and its review."""
    accounts = {account["id"]: account for account in sample_crm.tables["accounts"]}
    for name, column in (("tickets", "opened_date"), ("emails", "sent_date"), ("purchases", "purchase_date")):
        days = [row[column] for row in sample_crm.tables[name]]
        assert all(earlier <= later for earlier, later in pairwise(days)), name
        for row in sample_crm.tables[name]:
            account = accounts[row["account_id"]]
            assert account["created_date"] <= row[column] <= account["review_date"] <= TODAY


def test_an_account_is_as_old_as_its_dates_say(sample_crm: SampleCRM) -> None:
    """The age in months lies between the first day and the review, and so many tickets were opened as are counted."""
    opened = Counter(ticket["account_id"] for ticket in sample_crm.tables["tickets"])
    for account in sample_crm.tables["accounts"]:
        days = (account["review_date"] - account["created_date"]).days
        assert account["account_age"] == int(days / 30.4375)
        assert account["support_tickets"] == opened[account["id"]]


def test_an_account_leaves_within_ninety_days_or_stays(sample_crm: SampleCRM) -> None:
    """The outcome is unknown exactly for the accounts reviewed today; who left did so after the review."""
    accounts: list[dict[str, Any]] = sample_crm.tables["accounts"]
    for account in accounts:
        assert (account["churned"] is None) == (account["review_date"] == TODAY)
        assert (
            (account["churned_date"] is not None) == (account["churned"] == 1) == (account["churn_reason"] is not None)
        )
        if account["churned"] == 1:
            assert 1 <= (account["churned_date"] - account["review_date"]).days <= 90
            assert account["churned_date"] <= TODAY
    known = [account["churned"] for account in accounts if account["churned"] is not None]
    assert 0.75 <= len(known) / len(accounts) <= 0.85
    assert 0.20 <= mean(known) <= 0.30


def test_each_account_has_one_main_contact(sample_crm: SampleCRM) -> None:
    """One to four contacts, of whom one is the main one."""
    contacts = sample_crm.tables["contacts"]
    per_account = Counter(contact["account_id"] for contact in contacts)
    main = Counter(contact["account_id"] for contact in contacts if contact["is_primary"])
    assert len(main) == 1200
    assert set(main.values()) == {1}
    assert set(per_account.values()) == {1, 2, 3, 4}


def test_emails_have_three_moods_in_four_languages(sample_crm: SampleCRM) -> None:
    """Customers write in every mood; what we write is neutral; unhappy accounts complain more."""
    mood = {fact["email_id"]: fact for fact in sample_crm.truth["truth_emails"]}
    score = {account["id"]: account["nps_score"] for account in sample_crm.tables["accounts"]}
    moods: dict[str, Counter[object]] = defaultdict(Counter)
    for email in sample_crm.tables["emails"]:
        given = score[email["account_id"]]
        group = (
            "ours" if email["direction"] == "outbound" else "low" if isinstance(given, int) and given < 5 else "else"
        )
        moods[group][mood[email["id"]]["mood"]] += 1
    assert set(moods["ours"]) == {"neutral"}
    assert set(moods["else"]) == {"positive", "neutral", "negative"}
    assert moods["low"]["negative"] / moods["low"].total() > 1.4 * moods["else"]["negative"] / moods["else"].total()
    languages = Counter(fact["language"] for fact in mood.values())
    assert set(languages) == {"en", "de", "fr", "es"}
    assert 0.75 <= languages["en"] / languages.total() <= 0.92


def test_emails_are_varied(sample_crm: SampleCRM) -> None:
    """Hardly any text of a customer comes twice."""
    bodies = [row["body"] for row in sample_crm.tables["emails"] if row["direction"] == "inbound"]
    assert len(set(bodies)) / len(bodies) > 0.95


def test_revenue_is_monthly_with_a_few_gaps(sample_crm: SampleCRM) -> None:
    """Twelve series run from January 2020 to June 2026; one or two months in a hundred are not booked."""
    rows = sample_crm.tables["monthly_revenue"]
    periods = {row["period"] for row in rows}
    assert (min(periods), max(periods), len(periods)) == (date(2020, 1, 1), date(2026, 6, 1), 78)
    assert len({row["series"] for row in rows}) == 12
    assert 0.002 <= 1 - len(rows) / (12 * 78) <= 0.03
    assert min(numbers(rows, "value")) > 0


def test_revenue_follows_its_expected_course(sample_crm: SampleCRM) -> None:
    """Bookings lie a few per cent around the truth, on both sides."""
    expected = {
        (fact["series"], fact["period"]): float(str(fact["expected_value"]))
        for fact in sample_crm.truth["truth_monthly_revenue"]
    }
    ratios = [
        float(str(row["value"])) / expected[row["series"], row["period"]]
        for row in sample_crm.tables["monthly_revenue"]
    ]
    assert mean(ratios) == pytest.approx(1.0, abs=0.01)
    assert 0.7 < min(ratios) < 0.9
    assert 1.1 < max(ratios) < 1.4


def test_some_products_are_bought_together(sample_crm: SampleCRM) -> None:
    """Owners of the Help Desk buy the Chat Widget far more often than others, and banks buy the Audit Trail."""
    owned = defaultdict(set)
    for purchase in sample_crm.tables["purchases"]:
        owned[purchase["account_id"]].add(purchase["product_id"])
    accounts = sample_crm.tables["accounts"]

    def rate(product: str, chosen: list[dict[str, Any]]) -> float:
        return sum(product in owned[account["id"]] for account in chosen) / len(chosen)

    with_desk = [account for account in accounts if "PR-009" in owned[account["id"]]]
    without = [account for account in accounts if "PR-009" not in owned[account["id"]]]
    assert rate("PR-010", with_desk) > 2.5 * rate("PR-010", without)
    banks = [account for account in accounts if account["industry"] == "Finance"]
    shops = [account for account in accounts if account["industry"] == "Retail"]
    assert rate("PR-015", banks) > 2 * rate("PR-015", shops)
