"""The products of Dutch public bodies: a table of our own of the Uniforme Productnamenlijst, and words for them.

`products.csv` is made by `scripts/make_products.py` and holds facts only: names, levels, audiences, forms, areas of the
Single Digital Gateway and legal bases. An area counts where the list or its join with the areas names it.
`product_words.csv`, and each file beside it whose name begins so, is written here: how people say it, in Dutch and in
English. Where several speak of one product, all their words count.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast

from eendracht.reference.bodies import read_table

UPL_BASE = "http://standaarden.overheid.nl/owms/terms/"
SEPARATOR = " | "

Level = Literal["state", "province", "water-board", "municipality"]
Audience = Literal["citizen", "business"]
Form = Literal["application", "subsidy", "notification", "obligation"]

UNNAMED = "UPL-naam nog niet beschikbaar"
"""The name that the list gives to what it has no name for: a placeholder, and no product to send anybody to."""


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """The article on which a product rests: the label of the list, and BWB id and article where it links to them."""

    label: str
    bwb_id: str
    article: str


@dataclass(frozen=True, slots=True)
class Product:
    """One product; an empty field means that the list does not say it.

    `authority` is the code of the one body that gives a product of the state, where whoever wrote the words knew it.
    """

    name: str
    term: str
    levels: tuple[Level, ...]
    audiences: tuple[Audience, ...]
    forms: tuple[Form, ...]
    needs_digid: bool
    sdg_codes: tuple[str, ...]
    legal_bases: tuple[LegalBasis, ...]
    authority: str = ""
    words_nl: tuple[str, ...] = ()
    words_en: tuple[str, ...] = ()

    @property
    def uri(self) -> str:
        """Give the URI of the product in the list."""
        return UPL_BASE + self.term


@dataclass(frozen=True, slots=True)
class ProductWords:
    """What people say for a product, and which body gives it (empty: unknown, or one per area)."""

    name: str
    authority: str
    nl: tuple[str, ...]
    en: tuple[str, ...]


@cache
def load_products() -> tuple[Product, ...]:
    """Give all products with the words for them, ordered by name; read once per process."""
    words = {item.name: item for item in load_product_words()}
    return tuple(_parse_product(cells, words) for cells in read_table("products.csv"))


@cache
def load_product_words() -> tuple[ProductWords, ...]:
    """Give the words for each product that has any, in the order of the tables; read once per process."""
    found: dict[str, ProductWords] = {}
    for table in sorted(file.name for file in files(__package__).iterdir() if _is_table_of_words(file.name)):
        for name, authority, nl, en in read_table(table):
            before = found.get(name, ProductWords(name, "", (), ()))
            found[name] = ProductWords(
                name,
                before.authority or authority,
                tuple(dict.fromkeys((*before.nl, *_split(nl)))),
                tuple(dict.fromkeys((*before.en, *_split(en)))),
            )
    return tuple(found.values())


def _is_table_of_words(name: str) -> bool:
    return name.startswith("product_words") and name.endswith(".csv")


def _parse_product(cells: list[str], words: dict[str, ProductWords]) -> Product:
    name, term, levels, audiences, forms, digid, sdg_codes, legal_bases = cells
    said = words.get(name) or ProductWords(name, "", (), ())
    return Product(
        name=name,
        term=term,
        levels=cast(tuple[Level, ...], tuple(levels.split())),
        audiences=cast(tuple[Audience, ...], tuple(audiences.split())),
        forms=cast(tuple[Form, ...], tuple(forms.split())),
        needs_digid=digid == "yes",
        sdg_codes=tuple(sdg_codes.split()),
        legal_bases=tuple(_parse_basis(text) for text in _split(legal_bases)),
        authority=said.authority,
        words_nl=said.nl,
        words_en=said.en,
    )


def _parse_basis(text: str) -> LegalBasis:
    place, _, label = text.partition("=")
    bwb_id, _, article = place.partition("#")
    return LegalBasis(label, bwb_id, article)


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(SEPARATOR.strip()) if part.strip())
