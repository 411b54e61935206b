"""How long the vault keeps what the wing knows about people."""

from eendracht.resilience.exercises import keys

RETENTION = (*keys.RETENTION,)
