"""What the page of a record says of what refers to it."""

from __future__ import annotations

from pathlib import Path

from eendracht.kernel.access import PUBLIC
from eendracht.kit.i18n import words_of
from eendracht.web.record_view import view_record
from eendracht.web.search_view import name_owners
from tests.web.nodes import OTHER, PUBLIC_DRAFTS, draft, fill_node, open_node

SUPPLIER = "supplier:kvk.11111111"
OURS, THEIRS = "application:gm0344/zaaksysteem", "application:gm0363/zaaksysteem"


def test_owners_are_named_where_there_are_several(tmp_path: Path) -> None:
    theirs = draft(THEIRS, "Zaaksysteem", owner=OTHER, suppliedBy=SUPPLIER)
    for name, more in (("one", []), ("two", [theirs])):
        with open_node(tmp_path / name) as instance:
            fill_node(instance, [*PUBLIC_DRAFTS, *more])
            view = view_record(instance, PUBLIC, SUPPLIER, None, words_of("nl"))
            ((kind, related),) = view.incoming
            owners = {item.ref: item.owner_name for item in related}
        assert kind == "application"
        if more:
            assert owners == {OURS: "Gemeente Utrecht", THEIRS: "Gemeente Amsterdam"}
        else:
            assert owners == {OURS: ""}


def test_who_records_a_party_does_not_have_it_and_a_hidden_owner_has_no_name(tmp_path: Path) -> None:
    hidden = draft("organisation:gm0310", "Stille gemeente", "restricted", owner="organisation:gm0310")
    theirs = draft("application:gm0310/geheim", "Stil", owner="organisation:gm0310")
    secret = draft("application:gm0344/geheim", "Kluis", "restricted")
    with open_node(tmp_path / "node") as instance:
        fill_node(instance, [*PUBLIC_DRAFTS, hidden, theirs, secret])
        refs = [SUPPLIER, OTHER, OURS, "application:gm0310/geheim", "application:gm0344/geheim"]
        assert name_owners(instance.store, PUBLIC, refs) == {OURS: "Gemeente Utrecht"}
        assert name_owners(instance.store, PUBLIC, []) == {}
