"""The situation report of a crisis (SITREP), in the order in which Dutch crisis teams work.

Terms follow the national crisis structure: beeldvorming, oordeelsvorming, besluitvorming (BOB), opschaling (GRIP),
getroffen vitale processen and diensten. What nobody recorded is named as not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from eendracht.kernel.clock import AMSTERDAM
from eendracht.kernel.landscape import Thing
from eendracht.kernel.records import Record
from eendracht.kernel.wording import Said, say
from eendracht.resilience.crisis import CrisisLog
from eendracht.resilience.demand import Bounds
from eendracht.resilience.whatif import Outcome

AHEAD_HOURS: Final = (4, 12, 24)
_GRIP: Final[Mapping[str, str]] = {
    **{f"grip-{number}": f"GRIP {number}" for number in range(1, 6)},
    "grip-rijk": "GRIP Rijk",
    "none": "geen",
    "unknown": "niet bekend",
}
_ENGLISH: Final[Mapping[str, str]] = {"geen": "none", "niet bekend": "not known"}
_MOST_NAMED: Final = 10


@dataclass(frozen=True, slots=True)
class JobState:
    """Where a job of the plan stands: planned, running, done or late; hours since the beginning of the crisis."""

    thing: Thing
    state: str
    start_hours: float
    end_hours: float


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report: its heading and its lines."""

    title: Said
    lines: Sequence[Said]


def write_sitrep(
    crisis: CrisisLog, outcome: Outcome, jobs: Sequence[JobState], now: datetime, specs: Mapping[str, Mapping[str, Any]]
) -> list[Section]:
    """Give the report of a moment; `specs` are those of the events by ref, `jobs` the newest plan by start."""
    hours = max(0.0, (now - crisis.began_at).total_seconds() / 3600)
    back = {job.thing.ref for job in jobs if job.state == "done"}
    still = [item for item in outcome.services if item.thing.ref not in back]
    return [
        _head(crisis, now, hours),
        _picture(outcome, jobs, still),
        _judgement(outcome, still),
        _decisions(crisis.events, specs, outcome),
        _actions(jobs, hours),
        _outlook(outcome, jobs, hours, crisis.began_at),
        Section(
            Said("Communicatie", "Communication"),
            [
                Said(
                    "Kernboodschap en woordvoering: in te vullen door het crisisteam.",
                    "Key message and spokesperson: to be filled in by the crisis team.",
                )
            ],
        ),
    ]


def _head(crisis: CrisisLog, now: datetime, hours: float) -> Section:
    grip = _GRIP.get(crisis.spec.get("level", "unknown"), "niet bekend")
    return Section(
        Said("Kenmerken", "Particulars"),
        [
            say("Crisis: {name}", "Crisis: {name}", name=crisis.record.name),
            say("Stand van {at}", "As of {at}", at=_clock(now)),
            say(
                "Begonnen {at}, {hours} uur geleden",
                "Began {at}, {hours} h ago",
                at=_clock(crisis.began_at),
                hours=f"{hours:.1f}",
            ),
            Said(f"Opschaling: {grip}", f"Scaling-up: {_ENGLISH.get(grip, grip)}"),
        ],
    )


def _picture(outcome: Outcome, jobs: Sequence[JobState], still: Sequence[Any]) -> Section:
    critical = sum(item.thing.criticality == "critical" for item in still)
    done = sum(job.state == "done" for job in jobs)
    lines = [
        say("Zelf uitgevallen: {names}", "Failed by themselves: {names}", names=_name(outcome.seeds)),
        say(
            "{n} {n:dienst ligt|diensten liggen} stil, waarvan {critical} kritiek",
            "{n} {n:service is|services are} out, {critical} of them critical",
            n=len(still),
            critical=critical,
        ),
        say(
            "Kritiek en stil: {names}",
            "Critical and out: {names}",
            names=_name([item.thing for item in still if item.thing.criticality == "critical"]),
        ),
        say("Hersteld: {n} van {all} taken", "Recovered: {n} of {all} jobs", n=done, all=len(jobs)),
    ]
    return Section(Said("Beeld (beeldvorming)", "Picture"), lines)


