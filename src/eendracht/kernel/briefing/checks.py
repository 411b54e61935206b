"""The checks on records: what is unknown, dangling, gone from its source, paid but not named, or without a ground."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from eendracht.kernel.briefing.contracts import check_contracts
from eendracht.kernel.briefing.findings import Evidence, Finding, Severity
from eendracht.kernel.briefing.scope import Scope, evidence_of, find_records
from eendracht.kernel.records import Record
from eendracht.kernel.wording import Said, say


def check_unknowns(scope: Scope) -> Iterator[Finding]:
    """Applications of which something is unknown that other verdicts need."""
    applications = scope.of_kind("application")
    for name, severity, (nl, en), reason in _UNKNOWNS:
        missing = [r for r in applications if scope.spec(r).get(name, "unknown") in ("unknown", None)]
        texts = (
            (
                f"Van {{n}} van de {{all}} applicaties is onbekend {nl}",
                f"Of {{n}} of the {{all}} applications it is unknown {en}",
            ),
            reason,
            ("Vul de kolom aan in de bron en lever opnieuw aan.", "Fill the column in the source and deliver again."),
        )
        yield from find_records(f"unknown-{name}", severity, missing, texts, all=len(applications))


_UNKNOWNS: Final[tuple[tuple[str, Severity, tuple[str, str], tuple[str, str]], ...]] = (
    (
        "criticality",
        "medium",
        ("hoe erg het is als zij uitvallen", "how bad it is when they stop"),
        (
            "Zonder belang is geen herstelvolgorde en geen kwetsbaar punt te bepalen.",
            "Without it there is no recovery order, and no single point of failure can be told.",
        ),
    ),
    (
        "hosting",
        "medium",
        ("waar zij draaien", "where they run"),
        (
            "Wat waar staat, en onder wiens recht, is de eerste vraag van soevereine cloud.",
            "What runs where, under whose law, is the first question of sovereign cloud.",
        ),
    ),
    (
        "personalData",
        "medium",
        ("of zij persoonsgegevens bevatten", "whether they hold personal data"),
        (
            "Onbekend telt niet als nee: het verwerkingenregister is dan niet na te gaan.",
            "Unknown does not count as no: the register of processing cannot be checked.",
        ),
    ),
    (
        "suppliedBy",
        "low",
        ("wie ze levert", "who supplies them"),
        ("Zij tellen niet mee in de concentratie bij leveranciers.", "They do not count in supplier concentration."),
    ),
)


def check_dangling(scope: Scope) -> Iterator[Finding]:
    """Refs to which nothing answers, the most used first."""
    users: dict[str, list[Any]] = defaultdict(list)
    for item in scope.store.dangling(scope.asker, scope.day):
        users[item.target].append(item)
    if not users:
        return
    ranked = sorted(users.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    holders = [item for _, items in ranked for item in items]
    records = {record.ref: record for record in _by_refs(scope, {item.ref for item in holders})}
    rows = [
        replace(
            evidence_of(records[item.ref]) if item.ref in records else Evidence(item.ref, item.ref, ""),
            note=Said(f"noemt {item.target}", f"names {item.target}"),
        )
        for item in holders
    ]
    # Many refs may end in the same name: one at each organisation.
    first = ", ".join(list(dict.fromkeys(target.rpartition("/")[2] for target, _ in ranked))[:3])
    yield Finding(
        "dangling-reference",
        "medium",
        say(
            "{n} {n:verwijzing leidt|verwijzingen leiden} nergens heen",
            "{n} {n:ref leads|refs lead} nowhere",
            n=len(users),
        ),
        say(
            "Wat hangt aan iets dat niet is vastgelegd, is onbekend en telt nooit als goed. Het vaakst: {first}.",
            "What hangs on something that is not recorded is unknown and never counts as good. Most used: {first}.",
            first=first,
        ),
        Said(
            "Leg vast wat wordt bedoeld, of verbeter de naam in de bron.",
            "Record what is meant, or correct the name in the source.",
        ),
        rows,
        len(users),
        len(holders),
    )


def _by_refs(scope: Scope, refs: set[str]) -> Iterator[Record]:
    for kind in {ref.partition(":")[0] for ref in refs}:
        yield from (record for record in scope.of_kind(kind) if record.ref in refs)


def check_creditors(scope: Scope) -> Iterator[Finding]:
    """Suppliers that are paid and that no application, contract or other record names."""
    paid: dict[str, tuple[int, str]] = {}
    for bound in scope.bindings:
        spend = bound.facts.get("annualSpendEurocent")
        if bound.kind == "supplier" and isinstance(spend, int):
            before, place = paid.get(bound.uid, (0, bound.place))
            paid[bound.uid] = (before + spend, place)
    named = _named_suppliers(scope) if paid else set()
    unknown = [r for r in scope.of_kind("supplier") if r.uid in paid and scope.settle(r.ref) not in named]
    if not unknown:
        return
    unknown.sort(key=lambda record: (-paid[record.uid][0], record.ref))
    count = len(unknown)
    total = _euro(sum(paid[record.uid][0] for record in unknown))
    yield Finding(
        "creditor-not-in-estate",
        "medium",
        say(
            "{n} {n:crediteur komt|crediteuren komen} in geen applicatie of contract voor ({total} per jaar)",
            "{n} {n:creditor is|creditors are} named by no application or contract ({total} a year)",
            n=count,
            total=total,
        ),
        Said(
            "Wie betaald wordt maar nergens genoemd is, levert misschien iets waarvan u afhangt.",
            "Whoever is paid but named nowhere may deliver something on which you depend.",
        ),
        Said(
            "Loop de grootste bedragen na; koppel ze, of noteer dat zij niets met ICT te maken hebben.",
            "Go through the largest; link them, or note that they have nothing to do with IT.",
        ),
        [_paid_evidence(record, *paid[record.uid]) for record in unknown],
        count,
        count,
    )


def _named_suppliers(scope: Scope) -> set[str]:
    named: set[str] = set()
    for kind in ("application", "contract", "platform", "component", "facility", "processing-activity", "agreement"):
        for record in scope.of_kind(kind):
            for path in scope.store.registry.get(kind).relations:
                refs = (ref for _, ref in path.find(scope.spec(record)))
                named.update(scope.settle(ref) for ref in refs if ref.startswith("supplier:"))
    return named


def _paid_evidence(record: Record, spend: int, place: str) -> Evidence:
    return Evidence(record.ref, record.name, place, say("{spend} per jaar", "{spend} a year", spend=_euro(spend)))


def _euro(eurocent: int) -> str:
    return "€ " + f"{eurocent // 100:,}".replace(",", ".")


def check_processing(scope: Scope) -> Iterator[Finding]:
    """Processing without a known ground or assessment, and systems with personal data that no entry names."""
    groundless, unassessed = [], []
    systems: set[str] = set()
    activities = scope.of_kind("processing-activity")
    for record in activities:
        spec = scope.spec(record)
        systems.update(scope.settle(ref) for ref in spec.get("systems", ()))
        if spec.get("legalGround", "unknown") == "unknown":
            groundless.append(record)
        if spec.get("specialCategories") == "yes" and spec.get("dpia") != "yes":
            unassessed.append(record)
    yield from find_records(
        "processing-without-ground",
        "high",
        groundless,
        (
            (
                "Van {n} {n:verwerking|verwerkingen} is de grondslag onbekend",
                "Of {n} processing {n:activity|activities} the legal ground is unknown",
            ),
            (
                "Zonder grondslag (AVG art. 6) mag een verwerking niet.",
                "Without a ground (GDPR art. 6) none is lawful.",
            ),
            ("Noteer de wet en het artikel, of stop de verwerking.", "Note act and article, or stop the processing."),
        ),
    )
    yield from find_records(
        "dpia-missing",
        "high",
        unassessed,
        (
            (
                "Van {n} {n:verwerking|verwerkingen} van bijzondere gegevens is geen DPIA bekend",
                "Of {n} {n:activity|activities} with special categories of data no DPIA is known",
            ),
            ("AVG art. 35 vraagt een beoordeling vooraf.", "GDPR art. 35 asks for an assessment beforehand."),
            ("Doe de DPIA, te beginnen met de grootste groep betrokkenen.", "Do the DPIA, the largest group first."),
        ),
    )
    if activities:
        loose = [
            r
            for r in scope.of_kind("application")
            if scope.spec(r).get("personalData") == "yes" and scope.settle(r.ref) not in systems
        ]
        yield from find_records(
            "personal-data-not-registered",
            "medium",
            loose,
            (
                (
                    "{n} {n:applicatie|applicaties} met persoonsgegevens {n:staat|staan} bij geen enkele verwerking",
                    "{n} {n:application|applications} with personal data {n:is|are} named by no processing activity",
                ),
                ("Het register (AVG art. 30) hoort volledig te zijn.", "The register (GDPR art. 30) must be complete."),
                (
                    "Koppel de applicatie aan een verwerking in het register.",
                    "Link each to an activity in the register.",
                ),
            ),
        )


def check_disappeared(scope: Scope) -> Iterator[Finding]:
    """Rows that a system delivered before and no longer does."""
    gone = [bound for bound in scope.bindings if bound.missing_since]
    records = {record.uid: record for kind in {bound.kind for bound in gone} for record in scope.of_kind(kind)}
    if gone:
        systems = ", ".join(sorted({bound.system.partition("/")[2] for bound in gone}))
        yield Finding(
            "disappeared",
            "medium",
            say(
                "{n} {n:rij is|rijen zijn} verdwenen uit {systems}",
                "{n} {n:row|rows} disappeared from {systems}",
                n=len(gone),
                systems=systems,
            ),
            Said(
                "Er wordt niets vanzelf verwijderd: misschien is het gestopt, misschien is de export onvolledig.",
                "Nothing is deleted by itself: it may have stopped, or the export may be incomplete.",
            ),
            Said(
                "Is het gestopt? Leg dat vast. Anders: lever een volledige export aan.",
                "Has it stopped? Record that. Otherwise deliver a complete export.",
            ),
            [Evidence(records[bound.uid].ref, records[bound.uid].name, bound.place) for bound in gone],
            len(gone),
            len(gone),
        )


def check_confidentiality(scope: Scope) -> Iterator[Finding]:
    """Records whose reason for confidentiality has ended."""
    over = []
    for kind in ("application", "platform", "component", "contract", "agreement", "dataset", "facility"):
        for record in scope.of_kind(kind):
            until = record.data["confidentiality"]["until"]
            if until and until <= scope.day.isoformat():
                over.append(record)
    yield from find_records(
        "confidentiality-ended",
        "low",
        over,
        (
            (
                "Van {n} {n:record|records} is de termijn van vertrouwelijkheid voorbij",
                "Of {n} {n:record|records} the confidentiality has ended",
            ),
            (
                "De grond geldt niet meer; openbaar maken gebeurt nooit vanzelf.",
                "The ground has lapsed; nothing is published by itself.",
            ),
            ("Besluit: openbaar, of een nieuwe grond.", "Decide: public, or a new ground."),
        ),
    )


RECORD_CHECKS: Final[tuple[Callable[[Scope], Iterable[Finding]], ...]] = (
    check_contracts,
    check_processing,
    check_unknowns,
    check_dangling,
    check_creditors,
    check_disappeared,
    check_confidentiality,
)
"""The checks that look at records only, in no order that matters."""
