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
            ((label, related),) = view.incoming
            owners = {item.ref: item.owner_name for item in related}
        assert label == "Levert" and {item.kind for item in related} == {"application"}
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


def test_requirement_groups_are_read_as_a_nested_list_with_names(tmp_path: Path) -> None:
    members = [{"provider": OURS}, {"provider": "application:gm0344/elders", "switchOverHours": "2"}]
    group = {"label": "behandeling", "bufferHours": "4", "members": members}
    service = draft("public-service:gm0344/wmo", "Wmo", requirementGroups=[group], requires=[OURS])
    with open_node(tmp_path / "node") as instance:
        fill_node(instance, [*PUBLIC_DRAFTS, service])
        view = view_record(instance, PUBLIC, "public-service:gm0344/wmo", None, words_of("nl"))
        seen = view_record(instance, PUBLIC, OURS, None, words_of("nl"))
    (field,) = [field for field in view.fields if field.parts]
    (shown,) = field.parts
    assert (shown.text, shown.ref) == ("behandeling", "")
    buffer, alternatives = shown.parts
    assert (buffer.label, buffer.text) == ("Buffer (uren)", "4")
    known, unknown = alternatives.parts
    assert (known.text, known.ref, list(known.parts)) == ("Zaaksysteem", OURS, [])
    # What is not there, or not for the asker, keeps its ref as text and leads nowhere.
    assert (unknown.text, unknown.ref) == ("application:gm0344/elders", "")
    assert [(part.label, part.text) for part in unknown.parts] == [("Omschakeltijd (uren)", "2")]
    assert [label for label, _ in view.outgoing] == ["Heeft nodig", "Heeft nodig, in een groep"]
    # One heading and one line, also where a record needs this by more than one field.
    (label, users), *_ = seen.incoming
    assert label == "Wordt gebruikt door"
    assert [item.ref for item in users] == ["public-service:gm0344/paspoort", "public-service:gm0344/wmo"]
