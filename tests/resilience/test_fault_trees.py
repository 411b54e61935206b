"""The Open-PSA reader: cut sets of trees worked out by hand, names and roles, and everything that is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from eendracht.kernel.errors import InvalidInput, UnreadableFile
from eendracht.resilience.fault_trees import FaultTree, read_fault_tree
from tests.kernel.estate.fault_trees import draw_tree


def model(body: str, head: str = '<?xml version="1.0"?>') -> bytes:
    return f"{head}\n<opsa-mef>\n<define-fault-tree name='ft'>\n{body}\n</define-fault-tree>\n</opsa-mef>".encode()


def gate(name: str, formula: str, role: str = "") -> str:
    return f"<define-gate name='{name}'{role and f' role={role!r}'}>{formula}</define-gate>\n"


def uses(*names: str, tag: str = "event") -> str:
    return "".join(f"<{tag} name='{name}'/>" for name in names)


def cuts_of(tree: FaultTree, order: int = 4) -> set[frozenset[str]]:
    return {frozenset(tree.name_events(cut)) for cut in tree.find_cut_sets(order)}


def cuts(*sets: str) -> set[frozenset[str]]:
    return {frozenset(one.split()) for one in sets}


def codes_of(data: bytes, top: str | None = None) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        read_fault_tree(data, top=top, name="m.xml")
    assert all(fault.nl and fault.en and fault.hint for fault in caught.value.faults)
    return [(fault.pointer.removeprefix("m.xml › "), fault.code) for fault in caught.value.faults]


def test_pressure_tank(tmp_path: Path) -> None:
    """NUREG-0492, chapter VIII: E1 = T + K2 + S·(S1 + K1 + R); nested formulas in place of E4 and E5."""
    body = (
        gate("E1", f"<label>rupture</label><or>{uses('T', tag='basic-event')}{uses('E2', tag='gate')}</or>")
        + gate("E2", f"<or>{uses('K2', 'E3')}</or>")
        + gate("E3", f"<and>{uses('S')}<or>{uses('S1')}<or>{uses('K1', 'R')}</or></or></and>")
        + "<define-basic-event name='T'><label>tank</label><float value='5e-6'/></define-basic-event>"
    )
    path = tmp_path / "tank.xml"
    path.write_bytes(model(body, '<?xml version="1.0"?><!DOCTYPE opsa-mef>'))
    tree = read_fault_tree(path)
    assert tree.estate.names[tree.top] == "E1"
    assert cuts_of(tree) == cuts("T", "K2", "S S1", "S K1", "S R")
    assert sorted(tree.undefined) == ["K1", "K2", "R", "S", "S1"]


def test_random_trees_come_through_unchanged() -> None:
    for seed in range(25):
        tree = draw_tree(seed, 12, 11, at_least_share=0.3, shared_events=0.5, shared_gates=0.3)
        body = ""
        for name, (lost, inputs) in tree.gates.items():
            tag = {1: "or", len(inputs): "and"}.get(lost, f"atleast min='{lost}'")
            body += gate(name, f"<{tag}>{uses(*inputs)}</{tag.split()[0]}>")
        assert cuts_of(read_fault_tree(model(body))) == tree.try_everything(4)


def test_constants_and_house_events_are_fixed() -> None:
    house = "<define-house-event name='{}'>{}</define-house-event>"
    body = (
        house.format("on", "<constant value='true'/>")
        + house.format("off", "<constant value='false'/>")
        + house.format("unsaid", "")
        + gate("top", f"<or>{uses('one', 'two')}<and>{uses('unsaid', 'c')}</and></or>")
        + gate("one", f"<and>{uses('on', tag='house-event')}{uses('a')}<constant value='true'/></and>")
        + gate("two", f"<or>{uses('off', 'b')}<constant value='false'/></or>")
    )
    assert cuts_of(read_fault_tree(model(body))) == cuts("a", "b")
    assert cuts_of(read_fault_tree(model(gate("top", f"<or>{uses('a')}<constant value='true'/></or>")))) == cuts("")
    assert cuts_of(read_fault_tree(model(gate("top", f"<and>{uses('a')}<constant value='false'/></and>")))) == set()
    assert cuts_of(read_fault_tree(model(gate("top", "<constant value='true'/>")))) == cuts("")


def test_at_least_cardinality_and_an_argument_that_is_named_twice() -> None:
    body = gate("top", f"<atleast min='2'>{uses('a', 'b', 'c')}</atleast>")
    assert cuts_of(read_fault_tree(model(body))) == cuts("a b", "a c", "b c")
    body = gate("top", f"<cardinality min='3' max='4'>{uses('a', 'b', 'c', 'd')}</cardinality>")
    assert cuts_of(read_fault_tree(model(body))) == cuts("a b c", "a b d", "a c d", "b c d")
    body = gate("top", f"<atleast min='2'>{uses('a', 'a', 'b', 'c')}</atleast>")
    assert cuts_of(read_fault_tree(model(body))) == cuts("a", "b c")
    assert cuts_of(read_fault_tree(model(gate("top", uses("a", tag="basic-event"))))) == cuts("a")


def test_private_names_belong_to_their_container() -> None:
    """Open-PSA MEF 2.0d, public and private elements: a private one is found by path, or from within."""
    pump = "<define-component name='{}' role='private'>{}</define-component>"
    inner = gate("down", f"<or>{uses('motor', 'power')}</or>") + "<define-basic-event name='motor'/>"
    body = (
        gate("top", f"<and>{uses('p1.down', 'ft.p2.down')}{uses('late')}</and>")
        + pump.format("p1", inner)
        + pump.format("p2", inner + pump.format("deep", "<define-basic-event name='late' role='public'/>"))
        + "<define-basic-event name='power'/>"
    )
    tree = read_fault_tree(model(body))
    assert cuts_of(tree) == cuts("power late", "ft.p1.motor ft.p2.motor late")
    assert not tree.undefined


def test_what_says_nothing_about_cut_sets_is_counted() -> None:
    data = (
        model(gate("top", f"<or>{uses('a', 'b')}</or>") + "<define-CCF-group name='c' model='beta-factor'/>")
        .decode()
        .replace(
            "</opsa-mef>",
            "<model-data><define-basic-event name='a'/><define-parameter name='p'/></model-data></opsa-mef>",
        )
    )
    tree = read_fault_tree(data.encode())
    assert tree.left_out == {"define-CCF-group": 1, "define-parameter": 1}
    assert cuts_of(tree) == cuts("a", "b")
    assert tree.undefined == ("b",)


def test_every_fault_is_named_with_its_line() -> None:
    body = "".join(
        [
            gate("top", f"<or>{uses('n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7', 'n8', 'n9', 'a')}</or>"),
            gate("n1", f"<not>{uses('a')}</not>"),
            gate("n2", f"<xor>{uses('a', 'b')}</xor>"),
            gate("n3", f"<atleast min='3'>{uses('a', 'b')}</atleast>"),
            gate("n4", "<or/>"),
            gate("n5", uses("nowhere", tag="gate")),
            gate("n6", f"<or>{uses('a', tag='gate')}{uses('home', tag='house-event')}</or>"),
            gate("n7", uses("a") + uses("b")),
            gate("n8", "<constant value='maybe'/>"),
            gate("n9", f"<cardinality min='1' max='1'>{uses('a', 'b')}</cardinality>"),
            gate("n9", uses("a")),
            "<define-basic-event name='a'/>\n<define-basic-event/>\n<include file='x'/>\n<gates/>\n",
        ]
    )
    assert sorted(codes_of(model(body)), key=lambda one: int(one[0].split()[1])) == [
        ("regel 5", "not-coherent"),
        ("regel 6", "not-coherent"),
        ("regel 7", "bad-min"),
        ("regel 8", "no-arguments"),
        ("regel 9", "undefined-gate"),
        ("regel 10", "other-kind"),
        ("regel 10", "undefined-event"),
        ("regel 11", "one-formula"),
        ("regel 12", "bad-constant"),
        ("regel 13", "not-coherent"),
        ("regel 14", "defined-twice"),
        ("regel 16", "no-name"),
        ("regel 17", "not-followed"),
        ("regel 18", "unknown-element"),
    ]


@pytest.mark.parametrize("operator", ["not", "xor", "iff", "nand", "nor", "imply"])
def test_formulas_that_are_not_coherent_are_refused_by_name(operator: str) -> None:
    body = gate("top", f"<or>{uses('a')}<and><{operator}>{uses('b')}</{operator}>{uses('c')}</and></or>")
    with pytest.raises(InvalidInput) as caught:
        read_fault_tree(model(body))
    assert operator in caught.value.faults[0].en


def test_cycles_and_several_tops() -> None:
    cycle = gate("top", uses("a")) + gate("a", f"<or>{uses('b', 'x')}</or>") + gate("b", f"<and>{uses('a', 'y')}</and>")
    assert codes_of(model(cycle)) == [("regel 5", "gate-cycle")]
    assert codes_of(model(gate("a", f"<or>{uses('a', 'x')}</or>"))) == [("regel 4", "gate-cycle")]
    two = gate("one", uses("x")) + gate("two", f"<or>{uses('x', 'y')}</or>")
    assert codes_of(model(two)) == [("m.xml", "several-tops")]
    assert cuts_of(read_fault_tree(model(two), top="two")) == cuts("x", "y")
    assert cuts_of(read_fault_tree(model(two), top="ft.one")) == cuts("x")
    assert codes_of(model(two), top="three") == [("m.xml", "no-such-top")]
    assert codes_of(model(two), top="x") == [("m.xml", "no-such-top")]
    assert codes_of(model("<define-basic-event name='a'/>")) == [("m.xml", "no-gates")]


def unreadable(data: bytes) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read_fault_tree(data)
    return caught.value.faults[0].code


def test_hostile_and_foreign_files_are_refused(tmp_path: Path) -> None:
    laughs = '<!DOCTYPE opsa-mef [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    outside = '<!DOCTYPE opsa-mef [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    default = "<!DOCTYPE opsa-mef [<!ATTLIST event type CDATA 'gate'>]>"
    for head in (laughs, outside, default):
        assert unreadable(model(gate("top", uses("a")), head)) == "xml-entities"
    deep = "<or>" * 120 + uses("a") + "</or>" * 120
    assert unreadable(model(gate("top", deep))) == "too-deep"
    assert unreadable(b"<opsa-mef><define-gate") == "malformed-xml"
    assert unreadable(b"\x00\x01") == "malformed-xml"
    assert unreadable(b"<html/>") == "not-open-psa"
    with pytest.raises(UnreadableFile):
        read_fault_tree(tmp_path / "absent.xml")
