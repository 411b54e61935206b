"""The after-action report as files that are sent around: one HTML page that needs nothing else, and a PDF."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from eendracht.kit.i18n import LOCALE_FOLDER, Language, Words
from eendracht.resilience.exercises.report import Report
from eendracht.resilience.exercises.wording import say_code

if TYPE_CHECKING:
    from fpdf import FPDF

MOST_LINES: Final = 20_000
"""So many lines of the timeline go into a file."""
_LOCALE: Final = Path(__file__).parents[1] / "locale"
_FONT_FOLDER: Final = Path(__file__).parents[2] / "kit" / "static"
_SIZES: Final = {1: 18, 2: 13}


@cache
def _words(language: Language) -> Words:
    return Words(language, (LOCALE_FOLDER, _LOCALE))


def write_html(report: Report, language: Language) -> bytes:
    """Give the report as one page of HTML, which prints as it stands."""
    # Templates are not for who only runs commands.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    words = _words(language)
    environment = Environment(
        loader=PackageLoader("eendracht.resilience", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("exercise_report_file.html")
    return page.render(
        report=report, words=words, _=words.gettext, say=partial(say_code, words), most=MOST_LINES
    ).encode()


def write_pdf(report: Report, language: Language) -> bytes:
    """Give the report as PDF with an outline.

    A letter that its font (Latin) lacks is shown without its marks, or as a question mark; the HTML has every letter.
    """
    with TemporaryDirectory() as folder:
        # The library takes a font from a file only.
        font = Path(folder, "noto-sans.ttf")
        font.write_bytes(_font())
        return _compose(report, _words(language), font)


def _compose(report: Report, words: Words, font: Path) -> bytes:
    text = words.gettext
    pdf = _open(f"{report.state.scenario.name}: {text('after-action report')}", words.language, font)
    began = report.began_at.strftime("%d-%m-%Y %H:%M") if report.began_at else text("never")
    leader = report.name(report.row.owner)
    delivered, late, open = (words.number(n) for n in (report.delivered, report.late, report.undelivered))
    _write(pdf, text("Led by %(leader)s. Began %(at)s.", leader=leader, at=began))
    _write(
        pdf,
        text(
            "%(delivered)s messages delivered, %(late)s of them late, %(open)s not taken.",
            delivered=delivered,
            late=late,
            open=open,
        ),
        text("Scores are of organisations, never of people."),
    )
    if report.is_synthetic:
        _write(pdf, text("Made-up records are part of the estate of this exercise."))
    for title, heads, rows in _list_tables(report, words):
        _head(pdf, title, 2)
        if rows:
            _tabulate(pdf, heads, rows)
        else:
            _write(pdf, text("Nothing was written down."))
    return bytes(pdf.output())


def _list_tables(report: Report, words: Words) -> Iterable[tuple[str, Sequence[str], list[Sequence[str]]]]:
    text, value = words.gettext, partial(say_code, words)
    yield (
        text("What was reached"),
        [text(head) for head in ("Organisation", "Objective", "Points", "Out of", "Not judged")],
        [
            (
                report.name(score.organisation),
                score.objective.name,
                words.decimal(score.points) if score.possible else text("unknown"),
                words.number(score.possible),
                words.number(score.unjudged),
            )
            for score in report.scores
        ],
    )
    yield (
        text("What was expected"),
        [text(head) for head in ("Organisation", "Expectation", "Outcome", "After how long", "Rating")],
        [
            (
                report.name(item.organisation),
                item.expectation.name,
                value(item.status),
                "" if item.minutes is None else text("%(minutes)s min", minutes=words.decimal(item.minutes)),
                item.verdict.rating,
            )
            for item in report.outcomes
        ],
    )
    yield (
        text("Who told whom"),
        [text(head) for head in ("Told by", "Told to", "Times", "First after")],
        [
            (
                report.name(item.sender),
                report.name(item.receiver),
                words.number(item.times),
                text("%(minutes)s min", minutes=words.decimal(item.first_minutes)),
            )
            for item in report.tellings
        ],
    )
    yield (
        text("What evaluators saw"),
        [text(head) for head in ("Organisation", "Outcome", "Said")],
        [(item.organisation, value(item.said), item.text) for item in report.observations],
    )
    yield (
        text("Timeline"),
        [text(head) for head in ("Time", "What happened", "Organisation", "About", "Said")],
        [
            (
                item.time,
                f"{value(item.type)}: {value(item.said)}" if item.said not in ("", item.type) else value(item.type),
                item.organisation,
                item.about,
                item.text,
            )
            for item in report.timeline[:MOST_LINES]
        ],
    )


@cache
def _font() -> bytes:
    """Give the font of the pages as TrueType, which is what a PDF holds."""
    from fontTools.ttLib import TTFont

    (path,) = _FONT_FOLDER.glob("noto-sans.*.woff2")
    font, file = TTFont(path), BytesIO()
    font.flavor = None
    font.save(file)
    return file.getvalue()


@cache
def _letters() -> frozenset[int]:
    from fontTools.ttLib import TTFont

    return frozenset(TTFont(BytesIO(_font())).getBestCmap())


def _fit(text: str) -> str:
    """Give a text in the letters of the font."""
    letters = _letters()
    if all(ord(letter) in letters for letter in text):
        return text
    plain = (
        letter if ord(letter) in letters or letter.isspace() else unicodedata.normalize("NFKD", letter)[0]
        for letter in text.replace("→", ">")
    )
    return "".join(letter if ord(letter) in letters or letter.isspace() else "?" for letter in plain)


def _open(title: str, language: Language, font: Path) -> FPDF:
    from fpdf import FPDF

    pdf = FPDF(format="A4")
    pdf.set_lang(language)
    pdf.set_title(title)
    pdf.set_creator("Eendracht")
    for style, weight in (("", 400.0), ("B", 700.0)):
        pdf.add_font("noto", style, font, variations={"wght": weight})
    pdf.set_auto_page_break(True, margin=15)
    pdf.add_page()
    _head(pdf, title, 1)
    return pdf


def _head(pdf: FPDF, text: str, level: int) -> None:
    pdf.set_font("noto", "B", _SIZES[level])
    pdf.start_section(_fit(text), level - 1)
    pdf.multi_cell(0, None, _fit(text), new_x="LMARGIN", new_y="NEXT")
    pdf.ln(2)
    pdf.set_font("noto", "", 9)


def _write(pdf: FPDF, *texts: str) -> None:
    pdf.multi_cell(0, 5, _fit(" ".join(texts)), new_x="LMARGIN", new_y="NEXT")
    pdf.ln(1)


def _tabulate(pdf: FPDF, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    options: dict[str, Any] = {"text_align": "LEFT", "line_height": 4.5, "borders_layout": "HORIZONTAL_LINES"}
    with pdf.table(**options) as table:
        for cells in (heads, *rows):
            line = table.row()
            for cell in cells:
                line.cell(_fit(cell))
    pdf.ln(2)
