"""Content about natural persons: encrypted with a key per subject, read for a purpose, gone when its time is over."""

from eendracht.kernel.vault.retention import CALCULATION_RECEIPT, SHARED_RULES, RetentionRule
from eendracht.kernel.vault.sealing import VaultBroken
from eendracht.kernel.vault.vault import Item, Vault

__all__ = ["CALCULATION_RECEIPT", "SHARED_RULES", "Item", "RetentionRule", "Vault", "VaultBroken"]
