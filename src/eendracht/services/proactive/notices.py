"""Plain information by date or place: a document expires, a term ends, a permit is asked nearby.

Rows of a register become notices. They need a ground as much as a run does, people can stop each kind, and they leave
by the same way as other messages. Nothing is concluded about anybody: it is a date or a distance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from eendracht.kernel.clock import timestamp
from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.populations import STREAM
from eendracht.kernel.rules.evaluation import evaluate
from eendracht.kernel.rules.facts import Case, Register
from eendracht.kernel.rules.grounds import Ground, Use, require_ground
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.values import as_date
from eendracht.services.proactive.messages import Language, Sender, write_notice
from eendracht.services.proactive.outbox import Outbox, Row, message_id
from eendracht.services.proactive.retention import MESSAGE
from eendracht.services.proactive.stops import Stops, clerk

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance
    from eendracht.services.proactive.addressees import Person, Resolver

Kind = Literal["document-expires", "term-ends", "permit-nearby"]
_EARTH_METRES: Final = 6_371_008.8
_AOW: Final = "algemene_ouderdomswet"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell about a key: its kind, the day, and the words that fill the message in each language."""

    key: str
    kind: Kind
    day: date
    values: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Dutch and English of each word."""


@dataclass(frozen=True, slots=True)
class NoticeUse:
    """On which ground rows of a register are looked through, for whom and from which sources."""

    ground: Ground | None
    purpose: str
    controller: str
    law: str
    sources: tuple[str, ...]
    is_synthetic: bool = False

    def require(self, on: date) -> None:
        """Raise NoGround unless a ground covers it; made-up people need none."""
        if not self.is_synthetic:
            require_ground(self.ground, Use((self.law,), self.purpose, self.controller, self.sources, on))


@dataclass(frozen=True, slots=True)
class Care:
    """What a register says of somebody that asks for care: why nothing is told, or who acts for the person.

    `excluded` is empty, `deceased` or `objection`; `representative` is a key, and empty where nobody is known.
    """

    excluded: str = ""
    is_guarded: bool = False
    representative: str = ""
    has_secret_address: bool = False


_NO_CARE: Final = Care()


def find_expiring(
    rows: Iterable[Mapping[str, Any]],
    use: NoticeUse,
    on: date,
    days: int,
    words: tuple[str, str] = ("paspoort", "passport"),
) -> list[Notice]:
    """Give a notice for each row (`key`, `until`) of a document that is valid until within so many days.

    What ended before today is not told; a row without a day says nothing. Raises NoGround, InvalidInput.
    """
    use.require(on)
    last = on + timedelta(days=days)
    found = _dated(rows, "until")
    return [Notice(key, "document-expires", day, {"document": words}) for key, day in found if on <= day <= last]


def find_ending(
    rows: Iterable[Mapping[str, Any]], use: NoticeUse, on: date, days: int, what: tuple[str, str]
) -> list[Notice]:
    """Give a notice for each row (`key`, `until`) of a term, a permit for example, that ends within so many days.

    `until` is its last day. Raises NoGround, InvalidInput.
    """
    use.require(on)
    last = on + timedelta(days=days)
    return [Notice(key, "term-ends", day, {"what": what}) for key, day in _dated(rows, "until") if on <= day <= last]


def find_coming_of_age(rows: Iterable[Mapping[str, Any]], use: NoticeUse, on: date, days: int) -> list[Notice]:
    """Give a notice for each row (`key`, `born`) of who becomes 18 within so many days.

    Raises NoGround, InvalidInput.
    """
    use.require(on)
    what = ("u wordt 18 jaar", "you become 18")
    found = [(key, _birthday(born, 18)) for key, born in _dated(rows, "born")]
    return [_term(key, day, what) for key, day in found if on <= day <= on + timedelta(days=days)]


def find_pension(
    rows: Iterable[Mapping[str, Any]], use: NoticeUse, on: date, days: int, library: Library
) -> list[Notice]:
    """Give a notice for each row (`key`, `born`) of who gets the pension age of the AOW within so many days.

    The day is that of the law (AOW art. 7a); of whom the law does not say it, nothing is told. Raises NoGround,
    InvalidInput.
    """
    use.require(on)
    what = ("u krijgt de leeftijd voor AOW", "you reach the age for the state pension (AOW)")
    days_of: dict[date, date | None] = {}
    notices = []
    for key, born in _dated(rows, "born"):
        if born not in days_of:
            days_of[born] = _pension_day(library, born, on)
        day = days_of[born]
        if day is not None and on <= day <= on + timedelta(days=days):
            notices.append(_term(key, day, what))
    return notices


def _pension_day(library: Library, born: date, on: date) -> date | None:
    row = {"bsn": "1", "geboortedatum": born.isoformat()}
    case = Case(on, {"bsn": "1"}, (Register("brp", "bsn", [row]),))
    found = evaluate(library, _AOW, ["aow_datum"], case, is_whole_article=False)
    return as_date(found.outcomes["aow_datum"].value)


@dataclass(frozen=True, slots=True)
class Permit:
    """A permit that was asked: what for, where (degrees, WGS 84), and the last day to say something of it."""

    what: tuple[str, str]
    latitude: float
    longitude: float
    until: date


def find_nearby(
    rows: Iterable[Mapping[str, Any]], permits: Iterable[Permit], use: NoticeUse, on: date, metres: int
) -> list[Notice]:
    """Give a notice for each row (`key`, `latitude`, `longitude`) and each open permit at most so many metres away.

    Raises NoGround, InvalidInput.
    """
    use.require(on)
    places = _placed(rows)
    open_permits = [permit for permit in permits if permit.until >= on]
    notices = []
    for key, latitude, longitude in places:
        for permit in open_permits:
            away = measure_distance(latitude, longitude, permit.latitude, permit.longitude)
            if away <= metres:
                # Rounded up to ten metres: where exactly somebody lives is nobody's business.
                rounded = str(math.ceil(away / 10) * 10)
                words = {"what": permit.what, "metres": (rounded, rounded)}
                notices.append(Notice(key, "permit-nearby", permit.until, words))
    return notices


def measure_distance(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Give the metres between two places in degrees, along the surface of a sphere (haversine)."""
    one, two = math.radians(latitude), math.radians(other_latitude)
    turn = math.radians(other_longitude - longitude)
    half = math.sin((two - one) / 2) ** 2 + math.cos(one) * math.cos(two) * math.sin(turn / 2) ** 2
    return 2 * _EARTH_METRES * math.asin(min(1.0, math.sqrt(half)))


