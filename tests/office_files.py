"""Writes the four Excel files that a Dutch municipality has, as messy as real ones, the same for the same seed.

An application list (400), a contract list (150), a creditor list (600) and an art. 30 register (80). All names are made
up or are products' generic names; `Planted` says what a reader must find.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

STEMS = [
    "Burgerzaken",
    "Belasting",
    "Zaak",
    "Subsidie",
    "Vergunning",
    "Sociaal",
    "Jeugd",
    "Inkomen",
    "Parkeer",
    "Begraaf",
    "Geo",
    "Archief",
    "Raads",
    "Financieel",
    "Salaris",
    "Rooster",
    "Melding",
    "Toezicht",
    "Handhaving",
    "Leerling",
    "Grondzaken",
    "Wegen",
    "Riool",
    "Groen",
    "Afval",
    "Facilitair",
    "Inkoop",
    "Klant",
    "Document",
    "Identiteit",
]
ENDINGS = [
    "suite",
    "plan",
    "net",
    "register",
    "portaal",
    "beheer",
    "desk",
    "wijzer",
    "monitor",
    "loket",
    "base",
    "flow",
]
BRANCHES = ["Software", "Automatisering", "Systems", "Data", "Online", "ICT Diensten", "Solutions", "Informatica"]
LEGAL_FORMS = [" B.V.", " BV", " b.v.", "", " N.V.", " Nederland B.V."]
PLACES = ["Noord", "Delta", "Polder", "Duin", "Kade", "Brug", "Veld", "Haven", "Linde", "Zilver", "Rijn", "Maas"]
OWNERS = [
    "Teammanager Burgerzaken",
    "Afdelingshoofd Sociaal Domein",
    "Informatiemanager",
    "Hoofd Financiën",
    "Coördinator Geo-informatie",
]
MONTHS = ["januari", "februari", "maart", "april", "mei", "juni"]
MONTHS += ["juli", "augustus", "september", "oktober", "november", "december"]
TRADES = ["Bouwbedrijf", "Hoveniersbedrijf", "Drukkerij", "Schoonmaakbedrijf", "Ingenieursbureau", "Installatiebedrijf"]
SURNAMES = ["de Vries", "Jansen", "van Dijk", "Smit"]
PERSONS = ["J. de Vries", "Anja Bakker", "Vermeulen, P.", "Mw. S. Yilmaz", "Kees van den Berg"]


@dataclass(frozen=True)
class Planted:
    """What stands in the files on purpose."""

    files: dict[str, Path]
    suppliers: list[str]
    """Canonical supplier names; the files spell them in several ways."""
    applications: list[str]
    unknown_creditors: int
    """Creditors that no application or contract names."""
    person_creditors: int
    """Rows of the creditor list that are natural persons."""
    ibans: int
    person_owners: int
    """Owner cells that hold a person instead of a role."""


def write_office_files(folder: Path, seed: int = 2026) -> Planted:
    """Write the four workbooks into a folder and tell what is in them."""
    chance = random.Random(seed)
    names = _supplier_names(chance)
    applications = _application_names(chance, 400)
    supplier_of = {name: chance.choice(names[:90]) for name in applications}
    persons = _write_applications(folder / "applicatielijst.xlsx", chance, applications, supplier_of)
    _write_contracts(folder / "contractenlijst.xlsx", chance, applications, supplier_of)
    unknown, natural, ibans = _write_creditors(folder / "crediteurenlijst.xlsx", chance, names, supplier_of)
    _write_register(folder / "verwerkingsregister.xlsx", chance, applications, names)
    kinds = ("applicatielijst", "contractenlijst", "crediteurenlijst", "verwerkingsregister")
    files = {kind: folder / f"{kind}.xlsx" for kind in kinds}
    return Planted(files, names, applications, unknown, natural, ibans, persons)


def _supplier_names(chance: random.Random) -> list[str]:
    combined = [f"{place} {branch}" for place in PLACES for branch in BRANCHES]
    chance.shuffle(combined)
    return combined


def _application_names(chance: random.Random, count: int) -> list[str]:
    combined = [f"{stem}{ending}" for stem in STEMS for ending in ENDINGS]
    chance.shuffle(combined)
    more = [f"{name} {tail}" for name in combined for tail in ("Online", "Mobiel")]
    return (combined + more)[:count]


def _spell(chance: random.Random, name: str) -> str:
    spelled = name + chance.choice(LEGAL_FORMS)
    style = chance.random()
    if style < 0.1:
        spelled = spelled.upper()
    elif style < 0.2:
        spelled = spelled.replace(" ", "  ", 1)
    return spelled + (" " if chance.random() < 0.15 else "")


def _amount(chance: random.Random, cents: int) -> Any:
    euros, rest = divmod(cents, 100)
    grouped = f"{euros:,}".replace(",", ".")
    return chance.choice([cents / 100, f"€ {grouped},{rest:02d}", f"{grouped},{rest:02d}", f"€ {grouped},-"])


def _day(chance: random.Random, day: date) -> Any:
    return chance.choice(
        [day, day, day.strftime("%d-%m-%Y"), f"{day.day} {MONTHS[day.month - 1]} {day.year}", day.strftime("%d/%m/%y")]
    )


def _bold(sheet: Worksheet, row: int) -> None:
    for cell in sheet[row]:
        cell.font = Font(bold=True)


def _write_applications(path: Path, chance: random.Random, names: list[str], supplier_of: dict[str, str]) -> int:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Applicaties"
    sheet.append(["Applicatieoverzicht gemeente Voorbeeldstad"])
    sheet.merge_cells("A1:F1")
    sheet.append(["Stand per:", date(2026, 10, 1)])
    sheet.append([])
    header: list[str | None] = [
        "Nr",
        "Applicatie ",
        "Omschrijving",
        "Leverancier",
        "Hosting",
        "Status",
        "Bedrijfskritisch",
        "RTO",
    ]
    header += [
        "Persoonsgegevens",
        "Aantal gebruikers",
        "Kosten per jaar",
        "Applicatie-eigenaar",
        "Contactpersoon",
        None,
    ]
    sheet.append([*header, "E-mail contactpersoon"])
    _bold(sheet, 4)
    persons = 0
    for number, name in enumerate(names, start=1):
        is_person = chance.random() < 0.1
        persons += is_person
        owner = chance.choice(PERSONS if is_person else OWNERS)
        cost = chance.randrange(50_000, 30_000_000)
        sheet.append(
            [
                f"APP-{number:04d}",
                name + chance.choice(["", "", " "]),
                f"Ondersteunt {name.lower()}" if chance.random() < 0.7 else None,
                _spell(chance, supplier_of[name]) if chance.random() < 0.95 else chance.choice([None, "n.v.t.", "?"]),
                chance.choice(["SaaS", "Saas", "On-premise", "on premise", "Private cloud", "Azure", None, "Onbekend"]),
                chance.choice(["In gebruik", "in gebruik", "Productie", "Uitfaseren", "Gepland", "Slaapstand"]),
                chance.choice(["Ja", "Nee", "Hoog", "Laag", "Midden", None]),
                chance.choice(["4 uur", "8 uur", "1 werkdag", "2 dagen", "< 4 uur", "1 week", None, None]),
                chance.choice(["ja", "nee", "Ja, bijzonder", "J", "N", "onbekend", None]),
                chance.choice([chance.randrange(1, 900), f"{chance.randrange(1, 4)}.{chance.randrange(100, 999)}"]),
                _amount(chance, cost),
                owner,
                "J. Jansen",
                None,
                "j.jansen@voorbeeldstad.nl",
            ]
        )
    sheet.append([])
    sheet.append(["Totaal", f"{len(names)} applicaties"])
    sheet.append(["* bron: uitvraag afdelingen"])
    legend = book.create_sheet("Keuzelijsten")
    legend.append(["Hosting"])
    for word in ("SaaS", "On-premise", "Private cloud"):
        legend.append([word])
    book.save(path)
    return persons


def _write_contracts(path: Path, chance: random.Random, names: list[str], supplier_of: dict[str, str]) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Lopende contracten"
    header = ["Contractnummer", "Contractomschrijving", "Contractpartij", "Betreft applicatie", "Ingangsdatum"]
    header += ["Einddatum", "Opzegtermijn", "Verlenging", "Jaarbedrag", "Contracteigenaar", "Telefoon"]
    sheet.append(header)
    _bold(sheet, 1)
    for number, name in enumerate(chance.sample(names, 150), start=1):
        begin = date(2019, 1, 1) + timedelta(days=chance.randrange(0, 2000))
        end = begin + timedelta(days=365 * chance.randrange(2, 9) - 1)
        last: Any = _day(chance, end)
        if chance.random() < 0.05:
            last = chance.choice(["onbepaalde tijd", "31-12-9999", "medio 2027"])
        sheet.append(
            [
                f"C{2000 + number}",
                f"Onderhoud en licenties {name}",
                _spell(chance, supplier_of[name]),
                name,
                _day(chance, begin),
                last,
                chance.choice(["3 maanden", "90 dagen", "6 maanden", 30, None]),
                chance.choice(["Stilzwijgend", "Ja", "Geen", "Optie", None]),
                _amount(chance, chance.randrange(100_000, 40_000_000)),
                chance.choice(OWNERS + PERSONS),
                "06-12345678",
            ]
        )
    total = sheet.max_row + 1
    sheet.cell(total, 1, "Totaal")
    sheet.cell(total, 9, f"=SUM(I2:I{total - 1})")
    book.save(path)


def _write_creditors(
    path: Path, chance: random.Random, names: list[str], supplier_of: dict[str, str]
) -> tuple[int, int, int]:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Crediteuren 2026"
    sheet.append(["Crediteuren met omzet, boekjaar 2026"])
    sheet.append([])
    sheet.append(["Crediteurnr", "Naam crediteur", "KvK", "IBAN", "Plaats", "Aantal facturen", "Jaarbedrag"])
    _bold(sheet, 3)
    known = sorted(set(supplier_of.values()))
    places = [f"{place}{end}" for place in PLACES for end in ("", "zicht", "land", "oord")]
    others = [f"{trade} {place} B.V." for trade in TRADES for place in places]
    others += [f"{name} {side}" for side in ("Oost", "West") for name in others]
    chance.shuffle(others)
    rows: list[str] = [_spell(chance, name) for name in known for _ in range(1 + (chance.random() < 0.3))]
    natural = 40
    unknown = 600 - len(rows) - natural
    rows += others[:unknown]
    rows += [f"{chance.choice('ABCDEFGHJKLM')}. {chance.choice(SURNAMES)}" for _ in range(natural)]
    chance.shuffle(rows)
    for number, name in enumerate(rows, start=1):
        kvk: Any = chance.choice(
            [10_000_000 + number * 97, f"{10_000_000 + number * 97}", 1_000_000 + number * 89, None]
        )
        sheet.append(
            [
                400_000 + number,
                name,
                kvk,
                f"NL{chance.randrange(10, 99)}BANK{chance.randrange(10**9, 10**10)}",
                chance.choice(["Utrecht", "Zwolle", "Assen", "Breda"]),
                chance.randrange(1, 200),
                _amount(chance, chance.randrange(10_000, 90_000_000)),
            ]
        )
    sheet.append(["Eindtotaal", None, None, None, None, None, 123456.78])
    book.save(path)
    return unknown, natural, len(rows)


def _write_register(path: Path, chance: random.Random, names: list[str], suppliers: list[str]) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Register"
    sheet.append(["Register van verwerkingsactiviteiten (artikel 30 AVG)"])
    header = [
        "Nr.",
        "Domein",
        "Naam verwerking",
        "Doel",
        "Grondslag",
        "Wettelijke grondslag",
        "Categorieën betrokkenen",
    ]
    header += ["Categorieën persoonsgegevens", "Bijzondere persoonsgegevens", "Ontvangers", "Verwerker", "Applicatie"]
    header += ["Bewaartermijn", "DPIA uitgevoerd?", "Functionaris gegevensbescherming (contact)"]
    sheet.append(header)
    _bold(sheet, 2)
    grounds = ["Wettelijke verplichting", "Publieke taak", "art. 6 lid 1 sub e", "Toestemming", "Overeenkomst"]
    domains = ["Sociaal domein", "Burgerzaken", "Ruimte", "Bedrijfsvoering"]
    for number in range(1, 81):
        system = chance.choice(names)
        if (number - 1) % 20 == 0:
            first = sheet.max_row + 1
        sheet.append(
            [
                number,
                domains[(number - 1) // 20] if (number - 1) % 20 == 0 else None,
                f"Verwerking {system.lower()} {number}",
                f"Uitvoeren van {system.lower()};\nVerantwoording",
                chance.choice(grounds),
                chance.choice(["Wmo 2015 art. 2.1.1", "Wet BRP; Gemeentewet art. 229", "Participatiewet", None]),
                chance.choice(["Inwoners", "Inwoners, medewerkers", "Cliënten; mantelzorgers"]),
                chance.choice(["Naam, adres, BSN", "NAW-gegevens", "Naam, geboortedatum, inkomen"]),
                chance.choice(["Ja", "Nee", "nee", None, "Onbekend"]),
                chance.choice(["Belastingdienst", "CAK, SVB", "Geen", None]),
                _spell(chance, chance.choice(suppliers[:90])) if chance.random() < 0.6 else "n.v.t.",
                chance.choice([system, f"{system}, {chance.choice(names)}"]),
                chance.choice(["7 jaar na beëindiging", "5 jaar", "conform selectielijst"]),
                chance.choice(["Ja", "Nee", "n.v.t.", None]),
                "fg@voorbeeldstad.nl",
            ]
        )
        if number % 20 == 0:
            sheet.merge_cells(start_row=first, end_row=sheet.max_row, start_column=2, end_column=2)
    book.save(path)
