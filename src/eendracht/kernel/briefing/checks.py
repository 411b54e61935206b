"""The checks on records: what is unknown, dangling, about to end, unpaid for by any record, or without a ground."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final

import orjson

from eendracht.kernel.access import Principal
from eendracht.kernel.briefing.findings import Evidence, Finding, Said, Severity
from eendracht.kernel.records import Record
from eendracht.kernel.store import Store

SOON_DAYS: Final = 180
"""A contract that must be decided on within so many days is pressing."""


@dataclass(frozen=True)
class Scope:
    """What the checks look at: the records of a day as one asker sees them."""

    store: Store
    asker: Principal
    day: date
    _kinds: dict[str, list[Record]] = field(default_factory=dict)

    def of_kind(self, kind: str) -> list[Record]:
        """Give the records of one kind, read once."""
        if kind not in self._kinds:
            self._kinds[kind] = list(self.store.snapshot(self.asker, self.day, kind=kind))
        return self._kinds[kind]

    def spec(self, record: Record) -> dict[str, Any]:
        """Give the spec as the newest version of its kind says it."""
        return record.spec(self.store.registry)

    @cached_property
    def bindings(self) -> list[tuple[str, str, str, str, dict[str, Any], str | None]]:
        """Give (system, kind, uid, place, facts, missing since) of every row that a system delivered."""
        rows = self.store.driver.reader().query(
            "SELECT system, kind, uid, place, facts, missing_since FROM binding ORDER BY system, kind, key"
        )
        visible = {record.uid for kind in {row[1] for row in rows} for record in self.of_kind(kind)}
        return [(s, k, u, p, orjson.loads(f), m) for s, k, u, p, f, m in rows if u in visible]


def evidence_of(record: Record) -> Evidence:
    """Give the row behind a record."""
    source = record.data["source"]
    return Evidence(record.ref, record.name, source["place"] or f"{source['system']} {source['key']}".strip())


def _finding(
    code: str,
    severity: Severity,
    records: Sequence[Record],
    texts: Sequence[tuple[str, str]],
    weight: int | None = None,
) -> Iterator[Finding]:
    if records:
        count = len(records)
        title, reason, step = (Said(nl.format(n=count), en.format(n=count)) for nl, en in texts)
        rows = [evidence_of(record) for record in records]
        yield Finding(code, severity, title, reason, step, rows, count, count if weight is None else weight)


def check_unknowns(scope: Scope) -> Iterator[Finding]:
    """Applications of which something is unknown that other verdicts need."""
    applications = scope.of_kind("application")
    for name, severity, (nl, en), reason in _UNKNOWNS:
        missing = [r for r in applications if scope.spec(r).get(name, "unknown") in ("unknown", None)]
        texts = (
            (
                f"Van {{n}} van de {len(applications)} applicaties is onbekend: {nl}",
                f"Of {{n}} of the {len(applications)} applications it is unknown: {en}",
            ),
            reason,
            ("Vul de kolom aan in de bron en lever opnieuw aan.", "Fill the column in the source and deliver again."),
        )
        yield from _finding(f"unknown-{name}", severity, missing, texts)


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
        Evidence(item.ref, item.target, evidence_of(records[item.ref]).place if item.ref in records else "")
        for item in holders
    ]
    first = ", ".join(target for target, _ in ranked[:3])
    yield Finding(
        "dangling-reference",
        "medium",
        Said(f"{len(users)} verwijzingen leiden nergens heen", f"{len(users)} refs lead nowhere"),
        Said(
            f"Wat er hangt aan iets dat niet is vastgelegd, is onbekend en telt nooit als goed. Vaakst: {first}.",
            f"What hangs on something that is not recorded is unknown and never counts as good. Most used: {first}.",
        ),
        Said(
            "Leg vast waar het naar verwijst, of verbeter de naam in de bron.",
            "Record what is meant, or correct the name in the source.",
        ),
        rows,
        len(users),
        len(holders),
    )


def _by_refs(scope: Scope, refs: set[str]) -> Iterator[Record]:
    for kind in {ref.partition(":")[0] for ref in refs}:
        yield from (record for record in scope.of_kind(kind) if record.ref in refs)


def check_contracts(scope: Scope) -> Iterator[Finding]:
    """Contracts that have ended, that must be decided on soon, or of which the end is unknown."""
    ended, deciding, endless, planless = [], [], [], []
    for record in scope.of_kind("contract"):
        spec = scope.spec(record)
        if spec.get("endDate") is None:
            endless.append(record)
            continue
        end = date.fromisoformat(spec["endDate"])
        decide = end - timedelta(days=int(spec.get("noticeDays") or 0))
        if end <= scope.day:
            ended.append(record)
        elif decide <= scope.day + timedelta(days=SOON_DAYS):
            deciding.append(record)
        if end > scope.day and spec.get("exitPlan") is None:
            planless.append(record)
    yield from _finding(
        "contract-ended",
        "high",
        ended,
        (
            ("{n} contracten zijn afgelopen", "{n} contracts have ended"),
            (
                "Wat eronder valt loopt door zonder afspraken, of staat er ten onrechte nog.",
                "What they cover goes on without terms, or is listed wrongly.",
            ),
            ("Verleng, besteed aan of haal weg.", "Renew, tender, or remove."),
        ),
    )
    yield from _finding(
        "contract-decision-due",
        "high",
        deciding,
        (
            (
                f"Over {{n}} contracten moet binnen {SOON_DAYS} dagen worden besloten",
                f"{{n}} contracts must be decided on within {SOON_DAYS} days",
            ),
            (
                "De uiterste opzegdatum komt eraan; daarna loopt het door of houdt het op.",
                "The last date to give notice is near; after it the contract goes on or stops.",
            ),
            ("Kies: opzeggen, verlengen of samen aanbesteden.", "Choose: give notice, renew, or tender together."),
        ),
    )
    yield from _finding(
        "contract-end-unknown",
        "medium",
        endless,
        (
            ("Van {n} contracten is de einddatum onbekend", "Of {n} contracts the end date is unknown"),
            ("Zonder einddatum is geen opzegdatum te bewaken.", "Without an end date no notice date can be watched."),
            ("Zoek de einddatum op in het contract.", "Look the end date up in the contract."),
        ),
    )
    yield from _finding(
        "contract-without-exit-plan",
        "low",
        planless,
        (
            ("{n} lopende contracten hebben geen exitplan", "{n} running contracts have no exit plan"),
            (
                "BIO2 5.20.06 vraagt dat afhankelijkheid van een leverancier beheersbaar is.",
                "BIO2 5.20.06 asks that dependence on a supplier is manageable.",
            ),
            ("Begin met de contracten onder kritieke applicaties.", "Begin with those under critical applications."),
        ),
    )


def check_creditors(scope: Scope) -> Iterator[Finding]:
    """Suppliers that are paid and that no application, contract or other record names."""
    paid: dict[str, tuple[int, str]] = {}
    for _, kind, uid, place, facts, _ in scope.bindings:
        spend = facts.get("annualSpendEurocent")
        if kind == "supplier" and isinstance(spend, int):
            paid[uid] = (paid.get(uid, (0, ""))[0] + spend, place)
    if not paid:
        return
    named = _named_suppliers(scope)
    unknown = [r for r in scope.of_kind("supplier") if r.uid in paid and r.ref not in named]
    unknown.sort(key=lambda record: -paid[record.uid][0])
    total = sum(paid[record.uid][0] for record in unknown)
    if not unknown:
        return
    rows = [Evidence(r.ref, f"{r.name} ({_euro(paid[r.uid][0])})", paid[r.uid][1]) for r in unknown]
    yield Finding(
        "creditor-not-in-estate",
        "medium",
        Said(
            f"{len(unknown)} crediteuren ({_euro(total)} per jaar) komen in geen applicatie of contract voor",
            f"{len(unknown)} creditors ({_euro(total)} a year) are named by no application or contract",
        ),
        Said(
            "Wie betaald wordt maar nergens genoemd is, levert misschien iets waarvan wij afhangen.",
            "Whoever is paid but named nowhere may deliver something on which we depend.",
        ),
        Said(
            "Loop de grootste bedragen na; koppel ze, of noteer dat zij niets met ICT te maken hebben.",
            "Go through the largest; link them, or note that they have nothing to do with IT.",
        ),
        rows,
        len(unknown),
        len(unknown),
    )


def _named_suppliers(scope: Scope) -> set[str]:
    named: set[str] = set()
    for kind in ("application", "contract", "platform", "component", "facility", "processing-activity", "agreement"):
        for record in scope.of_kind(kind):
            for path in scope.store.registry.get(kind).relations:
                named.update(ref for _, ref in path.find(scope.spec(record)) if ref.startswith("supplier:"))
    return named


def _euro(eurocent: int) -> str:
    return "€ " + f"{eurocent // 100:,}".replace(",", ".")


def check_processing(scope: Scope) -> Iterator[Finding]:
    """Processing without a known ground or assessment, and systems with personal data that no entry names."""
    groundless, unassessed = [], []
    systems: set[str] = set()
    activities = scope.of_kind("processing-activity")
    for record in activities:
        spec = scope.spec(record)
        systems.update(spec.get("systems", ()))
        if spec.get("legalGround", "unknown") == "unknown":
            groundless.append(record)
        if spec.get("specialCategories") == "yes" and spec.get("dpia") != "yes":
            unassessed.append(record)
    yield from _finding(
        "processing-without-ground",
        "high",
        groundless,
        (
            (
                "Van {n} verwerkingen is de grondslag onbekend",
                "Of {n} processing activities the legal ground is unknown",
            ),
            (
                "Zonder grondslag (AVG art. 6) mag een verwerking niet.",
                "Without a ground (GDPR art. 6) none is lawful.",
            ),
            ("Noteer de wet en het artikel, of stop de verwerking.", "Note act and article, or stop the processing."),
        ),
    )
    yield from _finding(
        "dpia-missing",
        "high",
        unassessed,
        (
            (
                "{n} verwerkingen van bijzondere gegevens hebben geen DPIA",
                "{n} activities with special categories of data have no DPIA",
            ),
            ("AVG art. 35 vraagt een beoordeling vooraf.", "GDPR art. 35 asks for an assessment beforehand."),
            ("Doe de DPIA, te beginnen met de grootste groep betrokkenen.", "Do the DPIA, the largest group first."),
        ),
    )
    if activities:
        loose = [
            r
            for r in scope.of_kind("application")
            if scope.spec(r).get("personalData") == "yes" and r.ref not in systems
        ]
        yield from _finding(
            "personal-data-not-registered",
            "medium",
            loose,
            (
                (
                    "{n} applicaties met persoonsgegevens staan bij geen enkele verwerking",
                    "{n} applications with personal data are named by no processing activity",
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
    gone = [(system, kind, uid, place) for system, kind, uid, place, _, missing in scope.bindings if missing]
    records = {record.uid: record for kind in {g[1] for g in gone} for record in scope.of_kind(kind)}
    rows = [Evidence(records[uid].ref, records[uid].name, place) for _, _, uid, place in gone if uid in records]
    if rows:
        systems = ", ".join(sorted(Counter(g[0] for g in gone)))
        yield Finding(
            "disappeared",
            "medium",
            Said(f"{len(rows)} rijen zijn verdwenen uit {systems}", f"{len(rows)} rows disappeared from {systems}"),
            Said(
                "Er wordt niets vanzelf verwijderd: misschien is het gestopt, misschien is de export onvolledig.",
                "Nothing is deleted by itself: it may have stopped, or the export may be incomplete.",
            ),
            Said(
                "Bevestig wat gestopt is door een einddatum te zetten.", "Confirm what stopped by setting an end date."
            ),
            rows,
            len(rows),
            len(rows),
        )


def check_confidentiality(scope: Scope) -> Iterator[Finding]:
    """Records whose reason for confidentiality has ended."""
    over = []
    for kind in ("application", "platform", "component", "contract", "agreement", "dataset", "facility"):
        for record in scope.of_kind(kind):
            until = record.data["confidentiality"]["until"]
            if until and until <= scope.day.isoformat():
                over.append(record)
    yield from _finding(
        "confidentiality-ended",
        "low",
        over,
        (
            (
                "Van {n} records is de termijn van vertrouwelijkheid voorbij",
                "Of {n} records the confidentiality has ended",
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
