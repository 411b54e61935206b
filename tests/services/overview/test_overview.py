"""Mijn overzicht: all of one person and nothing of another, who used it, and what is left after an erasure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from eendracht.kernel.access import OPERATOR, PUBLIC, Principal, Role
from eendracht.kernel.errors import Denied, NotFound
from eendracht.kernel.instance import Instance
from eendracht.services.overview.assemble import Overview, make_overview
from eendracht.services.overview.download import ANOTHER, make_download
from eendracht.services.overview.own_file import open_own_file
from eendracht.services.overview.sections import Entry
from eendracht.services.overview.uses import list_uses
from tests.services.overview.persons import OTHER, OWNER, PROGRAM, STAFF, WORDS, fill, open_persons, person


@pytest.fixture
def node(tmp_path: Path) -> Iterator[tuple[Instance, dict[str, str]]]:
    with open_persons(tmp_path / "node") as instance:
        yield instance, fill(instance)


def overview_of(instance: Instance, subject: str) -> Overview:
    return make_overview(open_own_file(instance, person(subject)))


def entries_of(overview: Overview, code: str) -> tuple[Entry, ...]:
    return next(section.entries for section in overview.sections if section.code == code)


def facts_of(entry: Entry) -> dict[str, str]:
    return {label.en: getattr(value, "en", str(value)) for label, value in entry.facts}


def used(instance: Instance, subject: str) -> Counter[tuple[object, ...]]:
    """Give how often each sort of use stands there."""
    uses = list_uses(open_own_file(instance, person(subject)))
    return Counter(
        {(u.organisation, u.purpose, u.kind, u.is_automatic, u.is_refused, u.is_operator): u.times for u in uses}
    )


def test_it_holds_all_of_one_person_and_nothing_of_another(node: tuple[Instance, dict[str, str]]) -> None:
    instance, subjects = node
    for name, other in (("parent", "pensioner"), ("pensioner", "parent")):
        overview = overview_of(instance, subjects[name])
        text = repr(overview)
        assert WORDS[name] in text
        assert WORDS[other] not in text
        assert subjects[other] not in text
        # What is not open to whom it is about is not there at all.
        assert "note-" not in text
        assert all(section.entries for section in overview.sections if section.code != "uses")


def test_a_case_shows_its_newest_state_who_has_it_and_what_is_late(node: tuple[Instance, dict[str, str]]) -> None:
    instance, subjects = node
    overview = overview_of(instance, subjects["parent"])
    case, taken_over = entries_of(overview, "cases")
    facts = facts_of(taken_over)
    assert not taken_over.is_pressing
    assert facts["Now with"] == "Gemeente Amsterdam"
    assert "Gemeente Amsterdam has taken it over" in facts["Hand-over"]
    assert facts["Case number"].startswith("EEN-")
    assert facts_of(case)["Now with"] == "Gemeente Utrecht"
    # The last day is over: Awb 4:17 lets somebody press for a decision.
    assert case.is_pressing
    assert case.note is not None and "4:17" in case.note.nl
    assert (overview.pressing[0][0].code, overview.pressing[0][1]) == ("cases", case)


def test_claims_stops_and_consents_show_where_they_stand(node: tuple[Instance, dict[str, str]]) -> None:
    instance, subjects = node
    author = Principal("services/test", frozenset({(Role.EDITOR, OWNER)}))
    (claim,) = [item for item in instance.vault.describe(subjects=[subjects["parent"]]) if item.kind == "claim"]
    known = entries_of(overview_of(instance, subjects["parent"]), "known")
    assert known[0].title.en == "Your correction: woonadres"
    assert facts_of(known[0])["Status"] == "not decided yet"
    assert known[0].is_pressing
    decided = {"event": "decided", "claim": claim.id, "state": "accepted", "by": "x"}
    instance.vault.put(subjects["parent"], "claim", decided, controller=OWNER, ground="avg/art-16", author=author)
    known = entries_of(overview_of(instance, subjects["parent"]), "known")
    states = {entry.title.en: facts_of(entry).get("Status") for entry in known}
    assert states["Your correction: woonadres"] == "accepted"
    choices = entries_of(overview_of(instance, subjects["parent"]), "choices")
    told = {entry.title.en: (facts_of(entry), entry.change and entry.change.code) for entry in choices}
    assert told["You gave consent"][0]["To"] == "Gemeente Amsterdam"
    law = [entry for entry in choices if "wet_op_de_zorgtoeslag" in facts_of(entry).values()]
    assert [(entry.change and entry.change.code) for entry in law] == ["allow"]


def test_who_used_it_is_told_by_organisation_purpose_and_day(node: tuple[Instance, dict[str, str]]) -> None:
    instance, subjects = node
    mine = instance.vault.describe(subjects=[subjects["parent"]])
    extract = next(item for item in mine if item.kind == "register-extract")
    case = next(item for item in mine if item.controller == OTHER and item.kind == "case-reference")
    before = used(instance, subjects["parent"])
    theirs = next(i for i in instance.vault.describe(subjects=[subjects["pensioner"]]) if i.kind == "register-extract")
    assert not [use for use in list_uses(open_own_file(instance, person(subjects["parent"]))) if use.is_refused]
    for _ in range(3):
        instance.vault.get(extract.id, "application", STAFF)
    instance.vault.get(theirs.id, "payback-warning", STAFF)
    instance.vault.get(case.id, "services/cases", PROGRAM)
    instance.vault.get(case.id, "export", OPERATOR)
    with pytest.raises(NotFound):
        instance.vault.get(case.id, "curious", STAFF)
    assert used(instance, subjects["parent"]) - before == Counter(
        {
            (OWNER, "application", "register-extract", False, False, False): 3,
            (OTHER, "services/cases", "case-reference", True, False, False): 1,
            (OTHER, "export", "case-reference", False, False, True): 1,
            (OTHER, "curious", "case-reference", False, True, False): 1,
        }
    )
    entry = next(
        e for e in entries_of(overview_of(instance, subjects["parent"]), "uses") if "application" in str(e.facts)
    )
    assert entry.title.nl == "Gemeente Utrecht"
    assert facts_of(entry)["For what"] == "for your application"
    assert facts_of(entry)["How often"] == "3 times"
    # Who it was at the organisation stays with the organisation.
    assert STAFF.name not in repr(entries_of(overview_of(instance, subjects["parent"]), "uses"))


def test_the_download_holds_everything_and_names_nobody_else(node: tuple[Instance, dict[str, str]]) -> None:
    instance, subjects = node
    own = open_own_file(instance, person(subjects["parent"]))
    made = json.loads(json.dumps(make_download(own)))
    kept = {one["id"] for one in made["kept"]}
    there = instance.vault.describe(subjects=[subjects["parent"]])
    assert kept == {item.id for item in there if item.kind != "working-note"}
    text = json.dumps(made)
    assert "subject-" not in text
    assert WORDS["pensioner"] not in text
    (acting,) = [one for one in made["kept"] if one["kind"] == "representation"]
    assert acting["content"]["represented"] == ANOTHER
    assert all(one["ground"] and one["until"] and one["controllerName"] for one in made["kept"])


def test_a_file_that_is_kept_comes_along(node: tuple[Instance, dict[str, str]]) -> None:
    instance, subjects = node
    author = Principal("services/test", frozenset({(Role.EDITOR, OWNER)}))
    what = {"controller": OWNER, "ground": "avg/art-6", "author": author}
    instance.vault.put(subjects["parent"], "claim", b"%PDF", **what)
    made = make_download(open_own_file(instance, person(subjects["parent"])))
    assert {"base64": "JVBERg=="} in [one["content"] for one in made["kept"]]


def test_whoever_is_no_person_has_no_overview(node: tuple[Instance, dict[str, str]]) -> None:
    instance, _ = node
    for asker in (PUBLIC, OPERATOR, STAFF):
        with pytest.raises(Denied):
            open_own_file(instance, asker)


def test_after_an_erasure_nothing_is_left(node: tuple[Instance, dict[str, str]]) -> None:
    instance, subjects = node
    instance.destruction.destroy_subject(subjects["parent"], ground="AVG, art. 17.1.a", by="fg")
    overview = overview_of(instance, subjects["parent"])
    assert not any(section.entries for section in overview.sections)
    assert make_download(open_own_file(instance, person(subjects["parent"])))["kept"] == []
    assert entries_of(overview_of(instance, subjects["pensioner"]), "cases")


def test_the_journal_tells_that_it_was_read_and_nothing_more(node: tuple[Instance, dict[str, str]]) -> None:
    instance, subjects = node
    before = instance.journal.count("vault")
    overview_of(instance, subjects["parent"])
    lines = [line.content for line in instance.journal.read("vault", before)]
    assert {line["purpose"] for line in lines} == {"own-overview"}
    assert WORDS["parent"] not in json.dumps(lines)
