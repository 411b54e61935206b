"""The executable law behind a product, by article where it can be."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from eendracht.kernel.errors import NotFound
from eendracht.kernel.rules.lawbook import RULEBOOK
from eendracht.kernel.rules.library import Library
from eendracht.services.catalogue import list_products
from eendracht.services.rule_links import find_rule_outputs

DAY = date(2026, 6, 1)
BWB = re.compile(r"BWB[A-Z]\d+")


@pytest.fixture(scope="module")
def rulebook() -> Library:
    return Library.load([RULEBOOK])


@pytest.mark.parametrize(
    ("product", "law", "article", "output"),
    [
        ("zorgtoeslag", "wet_op_de_zorgtoeslag", "2", "heeft_recht_op_zorgtoeslag"),
        ("huurtoeslag", "wet_op_de_huurtoeslag", "21", "hoogte_huurtoeslag"),
        ("kinderbijslag", "algemene_kinderbijslagwet", "12", "heeft_recht_op_kinderbijslag"),
        ("belastingkwijtschelding", "invorderingswet_1990", "26", "heeft_recht_op_volledige_kwijtschelding"),
        ("alcoholvergunning", "alcoholwet", "27", "heeft_recht_op_alcoholvergunning"),
        ("http://standaarden.overheid.nl/owms/terms/zorgtoeslag", "wet_op_de_zorgtoeslag", "2", "maandbedrag"),
    ],
)
def test_a_product_leads_to_the_outputs_that_decide_on_it(
    rulebook: Library, product: str, law: str, article: str, output: str
) -> None:
    link = find_rule_outputs(rulebook, product, DAY)[0]
    assert (link.law, link.article, link.precision, link.basis) == (law, article, "article", "reviewed")
    assert output in link.outputs


def test_an_ordinance_tells_for_which_municipality_it_is(rulebook: Library) -> None:
    assert {link.area for link in find_rule_outputs(rulebook, "terrasvergunning", DAY)} == {"GM0599"}


def test_the_article_of_the_legal_basis_is_enough_where_it_can_be_run(rulebook: Library) -> None:
    (link,) = find_rule_outputs(rulebook, "horecabedrijf inrichtingseisen", DAY)
    assert (link.law, link.article, link.outputs) == ("alcoholwet", "10", ("inrichting_voldoet",))
    assert link.basis == "legal-basis"


def test_a_law_without_that_article_is_named_without_outputs(rulebook: Library) -> None:
    (link,) = find_rule_outputs(rulebook, "tapontheffing", DAY)
    assert (link.law, link.article, link.outputs, link.precision) == ("alcoholwet", "", (), "law")


def test_none_yet_is_an_empty_answer_and_no_product_is_an_error(rulebook: Library) -> None:
    assert find_rule_outputs(rulebook, "paspoort", DAY) == ()
    with pytest.raises(NotFound):
        find_rule_outputs(rulebook, "paspoortje", DAY)


def test_a_regulation_that_only_carries_the_number_of_a_law_is_not_that_law(rulebook: Library) -> None:
    # Article 1 of the regulation on the norms of social assistance is not article 1 of the Participatiewet.
    laws = {link.law for product in list_products() for link in find_rule_outputs(rulebook, product.name, DAY)}
    assert "aanpassing_bijstandsnormen" not in laws and "participatiewet" in laws


def test_before_a_law_begins_it_is_not_linked(rulebook: Library) -> None:
    assert find_rule_outputs(rulebook, "alcoholvergunning", date(2023, 12, 31)) == ()


def _number_of(law: dict[str, Any]) -> str:
    """Give the BWB number of a law as its file says it, at the top or under the first of its legal bases."""
    basis = law.get("legal_basis") or {}
    return str(law.get("bwb_id") or (basis[0] if isinstance(basis, list) else basis).get("bwb_id"))


def test_the_counts_over_the_whole_list(rulebook: Library, shared: Callable[..., Path]) -> None:
    """How much of the list has a law that can be run; the numbers of laws are read from the files themselves.

    An earlier count found 245 products by BWB number alone, in the whole of two corpora of MinBZK. Here are our
    rulebook and 48 files of the larger corpus, without the Gemeentewet. Most of what shares the number of a law shares
    no article with it: the precise links are far fewer.
    """
    corpus = shared("reference", "services", "poc-machine-law", "laws")
    published: dict[str, set[str]] = {}
    with shared("reference", "services", "catalogue", "UPL-actueel.csv").open(encoding="utf-8-sig") as stream:
        for row in csv.DictReader(stream):
            published.setdefault(row["UniformeProductnaam"], set()).update(BWB.findall(row["Grondslaglink"]))
    for folders, by_number, precise in (([RULEBOOK], 71, 16), ([RULEBOOK, corpus], 171, 25)):
        library = Library.load(folders)
        files = (file for folder in folders for file in folder.rglob("*.yaml"))
        numbers = {_number_of(yaml.safe_load(file.read_text())) for file in files}
        expected = {name for name, found in published.items() if found & numbers}
        assert len(expected) == by_number
        links = {product.name: find_rule_outputs(library, product.name, DAY) for product in list_products()}
        reviewed = {name for name, found in links.items() if any(link.basis == "reviewed" for link in found)}
        assert {name for name, found in links.items() if found} == expected | reviewed
        assert sum(any(link.precision == "article" for link in found) for found in links.values()) == precise
