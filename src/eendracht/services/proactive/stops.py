"""Objections (GDPR art. 21): kept in the vault, and as a list of pseudonyms by which a run leaves people out.

An objection holds at the run and again at the moment of sending. The list holds keys of a population and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.access import Principal, Role
from eendracht.kernel.clock import timestamp
from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.populations import STREAM
from eendracht.kernel.private import PrivateDatabase
from eendracht.kernel.vault import Vault
from eendracht.services.proactive.retention import STOP

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

GROUND: Final = "avg/art-21"
PURPOSE: Final = "stop-choice"
FOLDER: Final = "proactive"
"""The folder of a node in which the lists of this part lie."""
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS stop (
  controller TEXT, key TEXT, law TEXT, item TEXT NOT NULL, PRIMARY KEY (controller, key, law)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS link (
  controller TEXT, key TEXT, subject TEXT NOT NULL, PRIMARY KEY (controller, key)
) WITHOUT ROWID;
"""


def clerk(controller: str) -> Principal:
    """Give as whom this part writes for an organisation."""
    return Principal("services/proactive", frozenset({(Role.EDITOR, controller)}))


class Stops:
    """The objections of people against proactive use of their data by one organisation."""

    def __init__(self, instance: Instance, controller: str) -> None:
        self._instance = instance
        self._controller = controller
        self._clerk = clerk(controller)

    def object_to(self, subject: str, law: str = "", keys: Sequence[str] = (), notices: str = "") -> str:
        """Keep that somebody wants no proactive use of data for a law, or (empty) for any; gives the id of the item.

        `keys` are the pseudonyms under which the organisation knows the person in its populations; without one the
        objection still holds at the moment of sending. `notices` names a kind of plain information that must stop.
        """
        item = self._put(subject, law, notices, is_stopped=True)
        if not notices:
            self._change(
                "INSERT INTO stop (controller, key, law, item) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (controller, key, law) DO UPDATE SET item = excluded.item",
                [(self._controller, key, law, item) for key in keys],
            )
        return item

    def withdraw(self, subject: str, law: str = "", notices: str = "") -> str:
        """Keep that somebody wants it again; an earlier objection of the same scope does not hold any more."""
        items = {found.id for found in self._items(subject)}
        item = self._put(subject, law, notices, is_stopped=False)
        rows = [(self._controller, law, old) for old in sorted(items)]
        self._change("DELETE FROM stop WHERE controller = ? AND law = ? AND item = ?", rows)
        return item

    def list_choices(self, subject: str) -> dict[tuple[str, str], bool]:
        """Give for each scope (law, kind of plain information) whether somebody stopped it; the last word holds."""
        said: list[dict[str, Any]] = []
        for item in self._items(subject):
            content = self._vault.get(item.id, PURPOSE, self._clerk)
            assert isinstance(content, dict)
            said.append(content)
        return {
            (one["law"], one["notices"]): bool(one["stopped"]) for one in sorted(said, key=lambda one: one["order"])
        }

    def has_stopped(self, subject: str, law: str = "", notices: str = "") -> bool:
        """Tell whether somebody wants no message on this law, or no plain information of this kind."""
        choices = self.list_choices(subject)
        scopes = [("", ""), ("", notices) if notices else (law, "")]
        return any(choices.get(scope, False) for scope in scopes)

    def link(self, key: str, subject: str) -> None:
        """Keep under which pseudonym of a population somebody went when a message was written.

        An objection that names no pseudonym, as one on a person's own page, holds for the next run by this.
        """
        self._change(
            "INSERT INTO link (controller, key, subject) VALUES (?, ?, ?)"
            " ON CONFLICT (controller, key) DO UPDATE SET subject = excluded.subject",
            [(self._controller, key, subject)],
        )

    def list_keys(self) -> tuple[tuple[str, str], ...]:
        """Give the pseudonyms that a run must leave out, each with the law that it is about, empty for all."""
        with self._opened() as file:
            rows = file.query("SELECT key, law FROM stop WHERE controller = ?", (self._controller,))
            links = file.query("SELECT key, subject FROM link WHERE controller = ?", (self._controller,))
        found = {(str(key), str(law)) for key, law in rows}
        for subject, keys in self._objecting([(str(key), str(subject)) for key, subject in links]).items():
            laws = [
                law for (law, notices), is_stopped in self.list_choices(subject).items() if is_stopped and not notices
            ]
            found |= {(key, law) for key in keys for law in laws}
        return tuple(sorted(found))

    def _objecting(self, links: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
        """Give the keys of the people who ever made a choice at this organisation; nothing is opened for it."""
        keys: dict[str, list[str]] = {}
        for key, subject in links:
            keys.setdefault(subject, []).append(key)
        items = self._vault.describe(subjects=sorted(keys))
        chose = {item.subject for item in items if item.kind == STOP and item.controller == self._controller}
        return {subject: found for subject, found in keys.items() if subject in chose}

    @property
    def _vault(self) -> Vault:
        return self._instance.vault

    def _items(self, subject: str) -> list[Any]:
        return self._vault.list_items(subject, PURPOSE, self._clerk, STOP)

    def _put(self, subject: str, law: str, notices: str, *, is_stopped: bool) -> str:
        if law and notices:
            nl, en = "Kies een wet of een soort bericht", "Choose a law or a kind of notice"
            raise InvalidInput("One scope at a time", faults=[Fault("/law", "one-scope", nl, en)])
        # The moment stands inside, so that two choices of one microsecond keep their order by the later one.
        now = timestamp(self._instance.store.clock.now())
        content = {
            "law": law,
            "notices": notices,
            "stopped": is_stopped,
            "since": now,
            "order": len(self._items(subject)),
        }
        item = self._vault.put(subject, STOP, content, controller=self._controller, ground=GROUND, author=self._clerk)
        line = {"event": "proactive-objection" if is_stopped else "proactive-objection-withdrawn", "item": item}
        self._instance.journal.append(STREAM, [{**line, "controller": self._controller, "law": law}])
        return item

    def _change(self, sql: str, rows: Sequence[tuple[str, ...]]) -> None:
        with self._opened() as file, file.writing() as connection:
            connection.execute_many(sql, rows)

    def _opened(self) -> closing[PrivateDatabase]:
        return closing(PrivateDatabase(self._instance.settings.folder / FOLDER / "stops.db", _SCHEMA))
