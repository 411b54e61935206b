"""The matrix of accounts: every control against every organisation, and which account still lacks what."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import today
from eendracht.kernel.errors import Fault, NotFound, UsageFault
from eendracht.kernel.records import Record
from eendracht.kernel.store import Store
from eendracht.reference.controls import load_controls
from eendracht.resilience.evidence.accounts import STATES, AskedControl, Proof, Standing, judge_control
from eendracht.resilience.kinds.evidence import FRAMEWORKS

NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "bio2": ("BIO2", "BIO2"),
    "ensia": ("ENSIA", "ENSIA"),
    "cbw": ("Cyberbeveiligingswet (NIS2)", "Cyberbeveiligingswet (NIS 2)"),
    "open-standards": ("Pas toe of leg uit", "Comply or explain (open standards)"),
}
"""What each framework is called in Dutch and English."""


@dataclass(frozen=True)
class Account:
    """One framework for one organisation."""

    framework: str
    organisation: str
    standings: Sequence[Standing]

    @property
    def counts(self) -> dict[str, int]:
        """How many controls there are in each state, the best first."""
        found = Counter(standing.state for standing in self.standings)
        return {state: found[state] for state in STATES}

    @property
    def lacking(self) -> Sequence[Standing]:
        """What it still lacks."""
        return [standing for standing in self.standings if standing.lacks]


@dataclass(frozen=True)
class Matrix:
    """Accounts of organisations on a day, as one asker may see them."""

    day: date
    accounts: Sequence[Account]
    names: Mapping[str, str]
    """What each organisation is called."""
    silent: int
    """Organisations of which the asker sees neither evidence nor an answer; they have no account here."""
    shared: int
    """Pieces of evidence that count in more than one account."""
    faults: Sequence[Fault]
    """Evidence and answers about controls that nobody knows."""
    is_synthetic: bool

    @property
    def organisations(self) -> list[str]:
        """The organisations, in order of their accounts."""
        return list(dict.fromkeys(account.organisation for account in self.accounts))


def list_controls(store: Store, asker: Principal) -> dict[str, AskedControl]:
    """Give every control by its key, those that ship and those that were imported, in order of framework and code."""
    found = {
        key: AskedControl(
            key, item.subject_nl, item.subject_en, item.every_months, item.audience, item.topics, item.url
        )
        for key, item in load_controls().items()
    }
    for record in sorted(store.snapshot(asker, kind="control"), key=lambda record: record.ref):
        spec = record.spec(store.registry)
        key = f"{spec['norm']}/{spec['code']}"
        known = found.get(key)
        if known is None:
            found[key] = AskedControl(
                key,
                spec["name"],
                spec["name"],
                spec.get("everyMonths"),
                url=spec.get("url", ""),
                is_empty=spec.get("isEmpty", False),
            )
    return dict(sorted(found.items(), key=lambda item: (FRAMEWORKS.index(_framework(item[0])), item[0])))


def _framework(key: str) -> Any:
    return key.partition("/")[0]


def find_organisation(store: Store, asker: Principal, given: str) -> Record:
    """Give the organisation of a code such as gm0344, or of a ref; raises NotFound."""
    record = store.get(given if ":" in given else f"organisation:{given}", asker)
    if record.kind != "organisation":
        raise NotFound(f"{given[:80]} is no organisation")
    return record


def build_matrix(
    store: Store, asker: Principal, organisation: str = "", framework: str = "", day: date | None = None
) -> Matrix:
    """Make the matrix of one organisation, or of all of which the asker sees anything; of one framework or all.

    Raises NotFound for an organisation that is not there, UsageFault for a framework that is none.
    """
    if framework and framework not in FRAMEWORKS:
        raise UsageFault(f"There is no framework '{framework[:40]}'", hint=f"Choose one of {', '.join(FRAMEWORKS)}.")
    on = day or today(store.clock)
    proofs, named, synthetic = _read_evidence(store, asker, on)
    answers, answered, said = _read_answers(store, asker, on)
    controls = list_controls(store, asker)
    faults = [_unknown_control(ref, key) for ref, key in (*named, *answered) if key not in controls]
    records = {record.ref: record for record in store.snapshot(asker, on, kind="organisation")}
    speaking = {ref for ref, _ in (*proofs, *answers)}
    asked = [find_organisation(store, asker, organisation).ref] if organisation else sorted(speaking & set(records))
    accounts = [
        Account(name, ref, standings)
        for ref in asked
        for name in ([framework] if framework else FRAMEWORKS)
        for asked_here in [asked_of(controls, name, records[ref].spec(store.registry))]
        if (standings := _judge_all(asked_here, ref, proofs, answers, on))
    ]
    shown = {ref: records[ref].name for ref in asked}
    is_synthetic = any(ref in synthetic | said for ref in asked)
    silent = len(set(records) - speaking) if not organisation else 0
    return Matrix(on, accounts, shown, silent, _count_shared(accounts), faults, is_synthetic)


Evidences = Mapping[tuple[str, str], Sequence[Proof]]
Answers = Mapping[tuple[str, str], Mapping[str, Any]]


def asked_of(
    controls: Mapping[str, AskedControl], framework: str, organisation: Mapping[str, Any]
) -> list[AskedControl]:
    """Give what a framework asks of an organisation (a spec); what it asks nothing under is left out."""
    audience = ("all", organisation.get("type", "unknown"))
    return [
        control
        for control in controls.values()
        if control.framework == framework and not control.is_empty and control.audience in audience
    ]


def _judge_all(
    controls: Iterable[AskedControl], ref: str, proofs: Evidences, answers: Answers, day: date
) -> list[Standing]:
    return [
        judge_control(control, ref, proofs.get((ref, control.key), ()), answers.get((ref, control.key)), day)
        for control in controls
    ]


def _read_evidence(
    store: Store, asker: Principal, day: date
) -> tuple[dict[tuple[str, str], list[Proof]], list[tuple[str, str]], set[str]]:
    """Give evidence by organisation and control, each ref with what it names, and for whom some is made up."""
    found: dict[tuple[str, str], list[Proof]] = defaultdict(list)
    named, synthetic = [], set()
    for record in store.snapshot(asker, day, kind="evidence"):
        spec = record.spec(store.registry)
        end = spec.get("expiresOn")
        proof = Proof(
            record.ref,
            record.name,
            date.fromisoformat(spec["heldFrom"]),
            date.fromisoformat(end) if end else None,
            bool(spec.get("responsible")),
            record.is_synthetic,
        )
        for key in spec["satisfies"]:
            found[spec["organisation"], key].append(proof)
            named.append((record.ref, key))
        if record.is_synthetic:
            synthetic.add(spec["organisation"])
    return found, named, synthetic


def _read_answers(
    store: Store, asker: Principal, day: date
) -> tuple[dict[tuple[str, str], Mapping[str, Any]], list[tuple[str, str]], set[str]]:
    """Give the newest answer by organisation and control, each ref with what it is about, and who has made-up ones."""
    records = [
        (spec["answeredOn"], record.rv, record, spec)
        for record in store.snapshot(asker, day, kind="control-answer")
        for spec in [record.spec(store.registry)]
    ]
    records.sort(key=lambda item: item[:2])
    found: dict[tuple[str, str], Mapping[str, Any]] = {
        (spec["organisation"], spec["control"]): spec for *_, spec in records
    }
    synthetic = {spec["organisation"] for *_, record, spec in records if record.is_synthetic}
    return found, [(record.ref, spec["control"]) for *_, record, spec in records], synthetic


def _unknown_control(ref: str, key: str) -> Fault:
    nl, en = f"Niemand kent {key}; het telt nergens mee", f"Nobody knows {key}; it counts nowhere"
    return Fault(ref, "unknown-control", nl, en, "Import the framework, or correct the code.")


def _count_shared(accounts: Iterable[Account]) -> int:
    counted: dict[str, set[str]] = defaultdict(set)
    for account in accounts:
        for standing in account.standings:
            if not standing.lacks:
                for proof in standing.proofs:
                    counted[proof.ref].add(account.framework)
    return sum(len(frameworks) > 1 for frameworks in counted.values())