def _judgement(outcome: Outcome, still: Sequence[Any]) -> Section:
    persons = outcome.demands.count_persons(item.thing.ref for item in still)
    open_ = sum(not item.is_certain for item in still)
    lines = [
        Said(
            f"Mensen die afhangen van wat stilligt: {_between(persons, 'nl')}",
            f"People who rely on what is out: {_between(persons, 'en')}",
        )
    ]
    if outcome.unmeasured:
        lines.append(
            say(
                "Van {n} {n:dienst|diensten} is niet bekend hoeveel mensen die gebruiken",
                "Of {n} {n:service|services} it is not known how many people use them",
                n=outcome.unmeasured,
            )
        )
    if open_:
        lines.append(
            say(
                "Van {n} {n:dienst|diensten} is niet zeker of die stilligt: dat is nagaan waard",
                "Of {n} {n:service|services} it is not certain that it is out: that is worth finding out",
                n=open_,
            )
        )
    return Section(Said("Oordeel (oordeelsvorming)", "Judgement"), lines)


def _decisions(events: Sequence[Record], specs: Mapping[str, Mapping[str, Any]], outcome: Outcome) -> Section:
    names = {thing.ref: thing.name for thing in outcome.landscape.things}
    lines = []
    for event in events:
        spec = specs[event.ref]
        if spec["type"] != "decision":
            continue
        at = _clock(datetime.fromisoformat(spec["at"]))
        about = names.get(spec.get("about", ""), "")
        text = spec.get("grounds", "")
        said = ", ".join(part for part in (at, about, text) if part)
        lines.append(Said(said, said))
    return Section(
        Said("Besluiten (besluitvorming)", "Decisions"),
        lines or [Said("Nog geen besluiten vastgelegd", "No decisions recorded yet")],
    )


def _actions(jobs: Sequence[JobState], hours: float) -> Section:
    running = [job for job in jobs if job.state in ("running", "late")]
    coming = sorted((job for job in jobs if job.state == "planned"), key=lambda job: job.start_hours)
    lines = [
        say(
            "Bezig: {name}, klaar naar verwachting over {hours} uur{late_nl}",
            "Under way: {name}, done in {hours} h as expected{late_en}",
            name=job.thing.name,
            hours=f"{max(0.0, job.end_hours - hours):.1f}",
            late_nl=" (vertraagd)" if job.state == "late" else "",
            late_en=" (late)" if job.state == "late" else "",
        )
        for job in running[:_MOST_NAMED]
    ]
    lines += [
        say(
            "Daarna: {name}, begint over {hours} uur",
            "Next: {name}, begins in {hours} h",
            name=job.thing.name,
            hours=f"{max(0.0, job.start_hours - hours):.1f}",
        )
        for job in coming[:_MOST_NAMED]
    ]
    return Section(
        Said("Acties en herstel", "Actions and recovery"), lines or [Said("Geen open taken", "No jobs are open")]
    )


def _outlook(outcome: Outcome, jobs: Sequence[JobState], hours: float, began_at: datetime) -> Section:
    services = {item.thing.ref for item in outcome.services}
    ends = {job.thing.ref: job.end_hours for job in jobs if job.thing.ref in services}
    if not ends:
        return Section(
            Said("Verwachting", "Outlook"), [Said("Er is nog geen herstelplan", "There is no recovery plan yet")]
        )
    lines = [
        say(
            "Over {ahead} uur terug: {n} van {all} diensten",
            "Back in {ahead} h: {n} of {all} services",
            ahead=ahead,
            n=sum(end <= hours + ahead for end in ends.values()),
            all=len(services),
        )
        for ahead in AHEAD_HOURS
    ]
    last = began_at + timedelta(hours=max(ends.values()))
    lines.append(
        say("Alles wat terug kan komen is terug: {at}", "All that can come back is back: {at}", at=_clock(last))
    )
    without = len(services) - len(ends)
    if without:
        lines.append(
            say(
                "Van {n} {n:dienst|diensten} is geen weg terug vastgelegd",
                "Of {n} {n:service|services} no way back is recorded",
                n=without,
            )
        )
    return Section(Said("Verwachting", "Outlook"), lines)


def _name(things: Sequence[Thing]) -> str:
    names = ", ".join(thing.name for thing in things[:_MOST_NAMED])
    more = len(things) - _MOST_NAMED
    return f"{names} (+{more})" if more > 0 else names or "-"


def _between(bounds: Bounds, language: str) -> str:
    def write(number: int) -> str:
        return f"{number:,}".replace(",", "." if language == "nl" else ",")

    if bounds.high is None:
        return f"{'ten minste' if language == 'nl' else 'at least'} {write(bounds.low)}"
    if bounds.is_exact:
        return write(bounds.low)
    return f"{write(bounds.low)} {'tot' if language == 'nl' else 'to'} {write(bounds.high)}"


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(AMSTERDAM):%d-%m-%Y %H:%M}"
