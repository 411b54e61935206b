"""What goes into the crisis envelope: whom to reach, in which order things come back, and how to go on by hand.

Everything is what one asker sees on one day. What is not known stays visible: a critical service without a procedure on
paper is named, a provider without a record has a question mark, and a contact tells when it was last checked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import timestamp, today
from eendracht.kernel.errors import NotFound
from eendracht.kernel.imports.persons import is_person_name
from eendracht.kernel.records import Record
from eendracht.kernel.store import Store

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance
    from eendracht.kernel.landscape import Landscape

FORMAT: Final = "eendracht-crisis-envelope-content/1"
MOST_STEPS: Final = 5_000
"""How many steps of the order are written out; the rest is counted."""
KINDS: Final = ("crisis-contact", "restore-plan", "recovery-plan")
"""Kinds of which every record counts for the content; critical things count too."""
SERVICES: Final = ("public-service", "business-process")


def gather_content(instance: Instance, asker: Principal) -> dict[str, Any]:
    """Give the content as plain data: what the asker sees of the records today, with the last signed checkpoint."""
    # Arrays are for this work alone.
    from eendracht.kernel.landscape import build_landscape

    store = instance.store
    day = today(store.clock)
    landscape = build_landscape(store, asker, day)
    gatherer = _Gatherer(store, asker, landscape)
    last = instance.history.last_checkpoint()
    services = gatherer.list_services()
    contacts, left_out = gatherer.list_contacts()
    return {
        "format": FORMAT,
        "node": instance.settings.name,
        "madeAt": timestamp(store.clock.now()),
        "day": day.isoformat(),
        "position": store.size,
        "checkpoint": last.note.encode().decode() if last else "",
        "logKey": instance.history.verifier_key,
        "synthetic": any(thing.is_synthetic for thing in landscape.things),
        "contacts": contacts,
        "contactsLeftOut": left_out,
        "recovery": gatherer.order_recovery(),
        "services": services,
        "withoutPaper": [item["ref"] for item in services if not item["paperProcedure"]],
    }


class _Gatherer:
    """Reads the records of one asker and one day into plain data."""

    def __init__(self, store: Store, asker: Principal, landscape: Landscape) -> None:
        self.store, self.asker, self.landscape = store, asker, landscape
        self.day = landscape.day
        self.names = {thing.ref: thing.name for thing in landscape.things}
        self.records = {kind: self._read(kind) for kind in KINDS}
        self.critical = self._list_critical()

    def _read(self, kind: str) -> list[Record]:
        return list(self.store.snapshot(self.asker, self.day, kind=kind))

    def _spec(self, record: Record) -> dict[str, Any]:
        return record.spec(self.store.registry)

    def _settle(self, ref: str) -> str:
        return self.landscape.aliases.get(ref, ref)

    def _name(self, ref: str) -> str:
        """Give the name of anything; empty where no record of it may be seen."""
        ref = self._settle(ref)
        if ref not in self.names:
            try:
                self.names[ref] = self.store.get(ref, self.asker).name
            except NotFound:
                self.names[ref] = ""
        return self.names[ref]

    def _named(self, ref: str) -> dict[str, str]:
        return {"ref": self._settle(ref), "name": self._name(ref)}

    # -- whom to reach ------------------------------------------------------------------------------------------

    def list_contacts(self) -> tuple[list[dict[str, Any]], int]:
        """Give the roles and desks by organisation and order; one that reads as the name of a person is left out."""
        contacts, left_out = [], 0
        for record in self.records["crisis-contact"]:
            spec = self._spec(record)
            if is_person_name(spec["role"]) or is_person_name(record.name):
                left_out += 1
                continue
            contacts.append(
                {
                    "ref": record.ref,
                    "organisation": self._named(spec["organisation"]),
                    "role": spec["role"],
                    "phone": spec.get("phone", ""),
                    "secondPhone": spec.get("secondPhone", ""),
                    "otherChannel": spec.get("otherChannel", ""),
                    "about": [self._named(ref) for ref in spec.get("about", ())],
                    "order": spec.get("order", 100),
                    "checkedOn": spec.get("checkedOn", ""),
                }
            )
        contacts.sort(key=lambda item: (item["organisation"]["name"], item["order"], item["ref"]))
        return contacts, left_out

    # -- what must go on ----------------------------------------------------------------------------------------

    def _list_critical(self) -> list[int]:
        """Give the critical services; where nobody named any, everything that is critical."""
        things = self.landscape.things
        critical = [node for node, thing in enumerate(things) if thing.criticality == "critical"]
        services = [node for node in critical if things[node].kind in SERVICES]
        return sorted(services or critical, key=lambda node: (things[node].kind, things[node].name, things[node].ref))

    def list_services(self) -> list[dict[str, Any]]:
        """Give each critical service with its procedure on paper and what it needs."""
        plans: dict[str, dict[str, Any]] = {}
        for record in self.records["restore-plan"]:
            spec = self._spec(record)
            about = self._settle(spec["about"])
            if spec.get("paperProcedure") or about not in plans:
                plans[about] = spec
        return [self._describe_service(node, plans) for node in self.critical]

    def _describe_service(self, node: int, plans: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        thing = self.landscape.things[node]
        plan = plans.get(thing.ref, {})
        needs = sorted(self._closure([node]) - {node})
        return {
            "ref": thing.ref,
            "name": thing.name,
            "kind": thing.kind,
            "owner": self._named(thing.owner),
            "paperProcedure": plan.get("paperProcedure", ""),
            "responsible": self._named(plan["responsible"]) if plan.get("responsible") else None,
            "reviewedOn": plan.get("reviewedOn", ""),
            "needs": list(self._list_groups(node)),
            "needsInAll": len(needs),
        }

    def _list_groups(self, node: int) -> Iterator[dict[str, Any]]:
        estate = self.landscape.estate
        for phase, table in (("run", estate.run), ("start", estate.start)):
            for group in table.groups_of(node):
                members = [
                    {"ref": name.rstrip("?"), "name": "" if name.endswith("?") else self._name(name)}
                    for name in estate.name_members(table, group)
                ]
                k = int(table.k[group])
                yield {"phase": phase, "k": k, "label": estate.label_of(table, group), "members": members}

    def _closure(self, nodes: Sequence[int]) -> set[int]:
        """Give these nodes and everything that they need to run or start, directly or not."""
        estate = self.landscape.estate
        seen, waiting = set(nodes), list(nodes)
        while waiting:
            node = waiting.pop()
            for table in (estate.run, estate.start):
                for group in table.groups_of(node):
                    for provider in table.provider[table.members_of(group)].tolist():
                        if provider < len(estate) and provider not in seen:
                            seen.add(provider)
                            waiting.append(provider)
        return seen

    # -- what comes back first ----------------------------------------------------------------------------------

    def order_recovery(self) -> dict[str, Any]:
        """Give the newest plan of recovery; where there is none, the waves in which things can start."""
        plans = self.records["recovery-plan"]
        return self._follow_plan(max(plans, key=lambda record: record.rv)) if plans else self._follow_waves()

    def _follow_plan(self, record: Record) -> dict[str, Any]:
        spec = self._spec(record)
        jobs = sorted(spec.get("jobs", ()), key=lambda job: (float(job["startHours"]), float(job["endHours"])))
        steps = [
            {
                **self._named(job["about"]),
                "startHours": str(job["startHours"]),
                "endHours": str(job["endHours"]),
                "mode": job["mode"],
                "why": job.get("why", ""),
            }
            for job in jobs[:MOST_STEPS]
        ]
        about = {"plan": {"ref": record.ref, "name": record.name}, "status": spec["status"]}
        about |= {"recordedAt": record.data["recordedAt"], "synthetic": record.is_synthetic}
        left_out = len(jobs) - len(steps)
        return {"by": "recovery-plan", **about, "steps": steps, "stuck": [], "behindStuck": 0, "leftOut": left_out}

    def _follow_waves(self) -> dict[str, Any]:
        from eendracht.kernel.estate import order_recovery

        landscape = self.landscape
        needed = self._closure(self.critical)
        order = order_recovery(landscape.estate, sorted(needed), unknown="best")
        steps: list[dict[str, Any]] = []
        left_out = 0
        for number, wave in enumerate(order.waves, 1):
            nodes = sorted(wave.tolist(), key=self._urgency)
            room = max(0, MOST_STEPS - len(steps))
            left_out += len(nodes[room:])
            steps += [self._describe_step(node, number) for node in nodes[:room]]
        rings = [deadlock.nodes for deadlock in order.deadlocks if deadlock.is_root]
        stuck = [[self._describe_step(node, 0) for node in ring] for ring in rings]
        behind = len(order.waiting) - sum(map(len, rings))
        return {"by": "waves", "steps": steps, "stuck": stuck, "behindStuck": behind, "leftOut": left_out}

    def _urgency(self, node: int) -> tuple[int, str]:
        thing = self.landscape.things[node]
        ranks: dict[str, int] = defaultdict(lambda: 3, {"critical": 0, "important": 1, "normal": 2})
        return ranks[thing.criticality], thing.ref

    def _describe_step(self, node: int, wave: int) -> dict[str, Any]:
        thing = self.landscape.things[node]
        return {
            "ref": thing.ref,
            "name": thing.name,
            "kind": thing.kind,
            "wave": wave,
            "criticality": thing.criticality,
        }
