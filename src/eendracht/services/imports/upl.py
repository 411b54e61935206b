"""Reads the two tables of the Uniforme Productnamenlijst: the products, and the areas of the Single Digital Gateway.

The list says what bodies of a level may give; the body for which it is imported confirms what it does give.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from eendracht.kernel.errors import Fault
from eendracht.kernel.imports.bounds import refuse
from eendracht.kernel.imports.collector import Collector
from eendracht.kernel.imports.rows import OWNER, Mention, Reading, SourceRow
from eendracht.kernel.imports.tables import Table, TableRow, read_tables
from eendracht.services.catalogue import is_product_uri

NAME: Final = "UniformeProductnaam"
LEVEL_COLUMNS: Final[Mapping[str, str]] = {
    "state": "Rijk",
    "province": "Provincie",
    "water-board": "Waterschap",
    "municipality": "Gemeente",
}
_AUDIENCES: Final = (("citizen", "Burger"), ("business", "Bedrijf"))
_UPL: Final = (NAME, "URI", "Burger", "Bedrijf", "SDG", "Grondslaglabel", "Grondslaglink", *LEVEL_COLUMNS.values())
_SDG: Final = (NAME, "URI", "SDG_Code")
_UNNAMED: Final = "UPL-naam nog niet beschikbaar"


@dataclass(frozen=True, slots=True)
class KnownService:
    """A service that the body has already: its ref, and what it is called there."""

    ref: str
    name: str


@dataclass(slots=True)
class _Product:
    name: str
    uri: str
    place: str
    is_here: bool = False
    audience: dict[str, None] = field(default_factory=dict)
    codes: dict[str, None] = field(default_factory=dict)
    laws: dict[tuple[str, str], None] = field(default_factory=dict)


def is_upl_header(columns: tuple[str, ...]) -> str:
    """Tell by its columns which of the two tables it is: `upl`, `sdg`, or an empty text for neither."""
    if NAME not in columns:
        return ""
    return "sdg" if "SDG_Code" in columns else "upl"


def read_upl(path: Path, level: str, known: Mapping[str, KnownService]) -> Reading:
    """Give a service for each product that bodies of a level give; `known` are those that the body has, by product.

    Raises UnreadableFile for a file without the columns of the national list.
    """
    collector = Collector()
    table = _find_table(path, _UPL, "upl")
    products: dict[str, _Product] = {}
    for row, cells in _rows(table, collector):
        product = products.setdefault(cells["URI"], _Product(cells[NAME], cells["URI"], row))
        if product.name != cells[NAME]:
            collector.add_fault(_double(row, cells["URI"]), "URI")
            continue
        product.is_here |= bool(cells[LEVEL_COLUMNS[level]])
        product.audience |= {code: None for code, column in _AUDIENCES if cells[column]}
        product.codes |= {code: None for code in cells["SDG"].replace(",", ";").split(";") if code}
        if cells["Grondslaglabel"]:
            product.laws[cells["Grondslaglabel"], cells["Grondslaglink"]] = None
    elsewhere = sum(not product.is_here for product in products.values())
    if elsewhere:
        collector.ignore(path.name, f"products of other levels than {level}", elsewhere)
    rows = [_row(product, level, known) for product in products.values() if product.is_here]
    return Reading("upl", tuple(rows), collector.faults, ignored=collector.ignored, notes=collector.notes)


def read_sdg_areas(path: Path, known: Mapping[str, KnownService]) -> Reading:
    """Give the areas of the Single Digital Gateway for the services that a body has; other products are counted.

    Raises UnreadableFile for a file without the columns of the join of products and areas.
    """
    collector = Collector()
    table = _find_table(path, _SDG, "sdg")
    codes: dict[str, tuple[str, dict[str, None]]] = {}
    others: set[str] = set()
    for row, cells in _rows(table, collector):
        if cells[NAME] not in known:
            others.add(cells[NAME])
        elif cells["SDG_Code"]:
            codes.setdefault(cells[NAME], (row, {}))[1][cells["SDG_Code"]] = None
    if others:
        collector.ignore(path.name, "products of which there is no service", len(others))
    rows = [
        SourceRow(
            "public-service",
            name,
            {"name": known[name].name, "sdgCodes": list(found)},
            (),
            place,
            facts={"ref": known[name].ref},
        )
        for name, (place, found) in codes.items()
    ]
    return Reading("sdg", tuple(rows), collector.faults, ignored=collector.ignored, notes=collector.notes)


def _row(product: _Product, level: str, known: Mapping[str, KnownService]) -> SourceRow:
    service = known.get(product.name)
    spec: dict[str, Any] = {
        "name": service.name if service else product.name[:1].upper() + product.name[1:],
        "upl": product.name,
        "level": level,
        "audience": list(product.audience),
        "sdgCodes": list(product.codes),
        "legalResources": [_law(label, url) for label, url in product.laws],
    }
    return SourceRow(
        "public-service",
        product.uri,
        {name: value for name, value in spec.items() if value},
        (Mention("providedBy", "organisation", key=OWNER),),
        product.place,
        facts={"ref": service.ref} if service else {},
        columns={"upl": NAME, "sdgCodes": "SDG", "legalResources": "Grondslaglabel"},
    )


def _law(label: str, url: str) -> dict[str, str]:
    """Take `Artikel 7 Paspoortwet` apart; a label of another form is the law as a whole."""
    said = {"law": label[:500], "url": url[:500]}
    if label.startswith("Artikel "):
        article, law = _split_label(label.removeprefix("Artikel "))
        if law:
            said = {"law": law[:500], "article": article, "url": url[:500]}
    return {name: value for name, value in said.items() if value}


def _split_label(text: str) -> tuple[str, str]:
    """Give article and law: the law begins at the first word that starts with two letters, of which one is a capital.

    Numbers may hold a letter apart from the figure (`B 1`) or stuck to it (`7a`).
    """
    words = text.split()
    for at, word in enumerate(words):
        if at and len(word) > 1 and word[:2].isalpha():
            return " ".join(words[:at]), " ".join(words[at:])
    return text, ""


def _find_table(path: Path, columns: tuple[str, ...], kind: str) -> Table:
    tables = read_tables(path, lambda cell: cell in columns)
    for table in tables:
        if is_upl_header(table.columns) == kind:
            missing = [column for column in columns if column not in table.columns]
            if not missing:
                return table
            raise refuse(
                table.place,
                "missing-column",
                f"Deze kolommen ontbreken: {', '.join(missing)}",
                f"These columns are missing: {', '.join(missing)}",
                "Take the list as it is published at standaarden.overheid.nl.",
            )
    raise refuse(
        path.name,
        "not-upl",
        f"Dit is geen lijst met de kolom {NAME}" + (" en SDG_Code" if kind == "sdg" else ""),
        f"This is no list with the column {NAME}" + (" and SDG_Code" if kind == "sdg" else ""),
        "Take the Uniforme Productnamenlijst, or its join with the areas of the Single Digital Gateway.",
    )


def _rows(table: Table, collector: Collector) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield place and cells of each row that names a product by name and address; what is wrong becomes a fault."""
    collector.add_notes(table.notes)
    for row in table.rows:
        cells = {column: _text(row, at) for at, column in enumerate(table.columns)}
        place = table.place_of(row.number)
        if cells[NAME] == _UNNAMED:
            continue
        if not cells[NAME]:
            collector.add_fault(_missing(table.place_of(row.number, NAME)), NAME)
        elif not is_product_uri(cells["URI"]):
            collector.add_fault(_no_address(table.place_of(row.number, "URI")), "URI")
        else:
            yield place, cells


def _text(row: TableRow, at: int) -> str:
    value = row.cells[at] if at < len(row.cells) else None
    return "" if value is None else str(value).strip()


def _missing(place: str) -> Fault:
    return Fault(
        place,
        "missing",
        "De productnaam ontbreekt",
        "The name of the product is missing",
        "Fill it in, or leave the row out.",
    )


def _no_address(place: str) -> Fault:
    return Fault(
        place,
        "no-product-uri",
        "Dit is geen adres in de lijst van termen van OWMS",
        "This is no address in the list of terms of OWMS",
        "It begins with http://standaarden.overheid.nl/owms/terms/.",
    )


def _double(place: str, uri: str) -> Fault:
    return Fault(
        place,
        "two-names",
        f"{uri[:200]} heeft hier een andere naam dan eerder in het bestand; de eerste telt",
        f"{uri[:200]} has another name here than earlier in the file; the first counts",
        "A product has one name: correct the row.",
    )
