"""What a proactive run is asked: laws with grounds, the population and its registers, and who answers for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.records import Record
from eendracht.kernel.rules.grounds import Ground
from eendracht.kernel.rules.library import Library, NoSuchRule

APPROVER: Final = re.compile(r"role:[a-z0-9][a-z0-9./-]{0,150}")
"""Who approves is a role of the organisation, as `role:gm0344/teammanager-inkomen`; never a person."""
RAISES: Final = (10, 25, 50)
"""By how many per cent an income that is an estimate is raised, to see what would have to be paid back."""
ADULT: Final = 18
MOST_TIMES: Final = 366

_TIMES: Final = (("per_maand", 12), ("per_kwartaal", 4))


class ProactiveRefused(InvalidInput):
    """A proactive run lacks what it needs: a ground, a DPIA, an approver, columns; every fault is named."""

    code = "proactive-refused"
    title_nl = "Deze proactieve ronde mag of kan niet"
    title_en = "This proactive run may not or cannot be done"
    default_hint = "Settle every fault that is listed; nothing was read of anybody."


@dataclass(frozen=True, slots=True)
class LawAsked:
    """One benefit: the law, the output with its amount in eurocents, and how often a year that amount is paid.

    `is_shared` says whether partners get it once together, so that only one of them is listed; where it is not said, a
    law that looks at the partner is shared.
    """

    law: str
    output: str
    times: int = 1
    ground: Ground | None = None
    is_shared: bool | None = None

    @property
    def name(self) -> str:
        """How uptake and objections call it."""
        return self.law


@dataclass(frozen=True, slots=True)
class Registers:
    """Where the population says who uses what, and about whom care is needed; an empty name: there is no such column.

    The columns of exclusion stand in `table` (empty: the table that lists everybody). Truth values, but for
    `representative` (key of who acts for somebody under guardianship), `born` (date) and `partner` (key).
    """

    uptake: str = "uptake"
    uptake_law: str = "law"
    uptake_until: str = "until"
    table: str = ""
    objection: str = "bezwaar"
    deceased: str = "overleden"
    hidden_address: str = "geheim_adres"
    guarded: str = "onder_bewind"
    representative: str = "vertegenwoordiger"
    born: str = "geboortedatum"
    partner: str = "partner_bsn"

    @property
    def flags(self) -> dict[str, str]:
        """The columns with a truth value, by what they say."""
        names = ("objection", "deceased", "hidden_address", "guarded")
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    @property
    def columns(self) -> list[str]:
        """Every column that is read to leave people out or to treat them with care."""
        others = (self.representative, self.born, self.partner)
        return [*self.flags.values(), *(name for name in others if name)]


@dataclass(frozen=True, slots=True)
class ProactiveRequest:
    """A run: which benefits, over whom, on which day, from which amount a year (eurocents), and who answers for it.

    `estimates` are columns of which the value is an estimate (income of the running year); with `estimate_flag`, a
    truth value, only for whom it is true. `stops` are pseudonymous objections: key and law, the law empty for all.
    """

    laws: tuple[LawAsked, ...]
    on: date
    population: Path
    out: Path
    purpose: str = ""
    controller: str = ""
    dpia: str = ""
    approver: str = ""
    threshold: int = 0
    subjects: str = ""
    registers: Registers = field(default_factory=Registers)
    estimates: tuple[str, ...] = ()
    estimate_flag: str = ""
    stops: tuple[tuple[str, str], ...] = ()
    is_synthetic: bool = False
    memory_limit: str = ""


def read_law(text: str) -> LawAsked:
    """Read `law:output`, with `:times` where an amount is not a year, and `:shared` or `:own`; raises InvalidInput."""
    law, _, rest = text.partition(":")
    output, *more = rest.split(":")
    times, is_shared, is_wrong = _times_of(output), None, not (law and output)
    for word in more:
        if word in ("shared", "own"):
            is_shared = word == "shared"
        elif word.isdigit() and 1 <= int(word) <= MOST_TIMES:
            times = int(word)
        else:
            is_wrong = True
    if is_wrong or " " in text:
        nl, en = "Schrijf een regeling als WET:UITKOMST", "Write a law as LAW:OUTPUT"
        hint = "Add :12 for an amount a month, :4 for one a quarter, :shared or :own for how partners get it."
        raise InvalidInput("A law is not well written", faults=[Fault("--law", "malformed-law", nl, en, hint)])
    return LawAsked(law, output, times, None, is_shared)


def read_laws(texts: Iterable[str]) -> list[LawAsked]:
    """Read several; raises InvalidInput with every one that is not well written."""
    found, faults = [], []
    for text in texts:
        try:
            found.append(read_law(text))
        except InvalidInput as error:
            faults += [replace(fault, pointer=f"{fault.pointer} {text[:80]}") for fault in error.faults]
    if faults:
        raise InvalidInput(f"{len(faults)} laws are not well written", faults=faults)
    return found


def _times_of(output: str) -> int:
    return next((times for part, times in _TIMES if part in output), 1)


def with_grounds(laws: Sequence[LawAsked], grounds: Sequence[Ground], library: Library, on: date) -> list[LawAsked]:
    """Give each law the ground that names it by id, name or BWB id; a law without one keeps none."""
    found = []
    for asked in laws:
        try:
            law = library.select(asked.law, on).regulation
            names = {name.casefold() for name in (law.id, law.name, law.bwb_id) if name}
        except NoSuchRule:
            names = {asked.law}
        ground = next((item for item in grounds if item.law.casefold() in names), None)
        found.append(replace(asked, ground=ground) if ground else asked)
    return found


def accountability_faults(request: ProactiveRequest) -> Iterator[Fault]:
    """Yield what is missing of who answers for the run; made-up people need none of it."""
    if request.is_synthetic:
        return
    if not request.dpia:
        nl, en = "Er is geen DPIA genoemd", "No DPIA was named"
        yield Fault("/dpia", "no-dpia", nl, en, "Name the processing activity of which the DPIA was done.")
    if not APPROVER.fullmatch(request.approver):
        nl, en = "Er is geen rol genoemd die goedkeurt", "No role was named that approves"
        yield Fault("/approver", "no-approver", nl, en, "Name a role, as role:gm0344/teammanager-inkomen.")
    for name in ("purpose", "controller"):
        if not getattr(request, name):
            yield Fault(f"/{name}", "missing", f"'{name}' ontbreekt", f"'{name}' is missing")


def law_faults(request: ProactiveRequest, library: Library) -> Iterator[Fault]:
    """Yield laws and outputs that are not there, or asked twice, and amounts that cannot be."""
    if not request.laws:
        yield Fault("/laws", "missing", "Kies een regeling", "Choose a law")
    seen: set[str] = set()
    for at, asked in enumerate(request.laws):
        place = f"/laws/{at}"
        if asked.law in seen:
            yield Fault(place, "duplicate-name", f"'{asked.law}' staat er twee keer", f"'{asked.law}' is there twice")
        seen.add(asked.law)
        try:
            law = library.select(asked.law, request.on).regulation
        except NoSuchRule as error:
            yield Fault(place, error.code, error.title_nl, error.detail or error.title_en)
            continue
        if law.article_of(asked.output) is None:
            nl, en = f"'{asked.law}' heeft geen uitkomst '{asked.output}'", f"'{asked.law}' has no '{asked.output}'"
            yield Fault(place, "no-such-output", nl, en)
        if not 1 <= asked.times <= MOST_TIMES:
            yield Fault(place, "out-of-range", "Zo vaak per jaar kan niet", "That many times a year cannot be")
    if request.threshold < 0:
        yield Fault("/threshold", "out-of-range", "De drempel is onder nul", "The threshold is below zero")


def dpia_faults(record: Record, controller: str) -> Iterator[Fault]:
    """Yield why a record does not show that a DPIA was done for this controller."""
    spec: Mapping[str, Any] = record.data["spec"]
    if record.kind != "processing-activity":
        nl, en = f"{record.ref} is geen verwerking", f"{record.ref} is no processing activity"
        yield Fault("/dpia", "not-a-processing-activity", nl, en, "Name a record of kind processing-activity.")
        return
    if spec.get("dpia") != "yes":
        nl, en = f"Voor {record.ref} is geen DPIA gedaan", f"{record.ref} does not say that a DPIA was done"
        yield Fault("/dpia", "no-dpia", nl, en, "Do the DPIA, and record it as dpia: yes.")
    parties = {spec.get("controller"), *(spec.get("jointControllers") or ())}
    if controller not in parties:
        nl, en = f"{record.ref} is van een ander", f"{record.ref} is of another controller"
        yield Fault("/dpia", "other-controller", nl, en)
