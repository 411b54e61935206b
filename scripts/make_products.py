"""Make the table of products of src/eendracht/reference from the Uniforme Productnamenlijst; the output is committed.

    python scripts/make_products.py PATH_OF_THE_SHARED_FOLDER [OUTPUT_FOLDER]

Same input, same output, byte for byte. The list repeats a product for each article it rests on: its rows become one.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

LEVELS = {"Rijk": "state", "Provincie": "province", "Waterschap": "water-board", "Gemeente": "municipality"}
AUDIENCES = {"Burger": "citizen", "Bedrijf": "business"}
FORMS = {"Aanvraag": "application", "Subsidie": "subsidy", "Melding": "notification", "Verplichting": "obligation"}
COLUMNS = ("name", "uri", "levels", "audiences", "forms", "digid", "sdg_codes", "legal_bases")
BWB = re.compile(r"jci[\d.]+:c:(BWB[RVW]\d{7})")
ARTICLE = re.compile(r"&artikel=([^&]+)")
SEPARATOR = " | "

Row = Mapping[str, str]


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def name_marks(rows: Iterable[Row], names: Mapping[str, str]) -> str:
    """Give the names of the columns that carry a mark in any of the rows."""
    marked = {column for row in rows for column in names if row[column]}
    return " ".join(name for column, name in names.items() if column in marked)


def tell_legal_basis(row: Row) -> str:
    """Give `BWB id#article=label`; what stands before the `=` is empty where the list has no link to a law."""
    label, link = " ".join(row["Grondslaglabel"].split()), row["Grondslaglink"]
    law, article = BWB.search(link), ARTICLE.search(link)
    return f"{law[1]}#{article[1] if article else ''}={label}" if law else f"={label}"


def make(shared: Path, output: Path) -> int:
    """Write products.csv to the folder `output`; give the number of products."""
    folder = shared / "reference" / "services" / "catalogue"
    products: defaultdict[str, list[Row]] = defaultdict(list)
    for row in read_rows(folder / "UPL-actueel.csv"):
        products[row["UniformeProductnaam"].strip()].append(row)
    codes: defaultdict[str, set[str]] = defaultdict(set)
    for row in read_rows(folder / "UPL-SDG-Informatiegebied.csv"):
        codes[row["UniformeProductnaam"].strip()].add(row["SDG_Code"])
    with (output / "products.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for name, rows in sorted(products.items()):
            own = {code.strip() for row in rows for code in row["SDG"].split(";") if code.strip()}
            bases = dict.fromkeys(tell_legal_basis(row) for row in rows if row["Grondslaglabel"].strip())
            marks = [name_marks(rows, names) for names in (LEVELS, AUDIENCES, FORMS)]
            digid = "yes" if any(row["DigiDMacht"] for row in rows) else ""
            areas = sorted(own | codes[name], key=lambda code: (code[0], int(code[1:])))
            writer.writerow(
                [name, rows[0]["URI"].rpartition("/")[2], *marks, digid, " ".join(areas), SEPARATOR.join(bases)]
            )
    return len(products)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    target = Path(sys.argv[2]) if len(sys.argv) == 3 else Path(__file__).parents[1] / "src/eendracht/reference"
    print(f"{make(Path(sys.argv[1]), target)} products written to {target}")
