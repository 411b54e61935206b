"""The vault: what is kept about natural persons, apart from the records and never in clear on disk.

`content.db` holds the encrypted items, `keys.db` a key per subject; both engines use these files. Kind, time and
retention of an item are readable without its key, so they say nothing of a person: a subject is a random pseudonym.
Items are destroyed through `kernel.destruction`, which keeps the order in which a killed process can go on.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from eendracht.kernel.access import OPERATOR, Principal
from eendracht.kernel.clock import Clock, SystemClock, timestamp, today
from eendracht.kernel.errors import InvalidInput, NotFound
from eendracht.kernel.journal import Journal, check_code
from eendracht.kernel.private import PrivateDatabase
from eendracht.kernel.records import Level, dump_canonical
from eendracht.kernel.store.driver import Row
from eendracht.kernel.vault.keyring import Keyring, destroy_keys
from eendracht.kernel.vault.retention import RetentionRule
from eendracht.kernel.vault.sealing import seal, unseal

FILE_NAME = "content.db"
STREAM = "vault"
"""The journal stream that tells who read what, and for which purpose."""

Content = bytes | dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS item (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, controller TEXT NOT NULL, ground TEXT NOT NULL,
  stored_at TEXT NOT NULL, retain_until TEXT NOT NULL, form TEXT NOT NULL, nonce BLOB NOT NULL, ciphertext BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS item_subject ON item (subject);
CREATE INDEX IF NOT EXISTS item_retain_until ON item (retain_until);
"""
_SEALED = "form, nonce, ciphertext"
_COLUMNS = "id, kind, subject, controller, ground, stored_at, retain_until"


@dataclass(frozen=True, slots=True)
class Item:
    """What is known of an item without opening it.

    `controller` is the organisation that answers for it (GDPR art. 4.7), `ground` the record or article on which it
    is kept, `retain_until` the first day on which it may not be there any more.
    """

    id: str
    kind: str
    subject: str
    controller: str
    ground: str
    stored_at: str
    retain_until: str