def _term(key: str, day: date, what: tuple[str, str]) -> Notice:
    return Notice(key, "term-ends", day, {"what": what})


def _birthday(born: date, years: int) -> date:
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        # 29 February comes on 1 March in other years (BW art. 1:2 counts whole years).
        return date(born.year + years, 3, 1)


def _dated(rows: Iterable[Mapping[str, Any]], name: str) -> list[tuple[str, date]]:
    """Read keys with a day; one without a day says nothing. Raises InvalidInput with every row that cannot be read."""
    found, faults = [], []
    for at, row in enumerate(rows):
        key, given = row.get("key"), row.get(name)
        day = given if isinstance(given, date) else as_date(given)
        if key in (None, "") or (given not in (None, "") and day is None):
            nl, en = (
                f"Rij heeft geen sleutel of een verkeerde dag '{name}'",
                f"The row lacks a key or has a wrong '{name}'",
            )
            faults.append(Fault(f"/rows/{at}", "malformed-row", nl, en, "Give key and a day as YYYY-MM-DD."))
        elif day is not None:
            found.append((str(key), day))
    if faults:
        raise InvalidInput(f"{len(faults)} rows cannot be read", faults=faults)
    return found


def _placed(rows: Iterable[Mapping[str, Any]]) -> list[tuple[str, float, float]]:
    found, faults = [], []
    for at, row in enumerate(rows):
        try:
            key, latitude, longitude = str(row["key"]), float(row["latitude"]), float(row["longitude"])
            if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
                raise ValueError
        except (KeyError, TypeError, ValueError):
            nl, en = "De plaats is niet te lezen", "The place cannot be read"
            faults.append(Fault(f"/rows/{at}", "malformed-row", nl, en, "Give key, latitude and longitude in degrees."))
        else:
            found.append((key, latitude, longitude))
    if faults:
        raise InvalidInput(f"{len(faults)} rows cannot be read", faults=faults)
    return found


