"""Reading a scenario: each fault at its line, all at once, and nothing in a file that can hurt."""

from __future__ import annotations

import json
import re
import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from eendracht.kernel.errors import InvalidInput
from eendracht.resilience.exercises.scenario import ScenarioFile, dump_scenario, write_scenario
from eendracht.resilience.exercises.scenario_checks import read_scenario

ALLOWED = "@oefening.example https://knoop.example post@anders.example http://127.0.0.1:8080"
ESTATE = {"organisation:gm0344", "organisation:gm0363", "application:gm0344/balie", "public-service:gm0344/paspoort"}
BASE = """name: Proef
ledBy: organisation:gm0344
duration: "2:00"
organisations:
  - ref: organisation:gm0344
  - ref: organisation:gm0363
objectives:
  - {id: samen, name: Samen}
injects:
  - {id: begin, at: "0:10", to: [all], subject: Begin}
"""


def find_faults(text: str | bytes, allowed: str = ALLOWED) -> list[tuple[int, str, str]]:
    """Give line, pointer and code of every fault; none where it is right."""
    data = text if isinstance(text, bytes) else text.encode()
    try:
        read_scenario(data, "proef.yaml", allowed=allowed, find_thing=ESTATE.__contains__)
    except InvalidInput as refused:
        found = []
        for fault in refused.faults:
            assert fault.nl
            assert fault.en
            place = re.fullmatch(r"proef\.yaml:(\d+)(?: › (.*))?", fault.pointer)
            assert place, fault.pointer
            found.append((int(place[1]), place[2] or "", fault.code))
        return found
    return []


def marked(text: str) -> list[int]:
    """Give the lines that say of themselves that they are wrong."""
    return [number for number, line in enumerate(text.splitlines(), 1) if "# wrong" in line]


def test_the_base_is_right() -> None:
    assert find_faults(BASE) == []


