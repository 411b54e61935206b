"""The reference page of the rulebook: every figure with its source and grade, and what was left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml
from scripts.reference.writing import code, table

from eendracht.rulebook import rulebook_folder

LEFT_OUT: Final = (
    (
        "zorgtoeslag",
        "wealth limits of 2024 and 2026 as the tables for zorgtoeslag print them",
        "two printings contradict each other; the limits of the kindgebonden budget of the same year stand "
        "instead, for both laws have the same limits (grade derived)",
    ),
    (
        "zorgtoeslag",
        "month wage of January 2024 as printed",
        "no source; the amount that the two official maximum incomes of 2024 allow stands instead (derived)",
    ),
    ("zorgtoeslag", "2023 and earlier", "no shares of the threshold income, no premium"),
    ("zorgtoeslag", "residents abroad (art. 4a)", "no source of the country factors"),
    (
        "zorgtoeslag",
        "one rounding of the threshold income for all years",
        "none fits: 2024 and 2025 follow from arithmetic rounding to whole euros, 2026 only from rounding up (derived)",
    ),
    (
        "income tax",
        "benefit from savings and investments (box 3), debt threshold, personal deductions",
        "figures in the sources disagree; who has wealth states the benefit of the assessment",
    ),
    (
        "general act on income-dependent schemes",
        "the same-address test of art. 3, partners for part of a year",
        "the sources give the bonds by name only",
    ),
    ("kinderbijslag", "basic amount of January 2024, July 2025 and of 2027", "no source; asked for as a fact"),
    ("kinderbijslag", "double amount and the extra amount of art. 7a", "no source of the conditions"),
    ("kindgebonden budget", "2024", "only the first child and the single parent have a figure"),
    ("kindgebonden budget", "income limit with a partner in 2025", "sources disagree; asked for as a fact"),
    (
        "kindgebonden budget",
        "amounts for each child, by age and for a single parent in 2026",
        "sources disagree; asked for as facts",
    ),
    ("AOW", "ages for who was born before 1 March 1957 or after 30 September 1962", "no official source"),
    (
        "AOW",
        "gross amount together in July 2024 and January 2025, single in January 2026, everything from July 2026; "
        "holiday pay of January 2024 and together in July 2025",
        "no source; asked for as facts",
    ),
    ("AOW", "net amounts", "they need the payroll tax tables"),
    ("AOW", "supplement for a younger partner", "the only source has round figures and a rule of its own"),
    ("bijstand", "norms and wealth limits of 2026", "no source; asked for as facts"),
    (
        "bijstand",
        "norm together with the AOW age in January 2024",
        "sources disagree; and of the other half-years but January 2025 there is none",
    ),
    (
        "bijstand",
        "single parent of 18 to 20, couples with someone under 18, cost sharing from the AOW age or under 21, "
        "norm in an institution",
        "no source of the norm, or of its rule",
    ),
    (
        "bijstand",
        "exemptions of income and wealth, study grants",
        "no figure in the sources; the facts are what counts",
    ),
    ("huurtoeslag", "2024 and 2025", "the factors of the quadratic own share have no source"),
    ("huurtoeslag", "own share of households with the AOW age in 2026", "no source; asked for as a fact"),
    ("huurtoeslag", "under 21 with a child or an older partner", "no source says which rent counts"),
    ("minimum wage", "IOAW", "one half-year only"),
    ("individuele inkomenstoeslag", "Amsterdam", "amounts of 2021 and 2022 for singles only"),
    (
        "individuele inkomenstoeslag",
        "single parent with a child of 12 or older in Alphen aan den Rijn, single parents in Amersfoort",
        "no figure; asked for as a fact",
    ),
    ("meedoenregeling", "all of it", "no municipal regulation with amounts was found"),
    ("remission of local taxes", "part of the surplus that is claimed, norms after 2022", "no source"),
    ("remission of local taxes", "by-laws of Amsterdam, Rotterdam and Utrecht", "no figures in the sources"),
    ("terrace in Rotterdam", "the closing hours of each area, the operating licence", "they are facts of the area"),
)
"""What the rulebook does not state: of which law, what, and why."""


def render_rulebook() -> list[str]:
    """Give the lines of the page."""
    lines = [
        "# Sources of the rulebook",
        "",
        "Every figure in the law files stands here with the place it was taken from. *official*: the law or the body",
        "that executes it; *secondary*: somebody who quotes them; *derived*: computed from such figures, the law file",
        "says how. Names such as `official/zorgtoeslag.json` are files of the reference material against which the",
        "figures are tested; `poc-machine-law` and `regelrecht` are the public law corpora of the Ministry of the",
        "Interior. An amount is printed in euros.",
        "",
        "The date of a file is the first day for which this rulebook states the law. Where the sources do not give",
        "the day of publication, the file repeats that date.",
    ]
    for title, rows in sorted(_figures().items()):
        lines += ["", f"## {title}", "", *table(("from", "article", "figure", "value", "source", "grade"), rows)]
    lines += ["", "## Left out", "", "What has no source is not in the rulebook.", ""]
    return [*lines, *table(("scheme", "what", "why"), LEFT_OUT)]


def _figures() -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for file in sorted(rulebook_folder().rglob("*.yaml")):
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        for row in _rows(document):
            found.setdefault(_title(file, document), []).append(row)
    return found


def _title(file: Path, document: dict[str, Any]) -> str:
    """Give the id of the law: its name may change from version to version."""
    return (
        f"`{document['$id']}`"
        if "gemeente_code" not in document
        else f"`{document['$id']}` ({document['gemeente_code']})"
    )


def _rows(document: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for article in document["articles"]:
        for name, figure in article.get("machine_readable", {}).get("definitions", {}).items():
            basis = figure["legal_basis"]
            number = basis["article"] if basis["law"] == document["name"] else f"{basis['article']} {basis['law']}"
            yield document["valid_from"], number, code(name), _value(figure), figure["source"], figure["grade"]


def _value(figure: dict[str, Any]) -> str:
    value, unit = figure["value"], figure.get("type_spec", {}).get("unit", "")
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if unit == "eurocent":
        return f"€ {value // 100:,}.{value % 100:02}"
    return f"{value} {unit}".rstrip() if unit != "ratio" else str(value)
