"""Job titles of the sample CRM, and the seniority that their words stand for."""

import re

from hotcrm_ai.sample_crm.streams import Stream

INTERN, STAFF, MANAGER, DIRECTOR, VICE_PRESIDENT, CHIEF = range(6)
"""The levels of seniority, from the lowest to the highest."""

LEVEL_WEIGHTS = (0.06, 0.36, 0.26, 0.15, 0.07, 0.10)
"""The share of each level among all leads that have a title."""

_AREAS = ("Sales", "Marketing", "Procurement", "Operations", "Finance", "IT", "Human Resources", "Customer Service")

_PATTERNS: tuple[tuple[str, ...], ...] = (
    ("Intern", "{area} Intern", "Working Student {area}", "Trainee, {area}"),
    (
        "Account Executive",
        "{area} Specialist",
        "{area} Analyst",
        "Executive Assistant",
        "Assistant to the CEO",
        "Product Owner",
        "Software Developer",
        "{area} Coordinator",
        "Office Clerk",
        "Consultant, {area}",
    ),
    (
        "{area} Manager",
        "Manager {area}",
        "Team Lead {area}",
        "Project Manager",
        "Sr. Manager - {area}",
        "{area} manager",
    ),
    (
        "Director of {area}",
        "{area} Director",
        "Head of {area}",
        "Head of Procurement",
        "Dir. {area}",
        "director {area}",
    ),
    ("VP of {area}", "Vice President {area}", "VP {area}", "SVP, {area}", "Vice President"),
    (
        "CTO",
        "CEO",
        "CFO",
        "COO",
        "Chief Technology Officer",
        "Chief Executive Officer",
        "Chief Operating Officer",
        "Managing Director",
        "Founder & CEO",
        "Owner",
        "President",
        "cto",
    ),
)

_STAFF_PHRASES = ("assistant", "account executive", "product owner")
_LEVEL_WORDS: tuple[tuple[int, frozenset[str]], ...] = (
    (INTERN, frozenset({"intern", "student", "trainee"})),
    (VICE_PRESIDENT, frozenset({"vp", "svp", "vice"})),
    (CHIEF, frozenset({"cto", "ceo", "cfo", "coo", "chief", "founder", "owner", "president", "managing"})),
    (DIRECTOR, frozenset({"director", "head", "dir"})),
    (MANAGER, frozenset({"manager", "lead"})),
)


def seniority_of(title: object) -> int | None:
    """Return the seniority that the words of a job title stand for; None where there is no title.

    Whole words count: "director" holds the letters of "cto", and a "Vice President" is no president. Somebody's
    assistant, an account executive and a product owner are staff, whatever grander word their title holds.

    >>> seniority_of("Director of Sales"), seniority_of("cto"), seniority_of("Assistant to the CEO")
    (3, 5, 1)
    """
    if not isinstance(title, str):
        return None
    lowered = title.lower()
    if any(phrase in lowered for phrase in _STAFF_PHRASES):
        return STAFF
    words = set(re.findall(r"[a-z]+", lowered))
    return next((level for level, known in _LEVEL_WORDS if words & known), STAFF)


def draw_titles(count: int, *, seed: int, table: str, missing: float) -> list[str | None]:
    """Return job titles as people write them; `missing` is the share of records without one."""
    levels = Stream(seed, f"{table}.job_title.level").places(count, LEVEL_WEIGHTS).tolist()
    choice = Stream(seed, f"{table}.job_title.pattern").uniform(count).tolist()
    areas = Stream(seed, f"{table}.job_title.area").pick(_AREAS, count)
    absent = Stream(seed, f"{table}.job_title.missing").chance(missing, count).tolist()
    return [
        None if gone else _PATTERNS[level][int(lot * len(_PATTERNS[level]))].format(area=area)
        for level, lot, area, gone in zip(levels, choice, areas, absent, strict=True)
    ]
