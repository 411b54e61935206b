"""Corrections of a form that is handed in: each a claim with its files, and a report to whoever keeps the register."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from eendracht.kernel.access import PERSON_PREFIX, Principal
from eendracht.kernel.instance import Instance
from eendracht.services.forms.answers import label_of
from eendracht.services.forms.claims import Claim, ClaimFile, add_claim_file, list_claims, make_claim
from eendracht.services.forms.evidence import EvidenceFile, open_file
from eendracht.services.forms.extracts import Dossier, author_for
from eendracht.services.forms.facts import Ask
from eendracht.services.forms.feedback import owner_of, report_doubt
from eendracht.services.forms.form import Form, known_facts
from eendracht.services.forms.outcomes import Outcome
from eendracht.services.registers import Document


@dataclass(frozen=True, slots=True)
class Corrections:
    """What a form states against registers: the form, the words and the files that show each, and who reads the files.

    `controller` answers for what no register gave.
    """

    form: Form
    texts: Mapping[Ask, str]
    files: Mapping[Ask, Sequence[EvidenceFile]]
    dossier: Dossier
    controller: str
    reader: Principal

    def documents(self, instance: Instance, outcomes: Iterable[Outcome]) -> tuple[Document, ...]:
        """Give the files that go to whoever decides on these outcomes: those that show a fact which its laws read."""
        read = {item.ask for item in known_facts(self.form, outcomes)}
        return tuple(
            Document(
                "",
                f"Bewijs bij: {label_of(ask).nl} ({item.name})"[:_LONGEST_TITLE],
                partial(open_file, instance, item, self.reader),
                item.size,
                item.media_type,
                item.name,
            )
            for ask in self.form.claims
            if ask in read
            for item in self.files.get(ask, ())
        )


_LONGEST_TITLE = 200


def keep_claims(instance: Instance, subject: str, found: Corrections) -> tuple[list[str], list[str]]:
    """Keep each value that was stated against a register as a claim with its files, and report it to a base register.

    Gives the ids of the new claims and of the reports. What was stated before is no new claim; files that are new are
    added to it and reported. A base register of which the owner is not known gets no report.
    """
    asker = Principal(PERSON_PREFIX + subject)
    known = {(claim.ask, repr(claim.stated_value)): claim for claim in list_claims(instance.vault, subject, asker)}
    ids: list[str] = []
    reports: list[str] = []
    for ask, value in found.form.claims.items():
        claim = known.get((ask, repr(plain(value))))
        if claim is None:
            claim = _make(instance, subject, found, ask, value)
            ids.append(claim.id)
        there = {item.sha256 for item in claim.files}
        fresh = [item for item in found.files.get(ask, ()) if item.sha256 not in there]
        added = tuple(_add(instance, claim, item, found.reader) for item in fresh)
        if added or claim.id in ids:
            reports += _report(instance, found, replace(claim, files=added))
    return ids, reports


def _make(instance: Instance, subject: str, found: Corrections, ask: Ask, value: Any) -> Claim:
    known = found.form.facts.find(ask)
    register = known[1] if known else ""
    source = found.dossier.sources.get(register)
    held_by = source.controller if source else found.controller
    register_value, text = plain(known[0] if known else None), found.texts.get(ask, "")
    claim = Claim("", subject, ask, register, register_value, plain(value), text, found.form.on, controller=held_by)
    item = make_claim(instance.vault, subject, claim, controller=held_by, author=author_for(held_by))
    return replace(claim, id=item)


def _add(instance: Instance, claim: Claim, item: EvidenceFile, reader: Principal) -> ClaimFile:
    described = ClaimFile("", item.name, item.media_type, item.size, item.sha256)
    content = open_file(instance, item, reader)
    return add_claim_file(instance.vault, claim, content, described, author_for(claim.controller))


def _report(instance: Instance, found: Corrections, claim: Claim) -> list[str]:
    source = found.dossier.sources.get(claim.register)
    base = source.base_register if source else None
    if base is None:
        return []
    municipality = found.form.facts.look_up("gemeente_code", found.form.subject)
    owner = owner_of(base, str(municipality[0]) if municipality else "")
    return [report_doubt(instance, claim, base, owner)] if owner else []


def plain(value: Any) -> Any:
    """Give a value of the rules as the vault keeps it."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
