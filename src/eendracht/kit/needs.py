"""The facts that are still needed, on a terminal: in the order to ask, with who asks and how they can be answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from eendracht.kit.i18n import Language
from eendracht.kit.output import print_table, say
from eendracht.kit.rules import print_value

if TYPE_CHECKING:
    from eendracht.kernel.rules.needs import Need, Needs

_TEXTS: Final[Mapping[Language, Mapping[str, str]]] = {
    "nl": {
        "none": "Er ontbreekt niets: de uitkomst staat vast.",
        "settled": "Staat vast, wat het antwoord ook is: {name} = {value}",
        "missing": "Onbekend betekent niet: geen recht. Vraag deze gegevens, in deze volgorde:",
        "heads": "Gegeven|Soort|Keuzes|Gevraagd door|Nodig",
        "article": "artikel",
        "sure": "altijd",
        "now": "nu",
        "later": "misschien",
        "other": "iets anders",
        "of_other": "{name} (van een ander)",
        "expected": "Gemiddeld zijn {n} vragen genoeg.",
        "inexact": "Een deel hoeft misschien niet: dat hangt af van de antwoorden.",
    },
    "en": {
        "none": "Nothing is missing: the outcome is settled.",
        "settled": "Settled, whatever the answers: {name} = {value}",
        "missing": "Unknown does not mean: no right. Ask these facts, in this order:",
        "heads": "Fact|Sort|Choices|Asked by|Needed",
        "article": "article",
        "sure": "always",
        "now": "now",
        "later": "perhaps",
        "other": "something else",
        "of_other": "{name} (of someone else)",
        "expected": "On average {n} questions are enough.",
        "inexact": "Some may turn out not to be needed: that depends on the answers.",
    },
}


def print_needs(found: Needs, language: Language) -> None:
    """Print the facts in the order to ask them, and what is settled already."""
    texts = _TEXTS[language]
    for name, value in found.settled.items():
        say(texts["settled"].format(name=name, value=print_value(value, "", language)))
    if not found.facts:
        say(texts["none"])
        return
    say(texts["missing"])
    say()
    print_table(texts["heads"].split("|"), [_row(need, language) for need in found.facts], widest=48)
    say()
    if found.is_exact:
        number = f"{float(found.expected):.1f}"
        say(texts["expected"].format(n=number.replace(".", ",") if language == "nl" else number))
    else:
        say(texts["inexact"])


def _row(need: Need, language: Language) -> list[str]:
    texts = _TEXTS[language]
    name = texts["of_other"].format(name=need.name) if need.is_about_other else need.name
    choices = [print_value(choice, need.unit, language) for choice in need.choices]
    choices += [texts["other"]] if need.takes_other else []
    place = f"{need.law_name}, {texts['article']} {need.article}" if need.article else need.law_name
    urgency = texts["sure"] if need.is_sure else texts["now"] if need.is_now else texts["later"]
    sort = " ".join(filter(None, (need.kind, need.unit)))
    return [name, sort, ", ".join(choices), " ".join(filter(None, (place, need.register))), urgency]
