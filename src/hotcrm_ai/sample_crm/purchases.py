"""The purchases of the sample CRM: industries and sizes have their favourites, and products pull one another."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from hotcrm_ai.sample_crm.companies import Companies
from hotcrm_ai.sample_crm.products import PRODUCTS, Product
from hotcrm_ai.sample_crm.rows import Row, date_in, record_ids
from hotcrm_ai.sample_crm.streams import Flags, Floats, Stream

_MOST_LIKELY = 0.9
_AGAIN = 0.3


@dataclass(frozen=True, slots=True)
class Purchases:
    """The table of purchases, and the truth behind it."""

    rows: list[Row]
    truth: list[Row]


def draw_purchases(companies: Companies, accounts: list[Row], *, seed: int) -> Purchases:
    """Return what each account bought between its first day and its review, in order of time.

    The truth is, for each account and product, the chance of buying it given the company and the products above it
    in the list that the account owns already.
    """
    count = len(accounts)
    owned: dict[str, Flags] = {}
    truth: list[Row] = []
    bought: list[tuple[date, str, str, int]] = []
    for product in PRODUCTS:
        chances = _buying_chances(product, companies)
        if product.goes_with is not None:
            chances = np.where(owned[product.goes_with], np.maximum(chances, product.chance_with), chances)
        buys = Stream(seed, f"purchases.{product.id}").chance(chances, count)
        owned[product.id] = buys
        truth += [
            {"account_id": account["id"], "product_id": product.id, "true_probability": chance}
            for account, chance in zip(accounts, np.round(chances, 6).tolist(), strict=True)
        ]
        bought += _orders_of(
            product, [accounts[place] for place in np.flatnonzero(buys).tolist()], companies, buys, seed
        )
    bought.sort()
    rows: list[Row] = [
        {"id": id_, "account_id": account, "product_id": product_id, "purchase_date": day, "quantity": quantity}
        for id_, (day, account, product_id, quantity) in zip(
            record_ids("PU", len(bought), digits=6), bought, strict=True
        )
    ]
    return Purchases(rows, truth)


def _buying_chances(product: Product, companies: Companies) -> Floats:
    """Return the chance that each company buys the product for its own sake."""
    fitting = np.array([industry in product.industries for industry in companies.industries], dtype=bool)
    pull = product.size_factor ** np.log10(companies.sizes / 150.0)
    return np.minimum(product.base_chance * np.where(fitting, 3.0, 1.0) * pull, _MOST_LIKELY)


def _orders_of(
    product: Product, buyers: list[Row], companies: Companies, buys: Flags, seed: int
) -> list[tuple[date, str, str, int]]:
    """Return the orders of one product: each buyer's first, and now and then a second one later."""
    count = len(buyers)
    moments = Stream(seed, f"purchases.{product.id}.date").uniform(2 * count).reshape(2, count).tolist()
    again = Stream(seed, f"purchases.{product.id}.again").chance(_AGAIN, count).tolist()
    sizes = companies.sizes[buys]
    spread = np.exp(0.4 * Stream(seed, f"purchases.{product.id}.quantity").normal(count))
    quantities = np.maximum(np.rint(0.35 * sizes**0.6 * spread), 1).astype(np.int64).tolist()
    orders = []
    for place, buyer in enumerate(buyers):
        first = date_in(buyer, "created_date")
        span = (date_in(buyer, "review_date") - first).days
        earlier = moments[0][place] ** 2 * span
        days = [earlier, earlier + (span - earlier) * moments[1][place]] if again[place] else [earlier]
        orders += [(first + timedelta(days=int(day)), str(buyer["id"]), product.id, quantities[place]) for day in days]
    return orders
