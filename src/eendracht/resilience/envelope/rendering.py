"""The crisis envelope on paper: one HTML file in Dutch and English that needs nothing else and prints well."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from eendracht.kit.i18n import LANGUAGES, LOCALE_FOLDER, Language, Words

HTML_NAME: Final = "crisis-envelope.html"
JSON_NAME: Final = "crisis-envelope.json"
_LOCALE: Final = Path(__file__).parents[1] / "locale"


def render_files(data: Mapping[str, Any]) -> dict[str, str]:
    """Give the files that go into the envelope, by name: a page for people and the same as JSON for programs."""
    return {HTML_NAME: render_page(data), JSON_NAME: json.dumps(data, ensure_ascii=False, indent=1)}


def render_page(data: Mapping[str, Any]) -> str:
    """Give the page: first all of it in Dutch, then in English."""
    # Templates are not for who only opens an envelope.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("eendracht.resilience", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    parts = [(language, _TEXTS[language]) for language in LANGUAGES]
    words = {language: Words(language, (LOCALE_FOLDER, _LOCALE)) for language in LANGUAGES}
    return environment.get_template("envelope.html").render(data=data, parts=parts, words=words)


_TEXTS: Final[Mapping[Language, Mapping[str, str]]] = {
    "nl": {
        "title": "Crisisenvelop",
        "other": "English follows after the Dutch part.",
        "made": "Gemaakt op",
        "node": "Knooppunt",
        "position": "Positie in het logboek",
        "checkpoint": "Laatst ondertekende stand van het logboek",
        "no_checkpoint": "Het logboek is nog niet ondertekend.",
        "synthetic": "Let op: er staan verzonnen gegevens in. Gebruik dit alleen om te oefenen.",
        "contacts": "Wie u bereikt",
        "contacts_none": "Er zijn geen contactpunten vastgelegd.",
        "contacts_left_out": "Weggelaten omdat er een persoon in leek te staan:",
        "organisation": "Organisatie",
        "role": "Rol of loket",
        "phone": "Telefoon",
        "other_channel": "Andere weg",
        "checked": "Nagekeken op",
        "never": "nooit nagekeken",
        "about": "Voor",
        "everything": "alles",
        "order": "Wat eerst terugkomt",
        "order_plan": "Volgens het laatste herstelplan",
        "order_waves": "Er is geen herstelplan vastgelegd. Dit is de volgorde waarin het kan starten; "
        "binnen een golf eerst wat kritiek is. Hoe snel dat gaat, is niet nagerekend, en wat onbekend is, telt als "
        "beschikbaar.",
        "status_optimal": "bewezen de beste volgorde",
        "status_feasible": "uitvoerbaar; of het beter kan is niet bewezen",
        "status_serial": "eenvoudige volgorde; of het beter kan is niet bewezen",
        "order_none": "Er is niets kritieks vastgelegd, dus er is geen volgorde.",
        "wave": "Golf",
        "hours": "Uur",
        "what": "Wat",
        "kind": "Soort",
        "how": "Hoe",
        "why": "Waarom hier",
        "critical": "kritiek",
        "important": "belangrijk",
        "stuck": "Kan niet uit zichzelf starten: deze wachten op elkaar",
        "behind": "Zo veel andere dingen wachten daarachter:",
        "left_out": "Niet uitgeschreven stappen:",
        "services": "Kritieke diensten",
        "services_none": "Er zijn geen kritieke diensten vastgelegd.",
        "without_paper": "Zonder werkwijze op papier",
        "without_paper_none": "Elke kritieke dienst heeft een werkwijze op papier.",
        "paper": "Werkwijze op papier",
        "paper_none": "Er is geen werkwijze op papier.",
        "responsible": "Verantwoordelijk",
        "reviewed": "Herzien op",
        "owner": "Van",
        "needs": "Nodig",
        "needs_none": "Wat deze dienst nodig heeft, is niet vastgelegd.",
        "needs_in_all": "in totaal nodig, direct en indirect:",
        "all_of": "alle",
        "of": "van",
        "to_start": "om te starten",
        "unknown": "onbekend",
    },
    "en": {
        "title": "Crisis envelope",
        "other": "Het Nederlandse deel staat hiervoor.",
        "made": "Made at",
        "node": "Node",
        "position": "Position in the log",
        "checkpoint": "Log as it was last signed",
        "no_checkpoint": "The log has not been signed yet.",
        "synthetic": "Note: some of this is made up. Use it for practice only.",
        "contacts": "Whom to reach",
        "contacts_none": "No contacts are recorded.",
        "contacts_left_out": "Left out because they seemed to name a person:",
        "organisation": "Organisation",
        "role": "Role or desk",
        "phone": "Telephone",
        "other_channel": "Another way",
        "checked": "Checked on",
        "never": "never checked",
        "about": "For",
        "everything": "everything",
        "order": "What comes back first",
        "order_plan": "By the latest recovery plan",
        "order_waves": "No recovery plan is recorded. This is the order in which things can start; "
        "within a wave what is critical comes first. How fast that goes was not worked out, and what is unknown "
        "counts as up.",
        "status_optimal": "proven to be the best order",
        "status_feasible": "feasible; not proven that none is better",
        "status_serial": "a simple order; not proven that none is better",
        "order_none": "Nothing critical is recorded, so there is no order.",
        "wave": "Wave",
        "hours": "Hour",
        "what": "What",
        "kind": "Kind",
        "how": "How",
        "why": "Why here",
        "critical": "critical",
        "important": "important",
        "stuck": "Cannot start by themselves: these wait for one another",
        "behind": "So many other things wait behind these:",
        "left_out": "Steps that are not written out:",
        "services": "Critical services",
        "services_none": "No critical services are recorded.",
        "without_paper": "Without a procedure on paper",
        "without_paper_none": "Every critical service has a procedure on paper.",
        "paper": "Procedure on paper",
        "paper_none": "There is no procedure on paper.",
        "responsible": "Responsible",
        "reviewed": "Reviewed on",
        "owner": "Of",
        "needs": "Needs",
        "needs_none": "What this service needs is not recorded.",
        "needs_in_all": "needed in all, directly or not:",
        "all_of": "all",
        "of": "of",
        "to_start": "to start",
        "unknown": "unknown",
    },
}
