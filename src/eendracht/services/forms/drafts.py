"""Forms that somebody who is signed in goes on with later, and what of them is kept when they are handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eendracht.kernel.access import PERSON_PREFIX, Principal, Role
from eendracht.kernel.calculations import keep_receipt
from eendracht.kernel.errors import EendrachtError
from eendracht.kernel.instance import Instance
from eendracht.kernel.rules.library import Library
from eendracht.kernel.vault import Vault
from eendracht.services.forms.answers import label_of
from eendracht.services.forms.claims import Claim, list_claims, make_claim, read_items
from eendracht.services.forms.extracts import OWN_REQUEST, Dossier
from eendracht.services.forms.facts import Ask
from eendracht.services.forms.feedback import owner_of, report_doubt
from eendracht.services.forms.form import Form
from eendracht.services.forms.outcomes import Outcome, case_of
from eendracht.services.forms.retention import DRAFT
from eendracht.services.forms.state import State, state_from

PURPOSE = "application"
"""The purpose for which a form uses what is known of a person."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A form that was kept: its name (a product or life event) and its state."""

    item: str
    name: str
    state: State


def author_for(controller: str) -> Principal:
    """Give as whom the wing writes for an organisation."""
    return Principal("services/forms", frozenset({(Role.EDITOR, controller)}))


def keep_draft(vault: Vault, subject: str, name: str, state: State, controller: str) -> str:
    """Keep a form to go on with later, for a month, and give the id; raises what `Vault.put` raises."""
    content = {"name": name, "fields": [list(pair) for pair in state.fields()]}
    return vault.put(subject, DRAFT, content, controller=controller, ground=OWN_REQUEST, author=author_for(controller))


def find_draft(vault: Vault, subject: str, name: str, asker: Principal) -> Draft | None:
    """Give the newest draft of a form; None where there is none."""
    found = [
        (item, content)
        for item, _, content in read_items(vault, subject, DRAFT, asker, PURPOSE)
        if content.get("name") == name
    ]
    return Draft(found[-1][0], name, state_from(found[-1][1])) if found else None


def keep_claims(
    instance: Instance, subject: str, form: Form, evidence: Mapping[Ask, str], dossier: Dossier, controller: str
) -> tuple[list[str], list[str]]:
    """Keep each value that was stated against a register as a claim, and report it where that is a base register.

    Gives the ids of the claims and of the reports. A base register of which the owner is not known gets none.
    """
    facts = form.facts
    municipality = facts.look_up("gemeente_code", form.subject)
    ids: list[str] = []
    reports: list[str] = []
    asker = Principal(PERSON_PREFIX + subject)
    known_claims = {(claim.ask, claim.stated_value) for claim in list_claims(instance.vault, subject, asker)}
    for ask, value in form.claims.items():
        if (ask, _kept(value)) in known_claims:
            # A page that is sent twice says the same thing once.
            continue
        known = facts.find(ask)
        register = known[1] if known else ""
        source = dossier.sources.get(register)
        claim = Claim("", subject, ask, register, known[0] if known else None, value, evidence.get(ask, ""), form.on)
        author = author_for(source.controller if source else controller)
        held_by = source.controller if source else controller
        item = make_claim(instance.vault, subject, claim, controller=held_by, author=author)
        ids.append(item)
        base = source.base_register if source else None
        owner = owner_of(base, str(municipality[0]) if municipality else "") if base else ""
        if base is not None and owner:
            reports.append(report_doubt(instance, _with_id(claim, item, held_by), base, owner))
    return ids, reports


def keep_receipts(
    instance: Instance, library: Library, subject: str, form: Form, outcomes: tuple[Outcome, ...], controller: str
) -> list[str]:
    """Keep the receipt of each calculation and give the ids; one that the rules refuse has none."""
    from eendracht.kernel.rules.receipts import evaluate_with_receipt

    ids = []
    for outcome in outcomes:
        if outcome.status == "no-rule":
            continue
        request, case = case_of(outcome.benefit, form.facts, outcome.since)
        try:
            _, receipt = evaluate_with_receipt(library, request, case)
        except EendrachtError:
            continue
        ids.append(
            keep_receipt(
                instance.vault,
                subject,
                receipt,
                controller=controller,
                ground=OWN_REQUEST,
                author=author_for(controller),
            )
        )
    return ids


def content_of(form: Form, outcomes: tuple[Outcome, ...], name: str, receipts: list[str]) -> dict[str, Any]:
    """Give what is handed in with an application, by name: what was stated, and what the rules came to with it."""
    stated = {ask.control: _kept(value) for ask, value in {**form.answers, **form.claims}.items()}
    found = {f"outcome.{item.benefit.code}": item.status for item in outcomes}
    return {"form": name, "date": form.on.isoformat(), **stated, **found, "receipts": receipts}


def labels_of(form: Form, outcomes: tuple[Outcome, ...]) -> dict[str, str]:
    """Give what people call the parts of what is handed in, in Dutch: staff of the organisation read it."""
    stated = {ask.control: label_of(ask).nl for ask in {**form.answers, **form.claims}}
    found = {f"outcome.{item.benefit.code}": f"Uitkomst voor {item.benefit.name_nl}" for item in outcomes}
    return {"form": "Formulier", "date": "Datum", **stated, **found, "receipts": "Rekenbewijzen"}


def _with_id(claim: Claim, item: str, controller: str) -> Claim:
    return Claim(
        item,
        claim.subject,
        claim.ask,
        claim.register,
        _kept(claim.register_value),
        _kept(claim.stated_value),
        claim.evidence,
        claim.on,
        controller=controller,
    )


def _kept(value: Any) -> Any:
    if isinstance(value, list):
        return [_kept(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
