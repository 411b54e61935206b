"""What every wing stands on: identity, records, store, ledger, vault, estate, search and access. Knows no wing."""
