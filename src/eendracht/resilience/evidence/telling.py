"""The matrix of accounts as plain data: counts for everybody, controls and evidence for insiders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eendracht.resilience.evidence.accounts import Standing
from eendracht.resilience.evidence.gaps import list_wanted
from eendracht.resilience.evidence.matrix import Account, Matrix
from eendracht.resilience.evidence.proposals import Proposal


def tell_matrix(matrix: Matrix, proposals: Sequence[Proposal] = (), *, with_names: bool) -> dict[str, Any]:
    """Give a matrix as plain data; without names no control of an organisation is told."""
    told: dict[str, Any] = {
        "day": matrix.day.isoformat(),
        "accounts": [_tell_account(matrix, account, with_names) for account in matrix.accounts],
        "silentOrganisations": matrix.silent,
        "sharedEvidence": matrix.shared,
        "faults": [fault.as_dict() for fault in matrix.faults] if with_names else [],
        "synthetic": matrix.is_synthetic,
        "wanted": [],
        "proposals": [],
    }
    if with_names and len(matrix.organisations) == 1:
        found = list_wanted(item for account in matrix.accounts for item in account.lacking)
        told["wanted"] = [
            {
                "topic": item.topic.code,
                "name": {"nl": item.topic.name_nl, "en": item.topic.name_en},
                "type": item.topic.type,
                "fills": [standing.control.key for standing in item.fills],
            }
            for item in found.wanted
        ]
        told["proposals"] = [
            {
                "ref": item.ref,
                "name": item.name,
                "type": item.type,
                "heldFrom": item.held_from.isoformat(),
                "satisfies": list(item.satisfies),
            }
            for item in proposals
        ]
    return told


def _tell_account(matrix: Matrix, account: Account, with_names: bool) -> dict[str, Any]:
    return {
        "framework": account.framework,
        "organisation": account.organisation,
        "name": matrix.names[account.organisation],
        "counts": account.counts,
        "controls": [_tell_standing(item) for item in account.standings] if with_names else [],
    }


def _tell_standing(item: Standing) -> dict[str, Any]:
    return {
        "control": item.control.key,
        "subject": {"nl": item.control.subject_nl, "en": item.control.subject_en},
        "state": item.state,
        "why": item.why,
        "until": item.until.isoformat() if item.until else None,
        "evidence": [proof.ref for proof in item.proofs],
    }
