"""Words, numbers and dates against the conventions that the CLDR publishes for both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from eendracht.bootstrap import Wiring
from eendracht.kernel.access import OPERATOR
from eendracht.kernel.briefing import make_briefing
from eendracht.kernel.store import load
from eendracht.kit.briefing import print_briefing
from eendracht.kit.i18n import Words, words_for
from tests.web.nodes import draft

CATALOGUE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Search"
msgstr "Zoeken"

#, fuzzy
msgid "Guess"
msgstr "Gok"

msgid "%(count)s result"
msgid_plural "%(count)s results"
msgstr[0] "%(count)s resultaat"
msgstr[1] "%(count)s resultaten"

msgctxt "kind"
msgid "public-service"
msgid_plural "public-service"
msgstr[0] "dienst"
msgstr[1] "diensten"

msgctxt "field"
msgid "rtoHours"
msgstr "Hersteltijd (uren)"

msgctxt "value"
msgid "in-use"
msgstr "in gebruik"
"""


def dutch(tmp_path: Path) -> Words:
    path = tmp_path / "nl" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    path.write_text(CATALOGUE, "utf-8")
    return Words("nl", (tmp_path,))


def test_texts_come_from_the_catalogue_and_else_stay_english(tmp_path: Path) -> None:
    words = dutch(tmp_path)
    assert words.gettext("Search") == "Zoeken"
    assert words.gettext("Guess") == "Guess", "a fuzzy text is no translation"
    assert words.gettext("Not %(what)s", what="there") == "Not there"
    assert words.ngettext("%(count)s result", "%(count)s results", 1) == "1 resultaat"
    assert words.ngettext("%(count)s result", "%(count)s results", 0) == "0 resultaten"
    assert words.ngettext("%(count)s result", "%(count)s results", 12345) == "12.345 resultaten"
    assert words.kind("public-service", 2) == "diensten"
    assert words.field("requirementGroups.rtoHours") == "Requirement groups › Hersteltijd (uren)"
    assert words.value("in-use") == "in gebruik"


def test_english_spells_codes_out() -> None:
    words = Words("en", ())
    assert (words.kind("public-service"), words.kind("public-service", 2)) == ("public service", "public services")
    assert (words.kind("business-process", 3), words.kind("facility", 3)) == ("business processes", "facilities")
    assert (words.field("usesPerDay"), words.field("kvk")) == ("Uses per day", "KVK")
    assert words.value("phasing-out") == "phasing out"


def test_numbers_and_dates_are_those_of_the_country() -> None:
    nl, en = Words("nl", ()), Words("en", ())
    assert (nl.number(17811291), en.number(17811291)) == ("17.811.291", "17,811,291")
    assert nl.number(Decimal("17811291.5")) == "17.811.291,5"
    assert (nl.day(date(2026, 12, 1)), en.day("2026-12-01")) == ("1 december 2026", "1 December 2026")
    moment = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    assert (nl.moment(moment), en.moment("2026-06-30T22:30:00Z")) == ("1 juli 2026, 00:30", "1 July 2026, 00:30")


def test_a_briefing_names_the_kinds_of_wings_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    event = draft("life-event:gm0344/op-reis", "Op reis", type="life", nameEn="Travelling")
    with Wiring().create(tmp_path / "node", "gm0344.example/eendracht") as instance:
        load(instance.store, [event])
        print_briefing(make_briefing(instance, OPERATOR), words_for(instance))
    shown = capsys.readouterr().out
    assert "1 gebeurtenis" in shown and "life-event" not in shown