WRONG = {
    "address not listed": (
        BASE.replace(
            "  - ref: organisation:gm0363\n",
            "  - ref: organisation:gm0363\n    eMail: crisis@gemeente.example # wrong\n",
        ),
        [("/organisations/1/eMail", "not-on-the-list")],
    ),
    "a domain below a listed one": (
        BASE.replace(
            "  - ref: organisation:gm0363\n",
            "  - ref: organisation:gm0363\n    eMail: a@sub.oefening.example # wrong\n",
        ),
        [("/organisations/1/eMail", "not-on-the-list")],
    ),
    "two addresses in one": (
        BASE.replace(
            "  - ref: organisation:gm0363\n",
            "  - ref: organisation:gm0363\n    eMail: 'a@x.example,b@oefening.example' # wrong\n",
        ),
        [("/organisations/1/eMail", "not-on-the-list")],
    ),
    "webhook of another host": (
        BASE.replace(
            "  - ref: organisation:gm0363\n",
            "  - ref: organisation:gm0363\n    webhook: https://knoop.example.kwaad.example/in # wrong\n",
        ),
        [("/organisations/1/webhook", "not-on-the-list")],
    ),
    "webhook with a user before the host": (
        BASE.replace(
            "  - ref: organisation:gm0363\n",
            "  - ref: organisation:gm0363\n    webhook: https://knoop.example@kwaad.example/in # wrong\n",
        ),
        [("/organisations/1/webhook", "not-on-the-list")],
    ),
    "webhook in clear where the list says https": (
        BASE.replace(
            "  - ref: organisation:gm0363\n",
            "  - ref: organisation:gm0363\n    webhook: http://knoop.example/in # wrong\n",
        ),
        [("/organisations/1/webhook", "not-on-the-list")],
    ),
    "webhook on another port": (
        BASE.replace(
            "  - ref: organisation:gm0363\n",
            "  - ref: organisation:gm0363\n    webhook: http://127.0.0.1:8081/in # wrong\n",
        ),
        [("/organisations/1/webhook", "not-on-the-list")],
    ),
    "after the end": (
        BASE.replace('at: "0:10"', 'at: "2:01"').replace("Begin}", "Begin} # wrong"),
        [("/injects/0/at", "after-the-end")],
    ),
    "delay after the end": (
        BASE + '  - {id: laat, at: "1:30", delay: "0:31", to: [all], subject: Laat} # wrong\n',
        [("/injects/1/at", "after-the-end")],
    ),
    "unknown organisation": (
        BASE.replace("to: [all], subject: Begin}", "to: [all, organisation:gm9999], subject: Begin} # wrong"),
        [("/injects/0/to/1", "takes-no-part")],
    ),
    "unknown objective of an inject": (
        BASE.replace("subject: Begin}", "subject: Begin, objective: apart} # wrong"),
        [("/injects/0/objective", "unknown-objective")],
    ),
    "unknown objective, inject and organisation of an expectation": (
        BASE
        + "expectations:\n  - {id: e, name: E, objective: apart, inject: nooit, of: [organisation:gm9999], type: act,"
        ' within: "0:10"} # wrong\n',
        [
            ("/expectations/0/objective", "unknown-objective"),
            ("/expectations/0/inject", "unknown-inject"),
            ("/expectations/0/of/0", "takes-no-part"),
        ],
    ),
    "share with who takes no part": (
        BASE + "expectations:\n  - {id: e, name: E, objective: samen, type: share, shareWith: organisation:gm9999,"
        ' within: "0:10"} # wrong\n',
        [("/expectations/0/shareWith", "takes-no-part")],
    ),
    "acknowledge without a message": (
        BASE + 'expectations:\n  - {id: e, name: E, objective: samen, type: acknowledge, within: "0:10"} # wrong\n',
        [("/expectations/0/inject", "acknowledge-what")],
    ),
    "an effect that is no decision": (
        BASE
        + 'expectations:\n  - {id: e, name: E, objective: samen, type: act, effect: isolate, within: "0:10"} # wrong\n',
        [("/expectations/0/effect", "effect-of-a-decision")],
    ),
    "unknown inject and expectation of a condition": (
        BASE + "  - {id: na, when: {inject: nooit, expectation: geen}, to: [all], subject: Na} # wrong\n",
        [("/injects/1/when/expectation", "unknown-expectation"), ("/injects/1/when/inject", "unknown-inject")],
    ),
    "an empty condition": (
        BASE + "  - {id: na, when: {}, to: [all], subject: Na} # wrong\n",
        [("/injects/1/when", "condition-empty")],
    ),
    "about without a decision": (
        BASE
        + "  - {id: na, when: {inject: begin, about: 'application:gm0344/balie'}, to: [all], subject: Na} # wrong\n",
        [("/injects/1/when/about", "about-what")],
    ),
    "neither at nor when": (
        BASE + "  - {id: na, to: [all], subject: Na} # wrong\n",
        [("/injects/1", "when-is-it")],
    ),
    "both at and when": (
        BASE + '  - {id: na, at: "0:20", when: {inject: begin}, to: [all], subject: Na} # wrong\n',
        [("/injects/1", "when-is-it")],
    ),
    "an organisation twice": (
        BASE.replace("  - ref: organisation:gm0363\n", "  - ref: organisation:gm0344 # wrong\n"),
        [("/organisations/1", "named-twice")],
    ),
    "an inject twice": (
        BASE + '  - {id: begin, at: "0:20", to: [all], subject: Weer} # wrong\n',
        [("/injects/1", "named-twice")],
    ),
    "an inject that waits for itself": (
        BASE + "  - {id: na, when: {inject: na}, to: [all], subject: Na} # wrong\n",
        [("/injects/1/when", "waits-for-itself")],
    ),
    "injects that wait for each other": (
        BASE
        + "  - {id: a, when: {inject: b}, to: [all], subject: A} # wrong\n"
        + "  - {id: b, when: {inject: c}, to: [all], subject: B}\n"
        + "  - {id: c, when: {inject: a}, to: [all], subject: C}\n",
        [("/injects/1/when", "waits-for-itself")],
    ),
    "injects that wait for each other through an expectation": (
        BASE
        + "  - {id: a, when: {expectation: e}, to: [all], subject: A} # wrong\n"
        + 'expectations: [{id: e, name: E, objective: samen, inject: a, type: act, within: "0:10"}]\n',
        [("/injects/1/when", "waits-for-itself")],
    ),
    "repair before failure": (
        BASE
        + 'world:\n  failures:\n    - {thing: "application:gm0344/balie", at: "0:20", repairedAt: "0:20"} # wrong\n',
        [("/world/failures/0/repairedAt", "repair-before-failure")],
    ),
    "not in the estate": (
        BASE + "world:\n  watch:\n    - application:gm0344/balie\n    - application:gm0344/nergens # wrong\n",
        [("/world/watch/1", "not-in-the-estate")],
    ),
    "what must be cut off is not in the estate": (
        BASE + "world:\n  failures:\n    - {thing: 'application:gm0344/balie', at: '0:20',"
        " unlessIsolated: 'application:gm0344/nergens'} # wrong\n",
        [("/world/failures/0/unlessIsolated", "not-in-the-estate")],
    ),
    "a crew of who takes no part": (
        BASE + "world:\n  crews:\n    - {organisation: 'organisation:gm9999', skill: netwerk, people: 2} # wrong\n",
        [("/world/crews/0/organisation", "takes-no-part")],
    ),
    "webhook without an address": (
        BASE.replace("  - ref: organisation:gm0363\n", "  - ref: organisation:gm0363 # wrong\n")
        + '  - {id: na, at: "0:20", to: [organisation:gm0363], channels: [webhook], subject: Na}\n',
        [("/organisations/1/webhook", "no-address")],
    ),
    "minutes that no hour has": (
        BASE.replace('duration: "2:00"', 'duration: "1:60" # wrong'),
        [("/duration", "duration")],
    ),
    "a number where a duration is asked": (
        BASE.replace('duration: "2:00"', "duration: 120 # wrong"),
        [("/duration", "duration")],
    ),
    "a duration of nothing": (
        BASE.replace('duration: "2:00"', 'duration: "0:00" # wrong'),
        [("/duration", "greater-than")],
    ),
    "more than two weeks": (
        BASE.replace('duration: "2:00"', 'duration: "336:01" # wrong'),
        [("/duration", "less-than-equal")],
    ),
    "a number where text is asked": (BASE.replace("name: Proef", "name: 2026 # wrong"), [("/name", "string-type")]),
    "part of a person": (
        BASE.replace("  - ref: organisation:gm0363\n", "  - ref: organisation:gm0363\n    players: 2.5 # wrong\n"),
        [("/organisations/1/players", "int-from-float")],
    ),
    "a field that does not exist": (
        BASE.replace("ledBy", "leader: x # wrong\nledBy"),
        [("/leader", "extra-forbidden")],
    ),
    "a capital in an id": (
        BASE.replace("id: begin", "id: END").replace("Begin}", "Begin} # wrong"),
        [("/injects/0/id", "string-pattern-mismatch")],
    ),
    "a line break in a subject": (
        BASE.replace("subject: Begin}", 'subject: "Begin\\r\\nBcc: x@kwaad.example"} # wrong'),
        [("/injects/0/subject", "string-pattern-mismatch")],
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_told_at_its_line(what: str) -> None:
    text, expected = WRONG[what]
    lines = marked(text)
    assert len(lines) == 1
    assert sorted(find_faults(text)) == sorted((lines[0], pointer, code) for pointer, code in expected)


def test_all_faults_are_told_at_once() -> None:
    text = (
        BASE.replace('at: "0:10", to: [all]', 'at: "9:00", to: [organisation:gm9999]')
        + "  - {id: begin, to: [all], subject: Weer}\n"
        + "  - {id: na, when: {inject: na}, to: [all], subject: Na}\n"
        + "world: {watch: ['application:gm0344/nergens']}\n"
    )
    assert {code for *_, code in find_faults(text)} == {
        "after-the-end",
        "takes-no-part",
        "named-twice",
        "when-is-it",
        "waits-for-itself",
        "not-in-the-estate",
    }
    shape = BASE.replace("name: Proef", "name: 1").replace('"2:00"', "'straks'").replace("id: begin", "id: Begin!")
    assert {code for *_, code in find_faults(shape)} == {"string-type", "duration", "string-pattern-mismatch"}


@pytest.mark.parametrize("list_of_recipients", ["", "   ", "knoop.example", "@", "https://"])
def test_a_list_that_names_nobody_lets_nothing_through(list_of_recipients: str) -> None:
    text = BASE.replace(
        "  - ref: organisation:gm0363\n", "  - {ref: organisation:gm0363, eMail: '@', webhook: 'https://'}\n"
    )
    assert {code for *_, code in find_faults(text, list_of_recipients)} == {"not-on-the-list"}


@pytest.mark.parametrize(
    ("address", "way"),
    [
        ("Crisis@Oefening.example", "eMail"),
        ("post@anders.example", "eMail"),
        ("https://KNOOP.example/in?x=1", "webhook"),
        ("http://127.0.0.1:8080/in", "webhook"),
    ],
)
def test_who_is_on_the_list_may_get_messages(address: str, way: str) -> None:
    assert (
        find_faults(
            BASE.replace("  - ref: organisation:gm0363\n", f"  - {{ref: organisation:gm0363, {way}: '{address}'}}\n")
        )
        == []
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not-a-scenario"),
        (b"- a\n- b\n", "not-a-scenario"),
        (b"losse tekst\n", "not-a-scenario"),
        (b"name: \xff\xfe\n", "not-text"),
        (BASE.encode("utf-16"), "not-text"),
        (b"name: a\0b\n", "not-text"),
        (b"name: [\n", "unreadable-file"),
        (b"name: a\nname: b\n", "duplicate-key"),
        (b"--- {name: a}\n--- {name: b}\n", "several-documents"),
        (b"name: !!python/object/apply:os.system ['id']\n", "tag"),
        (b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "alias"),
        (b"name: " + b"[" * 100_000, "too-deep"),
        (b"name: " + b"{a: " * 5_000, "too-deep"),
        (b"# " + b"x" * (20 * 1024 * 1024), "file-too-large"),
        (b"x: " + b"9" * 2_000 + b"\n", "malformed-number"),
    ],
)
def test_a_file_that_is_no_scenario_is_refused_at_once(data: bytes, code: str) -> None:
    started = time.perf_counter()
    codes = {found for *_, found in find_faults(data)}
    assert code in codes
    assert time.perf_counter() - started < 5


def test_what_a_law_is_called_is_not_said_of_a_scenario() -> None:
    for data in (
        b"",
        b"a: &a x\nb: *a\n",
        b"x: !t 1\n",
        b"# " + b"x" * (17 * 1024 * 1024),
        b"--- {a: b}\n--- {c: d}\n",
    ):
        with pytest.raises(InvalidInput) as refused:
            read_scenario(data, "proef.yaml")
        told = " ".join(f"{fault.nl} {fault.en} {fault.hint} {fault.code}".lower() for fault in refused.value.faults)
        assert not re.search(r"\blaw\b|\bwet\b|wetsbestand", told), told


@pytest.mark.parametrize(("written", "seconds"), [("1:30", 5_400), ('"1:30"', 5_400), ("0:00:30", 30), ("1:05", 3_900)])
def test_hours_and_minutes_are_no_number_of_sixties(written: str, seconds: int) -> None:
    """YAML 1.1 reads 1:30 as ninety; YAML 1.2 reads text."""
    assert yaml.safe_load("x: 1:30")["x"] == 90
    read = read_scenario(BASE.replace('"2:00"', written).replace('"0:10"', '"0:00"').encode(), "proef.yaml")
    assert read.duration == seconds


def test_many_injects_that_wait_in_a_row_are_read_in_time() -> None:
    chain = "".join(f"  - {{id: n{at}, when: {{inject: n{at + 1}}}, to: [all], subject: N}}\n" for at in range(4_000))
    text = BASE + chain + '  - {id: n4000, at: "0:20", to: [all], subject: N}\n'
    started = time.perf_counter()
    assert find_faults(text) == []
    assert time.perf_counter() - started < 10


IDS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,8}", fullmatch=True)
WORDS = st.from_regex(r"[A-Za-zéß€0-9][A-Za-z éß€:#\"'{}\[\],&*!|>%@`-]{0,20}[A-Za-z]", fullmatch=True)


