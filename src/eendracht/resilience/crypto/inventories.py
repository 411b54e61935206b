"""An inventory becomes records: what is new or changed is recorded, what is the same is left, what went is ended.

A newer inventory of the same subject meets the older one. An asset is the same one where it has the same name in the
inventory and the same family; else where family, parameter set, purpose, implementation and places are equal; else
where that holds with the line numbers left out, for tools that number anew each time.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import today
from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.identity import slug
from eendracht.kernel.records import Prepared, Record, prepare
from eendracht.kernel.store import Store
from eendracht.resilience.crisis import authority_of

SourceType = Literal["cyclonedx", "certificate", "keystore", "tls-scan", "statement"]
MOST_KNOWN: Final = 50_000
_LONGEST_NAME: Final = 80
_LINE: Final = re.compile(r":\d+$", re.ASCII)
_MANY_FILES: Final = ("certificate", "keystore")
"""Of these a subject has several, each an inventory of its own; of bills the newest takes the place of the last."""
_SUBJECTS: Final = ("application", "component", "platform", "public-service")


@dataclass(frozen=True, slots=True)
class ToldAsset:
    """A cryptographic asset as an inventory tells of it."""

    key: str
    """Its name within the inventory."""
    spec: Mapping[str, Any]
    """Of the kind `cryptographic-asset`, without what ties it to other records."""
    rests_on: tuple[str, ...] = ()
    """Keys of other assets of the inventory."""
    place: str = ""
    """Where in the file."""


@dataclass(frozen=True)
class ToldInventory:
    """An inventory as a source tells of it, whatever the source."""

    name: str
    source_type: SourceType
    assets: Sequence[ToldAsset]
    taken_on: date | None = None
    format_version: str = ""
    tool: str = ""
    sha256: str = ""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """How many values were not taken in, by reason: secrets, and what may be about persons."""
    dangling: int = 0
    """References inside properties that lead nowhere."""
    is_partial: bool = False
    """Whether there may be more: what is not told of then did not end."""

    @property
    def unresolved(self) -> int:
        """Of how many assets it is not known what they are for."""
        return sum(not asset.spec.get("purpose") for asset in self.assets)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What recording an inventory did, in counts."""

    inventory: str
    """Ref of its record."""
    assets: int
    unresolved: int
    new: int
    changed: int
    unchanged: int
    ended: int

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "inventory": self.inventory,
            "assets": self.assets,
            "unresolved": self.unresolved,
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "ended": self.ended,
        }


def record_inventory(
    store: Store,
    author: Principal,
    told: ToldInventory,
    *,
    organisation: str = "",
    subject: str = "",
    used_by: Sequence[str] = (),
) -> Outcome:
    """Record an inventory and its assets, all or nothing.

    `organisation` is whose it is (a ref; the owner of the subject where it is left out), `subject` what it is the
    inventory of, `used_by` what uses the assets where that is not the subject alone. Raises InvalidInput where neither
    of the first two is given or it is older than what is known, NotFound, Denied, Conflict.
    """
    owner = _settle_owner(store, author, organisation, subject)
    author.require_write(owner)
    about = store.get(subject, author).ref if subject else ""
    recording = _Recording(store, author, told, owner, about, used_by)
    drafts = recording.plan()
    if drafts:
        store.append(drafts, author)
    return recording.outcome()


def _settle_owner(store: Store, author: Principal, organisation: str, subject: str) -> str:
    faults = []
    if subject and subject.partition(":")[0] not in _SUBJECTS:
        nl, en = f"Een inventaris gaat over een {', '.join(_SUBJECTS)}", f"An inventory is of a {', '.join(_SUBJECTS)}"
        faults.append(Fault("/subject", "wrong-target-kind", nl, en, "Such as application:gm0344/zaaksysteem."))
    if not organisation and not subject:
        nl, en = "Van welke organisatie is dit?", "Whose is this?"
        faults.append(Fault("/organisation", "no-owner", nl, en, "Name the organisation, or what it is about."))
    if faults:
        raise InvalidInput("The inventory cannot be placed", faults=faults)
    return store.get(organisation, author).ref if organisation else store.get(subject, author).owner


