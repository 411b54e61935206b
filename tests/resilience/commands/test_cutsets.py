"""Cut sets on the command line, of a landscape and of a fault tree that were worked out by hand."""

from __future__ import annotations

from pathlib import Path

from eendracht.bootstrap import Wiring
from tests.cli.command import CommandLine
from tests.resilience.small_landscape import DRAFTS
from tests.web.nodes import fill_node

TREE = """<opsa-mef><define-fault-tree name="ft">
<define-gate name="top"><or><gate name="two"/><basic-event name="e4"/></or></define-gate>
<define-gate name="two"><atleast min="2">
<basic-event name="e1"/><basic-event name="e2"/><basic-event name="e3"/></atleast></define-gate>
</define-fault-tree></opsa-mef>"""


def test_what_stops_a_service_together(tmp_path: Path) -> None:
    with Wiring().create(tmp_path / "node") as instance:
        fill_node(instance, [item for item in DRAFTS if not item["ref"].startswith("organisation:")])
    command = CommandLine(tmp_path / "node")
    found = command.run("resilience", "cutsets", "public-service:gm0344/paspoort", "--json").json["cutSets"]
    sets = {frozenset(cut) for cut in found}
    assert frozenset({"application:gm0344/balie"}) in sets
    # The cloud stops with its hall, its operator and the mother of that; the reserve with its own operator.
    one_side = {"platform:gm0344/wolk", "facility:gm0344/zaal", "supplier:kvk.22222222", "supplier:kvk.11111111"}
    other = {"platform:gm0344/reserve", "supplier:kvk.33333333"}
    assert sets - {frozenset({"application:gm0344/balie"})} == {frozenset({a, b}) for a in one_side for b in other}
    assert "→" in command.run("resilience", "cutsets", expect=2).err
    command.run("resilience", "cutsets", "public-service:gm0344/weg", expect=1)


def test_a_fault_tree_needs_no_node(tmp_path: Path) -> None:
    file = tmp_path / "tree.xml"
    file.write_text(TREE)
    command = CommandLine(tmp_path / "geen")
    found = command.run("resilience", "cutsets", "--tree", str(file), "--max-order", "2", "--json").json
    assert {frozenset(cut) for cut in found} == {
        frozenset({"e4"}),
        frozenset({"e1", "e2"}),
        frozenset({"e1", "e3"}),
        frozenset({"e2", "e3"}),
    }
    file.write_text(TREE.replace("atleast min", "xor min").replace("/atleast", "/xor"))
    assert "xor" in command.run("resilience", "cutsets", "--tree", str(file), expect=1).err
