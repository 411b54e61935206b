"""Controls from a file that the organisation has: BIO2 in JSON, with a number and a text per measure.

The text goes into the records of whoever imports it and is not part of this software. A measure of which the text says
that there is none under its number asks nothing and is marked so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import today
from eendracht.kernel.errors import Fault, InvalidInput, UnreadableFile
from eendracht.kernel.store import Store, load
from eendracht.reference.controls import BIO2_URL, load_controls

MOST_BYTES: Final = 2**22
MOST_CONTROLS: Final = 2_000
_CODE: Final = re.compile(r"\d{1,2}\.\d{2}\.\d{2}", re.ASCII)
_NOTHING: Final = re.compile(r"^\s*(geen overheidsmaatregel\b.*)?\s*$", re.IGNORECASE | re.DOTALL)
_FIELDS: Final = ("id", "beheersmaatregel", "tekst")
_MOST_NAME: Final = 160


@dataclass(frozen=True, slots=True)
class ImportedControls:
    """What came of an import."""

    version: str
    controls: int
    empty: int
    """Numbers under which nothing is asked."""
    recorded: int
    """Those that were not there yet."""


def import_controls(store: Store, author: Principal, owner: str, content: bytes) -> ImportedControls:
    """Record the measures of a BIO2 file for an organisation; those that are there stay.

    Raises UnreadableFile, InvalidInput with every fault, Denied.
    """
    author.require_write(owner)
    version, measures = read_controls(content)
    drafts = [_draft(store, owner, version, item) for item in measures]
    recorded = load(store, drafts, author, only_new=True)
    empty = sum(draft["spec"].get("isEmpty", False) for draft in drafts)
    return ImportedControls(version, len(drafts), empty, recorded)


def read_controls(content: bytes) -> tuple[str, list[Mapping[str, str]]]:
    """Read the version and the measures of a file; raises UnreadableFile, InvalidInput."""
    if len(content) > MOST_BYTES:
        raise UnreadableFile(f"The file has more than {MOST_BYTES} bytes")
    try:
        found = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise UnreadableFile(f"The file is no JSON: {error}") from None
    measures = found.get("maatregelen") if isinstance(found, dict) else None
    if not isinstance(measures, list) or not measures or len(measures) > MOST_CONTROLS:
        raise UnreadableFile("The file holds no list 'maatregelen', or one that is too long")
    faults = [fault for at, item in enumerate(measures) for fault in _check(item, f"/maatregelen/{at}")]
    codes = [item.get("id") if isinstance(item, dict) else None for item in measures]
    for at, code in enumerate(codes):
        if isinstance(code, str) and code in codes[:at]:
            nl, en = f"{code[:20]} staat er twee keer", f"{code[:20]} stands here twice"
            faults.append(Fault(f"/maatregelen/{at}/id", "code-twice", nl, en))
    if faults:
        raise InvalidInput(f"The file: {len(faults)} fault(s)", faults=faults)
    version = found.get("versie")
    return (version if isinstance(version, str) else "")[:300], measures


def _check(item: Any, place: str) -> list[Fault]:
    if not isinstance(item, dict):
        return [Fault(place, "malformed", "Dit is geen maatregel", "This is no measure")]
    faults = [
        Fault(f"{place}/{name}", "missing", "Hier hoort tekst", "Text belongs here")
        for name in _FIELDS
        if not isinstance(item.get(name), str)
    ]
    if isinstance(item.get("id"), str) and not _CODE.fullmatch(item["id"]):
        nl, en = (
            "Dit is geen nummer van een maatregel, zoals 5.30.01",
            "This is no number of a measure, such as 5.30.01",
        )
        faults.append(Fault(f"{place}/id", "malformed-code", nl, en))
    return faults


def _draft(store: Store, owner: str, version: str, item: Mapping[str, str]) -> dict[str, Any]:
    code, text = item["id"], item["tekst"].strip().replace("\x00", "")
    known = load_controls().get(f"bio2/{code}")
    is_empty = bool(_NOTHING.match(text))
    spec: dict[str, Any] = {
        "name": known.subject_nl if known else f"BIO2 {code}: {_shorten(text)}",
        "description": text[:10_000],
        "norm": "bio2",
        "code": code,
        "partOf": item["beheersmaatregel"].strip()[:100] or code,
        "url": BIO2_URL,
    }
    if is_empty:
        spec["isEmpty"] = True
    if known and known.every_months:
        spec["everyMonths"] = known.every_months
    return {
        "ref": f"control:{owner.partition(':')[2]}/bio2-{code}",
        "owner": owner,
        "confidentiality": {"level": "public"},
        "source": {
            "type": "reference",
            "date": today(store.clock).isoformat(),
            "system": version or "BIO2",
            "key": code,
        },
        "spec": spec,
    }


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MOST_NAME else line[: _MOST_NAME - 1].rpartition(" ")[0] + "…"