@st.composite
def scenarios(draw: st.DrawFn) -> dict[str, object]:
    """Draw a scenario that is right, as plain data."""
    refs = draw(st.lists(st.sampled_from([f"organisation:gm{at:04}" for at in range(9)]), min_size=1, unique=True))
    objectives = draw(st.lists(IDS, min_size=1, max_size=3, unique=True))
    names = draw(st.lists(IDS, min_size=1, max_size=6, unique=True))
    injects: list[dict[str, object]] = []
    for at, name in enumerate(names):
        inject: dict[str, object] = {"id": name, "to": draw(st.sampled_from([["all"], refs])), "subject": draw(WORDS)}
        if at and draw(st.booleans()):
            inject["when"] = {"inject": names[draw(st.integers(0, at - 1))]}
            inject["delay"] = f"0:{draw(st.integers(0, 59)):02}:{draw(st.integers(0, 59)):02}"
        else:
            inject["at"] = f"{draw(st.integers(0, 9))}:{draw(st.integers(0, 59)):02}"
        if draw(st.booleans()):
            inject |= {"text": draw(WORDS), "from": draw(WORDS), "objective": draw(st.sampled_from(objectives))}
        injects.append(inject)
    expectations = [
        {
            "id": f"e{at}",
            "objective": draw(st.sampled_from(objectives)),
            "name": draw(WORDS),
            "inject": draw(st.sampled_from(names)),
            "type": draw(st.sampled_from(["acknowledge", "report", "decide", "act"])),
            "within": f"0:{draw(st.integers(1, 59)):02}",
            "scope": draw(st.sampled_from(["any", "all", 1, 7])),
        }
        for at in range(draw(st.integers(0, 3)))
    ]
    return {
        "name": draw(WORDS),
        "language": draw(st.sampled_from(["nl", "en"])),
        "ledBy": refs[0],
        "duration": f"{draw(st.integers(10, 300))}:{draw(st.integers(0, 59)):02}",
        "organisations": [{"ref": ref, "players": draw(st.integers(0, 50))} for ref in refs],
        "objectives": [{"id": name, "name": draw(WORDS)} for name in objectives],
        "injects": injects,
        "expectations": expectations,
    }


@settings(max_examples=150, deadline=None)
@given(scenarios())
def test_what_is_read_is_written_so_that_it_reads_the_same(data: dict[str, object]) -> None:
    """JSON is YAML 1.2, and says of each text that it is one."""
    first = read_scenario(json.dumps(data, ensure_ascii=False).encode(), "proef.yaml")
    assert read_scenario(write_scenario(first).encode(), "proef.yaml") == first
    assert ScenarioFile.model_validate(dump_scenario(first)) == first
    assert [item.subject for item in first.injects] == [item["subject"] for item in data["injects"]]  # type: ignore[attr-defined]
