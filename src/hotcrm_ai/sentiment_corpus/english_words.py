"""The words that fill the braces of the English messages, from many trades."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "thing": tuple(
        "order parcel package phone laptop ticket bag suitcase booking flight reservation card refund invoice sofa jacket dress router "
        "modem tablet camera coffee-machine dishwasher contract password luggage seat table room car shoes headset printer".split()
    ),
    "system": ("app", "website", "site", "portal", "online shop", "system", "software", "dashboard", "booking page", "checkout", "app"),
    "service": ("service", "customer service", "support", "customer support", "experience", "hotline", "communication"),
    "staff": ("staff", "agent", "team", "crew", "driver", "support team", "manager", "technician", "rep", "receptionist", "employee"),
    "place": ("store", "airport", "counter", "gate", "hotel", "branch", "front desk", "restaurant", "station", "office", "shop"),
    "company": ("company", "airline", "shop", "bank", "hotel", "brand", "provider", "restaurant"),
    "film": ("film", "movie", "book", "album", "show", "novel"),
    "event": ("trip", "vacation", "holiday", "flight", "wedding", "weekend", "birthday", "stay", "conference", "move"),
    "comp": ("voucher", "credit", "coupon", "discount", "free coffee", "points"),
    "trouble": ("delay", "cancellation", "outage", "mistake", "bug", "glitch", "mix-up", "problem", "mess"),
    "late": ("late", "delayed", "cancelled", "overdue", "postponed", "missing", "lost"),
    "broken": ("broken", "damaged", "scratched", "defective", "incomplete", "torn", "empty"),
    "awful": (
        *("terrible", "awful", "horrible", "ridiculous", "unacceptable", "pathetic", "a joke", "useless", "poor", "so bad", "bad"),
        *("disappointing", "a nightmare", "an embarrassment", "disgusting", "pretty weak"),
    ),
    "disaster": ("disaster", "disgrace", "joke", "nightmare", "mess", "shame", "failure"),
    "rude": ("rude", "unhelpful", "unfriendly", "impatient", "clueless", "condescending", "very rude", "so rude"),
    "slow": ("slow", "painfully slow", "unusable", "full of bugs", "sluggish", "worse than before"),
    "upset": ("angry", "frustrated", "furious", "upset", "annoyed", "disappointed", "unhappy", "fed up", "disgusted", "mad"),
    "great": (
        *("great", "awesome", "amazing", "excellent", "fantastic", "wonderful", "brilliant", "perfect", "outstanding", "superb"),
        *("lovely", "fabulous", "so good", "really good", "the best", "beautiful", "very nice", "good"),
    ),
    "kind": ("friendly", "helpful", "kind", "patient", "so nice", "very helpful", "professional", "wonderful", "quick", "sweet"),
    "glad": ("happy", "pleased", "satisfied", "delighted", "impressed", "thrilled", "more than happy", "grateful"),
    "well": ("perfectly", "very well", "like a charm", "smoothly", "great", "without a hitch", "flawlessly", "really well"),
    "time": (
        *("2 hours", "an hour", "45 minutes", "three hours", "over an hour", "5 days", "two weeks", "a month", "10 days", "three days"),
        *("30 mins", "4 hrs", "half an hour", "months", "hours", "days", "weeks", "the whole day"),
    ),
    "day": ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "tomorrow", "today", "the 15th", "tonight"),
    "day2": ("friday", "sunday", "monday", "the 20th", "next week", "wednesday"),
    "month": ("march", "may", "june", "july", "september", "october", "december", "summer", "spring"),
    "city": ("london", "berlin", "chicago", "boston", "paris", "madrid", "denver", "dublin", "vienna", "toronto", "austin", "rome"),
    "city2": ("oslo", "lisbon", "seattle", "miami", "prague", "dallas", "zurich", "atlanta"),
    "name": ("anna", "james", "maria", "tom", "linda", "david", "sarah", "kevin", "julia", "peter"),
    "number": ("2", "three", "4", "five", "10", "12", "2417", "50", "six", "20"),
    "topic": ("baggage", "billing", "delivery", "the new plan", "upgrades", "the warranty", "group rates", "data export", "returns", "the api"),
}
