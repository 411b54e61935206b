"""What can be wrong with the data on public bodies: the kinds, their sentences, and the defects found in the sources.

Defects that only the raw sources show are found by `scripts/make_reference.py` and ship in `public_body_defects.csv`
(code, subject, name, detail, source); the sentences stand here, once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from eendracht.reference.bodies import read_table

Severity = Literal["low", "medium", "high"]
"""High: acting on the data goes wrong (a message to the wrong body). Medium: work stops. Low: untidy."""


@dataclass(frozen=True, slots=True)
class DefectKind:
    """One kind of defect: the sentence (`{name}` and `{detail}` are filled in), why it matters, and what to do."""

    code: str
    severity: Severity
    nl: str
    en: str
    reason_nl: str
    reason_en: str
    next_step_nl: str
    next_step_en: str


@dataclass(frozen=True, slots=True)
class Defect:
    """One defect in the data on one body, in both languages, with its reason and next step.

    `subject` is the code of the body, empty where the defect concerns rows that are no body in the table. `source`
    names the row or rows (`file:line row id`, or `source:row id`) where it can be seen.
    """

    code: str
    subject: str
    severity: Severity
    nl: str
    en: str
    reason_nl: str
    reason_en: str
    next_step_nl: str
    next_step_en: str
    source: tuple[str, ...]


KINDS = (
    DefectKind(
        "arrangements-left-out",
        "low",
        "{detail} rijen zijn de tekst van een gemeenschappelijke regeling zonder eigen organisatie",
        "{detail} rows are the text of a joint arrangement without an organisation of its own",
        "Een regeling is een afspraak en geen organisatie; de lijst gebruikt voor beide hetzelfde type.",
        "An arrangement is an agreement, not an organisation; the list uses the same type for both.",
        "Vraag de beheerder van de lijst om een eigen type voor regelingen.",
        "Ask the keeper of the list for a type of its own for arrangements.",
    ),
    DefectKind(
        "begin-unknown",
        "low",
        "De begindatum van {name} is niet bekend",
        "The begin date of {name} is not known",
        "De lijst geeft 1 januari 1900 of niets; op een vraag over een eerdere datum is geen zeker antwoord mogelijk.",
        "The list gives 1 January 1900 or nothing, so that a question about an earlier date has no certain answer.",
        "Laat de organisatie haar begindatum in het Register van Overheidsorganisaties zetten.",
        "Have the body enter its begin date in the register of government organisations.",
    ),
    DefectKind(
        "code-not-in-tooi",
        "low",
        "De code {detail} van {name} staat niet in de TOOI-lijst",
        "The code {detail} of {name} is not in the TOOI list",
        "Wie de TOOI-lijst gebruikt, kent deze organisatie niet.",
        "Whoever uses the TOOI list does not know this body.",
        "Controleer of de code in een nieuwere TOOI-lijst staat.",
        "Check whether a newer TOOI list has the code.",
    ),
    DefectKind(
        "end-announced",
        "medium",
        "De lijst kondigt aan dat {name} vanaf {detail} niet meer bestaat",
        "The list announces that {name} exists no more from {detail} on",
        "Zo'n datum kan ook het einde van iemands ambtstermijn zijn, of later zijn verschoven.",
        "Such a date may also be the end of an official's term, or may have been moved since.",
        "Vraag de organisatie of zij op die datum ophoudt te bestaan.",
        "Ask the body whether it ceases to exist on that date.",
    ),
    DefectKind(
        "end-is-official-term",
        "medium",
        "De einddatum {detail} bij {name} is die van een bestuurder en niet van de organisatie",
        "The end date {detail} at {name} is that of an official and not of the body",
        "Wie de datum overneemt, laat een bestaande organisatie verdwijnen.",
        "Whoever copies the date makes an existing body disappear.",
        "Haal de einddatum van de organisatie weg in de lijst.",
        "Remove the end date of the body from the list.",
    ),
    DefectKind(
        "municipality-incomplete",
        "medium",
        "Van {name} ontbreekt: {detail}",
        "Missing for {name}: {detail}",
        "Tellingen per regio of provincie en de kaart kloppen dan niet.",
        "Counts per region or province and the map are wrong without it.",
        "Vul de cijfers en grenzen van het CBS voor dit jaar aan.",
        "Add the figures and boundaries of Statistics Netherlands for this year.",
    ),
    DefectKind(
        "name-contradicts-row",
        "medium",
        "De naam {name} past niet bij de afkorting {detail} en het kenmerk van dezelfde rij",
        "The name {name} does not fit the abbreviation {detail} and the identifier of the same row",
        "De rij kreeg de naam van een ander ministerie, of van hetzelfde ministerie in een andere periode.",
        "The row was given the name of another ministry, or of the same one in another period.",
        "Laat de beheerder van de lijst de naam in die periode bevestigen.",
        "Have the keeper of the list confirm the name in that period.",
    ),
    DefectKind(
        "name-disagrees-with-tooi",
        "low",
        "{name} heet in TOOI {detail}",
        "{name} is called {detail} in TOOI",
        "Twee bronnen noemen dezelfde code anders; dat kan een naamswijziging zijn.",
        "Two sources name the same code differently; it may have been renamed.",
        "Vraag de organisatie welke naam geldt en sinds wanneer.",
        "Ask the body which name holds, and since when.",
    ),
    DefectKind(
        "name-has-invisible-characters",
        "low",
        "De naam {name} bevat onzichtbare tekens",
        "The name {name} holds invisible characters",
        "Zoeken en vergelijken op deze naam mislukt.",
        "Searching and comparing by this name fails.",
        "Verwijder de tekens in de bron; hier zijn ze al weggehaald.",
        "Remove the characters in the source; here they are gone already.",
    ),
    DefectKind(
        "name-of-another-body",
        "high",
        "De rij van {name} draagt de naam van een andere organisatie: {detail}",
        "The row of {name} carries the name of another body: {detail}",
        "Wie op naam koppelt, geeft de ene organisatie het OIN, het KvK-nummer en de post van de andere.",
        "Whoever joins by name gives one body the OIN, the trade number and the mail of the other.",
        "Hier is de naam bij de TOOI-code gebruikt; laat beide organisaties hun nummers bevestigen.",
        "Here the name that TOOI gives to the code is used; have both bodies confirm their numbers.",
    ),
    DefectKind(
        "name-shared",
        "medium",
        "{name} is ook de naam van {detail}, en niet uit te sluiten is dat beide tegelijk bestaan",
        "{name} is also the name of {detail}, and both may exist at the same time",
        "Een naam alleen wijst de organisatie dan niet aan.",
        "A name alone does not identify the body.",
        "Laat de begindata vastleggen, of voeg de rijen samen als het dezelfde organisatie is.",
        "Have the begin dates recorded, or merge the rows if it is the same body.",
    ),
    DefectKind(
        "name-spelled-differently",
        "low",
        "{name} is in een andere bron geschreven als {detail}",
        "{name} is spelled {detail} in another source",
        "Bestanden koppelen op naam mislukt of koppelt verkeerd.",
        "Joining files by name fails or joins the wrong ones.",
        "Koppel op de code en niet op de naam.",
        "Join by code and not by name.",
    ),
    DefectKind(
        "oin-contradicts-number",
        "medium",
        "Het OIN van {name} past niet bij het andere nummer in dezelfde rij: {detail}",
        "The OIN of {name} does not fit the other number in the same row: {detail}",
        "Dit OIN is gemaakt van een RSIN of KvK-nummer; de rij noemt een ander nummer: een van beide is oud of fout.",
        "This OIN is made from an RSIN or trade number; the row has another one, so one of them is old or wrong.",
        "Zoek het OIN op in het OIN-register en laat het verkeerde nummer verbeteren.",
        "Look the OIN up in the OIN register and have the wrong number corrected.",
    ),
    DefectKind(
        "oin-malformed",
        "high",
        "Het OIN van {name} klopt niet: {detail}",
        "The OIN of {name} is malformed: {detail}",
        "Berichten en certificaten met dit nummer worden geweigerd.",
        "Messages and certificates with this number are refused.",
        "Vraag de organisatie of Logius om het juiste nummer.",
        "Ask the body or Logius for the right number.",
    ),
    DefectKind(
        "oin-missing",
        "medium",
        "{name} heeft in de bronnen geen OIN",
        "{name} has no OIN in the sources",
        "Zonder OIN kan een ander systeem deze organisatie niet herkennen of veilig bereiken.",
        "Without an OIN another system can neither recognise this body nor reach it safely.",
        "Vraag de organisatie om haar OIN, of laat haar er een aanvragen bij Logius.",
        "Ask the body for its OIN, or have it apply to Logius for one.",
    ),
    DefectKind(
        "oin-shared",
        "high",
        "Het OIN van {name} is ook dat van {detail}",
        "The OIN of {name} is also that of {detail}",
        "Een dubbel OIN wijst niemand aan: een bericht of machtiging kan bij de verkeerde terechtkomen.",
        "A shared OIN identifies nobody: a message or mandate may end up with the wrong body.",
        "Laat elke organisatie een eigen OIN of een SubOIN gebruiken.",
        "Have each body use an OIN or SubOIN of its own.",
    ),
    DefectKind(
        "oin-suffix-unusual",
        "low",
        "Het OIN van {name} eindigt niet op nullen: {detail}",
        "The OIN of {name} does not end in zeros: {detail}",
        "De beschreven opbouw kent alleen nullen aan het eind; strenge systemen weigeren het nummer.",
        "The published layout has only zeros at the end; strict systems refuse the number.",
        "Controleer het nummer in het OIN-register.",
        "Check the number in the OIN register.",
    ),
    DefectKind(
        "only-in-tooi",
        "medium",
        "{name} staat alleen in TOOI",
        "{name} stands in TOOI only",
        "De TOOI-lijst bewaart ook opgeheven organisaties en noemt geen datum of OIN: of zij bestaat, is niet bekend.",
        "The TOOI list keeps dissolved bodies too and gives no date or OIN: whether it exists is not known.",
        "Laat de organisatie in het Register van Overheidsorganisaties opnemen, of bevestig dat zij is opgeheven.",
        "Have the body entered in the register of government organisations, or confirm that it was dissolved.",
    ),
    DefectKind(
        "period-empty",
        "medium",
        "{name} eindigt op of voor de dag waarop hij begint: {detail}",
        "{name} ends on or before the day it begins: {detail}",
        "De rij geldt op geen enkele dag.",
        "The row is valid on no day at all.",
        "Laat een van beide datums verbeteren of de rij verwijderen.",
        "Have one of the dates corrected, or the row removed.",
    ),
    DefectKind(
        "row-is-heading",
        "low",
        "{name} is een tussenkop en geen organisatie",
        "{name} is a heading and not a body",
        "De rij heeft geen nummer, geen datum en een naam in het algemeen; zij telt ten onrechte mee als organisatie.",
        "The row has no number, no date and a general name; it is wrongly counted as a body.",
        "Vraag de beheerder van de lijst om de rij te verwijderen.",
        "Ask the keeper of the list to remove the row.",
    ),
    DefectKind(
        "rows-overlap",
        "medium",
        "Twee rijen van {name} gelden tegelijk: {detail}",
        "Two rows of {name} are valid at the same time: {detail}",
        "Op die dagen zijn er twee antwoorden op de vraag welke rij geldt.",
        "On those days there are two answers to the question which row holds.",
        "Laat het einde van de oude rij gelijk maken aan het begin van de nieuwe.",
        "Have the end of the old row made equal to the begin of the new one.",
    ),
    DefectKind(
        "rows-share-code",
        "medium",
        "{name} staat {detail} keer in de lijst met dezelfde code",
        "{name} is in the list {detail} times with the same code",
        "Dezelfde organisatie telt dubbel.",
        "The same body is counted more than once.",
        "Laat de rijen samenvoegen; hier is dat al gedaan.",
        "Have the rows merged; here that was done already.",
    ),
    DefectKind(
        "successor-not-named",
        "medium",
        "{name} bestaat niet meer sinds {detail}; geen bron noemt wie de taken overnam",
        "{name} exists no more since {detail}; no source names who took over its tasks",
        "Contracten, gegevens en verwijzingen van deze organisatie hebben geen eigenaar meer.",
        "Contracts, data and references of this body have no owner any more.",
        "Leg de opvolger vast met het herindelings- of opheffingsbesluit als bron.",
        "Record the successor with the decision that ended the body as its source.",
    ),
    DefectKind(
        "tooi-code-missing",
        "low",
        "{name} heeft geen TOOI-code",
        "{name} has no TOOI code",
        "Zonder TOOI-code moet een ander kenmerk de organisatie aanwijzen, dat minder bekend is.",
        "Without a TOOI code a less known identifier has to stand for the body.",
        "Vraag een TOOI-code aan bij de beheerder van TOOI.",
        "Apply for a TOOI code to the keeper of TOOI.",
    ),
)

DEFECT_KINDS = {kind.code: kind for kind in KINDS}
"""Every kind of defect by its code."""


def describe_defect(
    code: str, subject: str, name: str, detail: str, source: tuple[str, ...], severity: Severity | None = None
) -> Defect:
    """Make a defect of a known kind; `severity` overrides that of the kind. Raises KeyError for an unknown code."""
    kind = DEFECT_KINDS[code]
    return Defect(
        code=code,
        subject=subject,
        severity=severity or kind.severity,
        nl=kind.nl.format(name=name, detail=detail),
        en=kind.en.format(name=name, detail=detail),
        reason_nl=kind.reason_nl,
        reason_en=kind.reason_en,
        next_step_nl=kind.next_step_nl,
        next_step_en=kind.next_step_en,
        source=source,
    )


@cache
def load_recorded_defects() -> tuple[Defect, ...]:
    """Give the defects that were found in the raw sources when the tables were made, ordered by code and subject."""
    return tuple(
        describe_defect(code, subject, name, detail, tuple(source.split(" | ")))
        for code, subject, name, detail, source in read_table("public_body_defects.csv")
    )
