"""The data-quality report on the public bodies: what is missing, doubtful or contradictory, and who can repair it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from eendracht.reference.bodies import BodyType, PublicBody
from eendracht.reference.defects import Defect, Severity, describe_defect

OIN_LENGTH = 20
OIN_PREFIXES = {
    "00000001": "RSIN",
    "00000002": "Fi-nummer",
    "00000003": "KVK-nummer",
    "00000004": "SubOIN",
    "00000006": "Logius OIN Hoofdnummer",
    "00000007": "BRIN",
    "00000008": "buitenlands nummer",
    "00000009": "UZI-nummer",
    "00000010": "TRR-BD",
    "00000099": "test-OIN",
}
"""What the first eight digits of an OIN say about the number that follows (Logius, OIN-Stelsel, chapter 6)."""

EXECUTIVE_TYPES: frozenset[BodyType] = frozenset({"agency", "ministry", "municipality", "province", "water-board"})
OIN_EXPECTED: dict[BodyType, Severity] = {
    **dict.fromkeys(EXECUTIVE_TYPES, "high"),
    **dict.fromkeys(("environment-service", "ggd", "safety-region", "zbo"), "medium"),
    **dict.fromkeys(("high-council-of-state", "inspectorate", "joint-arrangement", "police"), "low"),
    **dict.fromkeys(("caribbean-public-body", "other-government-body"), "medium"),
}
"""How much it matters that a body of this type has no OIN; types that are absent need none of their own."""

TYPES_WITHOUT_TOOI_LIST: frozenset[BodyType] = frozenset({"ministry"})

Check = Callable[[Sequence[PublicBody]], Iterator[Defect]]


def find_data_defects(bodies: Sequence[PublicBody], recorded: Iterable[Defect] = ()) -> list[Defect]:
    """Find what is wrong in the data on these bodies, joined with what was `recorded` from the raw sources.

    The most severe come first, then by code of the defect and of the body. The bodies of the table together:
    `find_data_defects(load_public_bodies(), load_recorded_defects())`.
    """
    found = [defect for check in CHECKS for defect in check(bodies)]
    rank = {"high": 0, "medium": 1, "low": 2}
    return sorted([*recorded, *found], key=lambda d: (rank[d.severity], d.code, d.subject, d.en))


def find_oin_fault(oin: str) -> str:
    """Say what makes this OIN malformed, or give the empty string: 20 digits, beginning with a known prefix."""
    strange = sorted({character for character in oin if not ("0" <= character <= "9")})
    if strange:
        return f"{oin} ({', '.join(strange)})"
    if len(oin) != OIN_LENGTH:
        return f"{oin} ({len(oin)} ≠ {OIN_LENGTH})"
    if oin[:8] not in OIN_PREFIXES:
        return f"{oin} ({oin[:8]}…)"
    return ""


def find_oin_contradiction(body: PublicBody) -> str:
    """Say which number of the same body the OIN should have been made from but was not, or give the empty string."""
    if find_oin_fault(body.oin):
        return ""
    kind = OIN_PREFIXES[body.oin[:8]]
    expected = {"RSIN": ("RSIN", body.rsin), "KVK-nummer": ("KvK", body.kvk)}.get(kind)
    if expected is None or not expected[1]:
        return ""
    label, number = expected
    carried = body.oin[8 : 8 + len(number)]
    return "" if carried == number else f"{carried} ≠ {label} {number}"


def check_oin(bodies: Sequence[PublicBody]) -> Iterator[Defect]:
    """Give each OIN that is missing, malformed, oddly ended or made from another number."""
    for body in bodies:
        if not body.oin:
            if may_stand(body) and body.type in OIN_EXPECTED:
                yield describe(body, "oin-missing", severity=OIN_EXPECTED[body.type])
            continue
        fault = find_oin_fault(body.oin)
        if fault:
            yield describe(body, "oin-malformed", fault)
            continue
        if not body.oin.endswith("000"):
            yield describe(body, "oin-suffix-unusual", body.oin)
        contradiction = find_oin_contradiction(body)
        if contradiction:
            yield describe(body, "oin-contradicts-number", contradiction)


def check_shared_oin(bodies: Sequence[PublicBody]) -> Iterator[Defect]:
    """Give each body whose OIN another body has as well; the worst is two that both stand."""
    users: defaultdict[str, list[PublicBody]] = defaultdict(list)
    for body in sorted(bodies, key=lambda body: body.code):
        if body.oin:
            users[body.oin].append(body)
    for group in users.values():
        for body in group:
            others = [other for other in group if other is not body]
            if others:
                both_stand = may_stand(body) and any(may_stand(other) for other in others)
                names = ", ".join(f"{other.name} ({other.code})" for other in others)
                yield describe(body, "oin-shared", names, "high" if both_stand else "medium")


def check_presence(bodies: Sequence[PublicBody]) -> Iterator[Defect]:
    """Give the bodies that stand in one source and not in the other, or have no TOOI code at all."""
    for body in bodies:
        if body.status == "unknown":
            severity: Severity = "high" if body.inhabitants else "medium"
            yield describe(body, "only-in-tooi", severity=severity)
        elif body.code.startswith(("oin.", "roo.")):
            yield describe(body, "tooi-code-missing")
        elif body.type not in TYPES_WITHOUT_TOOI_LIST and not any(s.startswith("tooi:") for s in body.source):
            yield describe(body, "code-not-in-tooi", body.code)


def check_dates(bodies: Sequence[PublicBody]) -> Iterator[Defect]:
    """Give unknown begins, empty periods, announced ends, and ended bodies without a successor."""
    for body in bodies:
        begin, end = body.valid_from, body.valid_until
        if begin is None and body.status != "unknown":
            yield describe(body, "begin-unknown")
        if begin is not None and end is not None and end <= begin:
            yield describe(body, "period-empty", f"{begin}/{end}")
        if body.announced_end is not None:
            yield describe(body, "end-announced", str(body.announced_end))
        if end is not None:
            severity: Severity = "medium" if body.type in EXECUTIVE_TYPES else "low"
            yield describe(body, "successor-not-named", str(end), severity)


def check_names(bodies: Sequence[PublicBody]) -> Iterator[Defect]:
    """Give bodies that share a name on a day, or may do so because a begin is unknown."""
    groups: defaultdict[str, list[PublicBody]] = defaultdict(list)
    for body in sorted(bodies, key=lambda body: body.code):
        groups[body.name.casefold()].append(body)
    for group in groups.values():
        for body in group:
            others = [other.code for other in group if other is not body and may_overlap(body, other)]
            if others:
                yield describe(body, "name-shared", ", ".join(others))


def may_stand(body: PublicBody) -> bool:
    """Tell whether the body stands or may stand: it has not ended and is no former version of another."""
    return body.status != "ended" and not body.code.startswith("hv_")


def may_overlap(one: PublicBody, other: PublicBody) -> bool:
    """Tell whether both bodies may exist on one day, an unknown begin being as early as you like."""
    begin = max(one.valid_from or date.min, other.valid_from or date.min)
    return begin < min(one.valid_until or date.max, other.valid_until or date.max)


def check_municipalities(bodies: Sequence[PublicBody]) -> Iterator[Defect]:
    """Give the municipalities that stand and lack inhabitants, a position, a safety region or a province."""
    for body in bodies:
        if body.type != "municipality" or body.status != "current":
            continue
        facts = {
            "inhabitants": body.inhabitants is not None,
            "position": body.lon is not None and body.lat is not None,
            "safety_region": bool(body.safety_region),
            "province": bool(body.province),
        }
        missing = [fact for fact, known in facts.items() if not known]
        if missing:
            yield describe(body, "municipality-incomplete", ", ".join(missing))


def describe(body: PublicBody, code: str, detail: str = "", severity: Severity | None = None) -> Defect:
    """Make a defect about one body, with the rows that its facts came from."""
    return describe_defect(code, body.code, body.name, detail, body.source, severity)


CHECKS: tuple[Check, ...] = (
    check_oin,
    check_shared_oin,
    check_presence,
    check_dates,
    check_names,
    check_municipalities,
)
