"""How long the vault keeps what the wing knows about people."""

from eendracht.services import case_retention

RETENTION = (*case_retention.RETENTION,)
