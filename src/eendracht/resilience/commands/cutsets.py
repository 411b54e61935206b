"""The command that lists what stops something together, and no less: of the estate, or of a published fault tree."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eendracht.kit.commands import Json, frame_of

if TYPE_CHECKING:
    from eendracht.kernel.landscape import Landscape, Thing


def register(app: typer.Typer) -> None:
    """Add the command to the wing's."""
    app.command()(cutsets)


def cutsets(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Ref of what may stop; none with --tree.", metavar="[REF]")] = "",
    max_order: Annotated[int, typer.Option(help="The most things that fail together.", min=1, max=10)] = 2,
    tree: Annotated[
        Path | None, typer.Option(help="A fault tree in the Open-PSA format instead; it needs no node.")
    ] = None,
    top: Annotated[str, typer.Option(help="The gate of the tree to ask about, where several could be it.")] = "",
    as_json: Json = False,
) -> None:
    """List the minimal cut sets of a thing.

    Each is things that stop it together, and not with one of them less. Exact: where there are too many, it says so and
    gives none. A supplier counts with all it controls.
    """
    from eendracht.kernel.errors import UsageFault
    from eendracht.kit.output import print_json, print_number, say

    if (tree is None) == (not name):
        raise UsageFault("Give a ref or a tree", hint="eendracht resilience cutsets REF, or --tree FILE.xml.")
    if tree is not None:
        from eendracht.resilience.fault_trees import read_fault_tree

        read = read_fault_tree(tree, top=top or None)
        named = [list(read.name_events(cut)) for cut in read.find_cut_sets(max_order)]
        if as_json:
            print_json(named)
            return
        say(f"{len(named):,} minimal cut sets up to order {max_order}")
        for events in named:
            say("  " + " + ".join(events))
        return
    frame = frame_of(context)
    with frame.opened() as instance:
        from eendracht.kernel.landscape import build_landscape

        landscape = build_landscape(instance.store, frame.principal(instance))
        listed = _find(landscape, name, max_order)
        if as_json:
            print_json(
                {"ref": name, "maxOrder": max_order, "cutSets": [[thing.ref for thing in cut] for cut in listed]}
            )
            return
        is_dutch = instance.settings.language == "nl"
        what = "verzamelingen die dit stilzetten" if is_dutch else "sets that stop it"
        say(f"{print_number(len(listed), is_dutch=is_dutch)} {what}")
        for cut in listed:
            say("  " + " + ".join(f"{thing.name} ({thing.ref})" for thing in cut))


def _find(landscape: Landscape, name: str, max_order: int) -> list[list[Thing]]:
    """Give the cut sets of a thing; a supplier stands for all it controls, and unresolved references hold."""
    from eendracht.kernel.estate import find_cut_sets, list_scenarios

    target = landscape.locate(name)
    things = landscape.things
    causes = [(node, [node]) for node, thing in enumerate(things) if thing.kind != "supplier" and node != target]
    causes += [(landscape.locate(cluster), landscape.seeds_of(cluster)) for cluster in landscape.supplier_clusters]
    found = find_cut_sets(
        landscape.estate,
        target,
        max_order=max_order,
        unknown="best",
        candidates=list_scenarios(nodes for _, nodes in causes),
    )
    return [[things[causes[at][0]] for at in cut] for cut in found]
