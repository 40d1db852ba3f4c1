"""Invented people and companies: names, e-mail addresses and telephone numbers that belong to nobody.

Surnames and company names are put together from syllables; addresses lie under the domains that are reserved for
examples (RFC 2606), numbers in the ranges that telephone authorities keep free for fiction.
"""

import unicodedata
from dataclasses import dataclass

from hotcrm_ai.sample_crm.streams import Stream

COUNTRY_WEIGHTS: dict[str, float] = {
    "United States": 0.34,
    "United Kingdom": 0.14,
    "Germany": 0.14,
    "France": 0.09,
    "Spain": 0.07,
    "Canada": 0.06,
    "Netherlands": 0.05,
    "Australia": 0.04,
    "Sweden": 0.04,
    "Switzerland": 0.03,
}
"""Every country of the sample CRM with its share of all companies."""

_FIRST_NAMES = (
    *("Anna", "Ben", "Carla", "David", "Elena", "Felix", "Grace", "Hugo", "Ines", "Jonas", "Karin", "Leo", "Maria"),
    *("Nora", "Oscar", "Paula", "Quinn", "Rosa", "Simon", "Tara", "Ursula", "Victor", "Wanda", "Xenia", "Yann", "Zoë"),
    *("Amir", "Björn", "Chloé", "Dario", "Esra", "Fatima", "Goran", "Hana", "Ivo", "Júlia", "Kenji", "Lucía", "Mei"),
    *("Noah", "Olga", "Priya", "Rahul", "Sofie", "Tomás", "Uma", "Vera", "Willem", "Yusuf", "Zara"),
)
_SURNAME_STARTS = (
    *("Alder", "Bran", "Castel", "Dorn", "Ester", "Falk", "Grun", "Hasel", "Ilver", "Jor", "Kest", "Lind", "Mar"),
    *("Nor", "Oster", "Pel", "Quar", "Rosen", "Sander", "Tor", "Ulm", "Ver", "Wester", "Yar", "Zel", "Müh", "Peñ"),
)
_SURNAME_ENDS = (
    "vale",
    "kovic",
    "mare",
    "brandt",
    "ini",
    "quist",
    "eaux",
    "ero",
    "wick",
    "ström",
    "ade",
    "holt",
    "lyn",
)
_COMPANY_STARTS = (
    *("Vel", "Quin", "Bru", "Tor", "Zan", "Mer", "Lus", "Kav", "Ori", "Pel", "Dra", "Fen", "Hol", "Jas", "Nim", "Sor"),
    *("Ald", "Cor", "Eri", "Gal", "Ist", "Ulm", "Wen", "Yor"),
)
_COMPANY_MIDDLES = ("mo", "ta", "di", "lu", "ve", "ran", "qui", "zo", "be", "ni", "fa", "gu")
_COMPANY_ENDS = ("rax", "lex", "dis", "vor", "vant", "nic", "mar", "sil", "den", "quo", "thra", "lund", "pex", "ria")
_COMPANY_TRADES: dict[str, tuple[str, ...]] = {
    "Technology": ("Systems", "Software", "Labs"),
    "Finance": ("Capital", "Insurance", "Partners"),
    "Healthcare": ("Clinics", "Health", "Diagnostics"),
    "Manufacturing": ("Works", "Tools", "Industries"),
    "Retail": ("Stores", "Outfitters", "Market"),
    "Education": ("Academy", "Learning", "College"),
    "Energy": ("Energy", "Power", "Grid"),
    "Media": ("Media", "Studios", "Press"),
    "Logistics": ("Logistics", "Freight", "Lines"),
}
_DOMAINS = ("example.com", "example.org", "example.net")
_PHONES: dict[str, str] = {
    "United States": "(202) 555-01{:02d}",
    "Canada": "(613) 555-01{:02d}",
    "United Kingdom": "020 7946 0{:03d}",
    "Germany": "030 23125 {:03d}",
    "France": "01 99 00 {:02d} 17",
    "Sweden": "08 465 004 {:02d}",
}


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person with the ways to reach them; no telephone number where their country keeps none for fiction."""

    first_name: str
    last_name: str
    email: str
    phone: str | None


def draw_company_names(industries: list[str], *, seed: int, table: str) -> list[str]:
    """Return one company name for each industry; no name comes twice before all syllables are used up."""
    middles, ends = len(_COMPANY_MIDDLES), len(_COMPANY_ENDS)
    stems = Stream(seed, f"{table}.company.stem").order(len(_COMPANY_STARTS) * middles * ends).tolist()
    trades = Stream(seed, f"{table}.company.trade").uniform(len(industries)).tolist()
    companies = []
    for place, (industry, trade) in enumerate(zip(industries, trades, strict=True)):
        start, rest = divmod(stems[place % len(stems)], middles * ends)
        middle, end = divmod(rest, ends)
        words = _COMPANY_TRADES[industry]
        stem = _COMPANY_STARTS[start] + _COMPANY_MIDDLES[middle] + _COMPANY_ENDS[end]
        companies.append(f"{stem} {words[int(trade * len(words))]}")
    return companies


def draw_people(companies: list[str], countries: list[str], *, seed: int, table: str) -> list[Person]:
    """Return one person for each company, with an address under an example domain of that company."""
    count = len(companies)
    first_names = Stream(seed, f"{table}.first_name").pick(_FIRST_NAMES, count)
    starts = Stream(seed, f"{table}.last_name.start").pick(_SURNAME_STARTS, count)
    ends = Stream(seed, f"{table}.last_name.end").pick(_SURNAME_ENDS, count)
    domains = Stream(seed, f"{table}.email.domain").pick(_DOMAINS, count)
    numbers = Stream(seed, f"{table}.phone").whole(0, 99, count).tolist()
    people = []
    for place, first_name in enumerate(first_names):
        last_name = starts[place] + ends[place]
        company = _plain(companies[place]).replace(" ", "-")
        email = f"{_plain(first_name)}.{_plain(last_name)}@{company}.{domains[place]}"
        pattern = _PHONES.get(countries[place])
        people.append(Person(first_name, last_name, email, pattern.format(numbers[place]) if pattern else None))
    return people


def _plain(text: str) -> str:
    """Return the text in lower-case ASCII letters."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
