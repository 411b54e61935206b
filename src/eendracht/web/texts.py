"""The words of the pages in Dutch and English: a small catalogue, field by field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

Language = Literal["nl", "en"]

LANGUAGES: Final[tuple[Language, ...]] = ("nl", "en")

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "skip": ("Naar de inhoud", "Skip to content"),
    "tagline": ("Publieke organisaties, één geheel", "Public bodies, one whole"),
    "other-language": ("English", "Nederlands"),
    "search": ("Zoeken", "Search"),
    "search-label": ("Zoek op naam, woord of verwijzing", "Search by name, word or ref"),
    "filters": ("Verfijnen", "Refine"),
    "active-filters": ("Gekozen", "Chosen"),
    "remove": ("weghalen", "remove"),
    "results": ("resultaten", "results"),
    "result": ("resultaat", "result"),
    "nothing": ("Niets gevonden.", "Nothing found."),
    "nothing-hint": (
        "Controleer de spelling, of zoek op een deel van de naam.",
        "Check the spelling, or search for a part of the name.",
    ),
    "suggestions": ("Bedoelde u:", "Did you mean:"),
    "corrected": ("Resultaten voor", "Results for"),
    "next": ("Volgende pagina", "Next page"),
    "first": ("Eerste pagina", "First page"),
    "more": ("meer", "more"),
    "kind": ("Soort", "Kind"),
    "owner": ("Eigenaar", "Owner"),
    "source": ("Bron", "Source"),
    "lifecycle": ("Levensfase", "Lifecycle"),
    "confidentiality": ("Vertrouwelijkheid", "Confidentiality"),
    "synthetic": ("Verzonnen gegevens, voor een demonstratie of test", "Made-up data, for a demonstration or test"),
    "synthetic-short": ("verzonnen", "made up"),
    "content": ("Inhoud", "Content"),
    "field": ("Veld", "Field"),
    "value": ("Waarde", "Value"),
    "outgoing": ("Verwijst naar", "Refers to"),
    "incoming": ("Hiernaar verwijst", "Referred to by"),
    "unresolved": ("hier niet bekend", "not known here"),
    "none": ("Geen.", "None."),
    "history": ("Geschiedenis", "History"),
    "version": ("Versie", "Version"),
    "recorded": ("Vastgelegd", "Recorded"),
    "by": ("Door", "By"),
    "valid": ("Geldig", "Valid"),
    "from": ("vanaf", "from"),
    "until": ("tot", "until"),
    "ended": ("beëindigd per", "ended on"),
    "always": ("zonder begin en einde", "without begin or end"),
    "shown": ("getoond", "shown"),
    "origin": ("Herkomst", "Where it comes from"),
    "type": ("Type", "Type"),
    "date": ("Datum", "Date"),
    "confidence": ("Zekerheid (0 tot 1)", "Confidence (0 to 1)"),
    "system": ("Systeem", "System"),
    "key": ("Sleutel", "Key"),
    "place": ("Plaats", "Place"),
    "proof": ("Bewijs in het logboek", "Proof in the log"),
    "position": ("Positie", "Position"),
    "proof-file": ("Bewijsbestand", "Proof file"),
    "entry-file": ("Inhoud met zout, om zelf na te rekenen", "Content with its salt, to check for yourself"),
    "unsigned": ("Nog niet ondertekend; dat gebeurt binnenkort.", "Not signed yet; that happens soon."),
    "signed": ("Ondertekend tot en met grootte", "Signed up to size"),
    "as-of": ("Toestand op", "As of"),
    "show": ("Toon", "Show"),
    "as-of-note": ("U ziet de toestand op", "You see the state on"),
    "today": ("Terug naar vandaag", "Back to today"),
    "former": ("is een eerdere naam van", "is a former name of"),
    "json": ("Dit record als JSON", "This record as JSON"),
    "api": ("Beschrijving van de API", "API description"),
    "checkpoint": ("Laatste ondertekening", "Last checkpoint"),
    "yes": ("ja", "yes"),
    "no": ("nee", "no"),
    "error": ("Er ging iets mis", "Something went wrong"),
    "back": ("Naar zoeken", "Go to search"),
    "wrong": ("Dit klopt niet:", "This is not right:"),
    "unnamed": ("(leeg)", "(empty)"),
}

_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "organisation": ("organisatie", "organisation"),
    "role": ("rol", "role"),
    "team": ("team", "team"),
    "supplier": ("leverancier", "supplier"),
    "contract": ("contract", "contract"),
    "agreement": ("afspraak", "agreement"),
    "succession": ("opvolging", "succession"),
    "same-as": ("gelijkstelling", "same-as claim"),
    "public-service": ("dienst", "public service"),
    "business-process": ("bedrijfsproces", "business process"),
    "application": ("applicatie", "application"),
    "interface": ("koppeling", "interface"),
    "reference-component": ("referentiecomponent", "reference component"),
    "component": ("component", "component"),
    "dataset": ("dataset", "dataset"),
    "platform": ("platform", "platform"),
    "facility": ("locatie", "facility"),
    "failure-domain": ("storingsgebied", "failure domain"),
    "domain-name": ("domeinnaam", "domain name"),
    "processing-activity": ("verwerkingsactiviteit", "processing activity"),
    "ground": ("grondslag", "ground"),
    "source-of-truth": ("bron van de waarheid", "source of truth"),
    "goal": ("doel", "goal"),
    "indicator": ("indicator", "indicator"),
    "action": ("actie", "action"),
}

_VALUES: Final[Mapping[str, tuple[str, str]]] = {
    "public": ("openbaar", "public"),
    "government": ("overheid", "government"),
    "restricted": ("beperkt", "restricted"),
    "statement": ("opgave", "statement"),
    "scan": ("scan", "scan"),
    "import": ("import", "import"),
    "reference": ("referentietabel", "reference table"),
    "synthetic": ("verzonnen", "made up"),
    "planned": ("gepland", "planned"),
    "in-use": ("in gebruik", "in use"),
    "phasing-out": ("wordt uitgefaseerd", "phasing out"),
    "retired": ("buiten gebruik", "retired"),
    "unknown": ("onbekend", "unknown"),
    "critical": ("kritiek", "critical"),
    "important": ("belangrijk", "important"),
    "normal": ("normaal", "normal"),
    "yes": ("ja", "yes"),
    "no": ("nee", "no"),
    "municipality": ("gemeente", "municipality"),
    "province": ("provincie", "province"),
    "water-board": ("waterschap", "water board"),
    "ministry": ("ministerie", "ministry"),
    "agency": ("agentschap", "agency"),
}

_FIELDS: Final[Mapping[str, str]] = {
    "alsoKnownAs": "Ook bekend als",
    "annualCostEurocent": "Kosten per jaar (eurocent)",
    "audience": "Doelgroep",
    "bufferHours": "Buffer (uren)",
    "businessOwner": "Proceseigenaar",
    "code": "Code",
    "confidence": "Zekerheid",
    "controller": "Verantwoordelijke",
    "country": "Land",
    "criticality": "Belang",
    "datasets": "Datasets",
    "description": "Beschrijving",
    "heldIn": "Ligt in",
    "hostedOn": "Draait op",
    "hosting": "Hosting",
    "inhabitants": "Inwoners",
    "inhabitantsYear": "Peiljaar inwoners",
    "jurisdiction": "Rechtsgebied",
    "label": "Naam van de groep",
    "latitude": "Breedtegraad",
    "licence": "Licentie",
    "lifecycle": "Levensfase",
    "locatedIn": "Staat in",
    "longitude": "Lengtegraad",
    "members": "Alternatieven",
    "municipality": "Gemeente",
    "name": "Naam",
    "operatedBy": "Beheerd door",
    "ownerships": "Belangen",
    "package": "Pakket",
    "partOf": "Onderdeel van",
    "personalData": "Persoonsgegevens",
    "phase": "Fase",
    "position": "Ligging",
    "protocol": "Protocol",
    "providedBy": "Aangeboden door",
    "provider": "Levert",
    "province": "Provincie",
    "realises": "Vervult",
    "requirementGroups": "Vereisten",
    "requires": "Heeft nodig",
    "requiresToStart": "Nodig om te starten",
    "rtoHours": "Hersteltijd (uren)",
    "rpoHours": "Toegestaan gegevensverlies (uren)",
    "mtpdHours": "Langste uitval (uren)",
    "runsFor": "Voert uit voor",
    "safetyRegion": "Veiligheidsregio",
    "source": "Bron",
    "standard": "Standaard",
    "suppliedBy": "Geleverd door",
    "switchOverHours": "Omschakeltijd (uren)",
    "tags": "Labels",
    "target": "Doel",
    "testedOn": "Getest op",
    "type": "Type",
    "users": "Gebruikers",
    "usesPerDay": "Gebruik per dag",
    "validFrom": "Geldig vanaf",
    "validUntil": "Geldig tot",
    "version": "Versie",
}

_ACRONYMS: Final = frozenset({"cpe", "kvk", "oin", "purl", "roo", "rsin", "tooi", "upl", "url"})

_JOINT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Texts:
    """The words of one language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._at = LANGUAGES.index(language)

    @property
    def other(self) -> Language:
        """The other language."""
        return LANGUAGES[1 - self._at]

    def word(self, key: str) -> str:
        """Give a text of the pages; raises KeyError for one that is not in the catalogue."""
        return _WORDS[key][self._at]

    def kind(self, name: str) -> str:
        """Give what a kind is called."""
        pair = _KINDS.get(name)
        return pair[self._at] if pair else name

    def value(self, code: str) -> str:
        """Give what a code of a fixed list means; the code itself where it is not known here."""
        pair = _VALUES.get(code) or _KINDS.get(code)
        return pair[self._at] if pair else code

    def field(self, path: str) -> str:
        """Give the label of a field, or of a path of fields."""
        return " › ".join(self._label(step) for step in path.split("."))

    def _label(self, name: str) -> str:
        if self.language == "nl" and name in _FIELDS:
            return _FIELDS[name]
        words = name.upper() if name in _ACRONYMS else _JOINT.sub(" ", name).lower()
        return words[:1].upper() + words[1:]

    def count(self, number: int) -> str:
        """Print a count with the thousands mark of the language."""
        text = f"{number:,}"
        return text.replace(",", ".") if self.language == "nl" else text
