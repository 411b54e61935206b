"""What stops when something fails, on a terminal, in Dutch or English."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from eendracht.kernel.wording import Counted
from eendracht.kit.output import print_table, say

if TYPE_CHECKING:
    from eendracht.kernel.impact import Impact, SupplierImpact

_TEXTS = {
    "nl": {
        "fails": "Valt uit: {name}",
        "seeds": "  (met alles wat onder dezelfde zeggenschap valt: {n} records)",
        "stops": "Daardoor {n:stopt|stoppen} nog {n} {n:ding|dingen}, waarvan {critical} kritiek.",
        "worst": "Houdt ook niets wat onbekend is, dan {n:stopt er|stoppen er} {n}.",
        "columns": "na (uur)|kritiek|record|naam",
        "critical": "kritiek",
        "more": "… en nog {n} (--limit {all} toont alles)",
        "suppliers": "{n} leveranciers nadat namen zijn samengevoegd; bij {claims} is nog niet beslist wie wie is.",
        "supplier_columns": "leverancier|naam|zeggenschap over|legt stil|kritiek|organisaties",
    },
    "en": {
        "fails": "Fails: {name}",
        "seeds": "  (with everything under the same control: {n} records)",
        "stops": "So {n} more {n:thing stops|things stop}, {critical} of them critical.",
        "worst": "If nothing that is unknown holds either, {n} {n:stops|stop}.",
        "columns": "after (h)|critical|record|name",
        "critical": "critical",
        "more": "… and {n} more (--limit {all} lists all)",
        "suppliers": "{n} suppliers after joining names; of {claims} it is not settled who is who.",
        "supplier_columns": "supplier|name|controls|stops|critical|organisations",
    },
}


def print_impact(found: Impact, limit: int, language: str) -> None:
    """Print what stops, and when."""
    texts = _TEXTS[language]
    count, shown = len(found.failures), found.failures[:limit]
    say(texts["fails"].format(name=found.name))
    if len(found.seeds) > 1:
        say(texts["seeds"].format(n=len(found.seeds)))
    critical = sum(failure.is_critical for failure in found.failures)
    say(texts["stops"].format(n=Counted(count), critical=critical))
    if found.worst_count != count:
        say(texts["worst"].format(n=Counted(found.worst_count)))
    if not shown:
        return
    say()
    rows = [(f"{f.at_hours:g}", texts["critical"] if f.is_critical else "", f.thing.ref, f.thing.name) for f in shown]
    print_table(texts["columns"].split("|"), rows)
    _say_more(texts, count, limit)


def print_suppliers(ranking: Sequence[SupplierImpact], open_claims: int, limit: int, language: str) -> None:
    """Print what stops with each supplier, the worst first."""
    texts = _TEXTS[language]
    say(texts["suppliers"].format(n=len(ranking), claims=open_claims))
    say()
    rows = [(i.ref, i.name, i.controls, i.failed, i.failed_critical, i.organisations) for i in ranking[:limit]]
    print_table(texts["supplier_columns"].split("|"), rows, widest=44)
    _say_more(texts, len(ranking), limit)


def _say_more(texts: dict[str, str], count: int, limit: int) -> None:
    if count > limit:
        say(texts["more"].format(n=count - limit, all=count))
