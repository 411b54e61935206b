"""The executable law behind a product: found by article from its legal basis, or by a small table that was reviewed.

The legal basis of a product names a law by its number in the national collection (BWB) and an article. Where the
library holds that law, the link is as precise as *article* when that very article can be run, else only *law*: then it
is not said which output decides. A product without any link has no executable law yet, which says nothing of a right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.catalogue import Entry, list_entries, list_outputs
from eendracht.kernel.rules.library import Library
from eendracht.reference.product_rules import ProductRule, load_product_rules
from eendracht.reference.products import LegalBasis
from eendracht.services.catalogue import find_product

Precision = Literal["article", "law"]
_STATES = 4
"""How many libraries are kept grouped: a node has one, tests have a few."""


@dataclass(frozen=True, slots=True)
class RuleLink:
    """That a law in the library decides on a product, as far as is known.

    `outputs` are those that decide; empty where only the law is known. `area` is the municipality whose ordinance it is
    and `service` the executing body of the service-based format, both empty for most laws. `basis` tells where the
    link comes from: the legal basis in the national list, or the reviewed table.
    """

    product: str
    law: str
    law_name: str
    service: str
    area: str
    article: str
    outputs: tuple[str, ...]
    precision: Precision
    basis: Literal["legal-basis", "reviewed"]
    bwb_id: str = ""


def find_rule_outputs(library: Library, product_name: str, on: date) -> tuple[RuleLink, ...]:
    """Give the rules of the library that decide on a product and hold on a date; reviewed links first.

    Empty where no executable law is known yet. Raises NotFound for a name or URI that is no product.
    """
    product = find_product(product_name)
    entries = _entries_of(library)
    reviewed = [link for rule in _rules_of(product.name) if (link := _from_table(entries, rule, on)) is not None]
    covered = {link.law for link in reviewed}
    found = [
        link
        for basis in product.legal_bases
        for link in _from_basis(entries, product.name, basis, on)
        if link.law not in covered
    ]
    precise = {link.law for link in found if link.precision == "article"}
    kept = [link for link in found if link.precision == "article" or link.law not in precise]
    return tuple(dict.fromkeys([*reviewed, *kept]))


def _from_table(entries: Sequence[Entry], rule: ProductRule, on: date) -> RuleLink | None:
    for entry in entries:
        newest = entry.newest
        if (newest.id, newest.service, newest.jurisdiction.upper()) != (rule.law, rule.service, rule.area):
            continue
        law = entry.in_force_on(on)
        known = list_outputs(law) if law else {}
        outputs = tuple(name for name in rule.outputs if name in known and known[name][0].number == rule.article)
        if law and outputs:
            return _link(rule.product, law, rule.article, outputs, "reviewed")
    return None


def _from_basis(entries: Sequence[Entry], product: str, basis: LegalBasis, on: date) -> Iterator[RuleLink]:
    laws = [law for entry in entries if basis.bwb_id and (law := _law_of(entry, basis.bwb_id, on)) is not None]
    # A regulation that fills in a law carries the number of that law, while its articles are numbered by itself.
    highest = min((_rank(law) for law in laws), default=0)
    for law in laws:
        if _rank(law) != highest:
            continue
        by_article: dict[str, list[str]] = defaultdict(list)
        for name, (article, _) in list_outputs(law).items():
            by_article[article.number].append(name)
        wanted = _plain(basis.article)
        exact = [(number, tuple(names)) for number, names in by_article.items() if wanted and _plain(number) == wanted]
        for number, names in exact or [("", ())]:
            yield _link(product, law, number, names, "legal-basis")


def _link(
    product: str, law: ir.Regulation, article: str, outputs: tuple[str, ...], basis: Literal["legal-basis", "reviewed"]
) -> RuleLink:
    return RuleLink(
        product,
        law.id,
        law.name,
        law.service,
        law.jurisdiction,
        article,
        outputs,
        "article" if article else "law",
        basis,
        law.bwb_id,
    )


def _law_of(entry: Entry, bwb_id: str, on: date) -> ir.Regulation | None:
    if entry.newest.bwb_id != bwb_id:
        return None
    law = entry.in_force_on(on)
    return law if law is not None and list_outputs(law) else None


def _plain(number: str) -> str:
    """Give the number of an article without what only separates: `B 1`, `B_1` and `B1` are one article."""
    return number.replace(" ", "").replace("_", "").casefold()


def _rank(law: ir.Regulation) -> int:
    return ir.LAYERS.index(law.layer) if law.layer in ir.LAYERS else 0


def _rules_of(product: str) -> list[ProductRule]:
    return [rule for rule in load_product_rules() if rule.product == product]


@lru_cache(maxsize=_STATES)
def _entries_of(library: Library) -> tuple[Entry, ...]:
    return tuple(list_entries(library))
