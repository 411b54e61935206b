"""Who wants to be warned before an amount has to be paid back: asked for by the person, and ended when they want.

What the person told lies in the vault. Once a day the benefits are worked out again with what registers know by then;
where less is left than when the warning was asked, the person gets a message, once for each new amount. A list of item
ids, without a word about anybody, says what is to be looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.access import Principal, Role
from eendracht.kernel.clock import today
from eendracht.kernel.errors import NotFound
from eendracht.kernel.jobs import JobKind, Work
from eendracht.kernel.populations import STREAM
from eendracht.kernel.private import PrivateDatabase
from eendracht.kernel.rules.grounds import Ground, Use
from eendracht.kernel.wording import Said
from eendracht.services.case_jobs import ask_once
from eendracht.services.forms.extracts import Dossier, dossier_of
from eendracht.services.forms.outcomes import work_out
from eendracht.services.forms.retention import EXTRACT
from eendracht.services.forms.state import State, state_from
from eendracht.services.proactive.benefits import benefit_of
from eendracht.services.proactive.changes import Range, amount_of, list_advances
from eendracht.services.proactive.messages import Language, write_warning
from eendracht.services.proactive.outbox import message_id
from eendracht.services.proactive.payback import GROUND, MONTHS, PURPOSE
from eendracht.services.proactive.retention import MESSAGE, WATCH
from eendracht.services.proactive.stops import FOLDER, clerk

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

CHECK: Final = "payback-check"
"""The kind of the job."""
MOST_AT_ONCE: Final = 500
"""How many requests one job looks at; the next turn asks for the rest."""
CONTROLLER: Final = "organisation:oorg12369"
"""Dienst Toeslagen decides on what is paid in advance, and answers for what is kept for the warning."""
_CONSENT: Final = ("AVG", "6, lid 1, onder a")
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS watch (item TEXT PRIMARY KEY, checked_on TEXT NOT NULL, told TEXT NOT NULL) WITHOUT ROWID;
"""


class Watches:
    """The requests to be warned that stand on a node."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def ask(self, asker: Principal, state: State, dossier: Dossier, language: Language) -> str:
        """Keep that a person wants to be warned, with what was told and what it comes to now; gives the item's id.

        An earlier request of the person ends by it.
        """
        instance = self._instance
        day = today(instance.store.clock)
        for item in self.list_items(asker.subject):
            self.end(asker, item)
        content = {
            "fields": [list(pair) for pair in state.fields()],
            "amounts": _amounts(instance, state, dossier, day),
            "language": language,
            "on": day.isoformat(),
        }
        item = instance.vault.put(
            asker.subject, WATCH, content, controller=CONTROLLER, ground=GROUND, author=clerk(CONTROLLER)
        )
        instance.journal.append(STREAM, [{"event": "warning-asked", "item": item, "controller": CONTROLLER}])
        self._change("INSERT INTO watch (item, checked_on, told) VALUES (?, ?, '')", (item, day.isoformat()))
        return item

    def list_items(self, subject: str) -> list[str]:
        """Give the requests of a person that stand."""
        return [item.id for item in self._instance.vault.describe(subjects=[subject]) if item.kind == WATCH]

    def end(self, asker: Principal, item: str) -> None:
        """End a request of the person who asks, and destroy what was kept for it; raises NotFound for another's."""
        if item not in self.list_items(asker.subject):
            raise NotFound("There is no such request")
        self._change("DELETE FROM watch WHERE item = ?", (item,))
        self._instance.journal.append(STREAM, [{"event": "warning-ended", "item": item, "controller": CONTROLLER}])
        self._instance.destruction.destroy_items([item], ground="AVG, art. 7.3", by="betrokkene")

    def list_due(self, day: date) -> list[tuple[str, str]]:
        """Give the items that were not looked at on a day, the longest ago first, with what was told last."""
        sql = "SELECT item, told FROM watch WHERE checked_on < ? ORDER BY checked_on, item LIMIT ?"
        with self._opened() as file:
            return [(str(item), str(told)) for item, told in file.query(sql, (day.isoformat(), MOST_AT_ONCE))]

    def check(self, item: str, told: str) -> int:
        """Look at one request with what registers know today; gives how many messages it came to.

        The request is marked as looked at after its messages were kept, each under an id of its own.
        """
        instance, day = self._instance, today(self._instance.store.clock)
        found = instance.vault.describe(items=[item])
        if not found:
            self._change("DELETE FROM watch WHERE item = ?", (item,))
            return 0
        content = instance.vault.get(item, PURPOSE, clerk(CONTROLLER))
        assert isinstance(content, dict)
        state = state_from(content)
        now = _amounts(instance, state, self._dossier(item, found[0].subject, day), day)
        # In another year other amounts hold: that is no change of the person.
        is_this_year = date.fromisoformat(content["on"]).year == day.year
        losses = _losses(content["amounts"], now, day.month) if is_this_year else {}
        key = message_id(item, "", repr(sorted(losses.items()))) if losses else ""
        count = 0
        if losses and key != told:
            for code, (before, after, back) in losses.items():
                self._tell(item, found[0].subject, content["language"], code, (before, after, back))
                count += 1
        self._change("UPDATE watch SET checked_on = ?, told = ? WHERE item = ?", (day.isoformat(), key or told, item))
        return count

    def _dossier(self, item: str, subject: str, day: date) -> Dossier:
        """Open the extracts on the ground of the request itself, which names this purpose."""
        vault = self._instance.vault
        extracts = [one for one in vault.describe(subjects=[subject]) if one.kind == EXTRACT]
        reader = Principal("services/proactive", frozenset((Role.EDITOR, one.controller) for one in extracts))
        registers = set()
        for one in extracts:
            content = vault.get(one.id, PURPOSE, reader)
            registers |= {str(content["register"])} if isinstance(content, dict) else set()
        law, article = _CONSENT
        ground = Ground(law, article, PURPOSE, CONTROLLER, tuple(sorted(registers)), ref=f"consent/{item}")
        use = Use((law,), PURPOSE, CONTROLLER, (), day)
        return dossier_of(vault, self._instance.journal, subject, PURPOSE, reader, ground=ground, use=use)

    def _tell(self, item: str, subject: str, language: Language, code: str, amounts: tuple[int, int, int]) -> None:
        instance = self._instance
        before, after, back = amounts
        benefit = next(one for one in list_advances() if one.code == code)
        law = instance.lawbook.library.select(benefit.law, today(instance.store.clock)).regulation
        article = law.article_of(benefit.amount)
        said = write_warning(
            benefit_of(benefit.law, law.name, benefit.authority_name),
            article.number if article else "",
            law.name,
            back,
            before,
            after,
            language,
        )
        content = {
            "id": message_id(item, code, str(back)),
            "recipient": {"name": "", "address": []},
            "language": language,
            "subject": said.subject,
            "text": said.text,
            "law": benefit.law,
            "article": "",
            "amountPerYear": None,
            "certainty": "estimate",
            "run": CHECK,
        }
        kept = instance.vault.put(
            subject, MESSAGE, content, controller=CONTROLLER, ground=GROUND, author=clerk(CONTROLLER)
        )
        line = {"event": "payback-warning", "item": kept, "controller": CONTROLLER, "law": benefit.law}
        instance.journal.append(STREAM, [{**line, "purpose": PURPOSE}])

    def _change(self, sql: str, values: tuple[str, ...]) -> None:
        with self._opened() as file, file.writing() as connection:
            connection.execute(sql, values)

    def _opened(self) -> closing[PrivateDatabase]:
        return closing(PrivateDatabase(self._instance.settings.folder / FOLDER / "watches.db", _SCHEMA))