class Vault:
    """Keeps content about persons, gives it for a purpose, and knows when its time is over."""

    def __init__(
        self, folder: Path, rules: Iterable[RetentionRule], journal: Journal, clock: Clock | None = None
    ) -> None:
        self.rules = {rule.kind: rule for rule in rules}
        self._journal = journal
        self._clock = clock or SystemClock()
        self._keys = Keyring(folder)
        self._file = PrivateDatabase(folder / FILE_NAME, _SCHEMA)

    def close(self) -> None:
        """Let go of the files."""
        self._file.close()
        self._keys.close()

    def __enter__(self) -> Vault:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- subjects -----------------------------------------------------------------------------------------------

    def add_subject(self, scheme: str = "", identifier: str = "") -> str:
        """Give the pseudonym of a person, the same one each time for the same identifier (scheme `bsn`, for example).

        Without an identifier it is a new subject. After destruction the same person gets another pseudonym.
        """
        return self._keys.add(scheme, identifier)

    def find_subject(self, scheme: str, identifier: str) -> str | None:
        """Give the pseudonym of a person who is known by this identifier; None where nobody is."""
        return self._keys.find(scheme, identifier)

    def add_identifier(self, subject: str, scheme: str, identifier: str) -> None:
        """Let a person be found by one more identifier (scheme `email` or `name`), which others may share.

        Raises NotFound for a subject without a key.
        """
        check_code(scheme, "/scheme")
        if not self._keys.add_identifier(subject, scheme, identifier):
            raise _unknown_subject()

    def search_subjects(self, identifiers: Mapping[str, str], purpose: str, asker: Principal) -> list[str]:
        """Give the pseudonyms of whoever has all of these identifiers (by scheme), once the search is on the journal.

        For who exercises a right of a data subject. The journal tells schemes, purpose and how many were found, never
        what was typed or who it was. An asker who is not the operator finds only persons of whom it may see something.
        """
        check_code(purpose, "/purpose")
        for scheme in identifiers:
            check_code(scheme, "/scheme")
        found = [set(self._keys.find_all(scheme, text)) for scheme, text in identifiers.items() if text.strip()]
        subjects = set.intersection(*found) if found and len(found) == len(identifiers) else set()
        if not asker.is_operator:
            items = self.describe(subjects=sorted(subjects))
            subjects = {item.subject for item in items if asker.may_see(Level.ORGANISATION, item.controller)}
        line = {"event": "find", "schemes": sorted(identifiers), "purpose": purpose, "asker": asker.name}
        self._journal.append(STREAM, [{**line, "found": len(subjects)}])
        return sorted(subjects)

    # -- keeping and reading ------------------------------------------------------------------------------------

    def put(
        self,
        subject: str,
        kind: str,
        content: Content,
        *,
        controller: str,
        ground: str,
        author: Principal,
        starts: date | None = None,
    ) -> str:
        """Keep content about a subject and give its id; it is on disk when this returns.

        The retention rule of the kind counts from `starts` (default: today). Raises Denied unless the author is editor
        for the controller, InvalidInput for a kind without a rule, NotFound for a subject without a key.
        """
        author.require_write(controller)
        rule = self._rule(kind)
        check_code(ground, "/ground")
        item = Item(
            id=os.urandom(16).hex(),
            kind=kind,
            subject=subject,
            controller=controller,
            ground=ground,
            stored_at=timestamp(self._clock.now()),
            retain_until=rule.ends(starts or today(self._clock)).isoformat(),
        )
        form, plain = ("bytes", content) if isinstance(content, bytes) else ("json", dump_canonical(content))
        self._keep(item, form, plain)
        return item.id

    def _keep(self, item: Item, form: str, plain: bytes) -> None:
        # The keys stay locked until the content is committed: else it could outlive a destruction of its subject.
        with self._keys.holding():
            key = self._keys.key_of(item.subject)
            if key is None:
                raise _unknown_subject()
            nonce, ciphertext = seal(key, plain, _bound(item, form))
            with self._file.writing() as connection:
                connection.execute(
                    f"INSERT INTO item ({_COLUMNS}, form, nonce, ciphertext) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (*_columns(item), form, nonce, ciphertext),
                )

    def get(self, item_id: str, purpose: str, asker: Principal) -> Content:
        """Give the content of an item, once it is on the journal who reads it and for which purpose.

        `purpose` is a code or the ref of a ground record, never free text. Raises NotFound where the item is absent
        or the asker holds no role for its controller and is not its subject, VaultBroken where it was tampered with.
        """
        check_code(purpose, "/purpose")
        rows = self._file.query(f"SELECT {_COLUMNS}, {_SEALED} FROM item WHERE id = ?", (item_id,))
        if not rows:
            raise _unknown()
        item = Item(*rows[0][:7])
        allowed = self._may_read(item, asker)
        self._write_journal("read", item, purpose, asker, allowed)
        key = self._keys.key_of(item.subject) if allowed else None
        if key is None:
            raise _unknown()
        return _open(key, item, *rows[0][7:])

    def read_subject(
        self, subject: str, purpose: str, asker: Principal, kind: str = ""
    ) -> list[tuple[Item, Content | None]]:
        """Give what is kept about a subject as far as the asker may see it, opened, oldest first; on the journal.

        Of one kind where that is named, else everything. A file is only named: it is opened by `get`, and its content
        is None here. Raises VaultBroken where an item was tampered with.
        """
        check_code(purpose, "/purpose")
        rows = self._file.query(
            f"SELECT {_COLUMNS}, form, nonce, CASE form WHEN 'bytes' THEN NULL ELSE ciphertext END FROM item"
            " WHERE subject = ? AND kind = coalesce(nullif(?, ''), kind) ORDER BY stored_at, id",
            (subject, kind),
        )
        found = [(item, row[7:]) for row in rows if self._may_read(item := Item(*row[:7]), asker)]
        if found:
            events = ("list" if sealed[2] is None else "read" for _, sealed in found)
            lines = [_line(event, item, purpose, asker, True) for event, (item, _) in zip(events, found, strict=True)]
            self._journal.append(STREAM, lines)
        key = self._keys.key_of(subject)
        if key is None:
            return []
        return [(item, None if sealed[2] is None else _open(key, item, *sealed)) for item, sealed in found]

    def list_items(self, subject: str, purpose: str, asker: Principal, kind: str = "") -> list[Item]:
        """Give what is kept about a subject as far as the asker may see it, oldest first; each is on the journal."""
        check_code(purpose, "/purpose")
        items = [
            item
            for item in self.describe(subjects=[subject])
            if item.kind == (kind or item.kind) and self._may_read(item, asker)
        ]
        lines = [_line("list", item, purpose, asker, True) for item in items]
        if lines:
            self._journal.append(STREAM, lines)
        return items

    def _may_read(self, item: Item, asker: Principal) -> bool:
        """Tell whether an item is there for who asks: by a role for its controller, or as its subject."""
        if asker.may_see(Level.ORGANISATION, item.controller):
            return True
        rule = self.rules.get(item.kind)
        return bool(asker.subject) and asker.subject == item.subject and rule is not None and rule.is_open_to_subject

    def _rule(self, kind: str) -> RetentionRule:
        rule = self.rules.get(kind)
        if rule is None:
            raise InvalidInput(
                f"'{kind}' has no retention rule", hint="Say first how long this kind is kept, and by which article."
            )
        return rule

    def _write_journal(self, event: str, item: Item, purpose: str, asker: Principal, allowed: bool) -> None:
        self._journal.append(STREAM, [_line(event, item, purpose, asker, allowed)])

    # -- destroying: only kernel.destruction calls these, after it wrote the erasure journal ----------------------

    def describe(self, *, subjects: Sequence[str] = (), items: Sequence[str] = ()) -> list[Item]:
        """Give what is known of the items of subjects, and of these items, without opening them; oldest first."""
        found: dict[str, Item] = {}
        for column, values in (("subject", subjects), ("id", items)):
            if values:
                sql = f"SELECT {_COLUMNS} FROM item WHERE {column} IN (SELECT value FROM json_each(?))"
                for row in self._file.query(sql, (orjson.dumps(list(values)).decode(),)):
                    found[row[0]] = Item(*row)
        return sorted(found.values(), key=lambda item: (item.stored_at, item.id))

    def knows(self, subject: str) -> bool:
        """Tell whether a subject has a key or content."""
        return self._keys.key_of(subject) is not None or bool(self.describe(subjects=[subject]))

    def count_items(self) -> dict[str, int]:
        """Give how many items of each kind there are."""
        return {kind: int(count) for kind, count in self._file.query("SELECT kind, count(*) FROM item GROUP BY kind")}

    def list_due(self) -> list[Item]:
        """Give the items whose retention is over today, by kind."""
        rows = self._file.query(
            f"SELECT {_COLUMNS} FROM item WHERE retain_until <= ? ORDER BY kind, id", (today(self._clock).isoformat(),)
        )
        return [Item(*row) for row in rows]

    def erase_subjects(self, subjects: Sequence[str]) -> int:
        """Destroy the keys of subjects and everything about them; gives how many keys and items were there."""
        gone = len(self.describe(subjects=subjects))
        with self._keys.holding() as keys:
            gone += destroy_keys(keys, subjects)
            with self._file.writing() as connection:
                connection.execute(f"DELETE FROM item WHERE {connection.among('subject')}", _bind(subjects))
        return gone

    def erase_items(self, items: Sequence[str]) -> int:
        """Destroy items, and the key of every subject of whom nothing is left; gives how many items were there."""
        doomed = self.describe(items=items)
        subjects = sorted({item.subject for item in doomed})
        with self._keys.holding() as keys:
            with self._file.writing() as connection:
                connection.execute(f"DELETE FROM item WHERE {connection.among('id')}", _bind(items))
                left = connection.query(
                    f"SELECT DISTINCT subject FROM item WHERE {connection.among('subject')}", _bind(subjects)
                )
            destroy_keys(keys, sorted(set(subjects) - {row[0] for row in left}))
        return len(doomed)

    # -- bringing over: only kernel.export calls these, for the operator ------------------------------------------

    def list_opened(self, purpose: str) -> Iterator[dict[str, Any]]:
        """Yield every item with its content, opened, each once it is on the journal for which purpose.

        Content that is no JSON is in base64. Raises InvalidInput, VaultBroken.
        """
        check_code(purpose, "/purpose")
        rows = self._file.query("SELECT id FROM item ORDER BY stored_at, id")
        for (item_id,) in rows:
            content = self.get(item_id, purpose, OPERATOR)
            (item,) = self.describe(items=[item_id])
            form = "bytes" if isinstance(content, bytes) else "json"
            opened = base64.b64encode(content).decode() if isinstance(content, bytes) else content
            yield {**asdict(item), "form": form, "content": opened}

    def list_subjects(self) -> Iterator[dict[str, Any]]:
        """Yield by which marks subjects are found, and the secret under which the marks were made."""
        return self._keys.list_marks()

    def take_subjects(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Take the subjects of another vault, with the same pseudonyms, under new keys."""
        self._keys.take_marks(lines)

    def take_opened(self, lines: Iterable[Mapping[str, Any]]) -> int:
        """Keep items of another vault with what is known of them, and give how many.

        Raises NotFound for an item of a subject that was not taken.
        """
        count = 0
        for line in lines:
            item = Item(**{name: line[name] for name in _COLUMNS.split(", ")})
            content = line["content"]
            plain = base64.b64decode(content) if line["form"] == "bytes" else dump_canonical(content)
            self._keep(item, line["form"], plain)
            count += 1
        return count

    def purge(self) -> None:
        """Leave no byte of what was destroyed in the files; raises StorageFailure."""
        self._keys.purge()
        self._file.purge()


def _unknown() -> NotFound:
    return NotFound("This item is not known in the vault")


def _unknown_subject() -> NotFound:
    return NotFound("This subject is not known in the vault", hint="Add the subject first.")


def _columns(item: Item) -> Row:
    return (item.id, item.kind, item.subject, item.controller, item.ground, item.stored_at, item.retain_until)


def _open(key: bytes, item: Item, form: str, nonce: bytes, ciphertext: bytes) -> Content:
    plain = unseal(key, bytes(nonce), bytes(ciphertext), _bound(item, form))
    if form == "bytes":
        return plain
    data: dict[str, Any] = orjson.loads(plain)
    return data


def _bound(item: Item, form: str) -> bytes:
    """Give the associated data: an item that is moved, relabelled or given more time does not open any more."""
    return dump_canonical([*_columns(item), form])


def _bind(values: Sequence[str]) -> tuple[str]:
    return (orjson.dumps(list(values)).decode(),)


def _line(event: str, item: Item, purpose: str, asker: Principal, allowed: bool) -> Mapping[str, Any]:
    return {
        "event": event,
        "item": item.id,
        "kind": item.kind,
        "controller": item.controller,
        "purpose": purpose,
        "asker": asker.name,
        "outcome": "permit" if allowed else "deny",
    }
