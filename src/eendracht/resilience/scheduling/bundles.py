"""Jobs bundled with all that they need: the bundle that gives most per crew-minute as a whole goes first.

Beside the serial rule, which looks at one job at a time, this sees that a large service far down the road may be worth
the road. It gives a plan to begin a search with.
"""

from __future__ import annotations

from collections.abc import Iterable

from eendracht.resilience.scheduling.instance import NEVER, Instance, Placement, Way
from eendracht.resilience.scheduling.serial import build_serial_plan, give_priorities


def build_bundled_plan(instance: Instance) -> Placement:
    """Place bundle after bundle, each job in the mode that takes least work."""
    return build_serial_plan(instance, give_priorities(_Bundles(instance).sort()))


class _Bundles:
    """Work is counted in shares of all crews of a skill, so that skills can be added."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.crews = [
            max(1, max(level for _, level in calendar.list_steps(0, calendar.settled_minute + calendar.period)))
            for calendar in instance.calendars
        ]
        self.done = {job for job, start in enumerate(instance.started) if start is not None}
        self.done |= {len(instance) + number for number, minute in enumerate(instance.things) if minute < NEVER}
        self.ways = [min(ways, key=self._work) for ways in instance.ways]

    def _work(self, way: Way) -> float:
        return sum(way.duration * crews / self.crews[skill] for skill, crews in way.demands) + way.duration / 1_000

    def sort(self) -> list[int]:
        """Give all jobs, bundle after bundle."""
        order = sorted(job for job in self.done if job < len(self.instance))
        weights = self.instance.weight
        # Only what brings citizens back makes a bundle worth something; the rest comes last.
        waiting = {job for job, weight in enumerate(weights) if weight and job not in self.done}
        bundles = {job: self._bundle(job) for job in waiting}
        while waiting:
            best = max(sorted(waiting), key=lambda job: self._ratio(bundles[job]))
            taken = bundles[best]
            order += taken
            self.done.update(taken)
            waiting -= self.done
            changed = set(taken)
            bundles = {
                job: self._bundle(job) if changed & set(bundle) else bundle
                for job, bundle in bundles.items()
                if job in waiting
            }
        return order + [job for job in range(len(weights)) if job not in self.done]

    def _ratio(self, jobs: Iterable[int]) -> float:
        weight = work = 0.0
        for job in jobs:
            weight += self.instance.weight[job]
            work += self._work(self.ways[job])
        return weight / max(work, 1e-9)

    def _bundle(self, last: int) -> list[int]:
        """Give the jobs still to be done for a job, itself last; of k of n the first k, those that are done before."""
        bundle: dict[int, None] = {}
        seen = set(self.done)
        road = [(last, False)]
        while road:
            job, is_complete = road.pop()
            if is_complete:
                bundle[job] = None
            elif job not in seen and job < len(self.instance):
                seen.add(job)
                road.append((job, True))
                for k, members in self.ways[job].groups:
                    chosen = sorted(members, key=lambda member: member not in self.done)[:k]
                    road += [(member, False) for member in chosen if member not in seen]
        return list(bundle)
