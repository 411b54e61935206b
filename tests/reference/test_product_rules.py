"""The reviewed table of rules behind products: what it names is there, in the rulebook or in the corpus of MinBZK."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from eendracht.kernel.rules.catalogue import list_outputs
from eendracht.kernel.rules.lawbook import RULEBOOK
from eendracht.kernel.rules.library import Library
from eendracht.reference import load_product_rules, load_products


def test_every_row_names_outputs_of_an_article_that_a_law_has(shared: Callable[..., Path]) -> None:
    corpus = shared("reference", "services", "poc-machine-law", "laws")
    laws = [*Library.load([RULEBOOK]), *Library.load([corpus])]
    products = {product.name for product in load_products()}
    for rule in load_product_rules():
        assert rule.product in products
        found = [
            law
            for law in laws
            if (law.id, law.service, law.jurisdiction.upper()) == (rule.law, rule.service, rule.area)
        ]
        assert found, rule
        newest = max(found, key=lambda law: str(law.valid_from))
        articles = {name: article.number for name, (article, _) in list_outputs(newest).items()}
        assert rule.outputs and {articles.get(name) for name in rule.outputs} == {rule.article}, rule
