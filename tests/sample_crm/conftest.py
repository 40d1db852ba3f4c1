"""The sample CRM that most tests of this room look at."""

import pytest

from hotcrm_ai.sample_crm import SampleCRM, generate_sample_crm


@pytest.fixture(scope="session")
def sample_crm() -> SampleCRM:
    """The sample CRM of the default seed and size."""
    return generate_sample_crm(seed=7)
