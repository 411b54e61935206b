"""The command that reads a security advisory and tells what it means here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from eendracht.kit.commands import Json, frame_of

if TYPE_CHECKING:
    from eendracht.resilience.advisories.recording import Kept

_MOST_SHOWN: Final = 40
_TEXTS: Final = {
    "nl": {
        "head": "{id} versie {version} van {publisher}: {title}",
        "synthetic": "De dingen hier zijn verzonnen.",
        "looked": "Vergeleken met {n} componenten, applicaties en platformen.",
        "none": "Dit bericht gaat over niets wat hier is vastgelegd. Dat is geen bewijs dat u veilig bent.",
        "columns": "uitkomst|ding|kwetsbaarheden|CVSS|diensten|wie|voor",
        "services": "Diensten die erop rusten: {n}; mensen die ze gebruiken: {persons}",
        "todo": "Wat te doen:",
        "kept": "Vastgelegd: {n}, waarvan {changed} nieuw of anders.",
        "shown": "Niets vastgelegd.",
        "others": "Van anderen, en alleen getoond: {n}.",
        "more": "… en nog {n}",
        "affected": "geraakt",
        "unknown": "onbekend",
        "under-investigation": "in onderzoek",
        "fixed": "gerepareerd",
        "not-affected": "niet geraakt",
        "decide": "zelf besluiten",
        "open": "onbekend",
    },
    "en": {
        "head": "{id} version {version} of {publisher}: {title}",
        "synthetic": "The things here are made up.",
        "looked": "Compared with {n} components, applications and platforms.",
        "none": "This advisory speaks of nothing that is recorded here. That is no proof that you are safe.",
        "columns": "outcome|thing|vulnerabilities|CVSS|services|who|by",
        "services": "Services that rest on it: {n}; people who use them: {persons}",
        "todo": "What to do:",
        "kept": "Recorded: {n}, of which {changed} new or different.",
        "shown": "Nothing was recorded.",
        "others": "Of others, and only shown: {n}.",
        "more": "… and {n} more",
        "affected": "affected",
        "unknown": "unknown",
        "under-investigation": "under investigation",
        "fixed": "fixed",
        "not-affected": "not affected",
        "decide": "to be decided",
        "open": "unknown",
    },
}


def register(app: typer.Typer) -> None:
    """Add the command to the wing's."""
    app.command("advisory")(read)


def read(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A CSAF 2.0 document.", metavar="FILE")],
    only_show: Annotated[bool, typer.Option("--only-show", help="Record nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Check a CSAF 2.0 advisory, and record what it touches.

    That is components, services, how many people, and who acts. What the publisher says is not affected (VEX) is not;
    what nobody can tell is unknown, never safe.
    """
    from eendracht.kernel.disclosure import require_insider
    from eendracht.kernel.errors import UnreadableFile
    from eendracht.kit.output import print_json
    from eendracht.resilience.advisories.reading import MOST_BYTES, read_advisory
    from eendracht.resilience.advisories.recording import keep_advisory, look_at_advisory
    from eendracht.resilience.advisories.telling import tell_assessment

    frame = frame_of(context)
    try:
        with file.open("rb") as opened:
            said = read_advisory(opened.read(MOST_BYTES + 1))
    except OSError as error:
        raise UnreadableFile(f"{file}: {error.strerror}") from error
    with frame.opened() as instance:
        author = frame.principal(instance)
        require_insider(author)
        kept = (look_at_advisory if only_show else keep_advisory)(instance.store, author, said)
        if as_json:
            recorded = {"advisory": kept.advisory, "recorded": kept.recorded, "changed": kept.changed}
            print_json({**tell_assessment(kept.assessment), **recorded})
            return
        _print(kept, "nl" if instance.settings.language == "nl" else "en")


def _print(kept: Kept, language: str) -> None:
    from eendracht.kit.output import print_table, say

    texts, found = _TEXTS[language], kept.assessment
    said = found.said
    say(texts["head"].format(id=said.tracking_id, version=said.version, publisher=said.publisher, title=said.title))
    say(texts["looked"].format(n=found.looked_at))
    if not found.touched:
        say(texts["none"])
        return
    if found.is_synthetic:
        say(texts["synthetic"])
    say()
    rows = [_row(item, texts) for item in found.touched[:_MOST_SHOWN]]
    print_table(texts["columns"].split("|"), rows, widest=44)
    if len(found.touched) > _MOST_SHOWN:
        say(texts["more"].format(n=len(found.touched) - _MOST_SHOWN))
    say()
    persons = found.persons
    high = texts["open"] if persons.high is None else persons.high
    people = str(persons.low) if persons.is_exact else f"{persons.low}-{high}"
    say(texts["services"].format(n=len(found.open_services), persons=people))
    measures = dict.fromkeys(item for touched in found.touched for item in touched.measures)
    if measures:
        say(texts["todo"])
        for measure in list(measures)[:_MOST_SHOWN]:
            say(f"  - {measure.details}" + (f" ({measure.url})" if measure.url else ""))
    say(texts["kept"].format(n=kept.recorded, changed=kept.changed) if kept.recorded else texts["shown"])
    if len(found.touched) > kept.recorded > 0:
        say(texts["others"].format(n=len(found.touched) - kept.recorded))


def _row(item: Any, texts: dict[str, str]) -> tuple[object, ...]:
    codes = [verdict.vulnerability for verdict in item.verdicts if verdict.outcome == item.outcome]
    shown = ", ".join(codes[:2]) + (f" +{len(codes) - 2}" if len(codes) > 2 else "")
    is_open = item.outcome in ("affected", "unknown", "under-investigation")
    due = (item.due_on or texts["decide"]) if is_open else ""
    score = "" if item.score is None else item.score
    return texts[item.outcome], item.thing.ref, shown, score, len(item.services), item.acts, due
