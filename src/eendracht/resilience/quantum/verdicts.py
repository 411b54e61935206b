"""What each authority says of a use of cryptography on a day, and where authorities contradict each other.

**One rule.** A rule holds where all its conditions hold. A condition on something that is not known (the risk, where it
is used, the strength) leaves the rule undecided. **One authority.** The worst of the rules that hold decides; of equals
the earliest date. Where only undecided rules are left, or what is decided would be good news while another rule is
undecided, the outcome is unknown; so it is for a purpose that nobody could tell, and for an algorithm of which nobody
knows what a quantum computer does to it, unless a rule forbids that algorithm by name. **Conflicts.** Two
authorities are in conflict where what one finds in order goes against the other, or where their dates differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, Final, Literal

from eendracht.kernel.wording import Said, say
from eendracht.resilience.crypto.classes import read_size
from eendracht.resilience.quantum.policy import Outcome, Policy, PolicyRule
from eendracht.resilience.quantum.uses import Use, describe_use, squeeze
from eendracht.resilience.tls.guideline import level_groups

Standing = Literal["no-statement", "fits", "ends", "advised-against", "against", "unknown"]
"""How a use stands on a day: nothing is said of it, it is in order, it is until a day, it is advised against, it goes
against the rule, or nobody can tell."""
_WORST: Final[Mapping[Standing, int]] = {"fits": 0, "ends": 1, "advised-against": 2, "against": 3}
_HARMLESS: Final = ("allowed", "recommended", "no-statement")
_ENDING: Final = ("allowed-until", "discouraged-from", "forbidden-from")


def _last_day(rule: PolicyRule | None) -> date | None:
    if rule is None or rule.date is None or rule.outcome not in _ENDING:
        return None
    return rule.date if rule.outcome == "allowed-until" else rule.date - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ruled:
    """A rule that holds for a use, and how the use stands by it."""

    policy: Policy
    rule: PolicyRule
    standing: Standing

    @property
    def last_day(self) -> date | None:
        """The last day on which the use is in order by this rule; None where it names none."""
        return _last_day(self.rule)

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        document = self.policy.document_of(self.rule)
        return {
            "rule": self.rule.id,
            "outcome": self.rule.outcome,
            "outcomeDay": self.rule.date.isoformat() if self.rule.date else None,
            "standing": self.standing,
            "says": {"nl": self.rule.says.nl, "en": self.rule.says.en},
            "wants": self.rule.wants or None,
            "contested": self.rule.contested.model_dump() if self.rule.contested else None,
            "source": {
                "title": document.title,
                "section": self.rule.section,
                "url": document.url,
                "published": document.published,
                "status": document.status,
            },
        }


@dataclass(frozen=True, slots=True)
class Undecided:
    """A rule that may hold, and what must be known to tell; no rule where that goes for all."""

    rule: PolicyRule | None
    missing: str
    """What is not known: purpose, algorithm, risk, usages, strength, or what is thought of too little of it."""


@dataclass(frozen=True)
class Verdict:
    """What one authority says of a use on a day."""

    policy: Policy
    day: date
    standing: Standing
    ruled: Sequence[Ruled]
    """Rules that hold, the one that decides first."""
    undecided: Sequence[Undecided]

    @property
    def governing(self) -> Ruled | None:
        """The rule that decides; None where nothing is said or nothing is known."""
        return self.ruled[0] if self.ruled else None

    @property
    def outcome(self) -> Outcome | Literal["unknown"]:
        """The outcome that decides, in the words of the table."""
        if self.standing == "unknown":
            return "unknown"
        return self.ruled[0].rule.outcome if self.ruled else "no-statement"

    @property
    def outcome_date(self) -> date | None:
        """The date that goes with the outcome."""
        return self.ruled[0].rule.date if self.ruled and self.standing != "unknown" else None

    @property
    def perhaps_until(self) -> date | None:
        """An earlier last day, if a rule that is undecided holds; None where none would come earlier.

        The day of a rule about stronger keys is none: a weaker one may be past it.
        """
        holding = (item.rule for item in self.undecided if item.missing != "weakness")
        days = [day for rule in holding if (day := _last_day(rule)) is not None]
        until = self.governing.last_day if self.governing else None
        return min((day for day in days if until is None or day < until), default=None)

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "authority": self.policy.id,
            "name": {"nl": self.policy.name.nl, "en": self.policy.name.en},
            "force": self.policy.force,
            "bindsDutchGovernment": self.policy.binds_dutch_government,
            "outcome": self.outcome,
            "outcomeDay": self.outcome_date.isoformat() if self.outcome_date else None,
            "perhapsUntil": self.perhaps_until.isoformat() if self.perhaps_until else None,
            "standing": self.standing,
            "day": self.day.isoformat(),
            "rules": [item.as_dict() for item in self.ruled],
            "undecided": [
                {"rule": item.rule.id if item.rule else None, "missing": item.missing} for item in self.undecided
            ],
        }


def judge_use(use: Use, policy: Policy, day: date) -> Verdict:
    """Tell what an authority says of a use on a day."""
    if not use.family or use.purpose == "unknown":
        return Verdict(policy, day, "unknown", (), [Undecided(None, "purpose" if use.family else "algorithm")])
    ruled, undecided = [], []
    for rule in policy.rules:
        unmet = _find_missing(rule, use, day)
        if unmet is None:
            continue
        if unmet:
            undecided.append(Undecided(rule, unmet))
        else:
            ruled.append(Ruled(policy, rule, stand(rule, use, day)))
    ruled.sort(key=lambda item: (-_WORST[item.standing], item.last_day or date.max))
    if use.quantum == "unknown":
        ruled = [item for item in ruled if item.rule.when.families and item.standing == "against"]
        return Verdict(policy, day, "against" if ruled else "unknown", ruled, [Undecided(None, "algorithm")])
    return Verdict(policy, day, _settle(ruled, undecided), ruled, undecided)


def judge_all(use: Use, policies: Sequence[Policy], day: date) -> Sequence[Verdict]:
    """Tell what every authority says of a use on a day, in the order of the policies."""
    return tuple(judge_use(use, policy, day) for policy in policies)


def _settle(ruled: Sequence[Ruled], undecided: Sequence[Undecided]) -> Standing:
    worst: Standing = ruled[0].standing if ruled else "no-statement"
    may_harm = any(item.rule and item.rule.outcome not in _HARMLESS for item in undecided)
    if (worst in ("no-statement", "fits") and may_harm) or (undecided and not ruled):
        return "unknown"
    return worst


def stand(rule: PolicyRule, use: Use, day: date) -> Standing:
    """Tell how a use stands on a day by a rule that holds for it."""
    if rule.wants and use.construction != rule.wants:
        return "advised-against"
    when = rule.date
    if rule.outcome == "allowed-until" and when is not None:
        return "ends" if day <= when else "against"
    if rule.outcome in ("forbidden-from", "discouraged-from"):
        bad: Standing = "against" if rule.outcome == "forbidden-from" else "advised-against"
        return bad if when is None or day >= when else "ends"
    return "no-statement" if rule.outcome == "no-statement" else "fits"


def _find_missing(rule: PolicyRule, use: Use, day: date) -> str | None:
    """Give None where a rule does not hold, an empty text where it does, else what must be known to tell."""
    when = rule.when
    certain = (
        not when.quantum or use.quantum in when.quantum,
        not when.purposes or use.purpose in when.purposes,
        not when.constructions or use.construction in when.constructions,
        not when.except_families or not _list_sizes(when.except_families, use),
    )
    if not all(certain):
        return None
    sizes = _list_sizes(when.families, use)
    if when.families and not (set(sizes) & {"", *when.parameters} if when.parameters else sizes):
        return None
    if when.risk and use.risk != "unknown" and use.risk not in when.risk:
        return None
    if when.strength and use.strength_bits is not None and use.strength_bits not in when.strength:
        return None
    if use.usages is not None and not _is_used(rule, use.usages):
        return None
    if when.group_levels and use.usages is not None and level_of_group(use.group) not in when.group_levels:
        return None
    # What is allowed no longer to the strong is not to the weak either.
    least = (when.least_strength or 0) if stand(rule, use, day) != "against" else 0
    unknown = (
        ("risk", bool(when.risk) and use.risk == "unknown"),
        ("strength", bool(when.strength or least) and use.strength_bits is None),
        ("weakness", (use.strength_bits or 0) < least),
        ("strength", bool(when.parameters) and not set(sizes) & set(when.parameters)),
        ("usages", bool(when.usages or when.except_usages) and use.usages is None),
    )
    return next((name for name, is_missing in unknown if is_missing), "")


def _is_used(rule: PolicyRule, usages: frozenset[str]) -> bool:
    when = rule.when
    return (not when.usages or bool(usages & set(when.usages))) and not usages & set(when.except_usages)


def _list_sizes(families: Sequence[str], use: Use) -> Sequence[str]:
    """Give the size of each part of a use that is of one of the families; empty where it is not told."""
    found = []
    for family, size in use.parts.items():
        name = squeeze(family)
        for wanted in map(squeeze, families):
            rest = name.removeprefix(wanted)
            # XMSS is not XMSSMT; SLH-DSA-SHA2-128s is SLH-DSA.
            if name.startswith(wanted) and (not rest or rest[0].isdigit() or rest.startswith("SH")):
                found.append(read_size(family, size or rest))
    return found


@cache
def level_of_group(group: str) -> str:
    """Give the level of a key exchange group by the guideline of NCSC-NL for TLS; a name in capitals without signs."""
    levels = {squeeze(name): level for name, level in level_groups().items()}
    # The Brainpool curves of TLS 1.3 have code points of their own (RFC 8734).
    return levels.get(group.removesuffix("TLS13"), "insufficient")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two authorities that cannot both be followed as the use stands, or whose dates differ."""

    matter: Literal["algorithm", "parameter-set", "construction", "date"]
    first: Ruled
    """The stricter one."""
    second: Ruled

    def tell(self) -> Said:
        """Say what the conflict is."""
        first, second = self.first, self.second
        names = {
            "first_nl": first.policy.name.nl,
            "first_en": first.policy.name.en,
            "second_nl": second.policy.name.nl,
            "second_en": second.policy.name.en,
        }
        if self.matter == "date":
            return say(
                "{first_nl}: tot en met {one}. {second_nl}: tot en met {two}. Wie beide volgt houdt de eerste dag aan",
                "{first_en}: until {one}. {second_en}: until {two}. Who follows both keeps to the first day",
                one=first.last_day,
                two=second.last_day,
                **names,
            )
        return say(
            "{first_nl}: {says_nl}. {second_nl}: {other_nl}",
            "{first_en}: {says_en}. {second_en}: {other_en}",
            says_nl=first.rule.says.nl,
            says_en=first.rule.says.en,
            other_nl=second.rule.says.nl,
            other_en=second.rule.says.en,
            **names,
        )

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        told = self.tell()
        return {
            "matter": self.matter,
            "rules": [self.first.rule.id, self.second.rule.id],
            "authorities": [self.first.policy.id, self.second.policy.id],
            "says": {"nl": told.nl, "en": told.en},
        }


