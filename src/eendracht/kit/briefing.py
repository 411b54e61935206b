"""The briefing as lines on a terminal, in Dutch or English."""

from __future__ import annotations

from textwrap import wrap

from eendracht.kernel.briefing import Briefing, Finding
from eendracht.kernel.priorities import PRIORITIES
from eendracht.kernel.wording import Counted
from eendracht.kit.i18n import Words
from eendracht.kit.output import say
from eendracht.kit.priorities import name_priority

WIDTH = 100
MOST_FINDINGS = 12
MOST_ROWS = 3

_TEXTS = {
    "nl": {
        "title": "Stand van zaken op {day}",
        "synthetic": "LET OP: {n} van de {all} records zijn SYNTHETISCH, verzonnen om te laten zien hoe het werkt.",
        "landscape": "Landschap",
        "records": "{all} records: {kinds}",
        "estate": "{nodes} dingen die kunnen uitvallen; {groups} afhankelijkheden, waarvan {unresolved} van iets"
        " onbekends",
        "spread": "Leveranciers: bekend van {supplied} dingen, onbekend van {unknown}; {claims} namen zijn misschien"
        " dezelfde; concentratie (HHI) {hhi} van 10.000",
        "nospread": "Leveranciers: van geen enkel ding is de leverancier bekend",
        "ledger": "Geschiedenis: {entries} regels, waarvan {signed} ondertekend (tijdperk {epoch}); hier niet"
        " gecontroleerd, dat doet: eendracht ledger verify",
        "findings": "Meest dringend ({shown} van {all})",
        "none": "Geen bevindingen. Dat is alleen goed nieuws als het landschap volledig is.",
        "why": "Waarom",
        "next": "Volgende stap",
        "rows": "Bron",
        "more": "… en nog {n} {n:rij|rijen} (alle rijen: --json)",
        "questions": "Vragen aan u ({shown} van {all}, de belangrijkste eerst)",
        "changes": "verandert {n} {n:uitkomst|uitkomsten}",
        "priorities": "De zes prioriteiten",
        "absent": "nog niet aanwezig op dit knooppunt: hierover zegt deze stand van zaken niets",
        "present": "actief",
        "high": "HOOG",
        "medium": "MIDDEN",
        "low": "LAAG",
    },
    "en": {
        "title": "Where we stand on {day}",
        "synthetic": "NOTE: {n} of the {all} records are SYNTHETIC, made up to show how it works.",
        "landscape": "Estate",
        "records": "{all} records: {kinds}",
        "estate": "{nodes} things that can fail; {groups} dependencies, {unresolved} of them on something unknown",
        "spread": "Suppliers: known of {supplied} things, unknown of {unknown}; {claims} names may be the same;"
        " concentration (HHI) {hhi} of 10,000",
        "nospread": "Suppliers: of no thing the supplier is known",
        "ledger": "History: {entries} entries, {signed} of them signed (epoch {epoch}); not verified here, that does:"
        " eendracht ledger verify",
        "findings": "Most pressing ({shown} of {all})",
        "none": "No findings. That is good news only if the estate is complete.",
        "why": "Why",
        "next": "Next step",
        "rows": "Source",
        "more": "… and {n} more {n:row|rows} (all of them: --json)",
        "questions": "Questions to you ({shown} of {all}, the most important first)",
        "changes": "changes {n} {n:verdict|verdicts}",
        "priorities": "The six priorities",
        "absent": "not on this node yet: this briefing says nothing about it",
        "present": "active",
        "high": "HIGH",
        "medium": "MEDIUM",
        "low": "LOW",
    },
}


def print_briefing(briefing: Briefing, words: Words) -> None:
    """Print a briefing so that a person can act on it, in the language of these words."""
    language = words.language
    texts = _TEXTS[language]
    say(texts["title"].format(day=briefing.day.isoformat()))
    say("=" * WIDTH)
    if briefing.synthetic:
        _say(texts["synthetic"].format(n=briefing.synthetic, all=briefing.records))
    say()
    _print_landscape(briefing, texts, words)
    say()
    say(texts["findings"].format(shown=min(MOST_FINDINGS, len(briefing.findings)), all=len(briefing.findings)))
    say("-" * WIDTH)
    if not briefing.findings:
        _say(texts["none"])
    for number, finding in enumerate(briefing.findings[:MOST_FINDINGS], 1):
        _print_finding(number, finding, texts, language)
    if briefing.questions:
        say()
        say(texts["questions"].format(shown=len(briefing.questions), all=briefing.question_count))
        say("-" * WIDTH)
        for number, question in enumerate(briefing.questions, 1):
            _say(f"{number}. {question.text[language]} ({texts['changes'].format(n=Counted(question.changes))})")
            if question.places:
                _say(f"   {texts['rows']}: {question.places[0]}")
    say()
    say(texts["priorities"])
    say("-" * WIDTH)
    for code in PRIORITIES:
        state = texts["present"] if code in briefing.wings else texts["absent"]
        say(f"  {name_priority(code, words):<20} {state}")


def _print_landscape(briefing: Briefing, texts: dict[str, str], words: Words) -> None:
    spread = briefing.concentration
    kinds = ", ".join(f"{count} {words.kind(kind, count)}" for kind, count in briefing.by_kind.items())
    say(texts["landscape"])
    say("-" * WIDTH)
    _say(texts["records"].format(all=briefing.records, kinds=kinds))
    _say(texts["estate"].format(nodes=briefing.nodes, groups=briefing.groups, unresolved=briefing.unresolved))
    if spread.hhi is None:
        _say(texts["nospread"])
    else:
        _say(
            texts["spread"].format(
                supplied=spread.supplied, unknown=spread.unknown, hhi=f"{spread.hhi:.0f}", claims=spread.open_claims
            )
        )
    ledger = briefing.ledger
    _say(texts["ledger"].format(entries=ledger.entries, signed=ledger.signed, epoch=ledger.epoch))


def _print_finding(number: int, finding: Finding, texts: dict[str, str], language: str) -> None:
    _say(f"{number}. [{texts[finding.severity]}] {finding.title[language]}")
    _say(f"   {texts['why']}: {finding.reason[language]}")
    _say(f"   {texts['next']}: {finding.next_step[language]}")
    for row in finding.evidence[:MOST_ROWS]:
        note = f" ({row.note[language]})" if row.note else ""
        _say(f"   {texts['rows']}: {row.name}{note} — {row.place or row.ref}")
    if len(finding.evidence) > MOST_ROWS:
        _say("   " + texts["more"].format(n=Counted(len(finding.evidence) - MOST_ROWS)))
    say()


def _say(text: str) -> None:
    """Print a paragraph; what is folded stands further in than its first line."""
    lead = text[: len(text) - len(text.lstrip())]
    inner = lead + "   "
    for line in wrap(text.strip(), WIDTH, initial_indent=lead, subsequent_indent=inner, break_on_hyphens=False):
        say(line)
