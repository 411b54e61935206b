"""How long the vault keeps what the wing knows about people."""

from eendracht.services import case_retention
from eendracht.services.forms import retention as forms_retention
from eendracht.services.proactive import retention as proactive_retention

RETENTION = (*case_retention.RETENTION, *forms_retention.RETENTION, *proactive_retention.RETENTION)
