"""How one control stands for one organisation on a day, by its evidence and by what it says of itself.

Only evidence that holds on the day, has an owner and an end makes something *met*. What is said without evidence proves
nothing; an organisation that says *no* after all that evidence is believed. What nobody recorded is *unknown*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

from eendracht.kernel.rules.arithmetic import add_months

State = Literal["met", "expiring", "explained", "not-applicable", "expired", "missing", "unknown"]
STATES: Final[tuple[State, ...]] = (
    "met",
    "expiring",
    "explained",
    "not-applicable",
    "expired",
    "missing",
    "unknown",
)
"""The best first."""
LACKING: Final = frozenset({"expired", "missing", "unknown"})
EXPIRING_WITHIN: Final = timedelta(days=60)
EXPLAINABLE: Final = frozenset({"open-standards"})
"""Frameworks in which an explanation may stand in the place of evidence (pas toe of leg uit)."""
Why = Literal["", "no-owner", "no-end", "not-yet", "only-said", "explanation-ended", "said-no", "said-unknown"]


@dataclass(frozen=True, slots=True)
class AskedControl:
    """What a framework asks of an organisation."""

    key: str
    subject_nl: str
    subject_en: str
    every_months: int | None = None
    audience: str = "all"
    topics: tuple[str, ...] = ()
    url: str = ""
    is_empty: bool = False
    """Whether the framework asks nothing under this number."""

    @property
    def framework(self) -> str:
        """The framework that asks it."""
        return self.key.partition("/")[0]

    @property
    def code(self) -> str:
        """The code in the framework."""
        return self.key.partition("/")[2]

    def subject(self, language: str) -> str:
        """Give the subject in Dutch or English."""
        return self.subject_nl if language == "nl" else self.subject_en


@dataclass(frozen=True, slots=True)
class Proof:
    """A piece of evidence as it counts."""

    ref: str
    name: str
    held_from: date
    expires_on: date | None
    has_owner: bool
    is_synthetic: bool = False

    def end_for(self, control: AskedControl) -> date | None:
        """Give the first day on which it no longer counts for a control; None where nothing ends it."""
        ends = [self.expires_on] if self.expires_on else []
        if control.every_months:
            ends.append(add_months(self.held_from, control.every_months))
        return min(ends, default=None)


@dataclass(frozen=True, slots=True)
class Standing:
    """How one control stands for one organisation: the state, why where that is not plain, and until when."""

    control: AskedControl
    organisation: str
    state: State
    why: Why = ""
    until: date | None = None
    """First day on which it changes by itself; for what expired the day on which it did."""
    proofs: Sequence[Proof] = ()

    @property
    def lacks(self) -> bool:
        """Whether something has to be done."""
        return self.state in LACKING


def judge_control(
    control: AskedControl, organisation: str, proofs: Sequence[Proof], answer: Mapping[str, Any] | None, day: date
) -> Standing:
    """Tell how a control stands by all the evidence that names it, and by the newest answer (a spec), if any."""
    said = (answer or {}).get("complies", "")
    if said == "not-applicable" and answer and answer.get("reason"):
        return Standing(control, organisation, "not-applicable")
    holding = [proof for proof in proofs if proof.has_owner and proof.held_from <= day]
    ends = {proof.ref: end for proof in holding if (end := proof.end_for(control))}
    valid = [proof for proof in holding if proof.ref in ends and day < ends[proof.ref]]
    if valid and not _denies(answer, valid):
        until = max(ends[proof.ref] for proof in valid)
        state: State = "expiring" if until - day <= EXPIRING_WITHIN else "met"
        return Standing(control, organisation, state, "", until, valid)
    explained = _judge_explanation(control, organisation, answer, day)
    if explained and explained.state == "explained":
        return explained
    if valid:
        return Standing(control, organisation, "missing", "said-no", None, valid)
    if ends:
        until = max(ends.values())
        return Standing(control, organisation, "expired", "", until, [proof for proof in holding if proof.ref in ends])
    if proofs:
        return Standing(control, organisation, "missing", _why_not(proofs, day), None, proofs)
    if explained:
        return explained
    if said in ("yes", "partly", "no"):
        return Standing(control, organisation, "missing", "said-no" if said == "no" else "only-said")
    return Standing(control, organisation, "unknown", "said-unknown" if said == "unknown" else "")


def _denies(answer: Mapping[str, Any] | None, valid: Sequence[Proof]) -> bool:
    """Tell whether the organisation said no, and nothing that shows the contrary is newer than that."""
    if not answer or answer["complies"] != "no":
        return False
    return date.fromisoformat(answer["answeredOn"]) >= max(proof.held_from for proof in valid)


def _judge_explanation(
    control: AskedControl, organisation: str, answer: Mapping[str, Any] | None, day: date
) -> Standing | None:
    """Give the standing by an explanation, where the framework knows that and one was given."""
    if control.framework not in EXPLAINABLE or not answer or answer["complies"] not in ("no", "partly"):
        return None
    if not answer.get("reason"):
        return None
    until = date.fromisoformat(answer["dueOn"]) if answer.get("dueOn") else None
    if until and until <= day:
        return Standing(control, organisation, "missing", "explanation-ended", until)
    return Standing(control, organisation, "explained", "", until)


def _why_not(proofs: Sequence[Proof], day: date) -> Why:
    if all(not proof.has_owner for proof in proofs):
        return "no-owner"
    return "not-yet" if all(proof.held_from > day for proof in proofs if proof.has_owner) else "no-end"
