"""Forms that somebody who is signed in goes on with later, and what of them is kept when they are handed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eendracht.kernel.access import Principal
from eendracht.kernel.calculations import keep_receipt
from eendracht.kernel.errors import EendrachtError
from eendracht.kernel.instance import Instance
from eendracht.kernel.rules.library import Library
from eendracht.kernel.vault import Vault
from eendracht.services.forms.answers import label_of
from eendracht.services.forms.claims import read_items
from eendracht.services.forms.corrections import plain
from eendracht.services.forms.extracts import OWN_REQUEST, author_for
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
    stated = {ask.control: plain(value) for ask, value in {**form.answers, **form.claims}.items()}
    found = {f"outcome.{item.benefit.code}": item.status for item in outcomes}
    return {"form": name, "date": form.on.isoformat(), **stated, **found, "receipts": receipts}


def labels_of(form: Form, outcomes: tuple[Outcome, ...]) -> dict[str, str]:
    """Give what people call the parts of what is handed in, in Dutch: staff of the organisation read it."""
    stated = {ask.control: label_of(ask).nl for ask in {**form.answers, **form.claims}}
    found = {f"outcome.{item.benefit.code}": f"Uitkomst voor {item.benefit.name_nl}" for item in outcomes}
    return {"form": "Formulier", "date": "Datum", **stated, **found, "receipts": "Rekenbewijzen"}
