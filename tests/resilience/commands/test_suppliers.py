"""On whom we depend, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.command import CommandLine
from tests.resilience.web.test_dependence import DRAFTS
from tests.web.nodes import fill_node, open_node


def test_shares_are_printed_for_each_sort_of_party(tmp_path: Path) -> None:
    with open_node(tmp_path / "node") as instance:
        fill_node(instance, [dict(one) for one in DRAFTS])
    command = CommandLine(tmp_path / "node")
    printed = command.run("resilience", "suppliers", "--by", "owner", "--limit", "1")
    assert "Moeder <b>NV</b>" in printed.out and "65.0" in printed.out and "Andere BV" not in printed.out
    # The circle of owners is told, and the rest is worked out.
    assert "Andere BV → Houder BV → Andere BV" in printed.err
    countries = command.run("resilience", "suppliers", "--by", "jurisdiction", "--json").json
    assert [share["party"] for share in countries["spend"]["shares"]] == ["US"]
    # Nobody recorded whose law can force y, with which two contracts hold.
    assert countries["spend"]["unknownCount"] == 2
    assert json.dumps(countries).count('"faults"') == 3
    assert "→" in command.run("resilience", "suppliers", "--by", "planet", expect=2).err
    assert "→" in command.run("--as", "public", "resilience", "suppliers", expect=3).err
