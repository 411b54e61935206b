"""Receipts of calculations about persons: kept in the vault, under a retention rule, and read for a purpose.

What others can see of one is its kind, controller, ground and dates: no input, result or name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import NotFound
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.receipts import Receipt, Verification, verify
from eendracht.kernel.vault import CALCULATION_RECEIPT, Vault

VERIFYING: Final = "calculation-verification"
"""The purpose for which a receipt is opened to run it again."""


def keep_receipt(
    vault: Vault,
    subject: str,
    receipt: Mapping[str, Any],
    *,
    controller: str,
    ground: str,
    author: Principal,
    starts: date | None = None,
) -> str:
    """Keep a receipt about a subject of the vault and give its id.

    `ground` is a code or the ref of a ground record. Raises what `Vault.put` raises.
    """
    return vault.put(
        subject, CALCULATION_RECEIPT, dict(receipt), controller=controller, ground=ground, author=author, starts=starts
    )


def open_receipt(vault: Vault, item: str, purpose: str, asker: Principal) -> Receipt:
    """Give a receipt that is kept, once it is on the journal who reads it and for which purpose; raises NotFound."""
    content = vault.get(item, purpose, asker)
    if not isinstance(content, dict) or "form" not in content:
        raise NotFound("This item is no receipt of a calculation")
    return content


def verify_kept(vault: Vault, item: str, library: Library, asker: Principal) -> Verification:
    """Run a receipt that is kept again; raises NotFound, and what `verify` raises."""
    return verify(open_receipt(vault, item, VERIFYING, asker), library)
