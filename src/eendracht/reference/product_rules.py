"""Which rule decides on a product, where the legal basis in the national list does not lead to it.

That list names the article that creates a right (AKW 7, WHT 7) or a model ordinance without a number; the rule that
works out whether somebody has it stands in another article or in the ordinance of one municipality. `product_rules.csv`
was written and reviewed here, law by law, against the laws in `rulebook/` and those of poc-machine-law (MinBZK).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from eendracht.reference.bodies import read_table


@dataclass(frozen=True, slots=True)
class ProductRule:
    """That outputs of an article decide on a product.

    `service` is the executing body in the service-based format, and `area` the code of the municipality whose ordinance
    it is; both are empty for a law of the whole country.
    """

    product: str
    law: str
    service: str
    area: str
    article: str
    outputs: tuple[str, ...]


@cache
def load_product_rules() -> tuple[ProductRule, ...]:
    """Give the table in its own order; read once per process."""
    return tuple(
        ProductRule(product, law, service, area, article, tuple(outputs.split()))
        for product, law, service, area, article, outputs in read_table("product_rules.csv")
    )