def _amounts(instance: Instance, state: State, dossier: Dossier, day: date) -> dict[str, list[int]]:
    """Give by benefit what it comes to a year, from and to; what is not known is left out."""
    library, benefits = instance.lawbook.library, list_advances()
    facts = state.form(benefits, dossier, library).facts
    # What a register came to know since goes before what the person told.
    told = {ask: value for ask, value in facts.stated.items() if facts.find(ask) is None}
    dated = replace(facts, on=day, stated=told)
    found: dict[str, Range | None] = {item.code: amount_of(work_out(library, item, dated)) for item in benefits}
    return {code: [amount.low, amount.high] for code, amount in found.items() if amount is not None}


def _losses(before: Mapping[str, Any], after: Mapping[str, Any], months: int) -> dict[str, tuple[int, int, int]]:
    """Give by benefit that became lower: a year before and after, and what comes back over so many months."""
    found = {}
    for code, (low, high) in before.items():
        if code not in after:
            continue
        lost = max(low - after[code][0], high - after[code][1])
        if lost > 0:
            found[code] = (high, after[code][1], (2 * lost * months + MONTHS) // (2 * MONTHS))
    return found


def run_check(work: Work) -> dict[str, Any]:
    """Look at the requests that are due; gives how many, and how many messages were written."""
    watches = Watches(work.instance)
    due = watches.list_due(today(work.store.clock))
    written = 0
    for done, (item, told) in enumerate(due):
        work.report("check", done, len(due))
        written += watches.check(item, told)
    return {"checked": len(due), "written": written}


def tend_watches(instance: Instance) -> None:
    """Ask for a look at the requests that were not looked at today; a node without any asks for nothing."""
    if not (instance.settings.folder / FOLDER / "watches.db").is_file():
        return
    if Watches(instance).list_due(today(instance.store.clock)):
        ask_once(instance, CHECK, {}, CONTROLLER)


JOBS: Final = (
    JobKind(
        CHECK,
        Said("Kijken wie gewaarschuwd wil worden", "Looking who wants to be warned"),
        {"check": Said("Narekenen", "Working it out again")},
        run_check,
    ),
)
"""The job of this part."""
UPKEEP: Final = (tend_watches,)
__all__ = ["CHECK", "JOBS", "UPKEEP", "Watches", "tend_watches"]
