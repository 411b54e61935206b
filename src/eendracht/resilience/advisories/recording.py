"""Keeping what an advisory means: one record of the advisory, and one per thing that it speaks of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import parse_moment, timestamp, today
from eendracht.kernel.errors import Conflict, InvalidInput, NotFound
from eendracht.kernel.identity import slug
from eendracht.kernel.records import Record, prepare
from eendracht.kernel.store import Store
from eendracht.resilience.advisories.assessment import Assessment, TouchedThing, assess_advisory
from eendracht.resilience.advisories.matching import OPEN, OUTCOMES
from eendracht.resilience.advisories.said import AdvisorySaid

LEVELS: Final[Mapping[str, str]] = {"WHITE": "public", "GREEN": "government", "AMBER": "organisation"}
"""Who may read an advisory, by its TLP label; without a label the organisation, with RED a few."""
LEVEL: Final = "organisation"
"""Who may read what it means for a thing: those who work for the owner."""
NOT_SPOKEN_OF: Final = "not-spoken-of"
"""Why something that was affected is not any more: the advisory no longer names its version."""
_MOST_TEXT: Final = 500
_MOST_MEASURES: Final = 50
_MOST_VERDICTS: Final = 2000


@dataclass(frozen=True)
class Kept:
    """What was recorded: the advisory, and the things whose owner the author may write for; the rest is only shown."""

    assessment: Assessment
    advisory: str
    """Ref; empty where it speaks of nothing of ours that the author may write for."""
    recorded: int
    changed: int
    """Those among them that are new or say something else than before."""


def look_at_advisory(store: Store, asker: Principal, said: AdvisorySaid) -> Kept:
    """Compare an advisory with what the asker may see, and record nothing."""
    received_on = find_received(store, asker, said) or today(store.clock)
    return Kept(assess_advisory(store, asker, said, received_on), "", 0, 0)


def keep_advisory(store: Store, author: Principal, said: AdvisorySaid) -> Kept:
    """Compare an advisory with what the author may see, and record what it means; again gives the same records.

    What somebody said of handling a match stays; of what the advisory no longer speaks that is said. Raises Conflict
    where a newer version was read before, or another writes the same at the same time.
    """
    _refuse_older(store, author, said)
    received_on = find_received(store, author, said) or today(store.clock)
    assessment = assess_advisory(store, author, said, received_on)
    own = [item for item in assessment.touched if author.may_write(item.thing.owner)]
    passed = _find_passed(store, author, said, {item.thing.ref for item in own} | assessment.doubted)
    if not own and not passed:
        return Kept(assessment, "", 0, 0)
    refs = {
        owner: _ref("security-advisory", owner, said.tracking_id, said.namespace)
        for owner in sorted({item.thing.owner for item in own} | {record.owner for record in passed})
    }
    spec, level = _describe_advisory(said, received_on), LEVELS.get(said.label, _level_of(said))
    made_up = all(item.thing.is_synthetic for item in own)
    drafts = [_draft(store, said, ref, owner, level, spec, is_synthetic=made_up) for owner, ref in refs.items()]
    drafts += [_draft_match(store, author, said, refs[item.thing.owner], item) for item in own]
    drafts += [_draft_passed(store, said, record) for record in passed]
    changed = _compare(store, author, drafts)
    if changed:
        store.append([prepare(draft, store.registry, generation) for draft, generation in changed], author)
        store.catch_up()
    matches = sum(draft["ref"].startswith("advisory-match:") for draft, _ in changed)
    return Kept(assessment, next(iter(refs.values())), len(own), matches)


def _level_of(said: AdvisorySaid) -> str:
    return "restricted" if said.label == "RED" else "organisation"


def _list_kept(store: Store, asker: Principal, said: AdvisorySaid) -> list[tuple[Record, Mapping[str, Any]]]:
    """Give the records of an advisory, of each organisation that keeps it and whose record the asker may see."""
    return [
        (record, spec)
        for record in store.snapshot(asker, kind="security-advisory")
        if (spec := record.spec(store.registry))["trackingId"] == said.tracking_id
        and spec["namespace"] == said.namespace
    ]


def _refuse_older(store: Store, author: Principal, said: AdvisorySaid) -> None:
    moment = _moment(said)
    for record, spec in _list_kept(store, author, said):
        if author.may_write(record.owner) and parse_moment(spec["releasedAt"]) > moment:
            raise Conflict(
                f"A newer version of this advisory was read: {spec['version']}", hint="Read the newest version."
            )


def _moment(said: AdvisorySaid) -> datetime:
    return parse_moment(said.released_at.upper())


def _find_passed(store: Store, author: Principal, said: AdvisorySaid, touched: Set[str]) -> list[Record]:
    """Give what was recorded of things of which the advisory does not speak any more, nor may speak."""
    refs = {record.ref for record, _ in _list_kept(store, author, said)}
    return [
        record
        for record in store.snapshot(author, kind="advisory-match")
        if author.may_write(record.owner)
        and (spec := record.spec(store.registry))["advisory"] in refs
        and spec["about"] not in touched
    ]


def find_received(store: Store, asker: Principal, said: AdvisorySaid) -> date | None:
    """Give the first day on which an advisory was read here; None where it was not, as far as the asker may see."""
    days = [date.fromisoformat(spec["receivedOn"]) for _, spec in _list_kept(store, asker, said)]
    return min(days, default=None)


def _ref(kind: str, owner: str, tracking_id: str, namespace: str, about: str = "") -> str:
    """Give the ref under which an owner keeps it: readable, and never that of another."""
    mark = sha256("\n".join((tracking_id, namespace, about)).encode()).hexdigest()[:10]
    try:
        name = slug(tracking_id)[:60]
    except InvalidInput:
        # A number in another script has its mark alone.
        name = "advisory"
    return f"{kind}:{owner.partition(':')[2]}/{name}-{mark}"


def _describe_advisory(said: AdvisorySaid, received_on: date) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "name": said.title[:300],
        "trackingId": said.tracking_id[:_MOST_TEXT],
        "publisher": said.publisher[:_MOST_TEXT],
        "namespace": said.namespace[:_MOST_TEXT],
        "version": said.version[:100],
        "status": said.status,
        "releasedAt": timestamp(_moment(said)),
        "receivedOn": received_on.isoformat(),
        "tlp": said.label.lower() or "none",
        "url": said.url[:_MOST_TEXT],
        "sha256": said.sha256,
        "vulnerabilities": [item.code[:_MOST_TEXT] for item in said.vulnerabilities[:_MOST_VERDICTS]],
    }
    if said.highest_score is not None:
        spec["highestScore"] = f"{said.highest_score:.1f}"
    return spec


def _draft(
    store: Store,
    said: AdvisorySaid,
    ref: str,
    owner: str,
    level: str,
    spec: Mapping[str, Any],
    *,
    is_synthetic: bool,
) -> dict[str, Any]:
    system = f"CSAF {said.publisher}"[:_MOST_TEXT]
    return {
        "ref": ref,
        "owner": owner,
        "confidentiality": {"level": level},
        "source": {
            "type": "synthetic" if is_synthetic else "import",
            "date": today(store.clock).isoformat(),
            "system": system,
            "key": said.tracking_id[:_MOST_TEXT],
        },
        "spec": dict(spec),
    }


def _draft_match(
    store: Store, author: Principal, said: AdvisorySaid, advisory: str, item: TouchedThing
) -> dict[str, Any]:
    ref = _ref("advisory-match", item.thing.owner, said.tracking_id, said.namespace, item.thing.ref)
    before = _read_before(store, author, ref)
    warnings = _list_warnings(before, item.doubted)
    verdicts = [*_list_verdicts(item), *warnings][:_MOST_VERDICTS]
    spec: dict[str, Any] = {
        "name": f"{said.tracking_id}: {item.thing.name}"[:300],
        "advisory": advisory,
        "about": item.thing.ref,
        "outcome": min((verdict["outcome"] for verdict in verdicts), key=OUTCOMES.index),
        "verdicts": verdicts,
        "measures": [f"{measure.category}: {measure.details}"[:_MOST_TEXT] for measure in item.measures][
            :_MOST_MEASURES
        ],
    }
    if item.acts.partition(":")[0] in ("organisation", "supplier", "team"):
        spec["acts"] = item.acts
    terms = [item.due_on.isoformat()] if item.due_on else []
    terms += [before["dueOn"]] if warnings and before.get("dueOn") else []
    if terms:
        spec["dueOn"] = min(terms)
    spec |= _read_handling(before, spec)
    return _draft(store, said, ref, item.thing.owner, LEVEL, spec, is_synthetic=item.thing.is_synthetic)


def _draft_passed(store: Store, said: AdvisorySaid, record: Record) -> dict[str, Any]:
    """Say of a thing that the advisory no longer speaks of it: the version of either has changed."""
    before = record.spec(store.registry)
    verdicts = [
        {name: value for name, value in item.items() if name != "score"}
        | {"outcome": "not-affected", "justification": NOT_SPOKEN_OF}
        for item in before["verdicts"]
    ]
    spec = {name: value for name, value in before.items() if name not in ("dueOn", "measures")}
    spec |= {"outcome": "not-affected", "verdicts": verdicts}
    return _draft(store, said, record.ref, record.owner, LEVEL, spec, is_synthetic=record.is_synthetic)


def _list_verdicts(item: TouchedThing) -> list[dict[str, Any]]:
    verdicts = []
    for verdict in item.verdicts[:_MOST_VERDICTS]:
        said: dict[str, Any] = {
            "vulnerability": verdict.vulnerability[:_MOST_TEXT],
            "outcome": verdict.outcome,
            "recognisedBy": verdict.ground,
            "product": verdict.product[:_MOST_TEXT],
            "justification": verdict.reason[:_MOST_TEXT],
        }
        verdicts.append(said if verdict.score is None else {**said, "score": f"{verdict.score:.1f}"})
    return verdicts


def _read_before(store: Store, author: Principal, ref: str) -> Mapping[str, Any]:
    try:
        return store.get(ref, author).spec(store.registry)
    except NotFound:
        return {}


def _list_warnings(before: Mapping[str, Any], doubted: Set[str]) -> list[dict[str, Any]]:
    """Give the verdicts of before that are open and that good news, not believed for this thing, does not take back."""
    kept = [item for item in before.get("verdicts", ()) if item["vulnerability"] in doubted]
    return [dict(item) for item in kept if item["outcome"] in OPEN]


def _read_handling(before: Mapping[str, Any], fresh: Mapping[str, Any]) -> dict[str, Any]:
    """Give what was said of handling it; where more is open than before, it is open again."""
    if not before:
        return {}
    known = {item["vulnerability"] for item in before["verdicts"] if item["outcome"] in OPEN}
    now_open = {item["vulnerability"] for item in fresh["verdicts"] if item["outcome"] in OPEN}
    if now_open - known:
        return {}
    return {name: before[name] for name in ("status", "handledBy", "handledOn", "reason") if before.get(name)}


def _compare(store: Store, author: Principal, drafts: Sequence[dict[str, Any]]) -> list[tuple[dict[str, Any], int]]:
    """Give the drafts that say something new, with the generation on which each follows (0: it is new)."""
    found = {record.ref: record for record in store.get_among([draft["ref"] for draft in drafts], author)}
    changed = []
    for draft in drafts:
        record = found.get(draft["ref"])
        if record is None:
            changed.append((draft, 0))
            continue
        # Compared as both are written, so that what is left out counts as empty on either side.
        written = prepare(draft, store.registry).spec
        if written != record.data["spec"]:
            changed.append((draft, record.generation))
    return changed
