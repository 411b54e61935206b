"""Plain information as an organisation uses it: asked once on a ground, then looked through once a day.

A standing order says which table of a registered population is looked through for which kind. It holds refs and
numbers. Each notice is sent once, also where a day is done again; people stop a kind on their own page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, cast, get_args

import orjson

from eendracht.kernel.access import OPERATOR, Principal
from eendracht.kernel.clock import timestamp, today
from eendracht.kernel.credentials import find_principal
from eendracht.kernel.errors import EendrachtError, Fault, InvalidInput, NotFound
from eendracht.kernel.jobs import JobKind, Jobs, Work, disclose
from eendracht.kernel.populations import STREAM, PopulationUnusable, Registered, check_files, registered_of
from eendracht.kernel.private import PrivateDatabase
from eendracht.kernel.rules.grounds import ground_of
from eendracht.kernel.wording import Said
from eendracht.services.proactive.addressees import CONTACTS, read_contacts
from eendracht.services.proactive.departure import Departure
from eendracht.services.proactive.notices import (
    Care,
    Notice,
    NoticeUse,
    Permit,
    Posting,
    find_coming_of_age,
    find_ending,
    find_expiring,
    find_nearby,
    find_pension,
)
from eendracht.services.proactive.outbox import Outbox
from eendracht.services.proactive.request import Registers
from eendracht.services.proactive.sending import LETTERS, channels_of
from eendracht.services.proactive.stops import FOLDER

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

KIND: Final = "proactive-notices"
"""The kind of the job."""
SOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "document-expires": ("until",),
    "term-ends": ("until",),
    "turns-18": ("born",),
    "pension-age": ("born",),
    "permit-nearby": ("latitude", "longitude"),
}
"""By what is looked for, the columns beside `key` that the table has."""
PERMITS: Final = ("what_nl", "what_en", "latitude", "longitude", "until")
"""The columns of the table of permits."""
NoticeWay = Literal["own-page", "print", "webhook"]
NOTICE_WAYS: Final = get_args(NoticeWay)
FLAGS: Final = Registers()
"""The columns of the table by which care is taken, each where it is there, with the names that a run gives them."""
MOST_ROWS: Final = 100_000
"""How many rows one day looks at; more is refused, so that nobody is left out in silence."""
MOST_DAYS: Final = 366
MOST_METRES: Final = 10_000
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS standing (
  id TEXT PRIMARY KEY, controller TEXT NOT NULL, arguments TEXT NOT NULL, asked_by TEXT NOT NULL, done_on TEXT NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class NoticeAsk:
    """What is looked for, in which table of which population, on which ground, for whom and how far ahead.

    `reach` counts days, for a permit nearby metres. `words` are the Dutch and English of the document or the term.
    Every notice lies on the person's own page; `way` says whether it goes by letter or webhook as well.
    """

    what: str
    population: str
    table: str
    controller: str
    ground: str = ""
    purpose: str = ""
    reach: int = 60
    words: tuple[str, str] = ("", "")
    permits: str = "permits"
    way: NoticeWay = "own-page"

    @property
    def id(self) -> str:
        """The same for the same order, so that asking twice is asking once, and a notice goes out once."""
        told = "\0".join((self.controller, self.what, self.population, self.table))
        return f"notices-{sha256(told.encode()).hexdigest()[:16]}"

    def as_arguments(self) -> dict[str, str]:
        """Give it as the arguments of a job: refs, names and numbers."""
        return {
            "what": self.what,
            "population": self.population,
            "table": self.table,
            "controller": self.controller,
            "ground": self.ground,
            "purpose": self.purpose,
            "reach": str(self.reach),
            "nl": self.words[0],
            "en": self.words[1],
            "permits": self.permits,
            "way": self.way,
        }


def read_notice_ask(given: Mapping[str, str]) -> NoticeAsk:
    """Give what a job was asked."""
    return NoticeAsk(
        given["what"],
        given["population"],
        given["table"],
        given["controller"],
        given["ground"],
        given["purpose"],
        int(given["reach"]),
        (given["nl"], given["en"]),
        given["permits"],
        cast(NoticeWay, given.get("way", "own-page")),
    )


def ask_notices(instance: Instance, author: Principal, asked: NoticeAsk, *, is_daily: bool = False) -> str:
    """Judge an order, keep it for every day where that is asked, and ask for today's job, of which the id is given.

    Raises Denied where the author is no editor of the controller, NotFound for a population that is not there,
    InvalidInput with every fault, and NoGround where no ground covers it.
    """
    author.require_write(asked.controller)
    registered = registered_of(instance.store.get(asked.population, author))
    faults = [*_faults(asked, registered), *registered.retention_faults(today(instance.store.clock))]
    if asked.way == "webhook" and channels_of(instance, author, asked.controller).webhook is None:
        nl, en = "Er is geen adres voor berichten ingesteld", "No address for messages is set"
        faults.append(Fault("/way", "no-such-choice", nl, en, "Set a webhook in proactive/channels.json, or print."))
    if faults:
        raise InvalidInput(f"The order has {len(faults)} fault(s)", faults=faults)
    use_of(instance, author, asked, registered).require(today(instance.store.clock))
    if is_daily:
        with Standing(instance) as standing:
            standing.keep(asked, author)
    return Jobs(instance.store).ask(KIND, asked.as_arguments(), author, asked.controller)


def _faults(asked: NoticeAsk, registered: Registered) -> Iterable[Fault]:
    if asked.what not in SOURCES:
        nl, en = f"'{asked.what[:60]}' is geen soort bericht", f"'{asked.what[:60]}' is no kind of notice"
        yield Fault("/what", "no-such-choice", nl, en, f"Choose from: {', '.join(SOURCES)}.")
        return
    if asked.way not in NOTICE_WAYS:
        nl, en = f"'{asked.way[:60]}' is geen weg", f"'{asked.way[:60]}' is no way"
        yield Fault("/way", "no-such-choice", nl, en, f"Choose from: {', '.join(NOTICE_WAYS)}.")
    is_near = asked.what == "permit-nearby"
    if not 0 <= asked.reach <= (MOST_METRES if is_near else MOST_DAYS):
        yield Fault("/reach", "out-of-range", "Zo ver kan niet", "That far cannot be")
    if asked.what in ("document-expires", "term-ends") and not all(word.strip() for word in asked.words):
        nl, en = "De woorden ontbreken", "The words are missing"
        yield Fault("/words", "missing", nl, en, "Say in Dutch and English what ends, as paspoort and passport.")
    if not registered.is_synthetic and registered.controller != asked.controller:
        nl, en = f"De populatie is van {registered.controller}", f"The population is of {registered.controller}"
        yield Fault("/controller", "other-controller", nl, en)
    wanted = {asked.table: ("key", *SOURCES[asked.what]), **({asked.permits: PERMITS} if is_near else {})}
    for table, columns in wanted.items():
        if table not in registered.tables:
            nl, en = f"De tabel '{table[:60]}' ontbreekt", f"The table '{table[:60]}' is missing"
            yield Fault(f"/population/{table[:60]}", "missing-table", nl, en, "Register it with the population.")
            continue
        there = registered.tables[table].get("columns") or ()
        for column in columns:
            if column not in there:
                nl, en = f"De kolom '{table}.{column}' ontbreekt", f"The column '{table}.{column}' is missing"
                yield Fault(f"/population/{table}/{column}", "missing-column", nl, en)


def use_of(instance: Instance, author: Principal, asked: NoticeAsk, registered: Registered) -> NoticeUse:
    """Give the use that an order makes: its ground, and the dataset of the table that is looked through."""
    ground = ground_of(instance.store.get(asked.ground, author)) if asked.ground else None
    source = registered.sources[asked.table]
    law = ground.law if ground else ""
    return NoticeUse(ground, asked.purpose, asked.controller, law, (source,), registered.is_synthetic)


class Standing:
    """The orders that are looked at every day; let go of it at the end."""

    def __init__(self, instance: Instance) -> None:
        self._file = PrivateDatabase(instance.settings.folder / FOLDER / "notices.db", _SCHEMA)

    def __enter__(self) -> Standing:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def keep(self, asked: NoticeAsk, author: Principal) -> None:
        """Keep an order under who asked it; a later one for the same table and kind takes its place."""
        arguments = orjson.dumps(asked.as_arguments()).decode()
        self._change(
            "INSERT INTO standing (id, controller, arguments, asked_by, done_on) VALUES (?, ?, ?, ?, '')"
            " ON CONFLICT (id) DO UPDATE SET arguments = excluded.arguments, asked_by = excluded.asked_by",
            (asked.id, asked.controller, arguments, author.name),
        )

    def end(self, order: str, author: Principal) -> None:
        """End an order; raises NotFound, and Denied for who is no editor of its controller."""
        found = [one for one in self.list_orders() if one[0] == order]
        if not found:
            raise NotFound("There is no such order")
        author.require_write(found[0][1].controller)
        self._change("DELETE FROM standing WHERE id = ?", (order,))

    def mark(self, order: str, day: date) -> None:
        """Say that an order was done on a day."""
        self._change("UPDATE standing SET done_on = ? WHERE id = ?", (day.isoformat(), order))

    def list_orders(self) -> list[tuple[str, NoticeAsk, str, str]]:
        """Give every order: its id, what is asked, by whom, and the day on which it was done last."""
        rows = self._file.query("SELECT id, arguments, asked_by, done_on FROM standing ORDER BY id")
        return [(str(row[0]), read_notice_ask(orjson.loads(row[1])), str(row[2]), str(row[3])) for row in rows]

    def _change(self, sql: str, values: Sequence[str]) -> None:
        with self._file.writing() as connection:
            connection.execute(sql, tuple(values))


def run_notices(work: Work) -> dict[str, Any]:
    """Look through one table and write the notices that were not written before; gives counts by state."""
    asked = read_notice_ask(work.job.arguments)
    instance, day = work.instance, today(work.store.clock)
    registered = registered_of(work.store.get(asked.population, work.author))
    folder = instance.settings.populations_folder / registered.uid
    work.report("read")
    faults = [*_faults(asked, registered), *registered.retention_faults(day), *check_files(folder, registered)]
    if faults:
        raise disclose(PopulationUnusable("The files are not as registered", faults=faults))
    use = use_of(instance, work.author, asked, registered)
    use.require(day)
    _note(work, asked, registered)
    notices = find_notices(instance, asked, folder, use, day)
    columns = registered.tables[asked.table].get("columns") or ()
    cares = read_cares(folder / f"{asked.table}.parquet", columns, [notice.key for notice in notices])
    channels = channels_of(instance, work.author, asked.controller)
    work.report("write")
    with Outbox(instance.settings.folder / FOLDER / "outbox.db") as outbox:
        contacts = read_contacts(folder / CONTACTS)
        is_letter = asked.way != "own-page"
        Posting(instance, outbox, asked.id, use, channels.sender, contacts, cares, is_letter).post(notices)
        if asked.way == "own-page":
            for row in outbox.list_rows(asked.id, "waiting"):
                # It lies with the messages of the person by now; there is nothing more to take it to.
                outbox.settle(row.id, "sent", timestamp(work.store.clock.now()), "own-page")
        else:
            departure = Departure(instance, outbox, asked.id, asked.controller, channels.webhook)
            report = partial(work.report, "send")
            departure.send(asked.way, work.folder / LETTERS, report)
        counts = outbox.count(asked.id)
    with Standing(instance) as standing:
        standing.mark(asked.id, day)
    return {"order": asked.id, "messages": counts}


def _note(work: Work, asked: NoticeAsk, registered: Registered) -> None:
    columns = [f"{asked.table}.{column}" for column in ("key", *SOURCES[asked.what])]
    line = {"event": f"{KIND}-begun", "job": work.job.id, "by": work.job.asked_by, "population": registered.ref}
    more = {"ground": asked.ground, "purpose": asked.purpose, "synthetic": registered.is_synthetic, "columns": columns}
    work.instance.journal.append(STREAM, [{**line, **more, "controller": asked.controller, "kind": asked.what}])


def read_cares(table: Path, columns: Sequence[str], keys: Iterable[str]) -> dict[str, Care]:
    """Give by key for whom care is needed, by the columns of a table that say so; nobody where it has none."""
    from eendracht.kernel.rules.columns import duck

    flags = {name: column for name, column in FLAGS.flags.items() if column in columns}
    if not flags:
        return {}
    who = f'CAST("{FLAGS.representative}" AS VARCHAR)' if FLAGS.representative in columns else "NULL"
    listed = ", ".join(f'bool_or(coalesce("{column}", false)) AS {name}' for name, column in flags.items())
    with duck.connect() as connection:
        result = connection.execute(
            f"SELECT CAST(key AS VARCHAR) AS key, max({who}) AS representative, {listed} FROM read_parquet(?)"
            " WHERE CAST(key AS VARCHAR) IN (SELECT unnest(?)) GROUP BY 1",
            [str(table), sorted(set(keys))],
        )
        names = [column[0] for column in result.description]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return {row["key"]: _care(row) for row in rows if any(row[name] for name in flags)}


def _care(row: Mapping[str, Any]) -> Care:
    excluded = next((why for why in ("deceased", "objection") if row.get(why)), "")
    return Care(excluded, bool(row.get("guarded")), row["representative"] or "", bool(row.get("hidden_address")))


def find_notices(instance: Instance, asked: NoticeAsk, folder: Path, use: NoticeUse, day: date) -> list[Notice]:
    """Look through a table; only rows within reach are read. Raises InvalidInput where that is too many."""
    last = day + timedelta(days=asked.reach)
    table = folder / f"{asked.table}.parquet"
    if asked.what in ("document-expires", "term-ends"):
        rows = _rows(table, ("key", "until"), "until", (day, last))
        find = find_expiring if asked.what == "document-expires" else find_ending
        return find(rows, use, day, asked.reach, asked.words)
    if asked.what == "turns-18":
        rows = _rows(table, ("key", "born"), "born", (_years_before(day, 18, -1), _years_before(last, 18, 0)))
        return find_coming_of_age(rows, use, day, asked.reach)
    if asked.what == "pension-age":
        # The pension age lies between 65 and 70 (AOW, art. 7a); the law itself says the day.
        rows = _rows(table, ("key", "born"), "born", (_years_before(day, 70, 0), _years_before(last, 65, 0)))
        return find_pension(rows, use, day, asked.reach, instance.lawbook.library)
    places = _rows(table, ("key", "latitude", "longitude"))
    permits = [
        Permit((row["what_nl"], row["what_en"]), row["latitude"], row["longitude"], row["until"])
        for row in _rows(folder / f"{asked.permits}.parquet", PERMITS, "until", (day, date.max))
    ]
    return find_nearby(places, permits, use, day, asked.reach)


def _years_before(day: date, years: int, days: int) -> date:
    """Give a day so many years before; of 29 February the day after, with some days added."""
    try:
        found = day.replace(year=day.year - years)
    except ValueError:
        found = date(day.year - years, 3, 1)
    return found + timedelta(days=days)


def _rows(
    file: Path, columns: Sequence[str], dated: str = "", span: tuple[date, date] | None = None
) -> list[dict[str, Any]]:
    """Read columns of a table, of a day within a span where one is given."""
    from eendracht.kernel.rules.columns import duck

    where, values = "", [str(file)]
    if span is not None:
        where = f' WHERE CAST("{dated}" AS DATE) BETWEEN CAST(? AS DATE) AND CAST(? AS DATE)'
        values += [day.isoformat() for day in span]
    listed = ", ".join(f'CAST("{name}" AS DATE) AS "{name}"' if name == dated else f'"{name}"' for name in columns)
    with duck.connect() as connection:
        found = connection.execute(
            f"SELECT {listed} FROM read_parquet(?){where} LIMIT {MOST_ROWS + 1}", values
        ).fetchall()
    if len(found) > MOST_ROWS:
        nl, en = f"Meer dan {MOST_ROWS} rijen op een dag", f"More than {MOST_ROWS} rows on one day"
        fault = Fault("/reach", "too-many", nl, en, "Look less far ahead, or give a table of fewer people.")
        raise disclose(InvalidInput(en, faults=[fault]))
    return [dict(zip(columns, row, strict=True)) for row in found]


def tend_notices(instance: Instance) -> None:
    """Ask once a day for each order that stands, as who asked it; one who may not any more asks nothing."""
    if not (instance.settings.folder / FOLDER / "notices.db").is_file():
        return
    day = today(instance.store.clock).isoformat()
    with Standing(instance) as standing:
        due = [(asked, name) for _, asked, name, done_on in standing.list_orders() if done_on < day]
    jobs = Jobs(instance.store)
    todays = [job for job in jobs.list_jobs(OPERATOR, 1_000) if job.kind == KIND and job.asked_at[:10] >= day]
    known = {read_notice_ask(job.arguments).id for job in todays}
    for asked, name in due:
        if asked.id in known:
            continue
        try:
            author = OPERATOR if name == OPERATOR.name else find_principal(instance.store, name)
            ask_notices(instance, author, asked)
        except EendrachtError as error:
            line = {"event": f"{KIND}-refused", "order": asked.id, "why": error.code, "controller": asked.controller}
            instance.journal.append(STREAM, [line])
            with Standing(instance) as standing:
                standing.mark(asked.id, today(instance.store.clock))


JOBS: Final = (
    JobKind(
        KIND,
        Said("Berichten bij een dag of plaats", "Notices by date or place"),
        {
            "read": Said("Doorkijken", "Looking through"),
            "write": Said("Berichten schrijven", "Writing messages"),
            "send": Said("Versturen", "Sending"),
        },
        run_notices,
    ),
)
"""The job of this part."""
UPKEEP: Final = (tend_notices,)
