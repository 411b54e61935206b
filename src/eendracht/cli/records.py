"""Commands on single records: get, find, put, end, history, diff."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eendracht.kit.commands import Json, frame_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eendracht.kernel.errors import Fault
    from eendracht.kernel.records import Record
    from eendracht.kernel.store.append import Written

Name = Annotated[str, typer.Argument(help="Ref (application:gm0344/zaaksysteem), former ref or uid.")]
Day = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="As it holds on this date.", metavar="YYYY-MM-DD")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the root."""
    for command in (get, find, put, end, history, diff):
        app.command()(command)


def get(
    context: typer.Context,
    name: Name,
    as_of: Day = None,
    known_at: Annotated[str | None, typer.Option(help="As it was known then: a UTC timestamp or a log size.")] = None,
    as_json: Json = False,
) -> None:
    """Show one record."""
    from eendracht.kernel.errors import NotFound
    from eendracht.kernel.periods import explain_absence
    from eendracht.kit.output import print_json

    frame = frame_of(context)
    with frame.opened() as instance:
        known = int(known_at) if known_at is not None and known_at.isdigit() else known_at
        principal = frame.principal(instance)
        try:
            record = instance.store.get(name, principal, as_of=as_of.date() if as_of else None, known_at=known)
        except NotFound as error:
            raise explain_absence(instance.store, name, principal, error) from None
        if as_json:
            print_json({"rv": record.rv, **record.data})
        else:
            _show(record, asked=name)


def _show(record: Record, asked: str) -> None:
    from eendracht.kit.output import say

    data = record.data
    say(f"{record.name}  ({record.ref})")
    if asked not in (record.ref, record.uid):
        say(f"  formerly {asked}")
    if record.is_synthetic:
        say("  SYNTHETIC: made up for a demonstration")
    for field, value in data["spec"].items():
        if field != "name":
            _show_value(field, value, 1)
    source = data["source"]
    until = data["validUntil"] or "…"
    say(f"  owner: {record.owner}; {data['confidentiality']['level']}")
    say(f"  holds: {data['validFrom'] or '…'} to {until}; generation {record.generation}, position {record.rv}")
    say(f"  source: {source['type']} {source['date']} {source['system']} {source['place']}".rstrip())
    say(f"  recorded: {data['recordedAt']} by {data['recordedBy']}")


def _show_value(field: str, value: Any, depth: int) -> None:
    from eendracht.kit.output import say

    indent = "  " * depth
    if isinstance(value, dict):
        say(f"{indent}{field}:")
        for inner, item in value.items():
            _show_value(inner, item, depth + 1)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, item in enumerate(value, 1):
            _show_value(f"{field} {number}", item, depth)
    else:
        say(f"{indent}{field}: {', '.join(map(str, value)) if isinstance(value, list) else value}")


def find(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="Words, a ref, or nothing for all.")] = "",
    kind: Annotated[str, typer.Option(help="Only this kind, such as application.")] = "",
    owner: Annotated[str, typer.Option(help="Only of this organisation, such as organisation:gm0344.")] = "",
    source: Annotated[str, typer.Option(help="Only from this type of source, such as import.")] = "",
    lifecycle: Annotated[str, typer.Option(help="Only in this phase, such as in-use.")] = "",
    limit: Annotated[int, typer.Option(help="How many records to show.", min=1, max=500)] = 20,
    after: Annotated[str, typer.Option(help="Go on where a page ended, as that page said.")] = "",
    as_of: Day = None,
    as_json: Json = False,
) -> None:
    """Find records by words and filters, with counts per facet."""
    from dataclasses import asdict

    from eendracht.kernel.store import Query
    from eendracht.kit.output import print_json, print_table, say

    frame = frame_of(context)
    with frame.opened() as instance:
        query = Query(kind, owner, source, lifecycle, text=text, limit=limit, after=after)
        found = instance.store.search(query, frame.principal(instance), as_of=as_of.date() if as_of else None)
        if as_json:
            print_json(
                {
                    "records": [record.data for record in found.page.records],
                    "after": found.page.after,
                    "facets": asdict(found.facets),
                    "suggestions": [asdict(item) for item in found.suggestions],
                    "corrected": found.corrected,
                }
            )
            return
        if not found.page.records:
            say(f"Nothing found for '{text}'.")
            if found.suggestions:
                say("Did you mean: " + ", ".join(item.text or f"--kind {item.kind}" for item in found.suggestions))
            return
        if found.corrected:
            say(f"Nothing found for '{text}'; this is for '{found.corrected}'.")
        rows = [(r.ref, r.name, r.owner, "synthetic" if r.is_synthetic else "") for r in found.page.records]
        print_table(("ref", "name", "owner", ""), rows)
        say()
        for facet, counts in asdict(found.facets).items():
            if facet == "total":
                say(f"{counts} in all")
                continue
            say(f"{facet}: " + ", ".join(f"{value or '(none)'} {count}" for value, count in list(counts.items())[:8]))
        if found.page.after:
            say(f"More: --after '{found.page.after}'")


