"""The industries of the sample CRM, and the ways in which sales people misspell them."""

from hotcrm_ai.sample_crm.streams import Stream

INDUSTRY_WEIGHTS: dict[str, float] = {
    "Technology": 0.20,
    "Finance": 0.14,
    "Healthcare": 0.13,
    "Manufacturing": 0.14,
    "Retail": 0.12,
    "Education": 0.08,
    "Energy": 0.06,
    "Media": 0.06,
    "Logistics": 0.07,
}
"""Every industry by its proper name, with its share of all companies."""

MISSPELLINGS: dict[str, tuple[str, ...]] = {
    "Technology": ("technolgy", "Tech", "TECHNOLOGY", " technology"),
    "Finance": (" finance ", "Finacne", "FINANCE", "Financial Services"),
    "Healthcare": ("Health Care", "healthcare", "Helthcare"),
    "Manufacturing": ("manufacturing", "Manufactoring", "MFG"),
    "Retail": ("retail", "Retial", "RETAIL "),
    "Education": ("education", "Educaton"),
    "Energy": ("energy", "Enrgy"),
    "Media": ("media", "Meida"),
    "Logistics": ("logistics", "Logistcs"),
}
"""What stands in a record instead of the proper name, in about three records of a hundred."""

_PROPER_NAME = {name: name for name in INDUSTRY_WEIGHTS} | {
    spelling: name for name, spellings in MISSPELLINGS.items() for spelling in spellings
}


def proper_industry(recorded: object) -> str | None:
    """Return the proper name of an industry as it stands in a record; None where it is missing or unknown."""
    return _PROPER_NAME.get(recorded) if isinstance(recorded, str) else None


def record_industries(proper: list[str], *, seed: int, table: str, missing: float, misspelt: float) -> list[str | None]:
    """Return the industries as people typed them: some left out, some misspelt.

    `missing` and `misspelt` are shares of all records, from 0 to 1.
    """
    fate = Stream(seed, f"{table}.industry.fate").uniform(len(proper)).tolist()
    slips = Stream(seed, f"{table}.industry.slip").uniform(len(proper)).tolist()
    recorded: list[str | None] = []
    for name, lot, slip in zip(proper, fate, slips, strict=True):
        if lot < missing:
            recorded.append(None)
        elif lot < missing + misspelt:
            spellings = MISSPELLINGS[name]
            recorded.append(spellings[int(slip * len(spellings))])
        else:
            recorded.append(name)
    return recorded
