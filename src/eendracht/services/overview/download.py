"""Everything that is known of a person, as JSON to take along (GDPR art. 15 and 20)."""

from __future__ import annotations

import base64
import re
from typing import Any, Final

from eendracht.kernel.clock import timestamp
from eendracht.kernel.vault import Item
from eendracht.services.overview.own_file import PURPOSE, OwnFile
from eendracht.services.overview.uses import list_uses

FORMAT: Final = "eendracht-own-data/1"
ANOTHER: Final = "another-person"
"""What stands in the place of the pseudonym of somebody else."""
MYSELF: Final = "myself"
_SUBJECT: Final = re.compile(r"subject-[0-9a-f]{32}")


def make_download(own: OwnFile) -> dict[str, Any]:
    """Give all that is kept, whence, why and until when, and who used it; nothing of anybody else.

    Files are opened here, which the journal tells too.
    """
    return {
        "format": FORMAT,
        "made": timestamp(own.instance.store.clock.now()),
        "node": own.instance.settings.name,
        "kept": [_kept(own, one.item, one.content) for one in own.kept],
        "uses": [{**use.as_dict(), "organisationName": own.name_body(use.organisation)} for use in list_uses(own)],
    }


def _kept(own: OwnFile, item: Item, content: Any) -> dict[str, Any]:
    if not content:
        opened = own.instance.vault.get(item.id, PURPOSE, own.principal)
        content = {"base64": base64.b64encode(opened).decode()} if isinstance(opened, bytes) else opened
    return {
        "id": item.id,
        "kind": item.kind,
        "controller": item.controller,
        "controllerName": own.name_body(item.controller),
        "ground": item.ground,
        "since": item.stored_at,
        "until": item.retain_until,
        "content": _of_own(own.subject, content),
    }


def _of_own(subject: str, value: Any) -> Any:
    """Give a value without the pseudonym of anybody, in keys as in texts."""
    if isinstance(value, dict):
        return {_of_own(subject, name): _of_own(subject, part) for name, part in value.items()}
    if isinstance(value, list):
        return [_of_own(subject, part) for part in value]
    if isinstance(value, str):
        return _SUBJECT.sub(lambda found: MYSELF if found[0] == subject else ANOTHER, value)
    return value
