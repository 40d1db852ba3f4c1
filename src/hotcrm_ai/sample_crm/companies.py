"""The companies behind accounts and leads: what is true of them, and how it gets into a record."""

from dataclasses import dataclass

import numpy as np

from hotcrm_ai.sample_crm.industries import INDUSTRY_WEIGHTS
from hotcrm_ai.sample_crm.names import COUNTRY_WEIGHTS, draw_company_names
from hotcrm_ai.sample_crm.rows import leave_out
from hotcrm_ai.sample_crm.streams import Stream, Whole


@dataclass(frozen=True, slots=True)
class Companies:
    """What is true of the company behind each record, whether or not the record says so."""

    names: list[str]
    industries: list[str]
    sizes: Whole
    countries: list[str]


def draw_companies(count: int, *, seed: int, table: str) -> Companies:
    """Return companies for the records of a table: log-normal sizes about 180 employees, from 2 to 60 000."""
    industries = Stream(seed, f"{table}.industry").pick(list(INDUSTRY_WEIGHTS), count, list(INDUSTRY_WEIGHTS.values()))
    exponents = np.log(180.0) + 1.45 * Stream(seed, f"{table}.company_size").normal(count)
    return Companies(
        names=draw_company_names(industries, seed=seed, table=table),
        industries=industries,
        sizes=np.clip(np.rint(np.exp(exponents)), 2, 60_000).astype(np.int64),
        countries=Stream(seed, f"{table}.country").pick(list(COUNTRY_WEIGHTS), count, list(COUNTRY_WEIGHTS.values())),
    )


def record_sizes(sizes: Whole, *, seed: int, table: str, missing: float) -> list[object]:
    """Return numbers of employees as recorded: a share of them missing, and six in a thousand 0 or 999999."""
    slips = Stream(seed, f"{table}.company_size.slip").uniform(len(sizes))
    recorded = np.where(slips < 0.003, 0, np.where(slips < 0.006, 999_999, sizes)).tolist()
    return leave_out(recorded, missing, seed=seed, column=f"{table}.company_size")
