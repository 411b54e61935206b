"""A delivery on a terminal: what a file would change, and what its owner must know before saying yes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from eendracht.kernel.wording import Counted
from eendracht.kit.output import print_json, print_table, say

if TYPE_CHECKING:
    from eendracht.kernel.access import Principal
    from eendracht.kernel.differences import Difference
    from eendracht.kernel.imports import Reading
    from eendracht.kernel.instance import Instance
    from eendracht.kernel.intake import IntakeReport
    from eendracht.kernel.reconcile import Plan

MOST_ROWS = 8
MOST_SPANS = 40
"""Stretches of refused lines that are named on the screen."""

_TEXTS: dict[str, dict[str, str]] = {
    "nl": {
        "read": "{n} {n:rij|rijen} gelezen, als bron '{system}'",
        "new": "nieuw",
        "changed": "gewijzigd",
        "unchanged": "ongewijzigd",
        "double": "dubbel",
        "mentioned": "aangemaakt omdat {n:het|ze} genoemd {n:wordt|worden}",
        "doubtful": "{n:naam|namen} met twijfel",
        "disappeared": "verdwenen",
        "faults": "{n:plek|plekken} met een fout",
        "questions": "{n:vraag|vragen}",
        "changes": "Wat verandert",
        "change_columns": "record|veld|was|wordt|",
        "held-owner": "blijft: andere eigenaar",
        "held-source": "blijft: '{source}' is hier de bron",
        "held-ended": "blijft: het record is beëindigd",
        "doubts": "Misschien hetzelfde; apart vastgelegd, u beslist met: eendracht reconcile",
        "doubt_columns": "naam|lijkt op|waar",
        "gone": "Niet meer in de bron; gemarkeerd, niet verwijderd",
        "gone_columns": "soort|sleutel|stond op",
        "refused": "Niet overgenomen waarden",
        "refused_columns": "waar|wat",
        "asked": "Vragen; antwoorden kan, na het vastleggen, met: eendracht reconcile",
        "asked_columns": "waar|vraag|rijen",
        "left_out": "Weggelaten, want het gaat over personen of is geheim: {columns}",
        "unverified": "Let op: dit profiel is nooit met een echte export vergeleken.",
        "more": "… en nog {n} (alles: --json)",
        "refused_lines": "geweigerd",
        "held_fields": "{n:veld|velden} gehouden",
        "left_out_texts": "{n:tekst|teksten} over personen weggelaten",
        "lines": "{n} {n:regel|regels} gelezen, als bron '{system}'; te groot om rij voor rij te tonen",
        "resumed": "Verder gegaan na regel {n}, waar een eerdere keer ophield.",
        "refused_at": "Geweigerde regels: {lines}",
        "recorded_in_batches": "Vastgelegd: {n} {n:versie|versies}, in transacties van hoogstens 1.000 regels.",
        "recorded": "Vastgelegd: {n} {n:versie|versies}, in één transactie.",
        "nothing": "Er was niets nieuws vast te leggen.",
        "not_recorded": "Er is niets vastgelegd. Voeg --yes toe om het vast te leggen.",
        "confirm": "Dit vastleggen?",
    },
    "en": {
        "read": "{n} {n:row|rows} read, as source '{system}'",
        "new": "new",
        "changed": "changed",
        "unchanged": "unchanged",
        "double": "double",
        "mentioned": "made because mentioned",
        "doubtful": "doubtful {n:name|names}",
        "disappeared": "disappeared",
        "faults": "{n:place|places} with a fault",
        "questions": "{n:question|questions}",
        "changes": "What changes",
        "change_columns": "record|field|before|after|",
        "held-owner": "kept: other owner",
        "held-source": "kept: '{source}' is the source of this",
        "held-ended": "kept: the record has ended",
        "doubts": "Perhaps the same; recorded apart, you decide with: eendracht reconcile",
        "doubt_columns": "name|looks like|where",
        "gone": "No longer in the source; flagged, not deleted",
        "gone_columns": "kind|key|was at",
        "refused": "Values not taken in",
        "refused_columns": "where|what|hint",
        "asked": "Questions; answer them, once this is recorded, with: eendracht reconcile",
        "asked_columns": "where|question|rows",
        "left_out": "Left out, because it is about persons or secret: {columns}",
        "unverified": "Note: this profile was never checked against a real export.",
        "more": "… and {n} more (all of them: --json)",
        "refused_lines": "refused",
        "held_fields": "{n:field|fields} kept",
        "left_out_texts": "{n:text|texts} about persons left out",
        "lines": "{n} {n:line|lines} read, as source '{system}'; too many to show row by row",
        "resumed": "Went on after line {n}, where an earlier time stopped.",
        "refused_at": "Refused lines: {lines}",
        "recorded_in_batches": "Recorded {n} {n:version|versions}, in transactions of at most 1,000 lines.",
        "recorded": "Recorded {n} {n:version|versions} in one transaction.",
        "nothing": "There was nothing new to record.",
        "not_recorded": "Nothing was recorded. Add --yes to record it.",
        "confirm": "Record this?",
    },
}


def tell(language: str, what: str, count: int = 0) -> str:
    """Give a sentence about a delivery: `recorded`, `nothing`, `not_recorded` or `confirm`."""
    return _TEXTS[language][what].format(n=Counted(count))


def print_plan(plan: Plan, reading: Reading, language: str) -> None:
    """Print what a file would change, so that a person can say yes or no."""
    texts = _TEXTS[language]
    say(texts["read"].format(n=Counted(len(reading.rows)), system=plan.system))
    counts = {what: count for what, count in plan.counts.items() if count}
    named = (f"{n} {texts[_COUNTED.get(what, what)].format(n=Counted(n))}" for what, n in counts.items())
    say("  " + (", ".join(named) or "0"))
    changes = [
        (step.ref, d.field, _show(d.before), _show(d.after), _tell_held(d, texts))
        for step in plan.steps
        if step.action != "new"
        for d in step.differences
    ]
    changes.sort(key=lambda change: bool(change[-1]))
    _print_rows(texts, "changes", "change_columns", changes, 34)
    _print_rows(texts, "doubts", "doubt_columns", [(d.name, d.other_name, d.place) for d in plan.doubts], 38)
    _print_rows(texts, "gone", "gone_columns", [(g.kind, g.key, g.place) for g in plan.disappeared], 60)
    # Hints are in English only.
    faults = [(f.pointer, f.nl) if language == "nl" else (f.pointer, f.en, f.hint) for f in plan.faults]
    _print_rows(texts, "refused", "refused_columns", faults, 56)
    questions = [(q.place, q.nl if language == "nl" else q.en, q.affected) for q in plan.questions]
    _print_rows(texts, "asked", "asked_columns", questions, 72)
    if reading.left_out:
        columns = ", ".join(f"{item.column} ({item.reason}, {item.count})" for item in reading.left_out)
        say("\n" + texts["left_out"].format(columns=columns))
    if reading.unverified:
        say("\n" + texts["unverified"])


_COUNTED = {"refused": "refused_lines", "held": "held_fields", "left_out": "left_out_texts"}


def is_confirmed(language: str) -> bool:
    """Ask at a terminal whether to record; says that nothing was recorded where it is no, or nobody can be asked."""
    if sys.stdin.isatty() and typer.confirm(tell(language, "confirm")):
        return True
    say(tell(language, "not_recorded"))
    return False


def record_plan(
    instance: Instance, plan: Plan, reading: Reading, author: Principal, *, is_agreed: bool, as_json: bool
) -> None:
    """Show a plan, and record and sign it after a yes; for a program only where the yes was given along.

    Raises as `apply_plan`.
    """
    from eendracht.kernel.reconcile import apply_plan

    language = instance.settings.language
    if not as_json:
        print_plan(plan, reading, language)
        say()
        if not is_agreed and not is_confirmed(language):
            return
    written = apply_plan(instance.store, plan, author) if is_agreed or not as_json else []
    instance.store.catch_up()
    if written:
        instance.history.sign()
    if as_json:
        print_json(describe_plan(plan, reading, recorded=len(written)))
    else:
        say(tell(language, "recorded" if written else "nothing", len(written)))


def print_report(report: IntakeReport, system: str, language: str) -> None:
    """Print what became of the lines of a very large file, or would: counts, and which lines were refused and why."""
    texts = _TEXTS[language]
    counts = {what: count for what, count in report.counts.items() if count}
    say(texts["lines"].format(n=Counted(counts.pop("lines", 0)), system=system))
    if report.resumed_after:
        say(texts["resumed"].format(n=report.resumed_after))
    say("  " + ", ".join(f"{n} {texts[_COUNTED.get(what, what)].format(n=Counted(n))}" for what, n in counts.items()))
    if report.refused_lines:
        spans = [str(first) if first == last else f"{first}-{last}" for first, last in report.refused_lines]
        more = " …" if len(spans) > MOST_SPANS else ""
        say("\n" + texts["refused_at"].format(lines=", ".join(spans[:MOST_SPANS]) + more))
    reasons = [
        (r["pointer"], r["message"]["nl"]) if language == "nl" else (r["pointer"], r["message"]["en"], r["hint"])
        for r in report.refusals
    ]
    _print_rows(texts, "refused", "refused_columns", reasons, 56)


def describe_report(report: IntakeReport, system: str, owner: str, *, is_recorded: bool) -> dict[str, Any]:
    """Give what became of the lines of a very large file as plain data."""
    return {
        "system": system,
        "owner": owner,
        "summarised": True,
        "counts": {"leftOut" if name == "left_out" else name: count for name, count in report.counts.items()},
        "recorded": report.new + report.changed if is_recorded else 0,
        "resumedAfterLine": report.resumed_after,
        "refusedLines": report.refused_lines,
        "refusals": report.refusals,
    }


def _print_rows(texts: dict[str, str], title: str, columns: str, rows: Sequence[Sequence[object]], widest: int) -> None:
    if rows:
        say(f"\n{texts[title]}:")
        print_table(texts[columns].split("|"), rows[:MOST_ROWS], widest)
        if len(rows) > MOST_ROWS:
            say(texts["more"].format(n=len(rows) - MOST_ROWS))


def _describe_difference(difference: Difference) -> dict[str, Any]:
    said = {
        "field": difference.field,
        "before": difference.before,
        "after": difference.after,
        "held": difference.held,
    }
    return said | ({"why": difference.why, "truth": difference.truth} if difference.held else {})


def _tell_held(difference: Difference, texts: dict[str, str]) -> str:
    return texts[f"held-{difference.why}"].format(source=difference.truth) if difference.held else ""


def _show(value: Any) -> str:
    if value is None:
        return "–"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def describe_plan(plan: Plan, reading: Reading, recorded: int) -> dict[str, Any]:
    """Give a delivery as plain data, every row of it."""
    return {
        "system": plan.system,
        "owner": plan.owner,
        "counts": plan.counts,
        "recorded": recorded,
        "steps": [
            {
                "action": step.action,
                "ref": step.ref,
                "place": step.row.place,
                "differences": [_describe_difference(difference) for difference in step.differences],
            }
            for step in plan.steps
        ],
        "doubts": [
            {
                "kind": doubt.kind,
                "key": doubt.key,
                "ref": doubt.ref,
                "name": doubt.name,
                "otherRef": doubt.other_ref,
                "otherName": doubt.other_name,
                "likeness": str(doubt.likeness),
                "place": doubt.place,
            }
            for doubt in plan.doubts
        ],
        "disappeared": [{"kind": gone.kind, "key": gone.key, "place": gone.place} for gone in plan.disappeared],
        "faults": [fault.as_dict() for fault in plan.faults],
        "questions": [
            {"place": q.place, "code": q.code, "nl": q.nl, "en": q.en, "affected": q.affected} for q in plan.questions
        ],
        "leftOut": [{"column": i.column, "reason": i.reason, "count": i.count} for i in reading.left_out],
        "unverified": reading.unverified,
    }