class _Recording:
    """One inventory while it is compared with what is known."""

    def __init__(
        self,
        store: Store,
        author: Principal,
        told: ToldInventory,
        owner: str,
        subject: str,
        used_by: Sequence[str],
    ) -> None:
        self.store, self.author, self.told, self.owner, self.subject = store, author, told, owner, subject
        self.used_by = sorted({*used_by, *([subject] if subject else ())})
        day = today(store.clock)
        self.day = min(told.taken_on or day, day)
        name = subject.partition("/")[2] or subject.partition(":")[2] if subject else ""
        if not name or told.source_type in _MANY_FILES:
            name = f"{name} {told.name}".strip()
        self.ref = f"cryptographic-inventory:{authority_of(owner)}/{told.source_type}-{_make_name(name)}"
        self.counts = {"new": 0, "changed": 0, "unchanged": 0, "ended": 0}

    def plan(self) -> list[Prepared]:
        """Give what has to be written."""
        known = self._read_known()
        matches = match_assets(self.told.assets, known, self.store)
        refs = self._name_assets(matches)
        drafts = [self._plan_inventory()]
        drafts += [self._plan_asset(asset, refs, matches.get(asset.key)) for asset in self.told.assets]
        matched = {record.ref for record in matches.values()}
        if not self.told.is_partial:
            drafts += [self._end(record) for record in known if record.ref not in matched]
        return [draft for draft in drafts if draft is not None]

    def outcome(self) -> Outcome:
        """Tell what was planned."""
        return Outcome(self.ref, len(self.told.assets), self.told.unresolved, **self.counts)

    def _read_known(self) -> list[Record]:
        incoming = self.store.incoming(self.ref, self.author, limit=MOST_KNOWN)
        refs = sorted({item.ref for item in incoming if item.field == "inventory"})
        return self.store.get_among(refs, self.author) if refs else []

    def _name_assets(self, matches: Mapping[str, Record]) -> dict[str, str]:
        base = self.ref.replace("cryptographic-inventory:", "cryptographic-asset:", 1)[:180]
        taken = {record.ref for record in matches.values()}
        refs = {}
        for asset in self.told.assets:
            if asset.key in matches:
                refs[asset.key] = matches[asset.key].ref
                continue
            number = 0
            while (ref := f"{base}/{_digest(asset.key, number)}") in taken:
                number += 1
            taken.add(ref)
            refs[asset.key] = ref
        return refs

    def _plan_inventory(self) -> Prepared | None:
        told = self.told
        spec = {
            "name": told.name[:300],
            "organisation": self.owner,
            "subject": self.subject or None,
            "sourceType": told.source_type,
            "formatVersion": told.format_version,
            "takenOn": told.taken_on.isoformat() if told.taken_on else None,
            "tool": told.tool,
            "assets": len(told.assets),
            "unresolved": told.unresolved,
            "sha256": told.sha256 or None,
        }
        current = next(iter(self.store.get_among([self.ref], self.author)), None)
        if current is not None:
            self._refuse_older(current)
        return self._draft(self.ref, spec, current, told.name)

    def _refuse_older(self, current: Record) -> None:
        known = current.spec(self.store.registry).get("takenOn")
        if known and self.told.taken_on and self.told.taken_on.isoformat() < known:
            raise InvalidInput(
                "This inventory is older than the one that is known",
                faults=[
                    Fault(
                        "/metadata/timestamp",
                        "older-inventory",
                        f"Deze is van {self.told.taken_on}; bekend is die van {known}",
                        f"This one is of {self.told.taken_on}; the one that is known is of {known}",
                        "Import the newest one, or import this one about another subject.",
                    )
                ],
            )

    def _plan_asset(self, asset: ToldAsset, refs: Mapping[str, str], current: Record | None) -> Prepared | None:
        spec = dict(asset.spec) | {
            "inventory": self.ref,
            "usedBy": self.used_by,
            "madeOf": sorted({refs[key] for key in asset.rests_on if key in refs}),
        }
        draft = self._draft(refs[asset.key], spec, current, asset.key)
        self.counts["unchanged" if draft is None else "changed" if current else "new"] += 1
        return draft

    def _draft(self, ref: str, spec: Mapping[str, Any], current: Record | None, key: str) -> Prepared | None:
        """Prepare a version; None where it says no more than the one that is known."""
        confidentiality = current.data["confidentiality"] if current else {"level": "organisation"}
        draft = {
            "ref": ref,
            "owner": current.owner if current else self.owner,
            "validFrom": self.day.isoformat(),
            "confidentiality": confidentiality,
            "source": {
                "type": "scan" if self.told.source_type == "tls-scan" else "import",
                "date": self.day.isoformat(),
                "system": self.told.source_type,
                "key": key[:500],
            },
            "spec": {name: value for name, value in spec.items() if value not in (None, "", [], ())},
        }
        prepared = prepare(draft, self.store.registry, current.generation if current else None)
        if current is not None and prepared.spec == current.spec(self.store.registry):
            return None
        return prepared

    def _end(self, record: Record) -> Prepared:
        self.counts["ended"] += 1
        draft = {name: record.data[name] for name in ("ref", "owner", "confidentiality", "source", "spec")}
        begin = record.data["validFrom"] or ""
        draft |= {"ended": True, "validFrom": max(self.day.isoformat(), begin)}
        return prepare(draft, self.store.registry, record.generation)


