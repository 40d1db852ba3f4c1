"""Writes the name of a field as people read it, the same in texts, tables and pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from hotcrm_ai.domain.explanation import FeatureContribution
from hotcrm_ai.domain.value_text import printable, value_text

REST_OF_TEXT: Final = "(the rest of the text)"
"""The part of a text that is no word or phrase of it: small words, numbers, marks, and what is of the text as a whole."""

_LONGEST: Final = 80
_ACRONYMS: Final = frozenset(
    {"ai", "api", "arr", "b2b", "b2c", "ceo", "cfo", "cio", "cmo", "coo", "cpc", "crm", "csat", "cto", "erp"}
    | {"faq", "gdp", "gdpr", "gmv", "hr", "id", "ip", "it", "kpi", "ltv", "mau", "mrr", "nps", "pdf", "po", "pos"}
    | {"roi", "saas", "sdk", "seo", "sku", "sla", "sms", "sql", "tv", "uk", "url", "usd", "utc", "vat", "vip", "vp"}
)
_CASED: Final = {"saas": "SaaS"}
_JOINT: Final = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][^\W\d_A-Z]{2})|_+")
_SHOUTED: Final = 4
"""A name of capitals alone that is longer than this is a name in capitals, no acronym."""


def title_of(name: str) -> str:
    """Return ``company_size`` as ``Company Size``, ``TotalCharges`` as ``Total Charges`` and ``nps_score`` as ``NPS Score``.

    A name with spaces was written for people and keeps its words; only its first letter is raised.

    >>> title_of("account_id"), title_of("isSLABreached"), title_of("Total time on site"), title_of("MONTHLY_CHARGES")
    ('Account ID', 'Is SLA Breached', 'Total time on site', 'Monthly Charges')
    """
    stripped = name.strip(" _")
    if " " in stripped:
        return stripped[:1].upper() + stripped[1:]
    is_shouted = stripped.isupper() and ("_" in stripped or len(stripped) > _SHOUTED)
    words = [word for word in _JOINT.split(stripped.lower() if is_shouted else stripped) if word]
    return " ".join(map(_word, words)) or name


def fact_title(feature: str, titles: Mapping[str, str], *values: Any) -> str:
    """Return what people call a fact of an explanation: its title in ``titles``, else ``title_of``; a part of a text in quotes.

    >>> fact_title("nps_score", {}), fact_title("budget", {"budget": "Money"}), fact_title("great", {}, "great")
    ('NPS Score', 'Money', '"great"')
    """
    if any(is_part_of_text(feature, value) for value in values):
        return feature.strip("()") if feature == REST_OF_TEXT else f'"{feature}"'
    return titles.get(feature) or title_of(feature)


def is_part_of_text(feature: str, value: Any) -> bool:
    """Say whether a fact is a part of a text, which has itself as its value."""
    return isinstance(value, str) and value == feature


def cause_text(feature: str, value: Any, titles: Mapping[str, str], *, longest: int = _LONGEST) -> str:
    """Return a reason in words: a fact with its value in at most ``longest`` characters, or a part of a text alone.

    >>> cause_text("budget", 10000, {}), cause_text("not good", "not good", {})
    ('Budget: 10,000', '"not good"')
    """
    title = printable(fact_title(feature, titles, value))
    return title if is_part_of_text(feature, value) else f"{title}: {value_text(value, longest=longest)}"


def others_text(count: int, kind: FeatureContribution, noun: str) -> str:
    """Return the words for reasons that share one line: so many other features, or parts of the text where one of that ``kind`` is."""
    return f"{count} other {'parts of the text' if is_part_of_text(kind.feature, kind.value) else noun}"


def _word(word: str) -> str:
    lowered = word.lower()
    if lowered in _ACRONYMS:
        return _CASED.get(lowered, word.upper())
    if lowered.endswith("s") and lowered[:-1] in _ACRONYMS and len(lowered) > 2:
        return f"{word[:-1].upper()}s"
    return word[:1].upper() + word[1:]
