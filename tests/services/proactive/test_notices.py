"""Plain information by date and place: on a ground, only within the term, and never to who stopped it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from eendracht.bootstrap import Wiring
from eendracht.kernel.access import OPERATOR
from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.instance import Instance
from eendracht.kernel.rules import Library
from eendracht.kernel.rules.grounds import Ground, NoGround
from eendracht.services.proactive.addressees import Person
from eendracht.services.proactive.messages import Sender
from eendracht.services.proactive.notices import (
    NoticeUse,
    Permit,
    Posting,
    find_coming_of_age,
    find_ending,
    find_expiring,
    find_nearby,
    find_pension,
    measure_distance,
)
from eendracht.services.proactive.outbox import Outbox
from eendracht.services.proactive.stops import Stops
from tests.web.nodes import OWNER, PUBLIC_DRAFTS, fill_node

ON = date(2026, 3, 1)
GROUND = Ground("Paspoortwet", "26", "Herinneren", OWNER, ("reisdocumenten",), ref="ground:gm0344/paspoort")
USE = NoticeUse(GROUND, "Herinneren", OWNER, "Paspoortwet", ("reisdocumenten",))


def test_what_expires_within_the_term_is_told_and_nothing_else() -> None:
    rows = [
        {"key": "verlopen", "until": "2026-02-28"},
        {"key": "vandaag", "until": "2026-03-01"},
        {"key": "laatste", "until": date(2026, 5, 30)},
        {"key": "later", "until": "2026-05-31"},
        {"key": "onbekend", "until": None},
    ]

    assert [notice.key for notice in find_expiring(rows, USE, ON, 90)] == ["vandaag", "laatste"]
    assert [notice.key for notice in find_ending(rows, USE, ON, 0, ("uw vergunning stopt", "your permit ends"))] == [
        "vandaag"
    ]


@pytest.mark.parametrize(
    "use",
    [
        NoticeUse(None, "Herinneren", OWNER, "Paspoortwet", ("reisdocumenten",)),
        NoticeUse(GROUND, "Reclame", OWNER, "Paspoortwet", ("reisdocumenten",)),
        NoticeUse(GROUND, "Herinneren", OWNER, "Paspoortwet", ("reisdocumenten", "inkomen")),
    ],
)
def test_without_a_ground_that_covers_it_nothing_is_looked_through(use: NoticeUse) -> None:
    with pytest.raises(NoGround):
        find_expiring([{"key": "1", "until": "2026-03-01"}], use, ON, 90)


def test_every_row_that_cannot_be_read_is_told() -> None:
    rows = [{"key": "1", "until": "31-12-2026"}, {"until": "2026-03-01"}, {"key": "3", "until": "2026-02-30"}]
    with pytest.raises(InvalidInput) as refused:
        find_expiring(rows, USE, ON, 90)

    assert [fault.pointer for fault in refused.value.faults] == ["/rows/0", "/rows/1", "/rows/2"]


def test_who_becomes_18_is_told_also_who_was_born_on_a_leap_day() -> None:
    rows = [
        {"key": "leap", "born": "2008-02-29"},
        {"key": "soon", "born": "2008-04-01"},
        {"key": "late", "born": "2008-07-01"},
    ]

    assert [(notice.key, notice.day) for notice in find_coming_of_age(rows, USE, ON, 60)] == [
        ("leap", date(2026, 3, 1)),
        ("soon", date(2026, 4, 1)),
    ]


def test_the_day_of_the_pension_is_that_of_the_law(rulebook: Library) -> None:
    # 67 years for who is born in 1959 (rijksoverheid.nl); in 2026 nobody born from 1961 on reaches it.
    rows = [{"key": "a", "born": "1959-03-31"}, {"key": "b", "born": "1961-01-01"}, {"key": "c", "born": "1990-01-01"}]

    assert [(notice.key, notice.day) for notice in find_pension(rows, USE, ON, 60, rulebook)] == [
        ("a", date(2026, 3, 31))
    ]


def test_distances_are_those_of_the_globe() -> None:
    # A degree of latitude is 111.195 km on a sphere with the mean radius of the earth.
    assert measure_distance(52.0, 5.0, 53.0, 5.0) == pytest.approx(111_195, abs=1)
    assert measure_distance(52.0907, 5.1214, 52.3731, 4.8922) == pytest.approx(35_100, rel=0.01)


def test_a_permit_is_told_to_who_lives_near_with_a_rounded_distance() -> None:
    rows = [
        {"key": "near", "latitude": 52.0907, "longitude": 5.1214},
        {"key": "far", "latitude": 52.1907, "longitude": 5.1214},
    ]
    permits = [
        Permit(("een dakkapel", "a dormer"), 52.0912, 5.1214, date(2026, 4, 1)),
        Permit(("een oude schuur", "an old barn"), 52.0907, 5.1214, date(2026, 2, 1)),
    ]
    (notice,) = find_nearby(rows, permits, USE, ON, 200)

    assert (notice.key, notice.values["metres"], notice.day) == ("near", ("60", "60"), date(2026, 4, 1))
    with pytest.raises(InvalidInput):
        find_nearby([{"key": "x", "latitude": 91, "longitude": 5}], permits, USE, ON, 200)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with Wiring().create(tmp_path / "node") as instance:
        fill_node(instance, list(PUBLIC_DRAFTS))
        yield instance


def test_notices_go_to_the_outbox_once_and_not_to_who_stopped_this_kind(node: Instance, tmp_path: Path) -> None:
    rows = [{"key": str(at), "until": "2026-03-20"} for at in range(4)]
    people = {str(at): Person("bsn", f"90000000{at}", f"Bewoner {at}") for at in range(3)}
    stops = Stops(node, OWNER)
    stops.object_to(node.vault.add_subject("bsn", "900000001"), notices="document-expires")
    stops.object_to(node.vault.add_subject("bsn", "900000002"), notices="permit-nearby")
    sender = Sender("gemeente Utrecht")
    with Outbox(tmp_path / "outbox.db") as outbox:
        for _ in range(2):
            posting = Posting(node, outbox, "paspoort-2026", USE, sender, people.get)
            counts = posting.post(find_expiring(rows, USE, ON, 90))
        written = outbox.list_rows("paspoort-2026", "waiting")

    assert counts == {"waiting": 2, "objection": 1, "nobody-known": 1}
    message = node.vault.get(written[0].item, "test", OPERATOR)
    assert isinstance(message, dict)
    assert "Uw paspoort is geldig tot en met 20 maart 2026." in message["text"]
    assert "artikel 21" in message["text"]