def find_conflicts(verdicts: Sequence[Verdict]) -> Sequence[Conflict]:
    """Find where authorities contradict each other about one use; each pair of authorities once a matter."""
    return tuple(_list_conflicts(verdicts))


def _list_conflicts(verdicts: Sequence[Verdict]) -> Iterator[Conflict]:
    known = [verdict for verdict in verdicts if verdict.ruled]
    for strict in known:
        for item in strict.ruled:
            if item.standing not in ("against", "advised-against"):
                continue
            for other in known:
                good = [ruled for ruled in other.ruled if ruled.standing in ("fits", "ends")]
                if other is not strict and good and other.standing in ("fits", "ends"):
                    yield Conflict(
                        item.rule.about or ("construction" if item.rule.wants else "algorithm"), item, good[0]
                    )
    dated = [verdict.ruled[0] for verdict in known if verdict.standing == "ends"]
    dated.sort(key=lambda item: item.last_day or date.max)
    yield from (Conflict("date", dated[0], item) for item in dated[1:] if item.last_day != dated[0].last_day)


CANDIDATES: Final = (
    ("ML-KEM", "768", "kem"),
    ("ML-KEM", "1024", "kem"),
    ("X25519MLKEM768", "", "kem"),
    ("SecP384r1MLKEM1024", "", "kem"),
    ("ML-DSA", "65", "signature"),
    ("ML-DSA", "87", "signature"),
    ("SLH-DSA", "SHA2-192s", "signature"),
)
"""What could take the place of a broken algorithm: family, parameter set and purpose."""


def judge_successors(use: Use, policies: Sequence[Policy], day: date) -> Sequence[tuple[Use, Sequence[Verdict]]]:
    """Tell what every authority says of what could take the place of a use, on a day."""
    meant = "signature" if use.purpose == "signature" else "key-establishment"
    if use.aspect is None:
        return ()
    found = (describe_use(*said, risk=use.risk, usages=use.usages) for said in CANDIDATES)
    return tuple((one, judge_all(one, policies, day)) for one in found if one.purpose == meant)
