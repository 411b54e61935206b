"""What people state against a register: a claim with its evidence, and the report to whoever keeps the register.

A claim is never changed: each decision on it and each file that shows it is a further item in the vault, and the newest
decision tells its state. A claim against a base register is also a report of doubt (terugmelding) to the body that
keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any, Final, Literal, get_args

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import EendrachtError, NotFound
from eendracht.kernel.vault import Vault
from eendracht.services.forms.extracts import OWN_REQUEST
from eendracht.services.forms.facts import Ask
from eendracht.services.forms.retention import CLAIM, CLAIM_FILE

ClaimState = Literal["open", "accepted", "refused"]
PURPOSE: Final = "rectification"
"""The purpose for which claims are read: GDPR art. 16."""


class ClaimClosed(EendrachtError):
    """A claim on which somebody decided already."""

    code = "claim-closed"
    status = 409
    title_nl = "Over deze opgave is al beslist"
    title_en = "This claim was decided on already"
    default_hint = "Make a new claim where the register is still wrong."


@dataclass(frozen=True, slots=True)
class ClaimFile:
    """A file that shows what a claim says: the item of the vault that holds it, and what it is; `size` in bytes."""

    item: str
    name: str = field(repr=False)
    media_type: str
    size: int
    sha256: str

    def as_content(self) -> dict[str, Any]:
        """Give it as the vault keeps it."""
        kept = {"item": self.item, "fileName": self.name, "mediaType": self.media_type}
        return {**kept, "size": self.size, "sha256": self.sha256}


@dataclass(frozen=True, slots=True)
class Claim:
    """What a person says a register should have: the fact, both values, the evidence, and what became of it."""

    id: str
    subject: str
    ask: Ask
    register: str
    register_value: Any
    stated_value: Any
    evidence: str
    on: date
    state: ClaimState = "open"
    decided_by: str = ""
    controller: str = ""
    files: tuple[ClaimFile, ...] = ()


def make_claim(
    vault: Vault,
    subject: str,
    claim: Claim,
    *,
    controller: str,
    author: Principal,
    ground: str = OWN_REQUEST,
) -> str:
    """Keep a claim and give its id; raises what `Vault.put` raises."""
    content = {
        "event": "made",
        "fact": claim.ask.name,
        "whose": claim.ask.whose,
        "register": claim.register,
        "registerValue": _kept(claim.register_value),
        "statedValue": _kept(claim.stated_value),
        "evidence": claim.evidence,
        "on": claim.on.isoformat(),
    }
    return vault.put(subject, CLAIM, content, controller=controller, ground=ground, author=author)


def add_claim_file(vault: Vault, claim: Claim, content: bytes, described: ClaimFile, author: Principal) -> ClaimFile:
    """Keep a file with a claim as long as the claim, and give it with its own item; raises what `Vault.put` raises.

    It is described after it is kept: what a killed process leaves is a file that no claim names.
    """
    put = partial(vault.put, claim.subject, controller=claim.controller, ground=OWN_REQUEST, author=author)
    kept = replace(described, item=put(CLAIM_FILE, content, starts=claim.on))
    put(CLAIM, {"event": "shown", "claim": claim.id, "file": kept.as_content()})
    return kept


def decide_claim(vault: Vault, claim: Claim, state: ClaimState, author: Principal) -> None:
    """Accept or refuse a claim on behalf of the organisation that answers for it.

    Raises ClaimClosed where that was done before, Denied without the role.
    """
    if state not in get_args(ClaimState) or state == "open":
        raise ValueError(f"'{state}' is no decision on a claim")
    author.require_write(claim.controller)
    if claim.state != "open":
        raise ClaimClosed(f"The claim was {claim.state}")
    content = {"event": "decided", "claim": claim.id, "state": state, "by": author.name}
    vault.put(claim.subject, CLAIM, content, controller=claim.controller, ground=OWN_REQUEST, author=author)


def list_claims(vault: Vault, subject: str, asker: Principal) -> list[Claim]:
    """Give the claims about a subject as far as the asker may see them, oldest first, each with its state."""
    return gather_claims(subject, read_items(vault, subject, CLAIM, asker))


def gather_claims(subject: str, items: Iterable[tuple[str, str, Mapping[str, Any]]]) -> list[Claim]:
    """Give the claims of items that were read (id, controller, content), oldest first, each with its state."""
    made: dict[str, Claim] = {}
    for item_id, controller, content in items:
        if content["event"] == "made":
            made[item_id] = Claim(
                item_id,
                subject,
                Ask(content["fact"], content["whose"]),
                content["register"],
                content["registerValue"],
                content["statedValue"],
                content["evidence"],
                date.fromisoformat(content["on"]),
                controller=controller,
            )
        elif (before := made.get(content["claim"])) is not None:
            made[before.id] = _follow(before, content)
    return list(made.values())


def _follow(claim: Claim, content: Mapping[str, Any]) -> Claim:
    """Give a claim after a file was added to it, or somebody decided on it."""
    if content["event"] == "shown":
        return replace(claim, files=(*claim.files, read_claim_file(content["file"])))
    return replace(claim, state=content["state"], decided_by=content["by"])


def read_claim_file(content: Mapping[str, Any]) -> ClaimFile:
    """Give a file as the vault describes it."""
    names = ("item", "fileName", "mediaType", "size", "sha256")
    return ClaimFile(*(content[name] for name in names))


def find_claim(vault: Vault, subject: str, claim: str, asker: Principal) -> Claim:
    """Give one claim; raises NotFound."""
    for found in list_claims(vault, subject, asker):
        if found.id == claim:
            return found
    raise NotFound("There is no such claim")


def read_items(
    vault: Vault, subject: str, kind: str, asker: Principal, purpose: str = PURPOSE
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield id, controller and content of each item of a kind that is no file, oldest first."""
    for item, content in vault.read_subject(subject, purpose, asker, kind):
        if isinstance(content, dict):
            yield item.id, item.controller, content


def _kept(value: Any) -> Any:
    if isinstance(value, list):
        return [_kept(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