def _make_name(text: str) -> str:
    """Give a name for a ref that no other text shares: cut short, or without a letter of ours, it ends in a digest."""
    plain = text if re.search(r"[a-z0-9]", text, re.IGNORECASE | re.ASCII) else ""
    name = slug(plain).strip("-._") if plain else ""
    if name and len(name) <= _LONGEST_NAME:
        return name
    return f"{name[: _LONGEST_NAME - 9]}-{_digest(text, 0)[:8]}".lstrip("-")


def _digest(key: str, number: int) -> str:
    return hashlib.sha256(f"{key}\n{number}".encode()).hexdigest()[:20]


# -- which asset is which -------------------------------------------------------------------------------------------

Signature = tuple[Any, ...]


def sign_asset(spec: Mapping[str, Any]) -> Signature:
    """Give what makes two assets one: family, parameter set, purpose, implementation and places (and the type)."""
    return (
        spec.get("type", ""),
        spec.get("algorithmFamily") or "",
        spec.get("parameterSet") or "",
        spec.get("purpose") or "",
        spec.get("implementation", ""),
        tuple(sorted(spec.get("locations", ()))),
    )


def _sign_named(spec: Mapping[str, Any]) -> Signature:
    name = spec.get("bomRef", "")
    return (name, spec.get("type", ""), spec.get("algorithmFamily") or "") if name else ()


def _sign_loosely(spec: Mapping[str, Any]) -> Signature:
    """As `sign_asset`, with the names of files but not their lines, and without the parameter set."""
    sign = sign_asset(spec)
    return (sign[0], sign[1], sign[3], sign[4], tuple(sorted({_LINE.sub("", place) for place in sign[5]})))


def match_assets(told: Iterable[ToldAsset], known: Sequence[Record], store: Store) -> dict[str, Record]:
    """Give the record that each asset, by its key, is a newer version of; each record at most once."""
    waiting = list(told)
    left = {record.ref: record.spec(store.registry) for record in known}
    records = {record.ref: record for record in known}
    matches: dict[str, Record] = {}
    for sign in (_sign_named, sign_asset, _sign_loosely):
        pool = _pool(left, sign)
        still = []
        for asset in waiting:
            refs = pool.get(sign(asset.spec)) if sign(asset.spec) else None
            if refs:
                ref = refs.pop(0)
                matches[asset.key] = records[ref]
                del left[ref]
            else:
                still.append(asset)
        waiting = still
    return matches


def _pool(
    left: Mapping[str, Mapping[str, Any]], sign: Callable[[Mapping[str, Any]], Signature]
) -> dict[Signature, list[str]]:
    pool: dict[Signature, list[str]] = defaultdict(list)
    for ref in sorted(left):
        pool[sign(left[ref])].append(ref)
    return pool
