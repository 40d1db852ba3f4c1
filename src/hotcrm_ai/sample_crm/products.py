"""The products that the sample CRM's company sells, and who likes them."""

from dataclasses import dataclass

from hotcrm_ai.sample_crm.rows import Row


@dataclass(frozen=True, slots=True)
class Product:
    """A product with its natural customers, and with the product that it is bought together with.

    `base_chance` is the chance, from 0 to 1, that any account buys it; it is three times as likely in the
    `industries`, and changes by the factor `size_factor` with each tenfold number of employees beyond 150.
    The owners of the product `goes_with` buy it with `chance_with` at least.
    """

    id: str
    name: str
    line: str
    list_price: float
    base_chance: float
    industries: tuple[str, ...] = ()
    size_factor: float = 1.0
    goes_with: str | None = None
    chance_with: float = 0.0


PRODUCTS: tuple[Product, ...] = (
    Product("PR-001", "Pulse CRM Seats", "Core", 480.0, 0.75),
    Product("PR-002", "Pulse Mobile", "Core", 120.0, 0.15, goes_with="PR-001", chance_with=0.35),
    Product("PR-003", "Pulse Reports", "Analytics", 900.0, 0.16, ("Finance",), 1.5),
    Product("PR-004", "Forecast Studio", "Analytics", 2400.0, 0.04, ("Finance", "Manufacturing"), 1.8, "PR-003", 0.45),
    Product("PR-005", "Data Warehouse Link", "Analytics", 3600.0, 0.05, ("Technology",), 2.2, "PR-003", 0.30),
    Product("PR-006", "Campaign Mailer", "Marketing", 700.0, 0.16, ("Retail", "Media")),
    Product("PR-007", "Web Forms", "Marketing", 240.0, 0.08, ("Education",), 0.8, "PR-006", 0.50),
    Product("PR-008", "Event Desk", "Marketing", 1100.0, 0.07, ("Media", "Education"), 1.0, "PR-006", 0.20),
    Product("PR-009", "Help Desk", "Service", 850.0, 0.18, ("Technology", "Healthcare"), 1.3),
    Product("PR-010", "Chat Widget", "Service", 300.0, 0.07, ("Retail",), 0.9, "PR-009", 0.45),
    Product("PR-011", "Call Centre Link", "Service", 1900.0, 0.04, ("Healthcare", "Energy"), 2.0, "PR-009", 0.30),
    Product("PR-012", "Field Visits", "Operations", 1300.0, 0.12, ("Energy", "Logistics"), 1.2),
    Product("PR-013", "Stock Sync", "Operations", 1600.0, 0.09, ("Retail", "Manufacturing"), 1.3),
    Product("PR-014", "Route Planner", "Operations", 1000.0, 0.03, ("Logistics",), 1.2, "PR-012", 0.50),
    Product("PR-015", "Audit Trail", "Security", 1500.0, 0.08, ("Finance", "Healthcare"), 2.3),
    Product("PR-016", "Single Sign-On", "Security", 1200.0, 0.06, ("Technology",), 2.6, "PR-015", 0.55),
)
"""Every product; one that goes with another stands below it."""


def list_products() -> list[Row]:
    """Return the table of products."""
    return [
        {"id": product.id, "name": product.name, "product_line": product.line, "list_price": product.list_price}
        for product in PRODUCTS
    ]