def put(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="JSON file with one draft, or - for standard input.")],
    expect: Annotated[int | None, typer.Option(help="Generation that you saw; 0: must be new.")] = None,
    as_json: Json = False,
) -> None:
    """Record one version from JSON.

    After its validUntil an older version that reached further holds again; `eendracht end` ends a record.
    """
    from eendracht.kernel.imports.bounds import parse_json
    from eendracht.kernel.periods import list_notices
    from eendracht.kit.output import print_json, say

    frame = frame_of(context)
    text = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    with frame.opened() as instance:
        principal = frame.principal(instance)
        draft = parse_json(text, str(file))
        written = instance.store.put(draft, principal, expected=expect)
        notices = list_notices(instance.store, draft, written, principal)
        if as_json:
            print_json({**_describe(written), "notices": [notice.as_dict() for notice in notices]})
        else:
            say(f"Recorded {written.ref}, generation {written.generation}, position {written.rv}.")
            _say_notices(notices, instance.settings.language)


def end(
    context: typer.Context,
    name: Name,
    on: Annotated[
        datetime,
        typer.Option(formats=["%Y-%m-%d"], help="First day on which nothing holds any more.", metavar="YYYY-MM-DD"),
    ],
    as_json: Json = False,
) -> None:
    """End a record as of a date; before it nothing changes.

    From that day on it is not found, and what points at it is reported as dangling. The history keeps everything.
    """
    from eendracht.kit.output import print_json, print_table, say

    frame = frame_of(context)
    with frame.opened() as instance:
        principal = frame.principal(instance)
        day = on.date()
        written = instance.store.end(name, day, principal)
        instance.history.sign()
        left = instance.store.incoming(written.uid, principal, day)
        if as_json:
            users = [{"field": item.field, "ref": item.ref} for item in left]
            print_json({**_describe(written), "on": day.isoformat(), "dangling": users})
            return
        say(f"Ended {written.ref} on {day}: generation {written.generation}, position {written.rv}.")
        if left:
            say(f"From then on {len(left)} references to it lead nowhere:")
            print_table(("field", "record"), [(item.field, item.ref) for item in left[:20]])


def _describe(written: Written) -> dict[str, Any]:
    return {name: getattr(written, name) for name in written.__slots__}


def _say_notices(notices: Sequence[Fault], language: str) -> None:
    from eendracht.kit.output import say

    for notice in notices:
        say(f"{notice.nl if language == 'nl' else notice.en}\n→ {notice.hint}")


def history(context: typer.Context, name: Name, as_json: Json = False) -> None:
    """Show every version of a record, newest first."""
    from eendracht.kit.output import print_json, print_table

    frame = frame_of(context)
    with frame.opened() as instance:
        versions = instance.store.history(name, frame.principal(instance))
        if as_json:
            print_json([{"rv": version.rv, **version.data} for version in versions])
            return
        rows = [
            (
                v.generation,
                v.rv,
                v.data["recordedAt"][:19],
                v.data["validFrom"] or "…",
                "ended" if v.ended else v.data["validUntil"] or "…",
                v.name,
            )
            for v in versions
        ]
        print_table(("generation", "position", "recorded", "from", "until", "name"), rows)


def diff(
    context: typer.Context,
    name: Name,
    before: Annotated[
        int | None, typer.Option("--from", help="Generation; default: the one before the newest.")
    ] = None,
    after: Annotated[int | None, typer.Option("--to", help="Generation; default: the newest.")] = None,
    as_json: Json = False,
) -> None:
    """Show what changed between two versions of a record."""
    from eendracht.kernel.comparison import compare_versions
    from eendracht.kernel.errors import NotFound
    from eendracht.kit.output import print_json, print_table, say

    frame = frame_of(context)
    with frame.opened() as instance:
        versions = {v.generation: v for v in instance.store.history(name, frame.principal(instance))}
        newest = after or max(versions)
        oldest = before or max((g for g in versions if g < newest), default=newest)
        if newest not in versions or oldest not in versions:
            raise NotFound(f"{name} has no such generation", hint=f"There are: {', '.join(map(str, sorted(versions)))}")
        changes = compare_versions(versions[oldest], versions[newest])
        if as_json:
            print_json([{"pointer": c.pointer, "before": c.before, "after": c.after} for c in changes])
        elif changes:
            print_table(
                (f"generation {oldest} → {newest}", "before", "after"),
                [(c.pointer, _plain(c.before), _plain(c.after)) for c in changes],
            )
        else:
            say("Nothing changed.")


def _plain(value: Any) -> str:
    """Give a value as a person reads it: a text as it is, what is absent as a dash, the rest as JSON."""
    import json

    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
