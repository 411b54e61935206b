"""The table of products against the figures counted from the list itself, and against the script that makes it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from eendracht.reference import load_product_words, load_products, load_public_bodies

ROOT = Path(__file__).parents[2]
PRODUCTS = load_products()


def test_counts_are_those_of_the_list() -> None:
    levels = Counter(level for product in PRODUCTS for level in product.levels)
    audiences = Counter(audience for product in PRODUCTS for audience in product.audiences)
    forms = Counter(form for product in PRODUCTS for form in product.forms)
    assert len(PRODUCTS) == len({product.name for product in PRODUCTS}) == len({p.uri for p in PRODUCTS}) == 1_017
    assert levels == {"state": 581, "province": 116, "water-board": 76, "municipality": 450}
    assert audiences == {"citizen": 828, "business": 585}
    assert forms["application"] == 502


def test_a_product_that_the_list_repeats_has_all_its_legal_bases() -> None:
    notice = next(product for product in PRODUCTS if product.name == "aanschrijving")
    assert [(basis.bwb_id, basis.article) for basis in notice.legal_bases] == [
        ("BWBR0005416", "125"),
        ("BWBR0005645", "122"),
        ("BWBR0005108", "61"),
    ]
    assert notice.levels == ("province", "water-board", "municipality")


def test_the_script_makes_exactly_the_committed_table(shared: Callable[..., Path], tmp_path: Path) -> None:
    script = ROOT / "scripts" / "make_products.py"
    subprocess.run([sys.executable, str(script), str(shared()), str(tmp_path)], check=True, timeout=60)
    assert (tmp_path / "products.csv").read_bytes() == (ROOT / "src/eendracht/reference/products.csv").read_bytes()


def test_words_are_for_products_and_bodies_that_exist() -> None:
    names, bodies = {product.name for product in PRODUCTS}, {body.code for body in load_public_bodies()}
    words = load_product_words()
    assert not [item.name for item in words if item.name not in names]
    assert not [item.authority for item in words if item.authority and item.authority not in bodies]
    assert not [name for name, count in Counter(item.name for item in words).items() if count > 1]


SERVICES = {
    "DUO": "oorg10148",
    "IND": "oorg10222",
    "KVK": "zb000184",
    "SVB": "zb000143",
    "TOESLAGEN": "oorg12369",
    "UWV": "zb000117",
}
"""How the laws of the Ministry of the Interior name a body that carries out one law alone, and its code."""


def test_who_gives_a_product_is_who_carries_out_its_law(shared: Callable[..., Path]) -> None:
    carried_out: dict[str, set[str]] = {}
    for path in shared("reference", "services", "poc-machine-law", "laws").rglob("*.yaml"):
        text = path.read_text("utf-8")
        service, law = (re.search(pattern, text, re.M) for pattern in (r'^service: "?(\w+)', r'bwb_id: "?(BWBR\d{7})'))
        if service and law:
            carried_out.setdefault(law[1], set()).add(service[1])
    checked = 0
    for product in PRODUCTS:
        for basis in product.legal_bases if product.authority else ():
            services = carried_out.get(basis.bwb_id, set())
            if len(services) == 1 and services <= SERVICES.keys():
                checked += 1
                assert product.authority == SERVICES[next(iter(services))], product.name
    assert checked >= 30
