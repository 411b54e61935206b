"""The keys of the subjects, in a file of their own, so that they are backed up apart from what they open."""

from __future__ import annotations

import hmac
import os
import sqlite3
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eendracht.kernel.errors import UnreadableFile
from eendracht.kernel.private import PrivateDatabase
from eendracht.kernel.store.driver import Connection
from eendracht.kernel.vault.sealing import KEY_SIZE

FILE_NAME = "keys.db"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS secret (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS subject (pseudonym TEXT PRIMARY KEY, mark BLOB UNIQUE, key BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS identifier (mark BLOB, pseudonym TEXT, PRIMARY KEY (mark, pseudonym)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS identifier_pseudonym ON identifier (pseudonym);
"""


class Keyring:
    """Knows subjects by a random pseudonym, and holds the key of each.

    Whoever is looked up by an identifier is found by its HMAC-SHA-256 under a secret of the node; the identifier
    itself is stored nowhere. The first identifier of a subject is its own; others, such as a name, it may share.
    """

    def __init__(self, folder: Path) -> None:
        self._file = PrivateDatabase(folder / FILE_NAME, _SCHEMA)
        with self._file.writing() as connection:
            connection.execute(
                "INSERT INTO secret (name, value) VALUES ('lookup', ?) ON CONFLICT DO NOTHING", (os.urandom(KEY_SIZE),)
            )
        self._secret = bytes(self._file.query("SELECT value FROM secret WHERE name = 'lookup'")[0][0])

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def find(self, scheme: str, identifier: str) -> str | None:
        """Give the pseudonym of whoever has this identifier; None where nobody does."""
        rows = self._file.query("SELECT pseudonym FROM subject WHERE mark = ?", (self._mark(scheme, identifier),))
        return str(rows[0][0]) if rows else None

    def add(self, scheme: str = "", identifier: str = "") -> str:
        """Give the pseudonym of whoever has this identifier, making a key where there is none yet.

        Without an identifier it is always a new subject.
        """
        mark = self._mark(scheme, identifier) if identifier else None
        pseudonym = "subject-" + os.urandom(16).hex()
        try:
            with self._file.writing() as connection:
                connection.execute(
                    "INSERT INTO subject (pseudonym, mark, key) VALUES (?, ?, ?)",
                    (pseudonym, mark, os.urandom(KEY_SIZE)),
                )
        except sqlite3.IntegrityError:
            return self.find(scheme, identifier) or self.add(scheme, identifier)
        return pseudonym

    def add_identifier(self, subject: str, scheme: str, identifier: str) -> bool:
        """Let a subject be found by one more identifier; False where the subject is unknown or was destroyed."""
        with self._file.writing() as connection:
            if not connection.query("SELECT 1 FROM subject WHERE pseudonym = ?", (subject,)):
                return False
            connection.execute(
                "INSERT INTO identifier (mark, pseudonym) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (self._mark(scheme, identifier), subject),
            )
        return True

    def find_all(self, scheme: str, identifier: str) -> list[str]:
        """Give the pseudonyms of all who have this identifier, as their own or beside others."""
        mark = self._mark(scheme, identifier)
        rows = self._file.query(
            "SELECT pseudonym FROM subject WHERE mark = ? UNION SELECT pseudonym FROM identifier WHERE mark = ?",
            (mark, mark),
        )
        return sorted(str(row[0]) for row in rows)

    def key_of(self, subject: str) -> bytes | None:
        """Give the key of a subject; None where it is unknown or was destroyed."""
        rows = self._file.query("SELECT key FROM subject WHERE pseudonym = ?", (subject,))
        return bytes(rows[0][0]) if rows else None

    @contextmanager
    def holding(self) -> Iterator[Connection]:
        """Keep every key as it is while content is written or destroyed, over all processes."""
        with self._file.writing() as connection:
            yield connection

    def list_marks(self) -> Iterator[dict[str, Any]]:
        """Yield the secret of the marks, and each subject with its own mark and those that it shares (hexadecimal)."""
        yield {"lookupSecret": self._secret.hex()}
        shared: dict[str, list[str]] = defaultdict(list)
        for mark, pseudonym in self._file.query("SELECT mark, pseudonym FROM identifier ORDER BY pseudonym, mark"):
            shared[pseudonym].append(bytes(mark).hex())
        for pseudonym, mark in self._file.query("SELECT pseudonym, mark FROM subject ORDER BY pseudonym"):
            own = None if mark is None else bytes(mark).hex()
            yield {"mark": own, "shared": shared[pseudonym], "subject": pseudonym}

    def take_marks(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Take the subjects of another keyring under new keys, to be found as before; raises UnreadableFile."""
        with self._file.writing() as connection:
            try:
                for line in lines:
                    if "lookupSecret" in line:
                        self._secret = bytes.fromhex(line["lookupSecret"])
                        connection.execute("UPDATE secret SET value = ? WHERE name = 'lookup'", (self._secret,))
                        continue
                    subject, mark = line["subject"], line["mark"]
                    row = (subject, None if mark is None else bytes.fromhex(mark), os.urandom(KEY_SIZE))
                    connection.execute("INSERT INTO subject (pseudonym, mark, key) VALUES (?, ?, ?)", row)
                    marks = [(bytes.fromhex(other), subject) for other in line["shared"]]
                    connection.execute_many("INSERT INTO identifier (mark, pseudonym) VALUES (?, ?)", marks)
            except (KeyError, TypeError, ValueError) as error:
                raise UnreadableFile(f"A subject is not as the format says: {error}") from None

    def purge(self) -> None:
        """Leave no byte of destroyed keys in the file."""
        self._file.purge()

    def _mark(self, scheme: str, identifier: str) -> bytes:
        return hmac.digest(self._secret, f"{scheme}\0{fold_identifier(scheme, identifier)}".encode(), "sha256")


def fold_identifier(scheme: str, identifier: str) -> str:
    """Give the form in which two ways to write one identifier are equal: no outer or double spaces, case or accents.

    Of a `bsn` only the digits count, of which there are nine.
    """
    if scheme == "bsn":
        digits = "".join(sign for sign in identifier if sign.isdigit())
        return digits.zfill(9) if digits else identifier
    plain = unicodedata.normalize("NFKD", identifier.casefold())
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).split())


def destroy_keys(connection: Connection, subjects: Sequence[str]) -> int:
    """Overwrite and drop the keys of subjects, within `Keyring.holding`; gives how many there were."""
    bound = (connection.bind_list(subjects),)
    among = connection.among("pseudonym")
    count = connection.query(f"SELECT count(*) FROM subject WHERE {among}", bound)[0][0]
    connection.execute(f"UPDATE subject SET key = zeroblob({KEY_SIZE}) WHERE {among}", bound)
    connection.execute(f"DELETE FROM subject WHERE {among}", bound)
    connection.execute(f"DELETE FROM identifier WHERE {among}", bound)
    return int(count)
