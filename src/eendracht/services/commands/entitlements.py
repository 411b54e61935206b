"""What a person may be entitled to, by every law of the rulebook on persons, from a file of registers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from eendracht.kit.commands import Json, frame_of

if TYPE_CHECKING:
    from eendracht.kernel.rules.library import Library
    from eendracht.services.forms.facts import FormFacts
    from eendracht.services.forms.outcomes import Outcome

_TEXTS: Final = {
    "nl": {
        "on": "Op {day}, met wat in {file} staat:",
        "by": "{law}, artikel {article}; {who} beslist",
        "missing": "nodig: {facts}",
        "body": "wacht op: {facts}",
        "disputed": "bronnen verschillen over: {facts}",
        "why": "waarom: {text}",
        "change": "anders: {text}",
        "refused": "de regels weigeren: {code}",
    },
    "en": {
        "on": "On {day}, with what {file} holds:",
        "by": "{law}, article {article}; {who} decides",
        "missing": "needed: {facts}",
        "body": "waits for: {facts}",
        "disputed": "sources differ on: {facts}",
        "why": "why: {text}",
        "change": "other: {text}",
        "refused": "the rules refuse: {code}",
    },
}
_ORDER: Final = ("yes", "unknown", "judge", "no", "refused")
_MOST_REASONS: Final = 4
_MOST_FACTS: Final = 6


def register(app: typer.Typer) -> None:
    """Add the commands of this part to the wing's."""
    app.command("entitlements")(show_entitlements)


def show_entitlements(
    context: typer.Context,
    persona: Annotated[
        Path,
        typer.Option(
            "--persona",
            help="Registers of a person, JSON or YAML as `rules eval --data` takes them; the first row is the person.",
            metavar="FILE",
        ),
    ],
    on: Annotated[str, typer.Option("--date", help="Day on which is asked (YYYY-MM-DD); default: today.")] = "",
    as_json: Json = False,
) -> None:
    """Say to what somebody has a right, and how much.

    It goes by each law on persons, and tells why and what is missing. Works without a node, keeps nothing, and decides
    nothing: a missing fact never means no right.
    """
    from eendracht.kernel.clock import SystemClock, today
    from eendracht.kernel.rules.case_files import read_day
    from eendracht.kernel.rules.lawbook import Lawbook
    from eendracht.kit.output import print_json
    from eendracht.services.forms.form import Form
    from eendracht.services.forms.outcomes import work_out
    from eendracht.services.forms.plain import describe_outcome

    day = read_day(on) if on else today(SystemClock())
    library = Lawbook(_law_paths(context)).library
    registers, subject = _read_persona(persona, day.isoformat(), library)
    form = Form(_benefits(), day, registers, subject)
    facts = form.facts
    outcomes = sorted((work_out(library, item, facts) for item in form.benefits), key=_rank)
    if not as_json:
        _print(context, library, facts, outcomes, persona)
        return
    described = [
        {**describe_outcome(item, facts), "explanation": _explained(library, item, facts)} for item in outcomes
    ]
    print_json({"date": day.isoformat(), "entitlements": described, "notice": _notice()})


def _law_paths(context: typer.Context) -> tuple[Path, ...]:
    frame = frame_of(context)
    return frame.wiring.settings(frame.folder).law_paths


def _read_persona(file: Path, on: str, library: Library) -> tuple[Any, str]:
    """Give the registers of a file, and the key of the person: that of the first row of the first register."""
    from eendracht.kernel.errors import Fault, InvalidInput
    from eendracht.kernel.rules.case_files import read_case
    from eendracht.services.forms.facts import KEY

    registers = read_case(on, [], [file], library).registers
    own = next((item for item in registers if item.key == KEY and item.rows), None)
    if own is None:
        nl, en = "Geen register zegt over wie het gaat", "No register tells whom it is about"
        hint = f"Write {{register: {{key: {KEY}, rows: [...]}}}}, the person in the first row."
        raise InvalidInput(en, faults=[Fault(str(file), "no-person", nl, en, hint)])
    return registers, str(own.rows[0][KEY])


def _benefits() -> tuple[Any, ...]:
    from eendracht.reference.facts import load_benefits

    return tuple(item for item in load_benefits().values() if item.audience == "citizen")


def _rank(outcome: Outcome) -> tuple[int, str]:
    return _ORDER.index(outcome.status), outcome.benefit.code


def _explained(library: Library, outcome: Outcome, facts: FormFacts) -> dict[str, Any] | None:
    from eendracht.services.forms.outcomes import explain_outcome

    found = explain_outcome(library, outcome, facts)
    return found.as_dict() if found else None


def _notice() -> dict[str, str]:
    from eendracht.kernel.rules.answer import NOTICE

    return {"nl": NOTICE.nl, "en": NOTICE.en}


def _print(context: typer.Context, library: Library, facts: FormFacts, outcomes: list[Outcome], file: Path) -> None:
    from eendracht.kernel.rules.spoken import day_said
    from eendracht.kit.output import say

    frame = frame_of(context)
    language = "en" if frame.wiring.settings(frame.folder).language == "en" else "nl"
    say(_TEXTS[language]["on"].format(day=day_said(facts.on)[language], file=file.name))
    for outcome in outcomes:
        say()
        for line in _lines(library, facts, outcome, language):
            say(line)
    say()
    say(_notice()[language])


def _lines(library: Library, facts: FormFacts, outcome: Outcome, language: str) -> list[str]:
    from eendracht.services.forms.answers import label_of
    from eendracht.services.forms.form import ask_of
    from eendracht.services.forms.outcomes import explain_outcome

    texts = _TEXTS[language]
    lines = [outcome.said[language]]
    if outcome.status == "refused":
        return [*lines, "  " + texts["refused"].format(code=outcome.why_refused)]
    who = outcome.benefit.authority_name
    lines.append("  " + texts["by"].format(law=outcome.law_name, article=outcome.article, who=who))
    missing = dict.fromkeys(label_of(ask_of(need, facts))[language] for need in outcome.needs)
    bodies = [(item.label_nl if language == "nl" else item.label_en) + f" ({item.held_by})" for item in outcome.bodies]
    disputed = list(dict.fromkeys(item.fact.replace("_", " ") for item in outcome.disputed))
    for name, found in (("missing", list(missing)), ("body", list(dict.fromkeys(bodies))), ("disputed", disputed)):
        lines += ["  " + texts[name].format(facts=_few(found))] if found else []
    reasons = explain_outcome(library, outcome, facts) if not outcome.needs else None
    if reasons is not None:
        lines += ["  " + texts["why"].format(text=step[language]) for step in reasons.steps[:_MOST_REASONS]]
        lines += ["  " + texts["change"].format(text=change[language]) for change in reasons.changes]
    return lines


def _few(items: list[str]) -> str:
    shown = ", ".join(items[:_MOST_FACTS])
    return shown if len(items) <= _MOST_FACTS else f"{shown} (+{len(items) - _MOST_FACTS})"
