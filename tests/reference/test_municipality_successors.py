"""Who followed a municipality that ended, against the list and the boundaries of Statistics Netherlands."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from eendracht.reference import load_municipality_successors, load_public_bodies
from eendracht.reference.bodies import read_table

BODIES = {body.code: body for body in load_public_bodies()}
SUCCESSORS = load_municipality_successors()
BASES = {code: basis for code, _, basis in read_table("municipality_successors.csv")}


def test_who_follows_stood_in_2023_and_who_ended_did_not(shared: Callable[..., Path]) -> None:
    with shared("reference", "craft", "nl-municipalities-2023.csv").open(encoding="utf-8") as stream:
        stood = {row["code"].casefold() for row in csv.DictReader(stream)}
    assert len(stood) == 342
    assert {code for codes in SUCCESSORS.values() for code in codes} <= stood
    assert not SUCCESSORS.keys() & stood


def test_every_municipality_that_ended_since_2009_has_a_line() -> None:
    towns = [body for body in BODIES.values() if body.type == "municipality"]
    ended = {body.code for body in towns if body.valid_until and body.valid_until >= date(2008, 12, 31)}
    assert ended <= SUCCESSORS.keys()
    assert all(BODIES[code].type == "municipality" and not BODIES[code].cbs for code in SUCCESSORS)


def test_every_line_says_on_what_it_rests() -> None:
    assert set(BASES.values()) == {"boundaries", "place", "unconfirmed"}
    # The boundaries are of 2013: who ended before cannot rest on them.
    ends = {code: BODIES[code].valid_until for code in BASES}
    assert not [code for code, basis in BASES.items() if basis == "boundaries" and (ends[code] or date.max).year < 2013]


@pytest.mark.parametrize(
    ("former", "followers"),
    [
        # Ezinge, Feerwerd and Garnwerd went to Westerkwartier on 1 January 2019: 22 % of the area.
        ("gm0053", {"gm1966", "gm1969"}),
        # Oudenhoorn went to Hellevoetsluis on 1 January 2015, now Voorne aan Zee: 16 % of the area.
        ("gm0568", {"gm1930", "gm1992"}),
        # Haskerdijken and Nieuwebrug went to Heerenveen on 1 January 2014: 5 % of the area.
        ("gm0051", {"gm1940", "gm0074"}),
        ("gm0788", {"gm0757", "gm0824", "gm0855", "gm0865"}),
        ("gm0457", {"gm0363"}),
    ],
)
def test_the_area_of_2013_lies_where_the_table_says(former: str, followers: set[str]) -> None:
    assert set(SUCCESSORS[former]) == followers
    assert BASES[former] == "boundaries"
