"""The checks on the estate as a whole: weak points, concentration at suppliers, and the data on public bodies."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from eendracht.kernel.bodies import SYSTEM, organisation_ref
from eendracht.kernel.briefing.findings import Evidence, Finding, Severity
from eendracht.kernel.briefing.scope import Scope
from eendracht.kernel.impact import find_single_points, rank_suppliers
from eendracht.kernel.landscape import Landscape, Thing
from eendracht.kernel.wording import Said, say
from eendracht.reference import find_data_defects, load_public_bodies, load_recorded_defects

FLAG_SHARE: Final = 0.10
"""Share of organisations, and of what is supplied, above which a supplier is flagged; as DORA designates providers."""


@dataclass(frozen=True, slots=True)
class Concentration:
    """How what is supplied is spread: per cluster the number of things, and the Herfindahl-Hirschman index.

    `supplied` counts things with a known supplier or operator, `unknown` those without, `open_claims` the doubts about
    who is who: an index is as good as these are small. `hhi` runs to 10,000; None where nothing is known.
    """

    supplied: int
    unknown: int
    open_claims: int
    hhi: float | None
    largest: tuple[tuple[str, int, int], ...]
    """Cluster, things, organisations; the largest first."""


def measure_concentration(scope: Scope) -> Concentration:
    """Count applications and platforms by the supplier cluster behind them, looking through to who controls it.

    Where two control a cluster, or an ownership is circular, the one that controls most counts.
    """
    landscape = scope.landscape
    controller: dict[str, str] = {}
    for cluster, controlled in sorted(landscape.controlled.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        for member in controlled:
            controller.setdefault(member, cluster)
    things: Counter[str] = Counter()
    owners: dict[str, set[str]] = defaultdict(set)
    unknown = 0
    for record in [*scope.of_kind("application"), *scope.of_kind("platform")]:
        spec = scope.spec(record)
        refs = {spec.get("suppliedBy"), spec.get("operatedBy")}
        suppliers = {ref for ref in refs if ref and ref.startswith("supplier:")}
        if not suppliers:
            unknown += 1
        for top in {controller.get(cluster, cluster) for cluster in map(scope.settle, suppliers)}:
            things[top] += 1
            owners[top].add(record.owner)
    total = sum(things.values())
    hhi = sum((count / total) ** 2 for count in things.values()) * 10_000 if total else None
    asked = sum(kind == "supplier" and code == "same-as" for kind, code, _, _ in scope.reviews)
    ranked = sorted(things.items(), key=lambda pair: (-pair[1], pair[0]))
    largest = tuple((ref, count, len(owners[ref])) for ref, count in ranked[:10])
    return Concentration(total, unknown, landscape.open_claims + asked, hhi, largest)


def check_concentration(landscape: Landscape, found: Concentration, organisations: int) -> Iterator[Finding]:
    """Suppliers behind more than a tenth of what is supplied and of the organisations."""
    names = {thing.ref: thing for thing in landscape.things}
    flagged = [
        (ref, count, owners)
        for ref, count, owners in found.largest
        if found.supplied >= 20 and count / found.supplied >= FLAG_SHARE and owners / organisations >= FLAG_SHARE
    ]
    if flagged:
        rows = [_evidence(names[ref]) if ref in names else Evidence(ref, ref, "") for ref, _, _ in flagged]
        ref, count, _ = flagged[0]
        share = round(100 * count / found.supplied)
        name = names[ref].name if ref in names else ref
        yield Finding(
            "supplier-concentration",
            "medium",
            say(
                "{n} {n:leverancier zit|leveranciers zitten} achter meer dan 10 % van alles; {name} achter {share} %",
                "{n} {n:supplier stands|suppliers stand} behind more than 10 % of everything; {name} behind {share} %",
                n=len(flagged),
                name=name,
                share=share,
            ),
            say(
                "De concentratie (HHI) is {hhi} van 10.000. Van {unknown} {unknown:ding|dingen} is de leverancier"
                " onbekend; {claims} {claims:naam is|namen zijn} misschien dezelfde.",
                "The concentration (HHI) is {hhi} of 10,000. Of {unknown} {unknown:thing|things} the supplier is"
                " unknown; {claims} {claims:name|names} may be the same.",
                hhi=f"{found.hhi or 0:.0f}",
                unknown=found.unknown,
                claims=found.open_claims,
            ),
            Said(
                "Bekijk van elke leverancier wat er stopt als zij uitvalt, en beperk wat van één afhangt.",
                "See of each supplier what stops when it fails, and limit what hangs on a single one.",
            ),
            rows,
            len(flagged),
            count,
        )


def check_weak_points(landscape: Landscape) -> Iterator[Finding]:
    """Things and suppliers whose failure alone stops something critical."""
    points, count = find_single_points(landscape)
    if points:
        worst = points[0]
        yield Finding(
            "single-point-of-failure",
            "high",
            say(
                "{n} {n:ding kan in zijn eentje|dingen kunnen elk in hun eentje} iets kritieks stilleggen",
                "{n} {n:thing can by itself|things can each by itself} stop something critical",
                n=count,
            ),
            say(
                "De ergste van alle: {name} legt {critical} {critical:kritiek ding|kritieke dingen} stil,"
                " {failed} in totaal.",
                "The worst of all: {name} stops {critical} critical {critical:thing|things}, {failed} in all.",
                name=worst.thing.name,
                critical=worst.failed_critical,
                failed=worst.failed,
            ),
            say(
                "Zorg voor een beproefd alternatief, te beginnen bij {name}.",
                "Arrange an alternative and test it, beginning with {name}.",
                name=worst.thing.name,
            ),
            [_evidence(point.thing, point.failed_critical) for point in points],
            count,
            worst.failed_critical,
        )
    suppliers = [item for item in rank_suppliers(landscape, counted=1) if item.failed_critical]
    if suppliers:
        names = {thing.ref: thing for thing in landscape.things}
        first = suppliers[0]
        yield Finding(
            "supplier-stops-critical",
            "high",
            say(
                "{n} {n:leverancier legt|leveranciers leggen elk} iets kritieks stil bij uitval",
                "{n} {n:supplier stops|suppliers each stop} something critical by failing",
                n=len(suppliers),
            ),
            say(
                "De ergste: {name} legt {critical} {critical:kritiek ding|kritieke dingen} stil bij"
                " {organisations} {organisations:organisatie|organisaties}.",
                "The worst: {name} stops {critical} critical {critical:thing|things} at"
                " {organisations} {organisations:organisation|organisations}.",
                name=first.name,
                critical=first.failed_critical,
                organisations=first.organisations,
            ),
            Said(
                "Begin bij de ergste: exitplan, beproefd alternatief, of samen inkopen.",
                "Begin with the worst: exit plan, tested alternative, or buying together.",
            ),
            [_evidence(names[item.ref], item.failed_critical) for item in suppliers],
            len(suppliers),
            first.failed_critical,
        )


def check_public_bodies(scope: Scope) -> Iterator[Finding]:
    """Defects in the shipped data on public bodies, one finding for each kind that matters."""
    known = {record.ref for record in scope.of_kind("organisation") if record.data["source"]["system"] == SYSTEM}
    if not known:
        return
    grouped = defaultdict(list)
    for defect in find_data_defects(load_public_bodies(), load_recorded_defects()):
        if defect.severity != "low":
            grouped[defect.code].append(defect)
    names = {body.code: body.name for body in load_public_bodies()}
    for code, defects in grouped.items():
        first = defects[0]
        more = len(defects) - 1
        severity: Severity = "medium" if first.severity == "high" else "low"
        yield Finding(
            f"public-body-{code}",
            severity,
            Said(
                first.nl + (f" (en nog {more} zulke)" if more else ""),
                first.en + (f" (and {more} more like it)" if more else ""),
            ),
            Said(first.reason_nl, first.reason_en),
            Said(first.next_step_nl, first.next_step_en),
            [
                Evidence(organisation_ref(d.subject) if d.subject else "", names.get(d.subject, ""), " ".join(d.source))
                for d in defects
            ],
            len(defects),
        )


def _evidence(thing: Thing, stops: int = 0) -> Evidence:
    note = say("legt {n} {n:kritiek ding|kritieke dingen} stil", "stops {n} critical {n:thing|things}", n=stops)
    return Evidence(thing.ref, thing.name, thing.place, note if stops else None)


def withhold_names(finding: Finding) -> Finding:
    """Give a finding on weak points as others may see it: how many there are, and not which.

    A list of single points of failure is a list of targets.
    """
    reason = Said(
        "Welke dat zijn, is te zien voor wie bij een organisatie van dit knooppunt werkt.",
        "Which they are is shown to people who work at an organisation of this node.",
    )
    step = Said("Meld u aan om te zien welke.", "Sign in to see which.")
    title = _COUNTED.retell(n=finding.count) if finding.code == "supplier-concentration" else finding.title
    return replace(finding, title=title, reason=reason, next_step=step, evidence=())


_COUNTED: Final = say(
    "{n} {n:leverancier zit|leveranciers zitten} achter meer dan 10 % van alles",
    "{n} {n:supplier stands|suppliers stand} behind more than 10 % of everything",
    n=0,
)
