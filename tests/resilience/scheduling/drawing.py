"""Problems drawn by chance: tiny ones for brute force, recoveries after an outage, projects in the way of ProGen."""

from __future__ import annotations

import random

from eendracht.resilience.scheduling import (
    Absence,
    Crews,
    Mode,
    Need,
    RecoveryJob,
    RecoveryProblem,
    Thing,
    need_all,
)

DURATIONS = (30, 60, 90, 120, 180, 240, 360, 480)


def draw_tiny(seed: int, jobs: int = 3, makespan: bool = False) -> RecoveryProblem:
    """Draw a few short jobs with all that a problem may have; some of them cannot be planned."""
    draw = random.Random(seed)
    names = [f"j{number}" for number in range(jobs)]
    skills = ["a", "b"]

    def needs(name: str) -> tuple[Need, ...]:
        others = [other for other in [*names, "thing"] if other != name]
        if draw.random() < 0.55:
            return ()
        of = tuple(draw.sample(others, draw.choice([1, 2, min(3, len(others))])))
        return (Need(draw.randint(1, len(of)), of),)

    def mode(name: str, number: int) -> Mode:
        crews = {skill: draw.randint(1, 2) for skill in draw.sample(skills, draw.randint(0, 2))}
        return Mode(f"m{number}", draw.randint(0, 3), crews, needs(name) if draw.random() < 0.15 else ())

    return RecoveryProblem(
        tuple(
            RecoveryJob(
                name,
                tuple(mode(name, number) for number in range(draw.choice([1, 1, 2]))),
                needs(name),
                draw.choice([0, 0, 1]),
                draw.choice([None, 2, 4]),
                draw.randint(0, 3),
                draw.randint(0, 60),
            )
            for name in names
        ),
        tuple(_draw_tiny_crews(draw, skill) for skill in skills),
        (Thing("thing", draw.choice([0, 1, 3, None])),),
        (Absence("a", 1, draw.randint(0, 3), draw.choice([4, 5])),) if draw.random() < 0.3 else (),
        "makespan" if makespan else "citizen-hours",
    )


def _draw_tiny_crews(draw: random.Random, skill: str) -> Crews:
    if draw.random() < 0.5:
        return Crews(skill, ((0, draw.randint(1, 3)),))
    if draw.random() < 0.5:
        return Crews(skill, ((0, draw.randint(0, 2)), (2, draw.randint(1, 3))))
    return Crews(skill, ((0, draw.randint(0, 2)), (1, draw.randint(1, 3))), 4)


def draw_recovery(jobs: int, seed: int, shifts: bool = False) -> RecoveryProblem:
    """Draw what a large outage leaves to do: four skills, a third of the jobs with citizens behind it.

    Some jobs need one of several others, three in ten have a faster mode with other crews, some services have an RTO.
    """
    draw = random.Random(seed)
    names = [f"job-{number}" for number in range(jobs)]
    skills = [f"skill-{number}" for number in range(4)]

    def mode(name: str, share: float) -> Mode:
        crews = {skill: draw.choice([1, 1, 2]) for skill in draw.sample(skills, draw.choice([1, 1, 2]))}
        return Mode(name, int(draw.choice(DURATIONS) * share), crews)

    def needs(number: int) -> tuple[Need, ...]:
        pool = names[max(0, number - 40) : number]
        found = []
        for _ in range(draw.choice([0, 1, 1, 2]) if pool else 0):
            if draw.random() < 0.3 and len(pool) > 3:
                of = tuple(draw.sample(pool, draw.choice([2, 3])))
                found.append(Need(draw.choice([1, 1, len(of) - 1]), of))
            else:
                found.append(need_all(draw.choice(pool)))
        return tuple(found)

    def job(number: int) -> RecoveryJob:
        is_service = draw.random() < 0.35
        return RecoveryJob(
            names[number],
            (mode("restore", 1), mode("failover", 0.5)) if draw.random() < 0.3 else (mode("restore", 1),),
            needs(number),
            due_minute=draw.choice([480, 1_440, 2_880]) if is_service and draw.random() < 0.4 else None,
            breach_penalty_citizen_hours=20_000 if is_service else 0,
            citizens_per_hour=int(draw.lognormvariate(6, 1.2)) if is_service else 0,
        )

    def crews(skill: str) -> Crews:
        if not shifts:
            return Crews(skill, ((0, draw.choice([3, 4, 5])),))
        return Crews(skill, ((0, draw.choice([2, 2, 3])), (480, draw.choice([3, 4])), (1_200, 2)), 1_440)

    return RecoveryProblem(tuple(job(number) for number in range(jobs)), tuple(crews(skill) for skill in skills))


def draw_project(
    jobs: int, complexity: float, factor: float, strength: float, seed: int, resources: int = 4
) -> RecoveryProblem:
    """Draw a project by the three figures of ProGen (Kolisch, Sprecher and Drexl, 1995).

    `complexity` is arcs per job, `factor` the share of resources that a job asks for, `strength` how ample they are:
    0 is the largest single request, 1 the peak of the plan that ignores resources. Redundant arcs are not avoided.
    """
    draw = random.Random(seed)
    durations = [draw.randint(1, 10) for _ in range(jobs)]
    needed: list[set[int]] = [set() if job < 3 else {draw.randrange(job)} for job in range(jobs)]
    for _ in range(20 * jobs):
        job = draw.randrange(3, jobs)
        if sum(map(len, needed)) >= complexity * jobs:
            break
        if len(needed[job]) < 3:
            needed[job].add(draw.randrange(job))
    asked = [[0] * resources for _ in range(jobs)]
    for row in asked:
        row[draw.randrange(resources)] = draw.randint(1, 10)
    cells = [(job, resource) for job in range(jobs) for resource in range(resources) if not asked[job][resource]]
    draw.shuffle(cells)
    for job, resource in cells[: max(0, round(factor * jobs * resources) - jobs)]:
        asked[job][resource] = draw.randint(1, 10)
    ends: list[int] = []
    for job in range(jobs):
        ends.append(max((ends[before] for before in needed[job]), default=0) + durations[job])
    names = [f"R {number + 1}" for number in range(resources)]
    levels = []
    for resource in range(resources):
        least = max(row[resource] for row in asked)
        peak = max(
            sum(asked[job][resource] for job in range(jobs) if ends[job] - durations[job] <= minute < ends[job])
            for minute in range(max(ends))
        )
        levels.append(max(1, least + round(strength * (max(peak, least) - least))))
    return RecoveryProblem(
        tuple(
            RecoveryJob(
                str(job),
                (
                    Mode(
                        "1",
                        durations[job],
                        {name: crews for name, crews in zip(names, asked[job], strict=True) if crews},
                    ),
                ),
                (need_all(*map(str, sorted(needed[job]))),) if needed[job] else (),
            )
            for job in range(jobs)
        ),
        tuple(Crews(name, ((0, level),)) for name, level in zip(names, levels, strict=True)),
        objective="makespan",
    )
