"""Why each job stands where it stands in a plan, as data and as sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from eendracht.kernel.wording import Said, say
from eendracht.resilience.scheduling.instance import Instance, Way, read_plan, read_problem
from eendracht.resilience.scheduling.problem import RecoveryPlan, RecoveryProblem
from eendracht.resilience.scheduling.serial import weigh_with_followers

ReasonKind: TypeAlias = Literal["started", "at-once", "earliest-start", "need", "crew", "shift", "choice"]


@dataclass(frozen=True, slots=True)
class Reason:
    """What keeps a job from starting a minute earlier, and what its work is worth.

    `after` names what it waits for: the last that it needed, or the jobs that hold the crew of `skill`.
    `citizens_with_followers` counts all that may wait for it too. A `choice` could start earlier by itself.
    """

    job: str
    kind: ReasonKind
    start_minute: int
    after: tuple[str, ...]
    skill: str
    citizens_per_hour: int
    citizens_with_followers: int
    crew_minutes: int
    timing: Said
    worth: Said

    @property
    def citizens_per_crew_hour(self) -> float | None:
        """What an hour of one crew gives back per hour, with all that waits for it; None where no crew works."""
        return 60 * self.citizens_with_followers / self.crew_minutes if self.crew_minutes else None


def explain_schedule(problem: RecoveryProblem, plan: RecoveryPlan) -> tuple[Reason, ...]:
    """Give the reason of every job of a plan that is possible, in the order of the plan."""
    instance = read_problem(problem)
    reasons = _Reasons(instance, plan)
    numbers = {job.name: number for number, job in enumerate(problem.jobs)}
    return tuple(reasons.explain(numbers[entry.job]) for entry in plan.jobs)


def say_moment(minute: int) -> str:
    """Give a moment as hours and minutes, the same in both languages."""
    return f"{minute // 60}:{minute % 60:02}"


class _Reasons:
    def __init__(self, instance: Instance, plan: RecoveryPlan) -> None:
        self.instance = instance
        self.placement = read_plan(instance, plan)
        self.ends = [*instance.list_ends(self.placement), *instance.things]
        self.names = [job.name for job in instance.problem.jobs] + [thing.name for thing in instance.problem.things]
        self.skills = list(dict.fromkeys(crews.skill for crews in instance.problem.crews))
        self.totals = weigh_with_followers(instance)
        self.ways = [ways[way] for ways, way in zip(instance.ways, self.placement.ways, strict=True)]

    def explain(self, job: int) -> Reason:
        way = self.ways[job]
        kind, after, skill, timing = self._time(job, way)
        return Reason(
            self.names[job],
            kind,
            self.placement.starts[job],
            after,
            skill,
            self.instance.weight[job],
            self.totals[job],
            way.crew_minutes,
            timing,
            self._weigh(job, way),
        )

    def _time(self, job: int, way: Way) -> tuple[ReasonKind, tuple[str, ...], str, Said]:
        start = self.placement.starts[job]
        when = say_moment(start)
        name = self.names[job]
        if self.instance.started[job] is not None:
            nl, en = "{job} is begonnen op {when}.", "{job} started at {when}."
            return "started", (), "", say(nl, en, job=name, when=when)
        needed = [member for k, members in way.groups for member in self._last_of(k, members)]
        critical = tuple(sorted({self.names[member] for member in needed if self.ends[member] == start}))
        if critical and start > self.instance.problem.now_minute:
            nl = "{job} begint op {when}, zodra {after} er is."
            en = "{job} starts at {when}, as soon as {after} is there."
            return "need", critical, "", say(nl, en, job=name, when=when, after=", ".join(critical))
        if start == self.instance.problem.now_minute:
            nl = "{job} begint meteen: wat nodig is, is er."
            en = "{job} starts at once: what it needs is there."
            return "at-once", (), "", say(nl, en, job=name)
        if start == self.instance.earliest[job]:
            nl, en = "{job} kan niet voor {when} beginnen.", "{job} cannot start before {when}."
            return "earliest-start", (), "", say(nl, en, job=name, when=when)
        return self._find_crew(job, way)

    def _last_of(self, k: int, members: Sequence[int]) -> list[int]:
        return sorted(members, key=lambda member: self.ends[member])[k - 1 : k]

    def _find_crew(self, job: int, way: Way) -> tuple[ReasonKind, tuple[str, ...], str, Said]:
        start, name = self.placement.starts[job], self.names[job]
        when, before = say_moment(start), start - 1
        for skill, asked in way.demands if way.duration else ():
            there = self.instance.calendars[skill].level_at(before)
            busy = [other for other in range(len(self.ways)) if other != job and self._works_at(other, skill, before)]
            used = sum(dict(self.ways[other].demands)[skill] for other in busy)
            skill_name = self.skills[skill]
            if there < asked:
                nl = "{job} begint op {when}: dan zijn er genoeg ploegen {skill}."
                en = "{job} starts at {when}: then there are enough crews {skill}."
                return "shift", (), skill_name, say(nl, en, job=name, when=when, skill=skill_name)
            if there - used < asked:
                freed = [other for other in busy if self.ends[other] == start] or busy
                after = tuple(self.names[other] for other in freed)
                nl = "{job} begint op {when}: de ploegen {skill} zijn tot dan bezig met {after}."
                en = "{job} starts at {when}: until then the crews {skill} are busy with {after}."
                said = say(nl, en, job=name, when=when, skill=skill_name, after=", ".join(after))
                return "crew", after, skill_name, said
        nl, en = "{job} begint op {when}; eerder kan ook.", "{job} starts at {when}; it could start earlier."
        return "choice", (), "", say(nl, en, job=name, when=when)

    def _works_at(self, job: int, skill: int, minute: int) -> bool:
        asks = any(one == skill for one, _ in self.ways[job].demands)
        return asks and self.placement.starts[job] <= minute < self.ends[job]

    def _weigh(self, job: int, way: Way) -> Said:
        own, total = self.instance.weight[job], self.totals[job]
        hours = say_moment(way.crew_minutes)
        if not way.crew_minutes:
            nl = "Geeft {own} inwoners per uur terug, met wat erop wacht {total}; het kost geen ploeg."
            en = "Gives {own} citizens per hour back, {total} with what waits for it; it takes no crew."
            return say(nl, en, own=own, total=total)
        rate = round(60 * total / way.crew_minutes)
        nl = "Geeft {own} inwoners per uur terug, met wat erop wacht {total}; vergt {hours} ploeguur: {rate} per uur."
        en = (
            "Gives {own} citizens per hour back, {total} with what waits for it; takes {hours} crew-hours: {rate} each."
        )
        return say(nl, en, own=own, total=total, hours=hours, rate=rate)
