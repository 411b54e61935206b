"""Every message is plain: short sentences, short words, no officialese; and says what it must say."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest

from eendracht.services.proactive.benefits import BENEFITS, benefit_of
from eendracht.services.proactive.messages import (
    NOTICES,
    Entitlement,
    Message,
    Sender,
    write_message,
    write_notice,
    write_warning,
)
from eendracht.services.proactive.readability import measure_readability

SENDER = Sender("gemeente Utrecht", "14 030", "mijn.utrecht.example", "utrecht.example/stop")
TITLES = {
    "wet_op_de_zorgtoeslag": "Wet op de zorgtoeslag",
    "wet_op_de_huurtoeslag": "Wet op de huurtoeslag",
    "wet_op_het_kindgebonden_budget": "Wet op het kindgebonden budget",
    "algemene_kinderbijslagwet": "Algemene Kinderbijslagwet",
    "algemene_ouderdomswet": "Algemene Ouderdomswet",
}
VALUES = {"document": "paspoort", "day": "3 maart 2026", "what": "u wordt 18 jaar", "metres": "120"}


def entitlements() -> Iterator[Entitlement]:
    cases = (
        ("sure", 404_668, (), "none", {}),
        ("sure", 155_000, (), "low", {10: 155_000, 50: 90_000}),
        ("estimate", 155_000, (), "high", {10: 0, 25: 0}),
        ("estimate", 155_000, (), "middle", {10: 120_000}),
        ("estimate", 155_000, (), "none", {10: 155_000}),
        ("depends", None, ("loon_uit_dienstbetrekking", "partner"), "unknown", {}),
        ("depends", None, ("partner.loon_uit_dienstbetrekking", "kale_huur", "spaargeld"), "unknown", {}),
        ("depends", None, (), "unknown", {}),
    )
    for law, (certainty, amount, missing, risk, raised), other in product(BENEFITS, cases, (False, True)):
        benefit = benefit_of(law, TITLES[law], "gemeente Utrecht")
        yield Entitlement(law, TITLES[law], "2", benefit, certainty, amount, missing, risk, raised, other)


def messages(language: str) -> Iterator[Message]:
    assert language in ("nl", "en")
    for sender in (SENDER, Sender("gemeente Utrecht")):
        for about in entitlements():
            yield write_message(about, sender, language)  # type: ignore[arg-type]
        for kind in NOTICES:
            yield write_notice(kind, sender, language, **VALUES)  # type: ignore[arg-type]
    benefit = BENEFITS["wet_op_de_huurtoeslag"]
    yield write_warning(benefit, "21", "Wet op de huurtoeslag", 60_000, 407_300, 287_300, language)  # type: ignore[arg-type]


def test_every_dutch_message_is_plain() -> None:
    seen = 0
    for message in messages("nl"):
        found = measure_readability(message.text)
        assert found.is_plain, (found, message.text)
        seen += 1

    assert seen > 150


def test_the_measure_tells_plain_from_official() -> None:
    plain = measure_readability("U krijgt geld voor uw huur. Dat is 200 euro per maand. Bel ons als u hulp nodig hebt.")
    official = measure_readability(
        "Ingevolge artikel 2 van de vigerende verordening dient u teneinde voor een tegemoetkoming in aanmerking te"
        " komen derhalve binnen de daarvoor vastgestelde termijn een formulier bij het bestuursorgaan in te dienen."
    )

    assert plain.is_plain
    assert not official.is_plain
    assert official.longest > 22
    assert set(official.officialese) == {"derhalve", "dienen", "dient", "ingevolge", "teneinde", "vigerende"}


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("huur", 1),
        ("zorgtoeslag", 3),
        ("geld", 1),
        ("informatie", 4),
        ("jaar", 1),
        ("besluit", 2),
        ("inkomen", 3),
        ("privacywet", 4),
    ],
)
def test_syllables_are_counted_as_they_are_spoken(word: str, count: int) -> None:
    assert measure_readability(word).syllables_a_word == count


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_message_says_amount_article_what_to_do_how_to_object_and_that_it_is_no_decision(language: str) -> None:
    about = next(item for item in entitlements() if item.certainty == "estimate" and item.law.endswith("zorgtoeslag"))
    text = write_message(about, SENDER, language).text  # type: ignore[arg-type]
    wanted = {
        "nl": (
            "€ 1.550",
            "Wet op de zorgtoeslag, artikel 2",
            "toeslagen.nl",
            "artikel 21",
            "utrecht.example/stop",
            "geen besluit",
            "14 030",
            "schatting",
            "terugbetalen",
            "mijn.utrecht.example",
        ),
        "en": (
            "€1,550",
            "Wet op de zorgtoeslag, article 2",
            "toeslagen.nl",
            "article 21",
            "utrecht.example/stop",
            "no decision",
            "14 030",
            "estimate",
            "pay back",
            "mijn.utrecht.example",
        ),
    }[language]

    for part in wanted:
        assert part in text


def test_what_is_not_known_is_never_said_as_an_amount() -> None:
    for about in entitlements():
        text = write_message(about, SENDER, "nl").text
        assert ("€" in text) == (about.amount is not None)
        if about.missing:
            assert "Wij missen:" in text


def test_a_benefit_without_words_of_its_own_goes_by_the_title_of_its_law() -> None:
    benefit = benefit_of("verordening_x", "Verordening inkomenstoeslag", "gemeente Utrecht")
    about = Entitlement("verordening_x", "Verordening inkomenstoeslag", "3", benefit, "sure", 60_100, risk="none")
    message = write_message(about, SENDER, "nl")

    assert "Verordening inkomenstoeslag" in message.subject
    assert "Vraag het aan bij gemeente Utrecht." in message.text
