"""When an action may be called closed: what was done stands on record, and somebody else tried again whether it helps.

Both rules look at what was recorded before, so they are guards: no way of writing goes around them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eendracht.kernel.errors import Fault

if TYPE_CHECKING:
    from eendracht.kernel.kinds.registry import Past
    from eendracht.kernel.records import Record


def check_closing(spec: Mapping[str, Any], name: str, past: Past) -> Iterator[Fault]:
    """Yield why an action may not be closed yet.

    It needs evidence, and a retest of this action that passed, was recorded after that evidence, and by a principal
    who recorded none of the versions in which the evidence grew or the work was reported done.
    """
    if spec.get("status") != "closed":
        return
    versions = past.list_versions(name)
    evidence = spec.get("evidence", "")
    if not evidence:
        yield _fault(
            "/spec/evidence",
            "no-evidence",
            "Zonder bewijs kan een actie niet worden gesloten",
            "An action cannot be closed without evidence",
            "Say in evidence what was done and where that can be seen.",
        )
    shown = _evidence_since(versions, evidence)
    if evidence and shown is None:
        yield _fault(
            "/spec/evidence",
            "evidence-is-new",
            "Dit bewijs staat nog niet vast, dus het kan nog niet opnieuw zijn beproefd",
            "This evidence was not recorded before, so nothing can have been tried again with it",
            "Record it first with the status done-unverified; then let somebody else try again.",
        )
    if not spec.get("retest"):
        yield _fault(
            "/spec/retest",
            "no-retest",
            "Zonder hertoets kan een actie niet worden gesloten",
            "An action cannot be closed without a retest",
            "Let somebody else try it again and record that as a retest.",
        )
    elif shown is not None:
        yield from _check_retest(past.list_versions(spec["retest"]), versions, shown)


def _evidence_since(versions: Sequence[Record], evidence: str) -> int | None:
    """Give the position from which on every version carries this evidence; None where the last one does not."""
    since = None
    for version in reversed(versions):
        if version.data["spec"].get("evidence", "") != evidence:
            break
        since = version.rv
    return since


def _check_retest(retests: Sequence[Record], versions: Sequence[Record], shown: int) -> Iterator[Fault]:
    names = {versions[-1].uid, *(version.ref for version in versions)}
    if not retests or retests[-1].kind != "retest" or retests[-1].data["spec"].get("action") not in names:
        yield _fault(
            "/spec/retest",
            "retest-of-another",
            "Van deze actie is er niet zo'n hertoets",
            "There is no such retest of this action",
            "Name a retest whose field action is this action.",
        )
        return
    retest = retests[-1]
    if retest.data["spec"].get("result") != "passed":
        yield _fault(
            "/spec/retest",
            "retest-not-passed",
            "Deze hertoets is niet geslaagd",
            "This retest did not pass",
            "Go on with the work, and let it be tried again.",
        )
    if retest.rv < shown:
        yield _fault(
            "/spec/retest",
            "retest-before-evidence",
            "Het bewijs is na deze hertoets veranderd",
            "The evidence was changed after this retest",
            "Let it be tried again with what stands there now.",
        )
    doers = {
        version.data["recordedBy"]
        for before, version in zip([None, *versions], versions, strict=False)
        if before is None
        or version.data["spec"].get("evidence") != before.data["spec"].get("evidence")
        or version.data["spec"].get("status") == "done-unverified"
    }
    if {item.data["recordedBy"] for item in retests} & doers:
        yield _fault(
            "/spec/retest",
            "retest-by-the-same",
            "Wie het werk deed, kan het niet zelf hertoetsen",
            "Who did the work cannot retest it",
            "Let another person try it again.",
        )


def check_retest(spec: Mapping[str, Any], name: str, past: Past) -> Iterator[Fault]:
    """Yield a fault for a second version of a retest: what was seen is not changed, a new retest says more."""
    versions = past.list_versions(name)
    if versions and versions[-1].data["spec"] != spec:
        yield _fault(
            "/spec",
            "retest-stands",
            "Een hertoets verandert niet meer",
            "A retest does not change any more",
            "Record a new one.",
        )


def _fault(pointer: str, code: str, nl: str, en: str, hint: str) -> Fault:
    return Fault(pointer, code, nl, en, hint)
