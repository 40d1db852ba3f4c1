"""The same seed gives the same sample CRM, always."""

import pytest

from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.sample_crm import SampleCRM, generate_sample_crm
from hotcrm_ai.sample_crm.streams import Stream


def test_the_default_sample_crm_never_changes(sample_crm: SampleCRM) -> None:
    """The packaged models are built from these very records, so their digest is part of the product."""
    assert sample_crm.digest() == "e4169a1726ff5292a7bf27fe46d331377580da50b63e646425473f2083208fde"


def test_two_calls_agree_to_the_last_byte_and_two_seeds_do_not() -> None:
    """A digest is the same for the same seed and size, and another for another seed."""
    first = generate_sample_crm(seed=3, leads=200, accounts=40)
    second = generate_sample_crm(seed=3, leads=200, accounts=40)
    other = generate_sample_crm(seed=4, leads=200, accounts=40)
    assert first.digest() == second.digest()
    assert first.digest() != other.digest()


def test_the_number_of_leads_changes_no_other_table() -> None:
    """Every table is drawn from streams of its own."""
    small = generate_sample_crm(seed=3, leads=50, accounts=40)
    large = generate_sample_crm(seed=3, leads=200, accounts=40)
    for name in ("accounts", "contacts", "emails", "tickets", "monthly_revenue", "products", "purchases"):
        assert small.tables[name] == large.tables[name]


def test_a_stream_depends_on_its_name_and_seed_alone() -> None:
    """Streams of one name and seed agree; another name or another seed gives other numbers."""
    numbers = Stream(1, "leads.email").uniform(8).tolist()
    assert Stream(1, "leads.email").uniform(8).tolist() == numbers
    assert Stream(1, "leads.phone").uniform(8).tolist() != numbers
    assert Stream(2, "leads.email").uniform(8).tolist() != numbers


@pytest.mark.parametrize("wrong", [{"seed": -1}, {"leads": -1}, {"accounts": 0}])
def test_impossible_sizes_are_refused_with_a_reason(wrong: dict[str, int]) -> None:
    """A negative number, or a CRM without accounts, is a mistake that says what is allowed."""
    with pytest.raises(ConfigError, match="accounts 1 or more"):
        generate_sample_crm(**wrong)


def test_the_smallest_sample_crm_is_whole() -> None:
    """One account and no leads are enough for every table to exist."""
    crm = generate_sample_crm(seed=1, leads=0, accounts=1)
    assert len(crm.tables["accounts"]) == 1
    assert crm.tables["leads"] == []
    assert len(crm.tables["products"]) == 16
