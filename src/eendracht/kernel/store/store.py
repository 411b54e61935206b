"""The store: records go in through one writer and come out filtered for whoever asks."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import Clock, SystemClock, parse_moment, timestamp, today
from eendracht.kernel.errors import Conflict, InvalidInput, NotFound
from eendracht.kernel.identity import names_record
from eendracht.kernel.kinds import Registry
from eendracht.kernel.records import Level, Prepared, Record, prepare
from eendracht.kernel.store import conflicts, endings, reading
from eendracht.kernel.store.append import EntryType, Erase, Note, Write, Written
from eendracht.kernel.store.driver import Connection, Driver
from eendracht.kernel.store.index import Followers, TextIndex
from eendracht.kernel.store.searching import Facets, Searching, SearchResult, count_record
from eendracht.kernel.store.segments import IS_VERSION
from eendracht.kernel.store.switches import Switches
from eendracht.kernel.store.writer import Writer

if TYPE_CHECKING:
    from eendracht.kernel.store.columns import ColumnKeeper


class Store:
    """Typed, versioned records on one engine.

    Every read takes the asker; `as_of` is a date in Europe/Amsterdam (default: today), `known_at` a log size or a UTC
    timestamp (default: now). Names are uids, refs or former refs.
    """

    def __init__(self, driver: Driver, registry: Registry, text: TextIndex, clock: Clock | None = None) -> None:
        self.driver = driver
        self.registry = registry
        self.text = text
        self.clock = clock or SystemClock()
        driver.migrate()
        self.switches = Switches(driver, registry)
        self._followers = Followers(registry, text)
        self._cache = reading.BodyCache()
        self._news = threading.Condition()
        self._has_recovered = False
        self._writer = Writer(driver, self.clock, self._followers.follow, self._announce)

    def close(self) -> None:
        """Finish what was handed in and close every connection."""
        self._writer.close()
        self.driver.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _announce(self) -> None:
        with self._news:
            self._news.notify_all()

    def _day(self, as_of: date | None) -> str:
        return (as_of or today(self.clock)).isoformat()

    def seen_by(self, asker: Principal) -> Principal:
        """Give the asker as one for whom nothing of a switched-off wing is there; every read asks as this one."""
        hidden = self.switches.hidden
        return replace(asker, hidden=hidden) if hidden else asker

    def _size_at(self, connection: Connection, known_at: int | str) -> int:
        if isinstance(known_at, int):
            return known_at
        return reading.position_at(connection, timestamp(parse_moment(known_at)))

    # -- writing ------------------------------------------------------------------------------------------------

    def put(self, draft: Mapping[str, Any], author: Principal, expected: int | None = None) -> Written:
        """Record one version; it is on disk when this returns.

        `expected` is the generation that the author saw (0: must be new). Raises InvalidInput, Denied, Conflict,
        StorageFailure.
        """
        return self.append([prepare(draft, self.registry, expected)], author)[0]

    def append(
        self,
        drafts: Sequence[Prepared],
        author: Principal,
        also: Callable[[Connection, Sequence[Written]], None] | None = None,
    ) -> list[Written]:
        """Record prepared drafts, all or nothing, in one transaction. Raises as `put` does.

        `also` changes operational tables in the same transaction.
        """
        return self.append_soon(drafts, author, also)()

    def append_soon(
        self,
        drafts: Sequence[Prepared],
        author: Principal,
        also: Callable[[Connection, Sequence[Written]], None] | None = None,
    ) -> Callable[[], list[Written]]:
        """Hand prepared drafts to the writer; the result waits until they are on disk, and raises as `put` does."""
        for draft in drafts if self.switches.hidden else ():
            self.switches.require_on(draft.kind, draft.owner)
        words = self._followers.read(drafts) if len(drafts) >= _BULK else None
        future = self._writer.submit(Write(drafts, author, also, words))

        def wait() -> list[Written]:
            try:
                result = future.result()
            except Conflict as conflict:
                raise self._censor(conflict, author) from None
            assert isinstance(result, list)
            return result

        return wait

    def _censor(self, conflict: Conflict, author: Principal) -> Conflict:
        current = conflict.extra.get("current")
        if current and not author.may_see(_level(current), current["owner"]):
            return conflicts.unusable()
        return conflict

    def note(self, kind: EntryType, content: dict[str, Any]) -> int:
        """Append an entry that is not a version; gives its position."""
        result = self._writer.submit(Note(kind, content)).result()
        assert isinstance(result, int)
        return result

    def erase(self, positions: Sequence[int], content: dict[str, Any], *, purge: bool = True) -> int:
        """Destroy the content of versions and append an erasure entry; gives its position.

        Body, salt, derived rows and words go; the commitment stays, so that the history still proves itself. The
        caller has written the erasure journal before, and purges later where it says so. Raises NotFound where a
        version is absent or destroyed.
        """
        self.catch_up()
        result = self._writer.submit(Erase(positions, content)).result()
        if purge:
            self.purge(positions)
        assert isinstance(result, int)
        return result

    def purge(self, positions: Sequence[int]) -> None:
        """Remove what is left of destroyed versions in words, memory, freed pages and logs of the database.

        `erase` ends with it; run it again where that was cut short. Raises StorageFailure.
        """
        self._writer.submit(lambda connection: self._forget(connection, positions)).result()
        self._cache.forget(positions)
        self.driver.purge()

    def _forget(self, connection: Connection, positions: Sequence[int]) -> int:
        self._followers.forget(connection, positions)
        return 0

    def act(self, action: Any) -> None:
        """Run a function of a connection under the write lock, for operational tables."""

        def run(connection: Connection) -> int:
            action(connection)
            return 0

        self._writer.submit(run).result()

    def catch_up(self) -> None:
        """Return when edges and words cover everything committed before the call.

        Versions of a kind that this process does not know are passed over, which is logged as `unknown-kind`.
        """
        if not self._has_recovered:
            self._has_recovered = True
            while self._followers.knows_more(self.driver.reader()):
                self._writer.submit(self._followers.recover).result()
        size = self.size
        while self._indexed() < size:
            self._writer.submit(self._followers.advance).result()

    def advance_soon(self) -> None:
        """Let the writer index the next stretch of the log, without waiting for it, where there is one."""
        if self._followers.is_behind:
            self._writer.submit(self._followers.advance)

    def _indexed(self) -> int:
        return int(self.driver.reader().query("SELECT indexed FROM log_head WHERE id = 1")[0][0])

    # -- reading ------------------------------------------------------------------------------------------------

    @property
    def size(self) -> int:
        """How many entries the log holds; public, as is every position."""
        return int(self.driver.reader().query("SELECT size FROM log_head WHERE id = 1")[0][0])

    def size_at(self, moment: str) -> int:
        """Give how many entries the log held at a moment (ISO 8601); public, as its size is."""
        return self._size_at(self.driver.reader(), moment)

    def get(self, name: str, asker: Principal, as_of: date | None = None, known_at: int | str | None = None) -> Record:
        """Give the version that holds on a date, as known then or now; raises NotFound."""
        connection = self.driver.reader()
        asker = self.seen_by(asker)
        if known_at is None:
            return reading.get_current(connection, asker, name, self._day(as_of))
        size = self._size_at(connection, known_at)
        return reading.get_known(connection, asker, name, self._day(as_of), size)

    def get_among(self, refs: Sequence[str], asker: Principal, as_of: date | None = None) -> list[Record]:
        """Give what holds on a date of the records with these refs; what is absent or hidden is left out."""
        return reading.get_current_among(self.driver.reader(), self.seen_by(asker), refs, self._day(as_of))

    def history(self, name: str, asker: Principal) -> list[Record]:
        """Give every version that the asker may see, newest first; raises NotFound."""
        return reading.list_history(self.driver.reader(), self.seen_by(asker), name)

    def find(self, query: reading.Query, asker: Principal, as_of: date | None = None) -> reading.Page:
        """Give a page of records in order of ref, or best first where the query holds a text.

        Pages of a text go on by count: a write between two of them can shift the second.
        """
        if not 1 <= query.limit <= reading.MOST_ON_A_PAGE:
            raise InvalidInput(f"A page holds 1 to {reading.MOST_ON_A_PAGE} records")
        if query.text:
            jump = self._jump(query.text, asker, as_of)
            return reading.Page((jump,), "") if jump else self._rank(self._searching(query, asker, as_of), query)
        connection = self.driver.reader()
        rows = reading.list_positions(connection, self.seen_by(asker), query, self._day(as_of))
        records = self._cache.fetch(connection, [row[0] for row in rows[: query.limit]])
        return reading.Page(tuple(records), rows[query.limit - 1][1] if len(rows) > query.limit else "")

    def facets(self, query: reading.Query, asker: Principal, as_of: date | None = None) -> Facets:
        """Count what the filters and the text of a query hold, per kind, owner, source, lifecycle and level."""
        return self._searching(query, asker, as_of).count_facets(query)

    def search(self, query: reading.Query, asker: Principal, as_of: date | None = None) -> SearchResult:
        """Answer a question in words: a ranked page, counts, and what may have been meant where nothing is found.

        Where the first suggestion is a text, page and facets are already those of that text, and `corrected` says so.
        """
        jump = self._jump(query.text, asker, as_of)
        if jump:
            return SearchResult(reading.Page((jump,), ""), count_record(jump), (), jump)
        if not query.text:
            return SearchResult(self.find(query, asker, as_of), self.facets(query, asker, as_of), (), None)
        searching = self._searching(query, asker, as_of)
        page = self._rank(searching, query)
        if page.records or query.after:
            return SearchResult(page, searching.count_facets(query), (), None)
        suggestions = searching.list_suggestions(query, (kind.name for kind in self.registry))
        corrected = next((suggestion.text for suggestion in suggestions if suggestion.text), "")
        if corrected:
            query = replace(query, text=corrected)
            page = self._rank(searching, query)
        return SearchResult(page, searching.count_facets(query), suggestions, None, corrected)

    def _searching(self, query: reading.Query, asker: Principal, as_of: date | None) -> Searching:
        if query.text:
            self.catch_up()
        return Searching(self.driver.reader(), self.text, self._columns, self.seen_by(asker), self._day(as_of))

    @cached_property
    def _columns(self) -> ColumnKeeper:
        # Whoever never searches does without numpy.
        from eendracht.kernel.store.columns import ColumnKeeper

        return ColumnKeeper()

    def _rank(self, searching: Searching, query: reading.Query) -> reading.Page:
        positions, after = searching.list_positions(query)
        return reading.Page(tuple(self._cache.fetch(searching.connection, positions)), after)

    def _jump(self, text: str, asker: Principal, as_of: date | None) -> Record | None:
        name = text.strip()
        if not names_record(name):
            return None
        try:
            return self.get(name, asker, as_of)
        except NotFound:
            return None

    def changes(self, since: int, asker: Principal, limit: int = 500) -> list[Record]:
        """Give the versions at or after a position, oldest first."""
        rows = reading.read_changes(self.driver.reader(), self.seen_by(asker), since, limit)
        return [Record(rv, bytes(body)) for rv, body in rows]

    def wait_for_news(self, since: int, timeout_s: float) -> int:
        """Return the size of the log as soon as it exceeds `since`, or after the time-out; sees other processes too."""
        waited = 0.0
        while (size := self.size) <= since and waited < timeout_s:
            with self._news:
                self._news.wait(min(0.1, timeout_s - waited))
            waited += 0.1
        return size

    def snapshot(
        self,
        asker: Principal,
        as_of: date | None = None,
        known_at: int | str | None = None,
        *,
        kind: str = "",
        owner: str = "",
    ) -> Iterator[Record]:
        """Yield every record that holds on a date, as known then or now, of one kind or owner where that is given."""
        connection, asker = self.driver.reader(), self.seen_by(asker)
        day = self._day(as_of)
        if known_at is None:
            return reading.stream_current(connection, asker, reading.Query(kind=kind, owner=owner), day)
        records = reading.stream_known(connection, asker, day, self._size_at(connection, known_at))
        return (r for r in records if (not kind or r.kind == kind) and (not owner or r.owner == owner))

    def sift(self, asker: Principal, kind: str, looks: re.Pattern[bytes]) -> Iterator[Record]:
        """Yield what holds today of a kind and in whose canonical bytes the pattern finds something."""
        connection, asker = self.driver.reader(), self.seen_by(asker)
        return reading.stream_current(connection, asker, reading.Query(kind=kind), self._day(None), looks)

    def incoming(
        self, name: str, asker: Principal, as_of: date | None = None, limit: int = 1_000
    ) -> list[reading.Incoming]:
        """Give what points at a record, under any of its names."""
        self.catch_up()
        return reading.list_incoming(self.driver.reader(), self.seen_by(asker), name, self._day(as_of), limit)

    def dangling(self, asker: Principal, as_of: date | None = None, limit: int = 10_000) -> list[reading.Dangling]:
        """Give the refs to which nothing answers, and who uses them."""
        self.catch_up()
        return reading.list_dangling(self.driver.reader(), self.seen_by(asker), self._day(as_of), limit)

    def rename(self, name: str, ref: str, author: Principal) -> Written:
        """Give a record another name; the old one keeps leading to it. Raises NotFound, Denied, Conflict."""
        uid = self.get(name, author).uid
        generation, begin, end, record = reading.get_stretch(
            self.driver.reader(), self.seen_by(author), uid, self._day(None)
        )
        keys = ("owner", "confidentiality", "source")
        draft = {key: record.data[key] for key in keys} | {"validFrom": begin, "validUntil": end}
        draft |= {"uid": uid, "ref": ref, "spec": record.spec(self.registry)}
        return self.put(draft, author, expected=generation)

    def end(self, name: str, day: date, author: Principal) -> Written:
        """Say that nothing holds of a record from a day on; before it everything reads as it did.

        What was planned for later goes too. A later version lets it hold again. Raises NotFound, InvalidInput where it
        had ended or did not hold before the day, Denied, Conflict.
        """
        newest = self.history(name, author)[0]
        rest = reading.get_remainder(self.driver.reader(), self.seen_by(author), newest.uid, day.isoformat())
        if rest is None:
            raise endings.over_already(newest, day)
        generation, ref, held_before, record = rest
        if not held_before:
            raise endings.too_early(newest, day)
        draft = endings.draft_end(record, ref, day, today(self.clock)) | {"spec": record.spec(self.registry)}
        return self.put(draft, author, expected=generation)

    def known_refs(self, refs: Sequence[str]) -> set[str]:
        """Give which of these refs belong to a record, whoever may see it; for the operator's loads."""
        connection = self.driver.reader()
        rows = connection.query(
            f"SELECT ref FROM record WHERE {connection.among('ref')}", (connection.bind_list(refs),)
        )
        return {row[0] for row in rows}

    def positions_of(self, name: str) -> list[int]:
        """Give the positions of every version of a record that still has content; for the operator's destruction."""
        uid = reading.resolve(self.driver.reader(), name)
        rows = self.driver.reader().query(
            f"SELECT rv FROM entry WHERE uid = ? AND {IS_VERSION} AND body IS NOT NULL ORDER BY rv", (uid,)
        )
        if not rows:
            raise NotFound(f"{name} is not known")
        return [row[0] for row in rows]


def _level(data: Mapping[str, Any]) -> int:
    return Level[data["confidentiality"]["level"].upper()]


_BULK = 100
"""Drafts that make it worth while to look for their words on the author's own thread."""
