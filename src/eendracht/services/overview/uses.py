"""Who used what is known of a person, and for what: from the journal, in plain words, by organisation and day.

A line of the journal names the item, the organisation that answers for it, the purpose and who asked. Who it was at
that organisation is not shown: the organisation answers for its people and programs. What somebody looked at in their
own overview is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.clock import AMSTERDAM, parse_moment
from eendracht.kernel.journal import Line
from eendracht.kernel.wording import Said, say
from eendracht.services.overview.names import name_kind, name_purpose
from eendracht.services.overview.own_file import OwnFile
from eendracht.services.overview.sections import Entry, Section, Value

MOST_LINES: Final = 5_000
"""How many lines of the journal are looked through, the newest first."""
MOST_SHOWN: Final = 50
"""How many uses the page shows; the download holds them all."""
_BY_PROGRAM: Final = "services/"


@dataclass(frozen=True, slots=True)
class Use:
    """Reads of one kind of content, by one organisation, for one purpose, on one day."""

    on: date
    organisation: str
    purpose: str
    kind: str
    is_automatic: bool
    is_refused: bool
    is_operator: bool
    times: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Give it for the download."""
        return {
            "on": self.on.isoformat(),
            "organisation": self.organisation,
            "purpose": self.purpose,
            "kind": self.kind,
            "times": self.times,
            "automatic": self.is_automatic,
            "refused": self.is_refused,
            "operator": self.is_operator,
        }


def list_uses(own: OwnFile) -> list[Use]:
    """Give the uses of what is kept of the person, the newest first."""
    kinds = {one.item.id: (one.item.kind, one.item.controller) for one in own.kept}
    counts: dict[Use, int] = {}
    for _, line in own.instance.journal.find_about(sorted(kinds), MOST_LINES, without=own.principal.name):
        if _is_use(line.content):
            use = _use(line, kinds)
            counts[use] = counts.get(use, 0) + 1
    return [replace(use, times=times) for use, times in counts.items()]


def _is_use(content: Mapping[str, Any]) -> bool:
    """Tell whether a line is about content that was read; that something is in a list is no use of it."""
    return content.get("event") == "read" or ("purpose" in content and content.get("event") != "list")


def _use(line: Line, kinds: Mapping[str, tuple[str, str]]) -> Use:
    content = line.content
    kind, controller = kinds[content["item"]]
    asker = str(content.get("asker", ""))
    return Use(
        on=parse_moment(line.at).astimezone(AMSTERDAM).date(),
        organisation=str(content.get("controller", controller)),
        purpose=str(content.get("purpose", "")),
        kind=kind,
        is_automatic=asker.startswith(_BY_PROGRAM),
        is_refused=content.get("outcome") == "deny",
        is_operator=asker == OPERATOR.name,
    )


def view_uses(own: OwnFile) -> Section:
    """Give who used it, the newest first."""
    return Section(
        "uses",
        Said("Wie mijn gegevens gebruikte", "Who used what is known of me"),
        Said(
            "Elke keer dat een organisatie uw gegevens las, staat in een logboek dat niemand kan veranderen.",
            "Each time that an organisation read what is known of you stands in a log that nobody can change.",
        ),
        Said("Niemand gebruikte ze, behalve u.", "Nobody used it but you."),
        tuple(_entries(own)),
    )


def _entries(own: OwnFile) -> Iterator[Entry]:
    for use in list_uses(own)[:MOST_SHOWN]:
        kind, purpose = name_kind(use.kind), name_purpose(use.purpose)
        facts: tuple[tuple[Said, Value], ...] = (
            (Said("Wat", "What"), kind),
            (Said("Waarvoor", "For what"), purpose),
            (Said("Wanneer", "When"), use.on),
            (Said("Hoe vaak", "How often"), say("{n} keer", "{n} {n:time|times}", n=use.times)),
        )
        name = own.name_body(use.organisation)
        yield Entry(Said(name, name), facts, use.on, note=_how(use))


def _how(use: Use) -> Said:
    if use.is_refused:
        return Said("Er is geprobeerd om het te lezen. Dat is geweigerd.", "Somebody tried to read it and was refused.")
    if use.is_operator:
        return Said(
            "Gelezen door de beheerder van dit systeem.",
            "Read by whoever runs this system.",
        )
    if use.is_automatic:
        return Said("Gelezen door een programma, voor uw aanvraag of zaak.", "Read by a program, for your application.")
    return Said("Gelezen door een medewerker.", "Read by a member of staff.")