# -- telling -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Posting:
    """How the notices of one batch are written: on which use, by whom, to whom, and with what care for whom.

    `is_letter` is whether they go by post or wire: then one to a secret address waits for somebody's hand.
    """

    instance: Instance
    outbox: Outbox
    batch: str
    use: NoticeUse
    sender: Sender
    resolver: Resolver
    cares: Mapping[str, Care] = field(default_factory=dict)
    is_letter: bool = False

    def post(self, notices: Iterable[Notice]) -> dict[str, int]:
        """Write each notice to the vault and put it in the outbox; gives counts by state.

        Who stopped this kind gets none, and neither does who died or objected. A notice that was posted before under
        the same batch is not posted again.
        """
        for notice in notices:
            self._post(notice)
        return self.outbox.count(self.batch)

    def _post(self, notice: Notice) -> None:
        words = "|".join(nl for nl, _ in notice.values.values())
        message = message_id(self.batch, notice.key, f"{notice.kind}|{notice.day}|{words}")
        if self.outbox.find(message) is not None:
            return
        item, reason = self._write(message, notice)
        state, at = "held" if reason else "waiting", timestamp(self.instance.store.clock.now())
        controller = self.use.controller
        self.outbox.add(Row(message, self.batch, controller, notice.kind, item, state, reason, 0, at))
        noted = {"event": "notice", "run": self.batch, "message": message, "controller": controller}
        line = {**noted, "kind": notice.kind, "item": item, "state": reason or state}
        self.instance.journal.append(STREAM, [line])

    def _write(self, message: str, notice: Notice) -> tuple[str, str]:
        """Give the item of the vault that holds the message, and why it is held; either may be empty."""
        care = self.cares.get(notice.key, _NO_CARE)
        person = self.resolver(notice.key)
        if care.excluded or person is None:
            return "", care.excluded or "nobody-known"
        subject = self.instance.vault.add_subject(person.scheme, person.identifier)
        if Stops(self.instance, self.use.controller).has_stopped(subject, notices=notice.kind):
            return "", "objection"
        to = person
        if care.is_guarded:
            other = self.resolver(care.representative) if care.representative else None
            if other is None:
                return "", "no-representative"
            to = other
        content = _content(message, notice, self.sender, to, self.batch, is_secret=care.has_secret_address)
        ground = (self.use.ground.ref if self.use.ground else "") or "synthetic"
        controller = self.use.controller
        item = self.instance.vault.put(
            subject, MESSAGE, content, controller=controller, ground=ground, author=clerk(controller)
        )
        return item, "secret-address" if care.has_secret_address and self.is_letter else ""


def _content(
    message: str, notice: Notice, sender: Sender, person: Person, batch: str, *, is_secret: bool
) -> dict[str, Any]:
    language: Language = person.language
    values = {name: said[0] if language == "nl" else said[1] for name, said in notice.values.items()}
    said = write_notice(notice.kind, sender, language, day=_say_day(notice.day, language), **values)
    return {
        "id": message,
        "recipient": {"name": person.name, "address": [] if is_secret else list(person.address)},
        "language": language,
        "subject": said.subject,
        "text": said.text,
        "law": notice.kind,
        "article": "",
        "amountPerYear": None,
        "certainty": "sure",
        "run": batch,
    }


_MONTHS: Final = {
    "nl": [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}


def _say_day(day: date, language: Language) -> str:
    return f"{day.day} {_MONTHS[language][day.month - 1]} {day.year}"
