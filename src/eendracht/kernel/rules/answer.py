"""An evaluation as an answer for whoever asked: each output with its value or what it wants, and what it rests on."""

from __future__ import annotations

from typing import Any, Final

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.library import Choice
from eendracht.kernel.rules.outcome import Evaluation, Outcome
from eendracht.kernel.rules.trace import trace_document
from eendracht.kernel.rules.values import Fact, Unknown, Untranslatable, to_plain
from eendracht.kernel.wording import say

NOTICE: Final = say(
    "Dit is informatie, geen besluit: het bevoegde bestuursorgaan beslist, en kan afwijken (hardheidsclausule).",
    "This is information, not a decision (besluit): the competent authority decides, and may depart from it "
    "(hardship clause).",
)


def describe_evaluation(found: Evaluation, choice: Choice, *, with_trace: bool = False) -> dict[str, Any]:
    """Give an evaluation as plain data; with its trace where asked (trace schema v1)."""
    answer: dict[str, Any] = {
        "law": {**_describe_law(found.law), "reason": {"nl": choice.reason.nl, "en": choice.reason.en}},
        "outputs": {name: describe_outcome(outcome) for name, outcome in found.outcomes.items()},
        "missing": [_describe_fact(fact) for fact in sorted(found.missing)],
        "requirementsMet": found.requirements_met,
        "missingRequired": found.missing_required,
        "regulations": [_describe_law(law) for _, law in sorted(found.used.items())],
        "notice": {"nl": NOTICE.nl, "en": NOTICE.en},
    }
    return answer | ({"trace": trace_document(found.trace)} if with_trace else {})


def describe_outcome(outcome: Outcome) -> dict[str, Any]:
    """Give an output as plain data; `value` is null also where it is not known, which `status` tells apart."""
    value = outcome.value
    return {
        "value": to_plain(value) if outcome.is_known else None,
        "unit": outcome.field.unit if outcome.field else "",
        "type": outcome.field.kind if outcome.field else "any",
        "status": status_of(outcome),
        "provenance": outcome.provenance,
        "law": outcome.law.id,
        "article": outcome.article.number,
        "url": outcome.article.url,
        "missing": [_describe_fact(fact) for fact in sorted(value.facts)] if isinstance(value, Unknown) else [],
        "untranslatable": sorted(value.articles) if isinstance(value, Untranslatable) else [],
    }


def status_of(outcome: Outcome) -> str:
    """Give known, unknown or untranslatable."""
    if isinstance(outcome.value, Unknown):
        return "unknown"
    return "untranslatable" if isinstance(outcome.value, Untranslatable) else "known"


def _describe_law(law: ir.Regulation) -> dict[str, Any]:
    return {
        "id": law.id,
        "name": law.name,
        "layer": law.layer,
        "service": law.service,
        "jurisdiction": law.jurisdiction,
        "bwbId": law.bwb_id,
        "validFrom": law.valid_from.isoformat() if law.valid_from else None,
        "validTo": law.valid_to.isoformat() if law.valid_to else None,
        "schemaVersion": law.schema_version,
        "sha256": law.sha256,
    }


def _describe_fact(fact: Fact) -> dict[str, str]:
    return {"name": fact.name, "law": fact.law, "article": fact.article, "key": fact.key}
