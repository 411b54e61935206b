"""Many sources, one record: who recognises whom, who may change what, and what is left to a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eendracht.kernel.access import OPERATOR, PUBLIC, Principal, parse_roles
from eendracht.kernel.deliveries import list_bindings
from eendracht.kernel.errors import Conflict, Denied, InvalidInput, NotFound, UsageFault
from eendracht.kernel.imports.rows import OWNER, Mention, SourceRow
from eendracht.kernel.landscape import build_landscape
from eendracht.kernel.recognition import may_be_one, simplify_name
from eendracht.kernel.reconcile import Policy, apply_plan
from eendracht.kernel.review import answer_reviews, list_reviews
from eendracht.kernel.store import Store
from eendracht.kernel.truths import list_truths, set_truths
from tests.contract.engines import EDE, EDITOR, EMMEN
from tests.kernel.deliveries import deliver, open_small_store, plan, put, row

EDITOR_OF_BOTH = Principal("dora", parse_roles([f"editor@{EMMEN}", f"reader@{EDE}"]))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give a store with two municipalities."""
    with open_small_store(tmp_path) as opened:
        yield opened


def actions(made: Any) -> list[str]:
    """Give what each row means."""
    return [step.action for step in made.steps]


def spec_of(store: Store, ref: str) -> dict[str, Any]:
    """Give what a record says now."""
    spec: dict[str, Any] = store.get(ref, OPERATOR).data["spec"]
    return spec


# -- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("Centric Nederland B.V.", "CENTRIC", "supplier"),
        ("PinkRoccade  Local Government bv", "Pinkroccade Local Government", "supplier"),
        ("Café Ñandú N.V.", "cafe nandu", "supplier"),
        ("V.O.F. De Hoek", "De Hoek", "supplier"),
        ("Key2 Burgerzaken", "key2-burgerzaken", "application"),
    ],
)
def test_spellings_of_one_name_are_equal(one: str, other: str, kind: str) -> None:
    assert simplify_name(one, kind) == simplify_name(other, kind)


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("Werk.nl", "Werk", "application"),
        ("Atlas Nederland", "Atlas", "application"),
        ("NL Alert", "Alert", "supplier"),
        ("KPN Holding B.V.", "KPN B.V.", "supplier"),
        ("Zaaksysteem 2", "Zaaksysteem 3", "application"),
    ],
)
def test_different_names_stay_apart(one: str, other: str, kind: str) -> None:
    assert simplify_name(one, kind) != simplify_name(other, kind)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("zaaksysteem", "zaakssyteem", True),
        ("pink-roccade", "pinkroccade", True),
        ("kpn-holding", "kpn", True),
        ("fase-2", "fase-3", False),
        ("druk-west", "druk-oost", False),
        ("burgerzakennet", "burgerzakenloket", False),
        ("one", "one", False),
    ],
)
def test_only_typing_errors_are_worth_a_question(one: str, other: str, expected: bool) -> None:
    assert may_be_one(one, other) is expected
    assert may_be_one(other, one) is expected


@given(st.text(max_size=40), st.sampled_from(["supplier", "application", "organisation"]))
def test_simplifying_is_settled_at_once_for_things(name: str, kind: str) -> None:
    simple = simplify_name(name, "application")
    assert simplify_name(simple, "application") == simple
    assert simplify_name(name, kind) == simplify_name(f"  {name} ", kind)


# -- three ways -------------------------------------------------------------------------------------------------------


def test_new_unchanged_changed(store: Store) -> None:
    first = row("application", "1", "Zaaksysteem", hosting="saas", users=40)
    assert actions(deliver(store, first)) == ["new"]
    assert actions(deliver(store, first)) == ["unchanged"]
    made = deliver(store, row("application", "1", "Zaaksysteem", hosting="on-premises", users=40))
    assert [(d.field, d.before, d.after) for d in made.steps[0].differences] == [("hosting", "saas", "on-premises")]
    record = store.get("application:gm0114/zaaksysteem", OPERATOR)
    assert record.generation == 2 and record.data["spec"]["users"] == 40
    assert record.data["source"]["place"] == "lijst.xlsx › Blad1 › rij 1"


def test_what_a_person_corrected_stays_through_every_later_delivery(store: Store) -> None:
    """The source repeats what it said before: that is no change of the source."""
    said = row("application", "1", "Zaaksysteem", {"suppliedBy": ("supplier", "Centric")}, hosting="saas")
    deliver(store, said)
    put(
        store,
        "application:gm0114/zaaksysteem",
        name="Zaaksysteem",
        hosting="hybrid",
        suppliedBy="supplier:gm0114/other",
    )
    for _ in range(3):
        assert actions(deliver(store, said)) == ["unchanged"]
    spec = spec_of(store, "application:gm0114/zaaksysteem")
    assert (spec["hosting"], spec["suppliedBy"]) == ("hybrid", "supplier:gm0114/other")
    made = deliver(
        store, row("application", "1", "Zaaksysteem", {"suppliedBy": ("supplier", "Centric")}, hosting="public-cloud")
    )
    assert [d.field for d in made.steps[0].differences] == ["hosting"]
    assert spec_of(store, "application:gm0114/zaaksysteem")["hosting"] == "public-cloud"


def test_a_cell_that_was_cleared_clears_the_field_unless_a_person_changed_it(store: Store) -> None:
    deliver(store, row("application", "1", "Zaaksysteem", hosting="saas", users=40))
    put(store, "application:gm0114/zaaksysteem", name="Zaaksysteem", hosting="saas", users=50)
    made = deliver(store, row("application", "1", "Zaaksysteem"))
    assert [(d.field, d.after) for d in made.steps[0].differences] == [("hosting", None)]
    assert spec_of(store, "application:gm0114/zaaksysteem") == {"name": "Zaaksysteem", "users": 50}


def test_unknown_never_overwrites_what_another_source_knows(store: Store) -> None:
    put(store, "application:gm0114/zaaksysteem", name="Zaaksysteem", hosting="saas")
    made = deliver(store, row("application", "1", "Zaaksysteem", hosting="unknown", description=""))
    assert actions(made) == ["unchanged"]
    assert spec_of(store, "application:gm0114/zaaksysteem")["hosting"] == "saas"


def test_a_value_written_otherwise_is_no_change(store: Store) -> None:
    deliver(store, row("application", "1", "Zaaksysteem", rtoHours="4"))
    assert actions(deliver(store, row("application", "1", "Zaaksysteem", rtoHours=4))) == ["unchanged"]
    assert store.get("application:gm0114/zaaksysteem", OPERATOR).generation == 1


def test_a_renamed_row_keeps_its_record(store: Store) -> None:
    deliver(store, row("application", "1", "Zaaksysteem"))
    made = deliver(store, row("application", "1", "Zaakplatform"))
    assert made.steps[0].ref == "application:gm0114/zaaksysteem"
    assert spec_of(store, "application:gm0114/zaaksysteem")["name"] == "Zaakplatform"


ACTS = st.lists(
    st.tuples(st.sampled_from(["source", "person"]), st.sampled_from([None, "saas", "hybrid", "on-premises"])),
    min_size=1,
    max_size=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_the_last_one_who_changed_a_field_has_it(acts: list[tuple[str, str | None]], tmp_path_factory: Any) -> None:
    """The oracle is one line of bookkeeping: a source counts only where it says otherwise than it said before."""
    with open_small_store(tmp_path_factory.mktemp("acts")) as store:
        deliver(store, row("application", "1", "Zaaksysteem"))
        now: str | None = None
        given_before: str | None = None
        for who, value in acts:
            spec = {} if value is None else {"hosting": value}
            if who == "source":
                deliver(store, row("application", "1", "Zaaksysteem", **spec))
                if value != given_before and (value is not None or now == given_before):
                    now = value
                given_before = value
            else:
                put(store, "application:gm0114/zaaksysteem", name="Zaaksysteem", **spec)
                now = value
            assert spec_of(store, "application:gm0114/zaaksysteem").get("hosting") == now


# -- source of truth and owner ----------------------------------------------------------------------------------------


def test_where_another_system_is_the_truth_a_difference_is_shown_and_held(store: Store) -> None:
    deliver(store, row("application", "A", "Zaaksysteem", rtoHours="4"), system="cmdb")
    policy = Policy({"application": {"rtoHours": "cmdb"}})
    made = deliver(store, row("application", "1", "Zaaksysteem", rtoHours="8", users=9), policy=policy)
    held = {d.field: d.held for d in made.steps[0].differences}
    assert actions(made) == ["changed"] and held == {"rtoHours": True, "users": False}
    spec = spec_of(store, "application:gm0114/zaaksysteem")
    assert (spec["rtoHours"], spec["users"]) == ("4", 9)
    only_held = plan(store, row("application", "2", "Zaaksysteem", rtoHours="16"), policy=policy)
    assert actions(only_held) == ["unchanged"] and only_held.steps[0].differences[0].held
    made = deliver(store, row("application", "A", "Zaaksysteem", rtoHours="2"), system="cmdb", policy=policy)
    assert actions(made) == ["changed"] and spec_of(store, "application:gm0114/zaaksysteem")["rtoHours"] == "2"


def test_a_stated_source_of_truth_is_honoured_by_every_import_until_it_is_taken_back(store: Store) -> None:
    deliver(store, row("application", "A", "Zaaksysteem", rtoHours="4", users=9), system="cmdb")
    written = set_truths(store, EMMEN, "application", {"rtoHours": "cmdb"}, EDITOR)
    assert written.ref == "source-of-truth:gm0114/application"
    for hours in ("8", "8", "6"):  # a repeated difference is told each time
        made = deliver(store, row("application", "1", "Zaaksysteem", rtoHours=hours, users=9))
        (difference,) = made.steps[0].differences
        assert (difference.field, difference.held, difference.truth) == ("rtoHours", True, "cmdb")
        assert spec_of(store, "application:gm0114/zaaksysteem")["rtoHours"] == "4"
    put(store, "application:gm0114/zaaksysteem", name="Zaaksysteem", rtoHours="24", users=10)
    made = deliver(store, row("application", "A", "Zaaksysteem", rtoHours="4", users=9), system="cmdb")
    assert [(d.field, d.before, d.after, d.held) for d in made.steps[0].differences] == [("rtoHours", "24", "4", False)]
    set_truths(store, EMMEN, "application", {"users": "hr", "rtoHours": ""}, EDITOR)
    assert list_truths(store, EMMEN, EDITOR) == {"application": {"users": "hr"}}
    made = deliver(store, row("application", "1", "Zaaksysteem", rtoHours="7", users=11))
    assert {d.field: d.truth for d in made.steps[0].differences} == {"rtoHours": "", "users": "hr"}
    assert spec_of(store, "application:gm0114/zaaksysteem") == {"name": "Zaaksysteem", "rtoHours": "7", "users": 10}
    assert [version.generation for version in store.history(written.ref, EDITOR)] == [2, 1]


def test_a_source_of_truth_holds_for_its_own_organisation_and_is_stated_by_its_editor(store: Store) -> None:
    set_truths(store, EDE, "application", {"users": "cmdb"}, OPERATOR)
    deliver(store, row("application", "1", "Zaaksysteem", users=1))
    deliver(store, row("application", "1", "Zaaksysteem", users=2))
    assert spec_of(store, "application:gm0114/zaaksysteem")["users"] == 2
    with pytest.raises(Denied):
        set_truths(store, EDE, "application", {"users": "cmdb"}, EDITOR)
    assert list_truths(store, EDE, EDITOR) == {}
    with pytest.raises(InvalidInput) as caught:
        set_truths(store, EMMEN, "application", {"colour": "cmdb", "users": "cmdb", "size": "cmdb"}, EDITOR)
    assert [fault.pointer for fault in caught.value.faults] == ["/fields/colour", "/fields/size"]


def test_an_import_does_not_undo_what_a_person_ended(store: Store) -> None:
    deliver(store, row("application", "1", "Zaaksysteem", users=1), row("application", "2", "Oud", users=1))
    store.end("application:gm0114/zaaksysteem", date(2026, 11, 1), OPERATOR)
    store.end("application:gm0114/oud", date(2027, 3, 1), OPERATOR)
    made = deliver(store, row("application", "1", "Zaaksysteem", users=2), row("application", "2", "Oud", users=2))
    assert actions(made) == ["unchanged", "changed"]
    (kept,) = made.steps[0].differences
    assert (kept.field, kept.before, kept.held, kept.why) == ("validUntil", "2026-11-01", True, "ended")
    with pytest.raises(NotFound):
        store.get("application:gm0114/zaaksysteem", OPERATOR)
    assert spec_of(store, "application:gm0114/oud")["users"] == 2
    with pytest.raises(NotFound):
        store.get("application:gm0114/oud", OPERATOR, date(2027, 3, 1))
    made = deliver(store, row("application", "1", "Zaaksysteem", users=2, valid_from=date(2026, 11, 10)))
    assert actions(made) == ["changed"] and spec_of(store, "application:gm0114/zaaksysteem")["users"] == 2
    with pytest.raises(NotFound):
        store.get("application:gm0114/zaaksysteem", OPERATOR, date(2026, 11, 5))


def test_a_source_that_says_until_when_is_followed_also_beyond_an_end(store: Store) -> None:
    deliver(store, row("application", "1", "Zaaksysteem"))
    store.end("application:gm0114/zaaksysteem", date(2027, 1, 1), OPERATOR)
    made = deliver(store, row("application", "1", "Zaaksysteem", valid_until=date(2028, 1, 1)))
    assert actions(made) == ["changed"]
    assert store.get("application:gm0114/zaaksysteem", OPERATOR, date(2027, 12, 31))
    with pytest.raises(NotFound):
        store.get("application:gm0114/zaaksysteem", OPERATOR, date(2028, 1, 1))


def test_a_draft_in_a_file_can_end_a_record(store: Store) -> None:
    ref = "application:gm0114/zaaksysteem"
    put(store, ref, name="Zaaksysteem", users=3)
    end = row("application", ref, "Zaaksysteem", facts={"ref": ref, "ended": True}, valid_from=date(2026, 11, 1))
    assert actions(deliver(store, end)) == ["changed"]
    assert actions(deliver(store, end)) == ["unchanged"]
    newest, before = store.history(ref, OPERATOR)
    assert newest.ended and newest.data["validFrom"] == "2026-11-01" and not before.ended
    unknown = row("application", "x", "X", facts={"ref": "application:gm0114/x", "ended": True})
    assert [fault.code for fault in deliver(store, unknown).faults] == ["not-found"]


def test_a_record_of_another_organisation_is_named_and_never_changed(store: Store) -> None:
    put(store, "supplier:kvk.12345678", EDE, level="public", name="Centric B.V.", kvk="12345678")
    made = deliver(store, row("supplier", "7", "Centric", kvk="12345678", country="NL"), author=EDITOR)
    assert actions(made) == ["unchanged"] and made.steps[0].ref == "supplier:kvk.12345678"
    assert [(d.field, d.held) for d in made.steps[0].differences] == [("country", True)]
    assert "country" not in spec_of(store, "supplier:kvk.12345678")


# -- who is who -------------------------------------------------------------------------------------------------------


def test_a_number_goes_before_a_name(store: Store) -> None:
    put(store, "supplier:gm0114/centric", name="Centric", kvk="11111111")
    put(store, "supplier:gm0114/pink", name="Pink", kvk="22222222")
    made = plan(store, row("supplier", "1", "Centric", kvk="22222222"))
    assert made.steps[0].ref == "supplier:gm0114/pink"


def test_a_number_that_contradicts_a_name_makes_another_party_and_a_question(store: Store) -> None:
    put(store, "supplier:gm0114/centric", name="Centric", kvk="11111111")
    made = deliver(store, row("supplier", "1", "Centric B.V.", kvk="33333333"))
    assert actions(made) == ["new"] and made.steps[0].ref == "supplier:kvk.33333333"
    assert [(d.name, d.other_name) for d in made.doubts] == [
        ("Centric B.V. (kvk 33333333)", "Centric (kvk 11111111)"),
    ]
    again = plan(store, row("supplier", "1", "Centric B.V.", kvk="33333333"))
    assert actions(again) == ["unchanged"] and not again.doubts


def test_a_contradiction_within_one_file_is_seen_too(store: Store) -> None:
    put(store, "supplier:gm0114/centric", name="Centric")
    made = plan(
        store,
        row("supplier", "1", "Centric", kvk="11111111"),
        row("supplier", "2", "Centric", kvk="33333333"),
        row("supplier", "3", "Centric", kvk="11111111"),
    )
    assert actions(made) == ["changed", "new", "double"]
    assert len(made.doubts) == 1


def test_rows_that_mean_one_thing_add_up(store: Store) -> None:
    made = deliver(store, row("supplier", "1", "Centric B.V."), row("supplier", "2", "CENTRIC", kvk="11111111"))
    assert actions(made) == ["new", "double"] and not made.questions
    assert spec_of(store, made.steps[0].ref)["kvk"] == "11111111"
    uids = {bound.key: bound.uid for bound in list_bindings(store)}
    assert uids["1"] == uids["2"]


def test_rows_that_mean_one_thing_and_differ_are_put_to_a_person(store: Store) -> None:
    rows = (
        row("application", "1", "Zaaksysteem", hosting="saas"),
        row("application", "2", "Zaaksysteem", hosting="hybrid"),
    )
    made = deliver(store, *rows)
    assert actions(made) == ["new", "double"]
    assert spec_of(store, "application:gm0114/zaaksysteem")["hosting"] == "saas"
    (asked,) = list_reviews(store, OPERATOR)
    assert asked.code == "double-row" and "hosting" in asked.text["nl"] and asked.place.endswith("rij 2")
    deliver(store, rows[0], row("application", "2", "Zaaksysteem", hosting="saas"))
    assert not list_reviews(store, OPERATOR)


def test_names_that_may_be_mistyped_are_recorded_apart_and_asked_about(store: Store) -> None:
    put(store, "application:gm0114/klantportaal", name="Klantportaal")
    made = deliver(store, row("application", "1", "Klantpotaal"))
    assert actions(made) == ["new"]
    assert [(d.name, d.other_name) for d in made.doubts] == [("Klantpotaal", "Klantportaal")]


# -- mentions ---------------------------------------------------------------------------------------------------------


def test_mentions_meet_rows_records_and_each_other(store: Store) -> None:
    put(store, "supplier:gm0114/centric", name="Centric", alsoKnownAs=["Centric Netherlands"])
    made = deliver(
        store,
        row(
            "contract",
            "C1",
            "Onderhoud",
            {"supplier": ("supplier", "CENTRIC NETHERLANDS"), "covers": ("application", "Zaak")},
        ),
        row("contract", "C2", "Licenties", {"supplier": ("supplier", "Nieuw B.V.")}, buyer=EMMEN),
        row("contract", "C3", "Beheer", {"supplier": ("supplier", "nieuw")}, buyer=EMMEN),
        SourceRow(
            "contract",
            "C4",
            {"name": "Hosting"},
            (Mention("buyer", "organisation", key=OWNER), Mention("supplier", "supplier", "Centric")),
            "rij 4",
        ),
    )
    refused = [fault.pointer for fault in made.faults]
    assert refused == ["lijst.xlsx › Blad1 › rij C1"]  # it has no buyer
    assert [stub.ref for stub in made.stubs] == ["supplier:gm0114/nieuw"]
    assert spec_of(store, "contract:gm0114/beheer")["supplier"] == "supplier:gm0114/nieuw"
    assert spec_of(store, "contract:gm0114/hosting")["supplier"] == "supplier:gm0114/centric"
    assert store.get("supplier:gm0114/nieuw", OPERATOR).data["source"]["place"].endswith("rij C2")


def test_a_ref_to_an_application_waits_until_it_is_delivered(store: Store) -> None:
    deliver(
        store,
        row(
            "contract",
            "C1",
            "Onderhoud",
            {"covers": ("application", "Zaak Systeem")},
            buyer=EMMEN,
            supplier="supplier:x",
        ),
    )
    assert {item.target for item in store.dangling(OPERATOR)} == {"application:gm0114/zaak-systeem", "supplier:x"}
    with pytest.raises(NotFound):
        store.get("application:gm0114/zaak-systeem", OPERATOR)
    deliver(store, row("application", "9", "ZAAK  systeem"), system="applicaties")
    assert {item.target for item in store.dangling(OPERATOR)} == {"supplier:x"}


def test_a_refused_row_leaves_no_trace(store: Store) -> None:
    made = deliver(
        store, row("contract", "C1", "Onderhoud", {"supplier": ("supplier", "Spook")}, noticeDays=-3, buyer=EMMEN)
    )
    assert not made.steps and not made.stubs and not made.doubts
    assert [fault.pointer for fault in made.faults] == ["lijst.xlsx › Blad1 › rij C1"]
    assert not list_bindings(store)


# -- what goes and comes ----------------------------------------------------------------------------------------------


def test_what_disappears_is_flagged_and_what_comes_back_is_no_longer(store: Store) -> None:
    both = row("application", "1", "Een"), row("application", "2", "Twee")
    deliver(store, *both)
    made = deliver(store, both[0])
    assert [(gone.key, gone.place) for gone in made.disappeared] == [("2", "lijst.xlsx › Blad1 › rij 2")]
    assert store.get("application:gm0114/twee", OPERATOR).generation == 1
    assert {b.key: b.missing_since for b in list_bindings(store)} == {"1": None, "2": "2026-11-23"}
    deliver(store, *both)
    assert {b.missing_since for b in list_bindings(store)} == {None}


def test_a_file_that_holds_nothing_of_a_kind_flags_nothing_of_it(store: Store) -> None:
    deliver(store, row("application", "1", "Een"))
    assert not deliver(store, row("supplier", "1", "Centric")).disappeared
    assert not deliver(store, row("application", "1", "Een"), owner=EDE).disappeared


def test_rows_that_have_ended_or_still_begin_are_recognised(store: Store) -> None:
    rows = (
        row("application", "1", "Oud", valid_until=date(2024, 1, 1)),
        row("application", "2", "Straks", valid_from=date(2030, 1, 1)),
    )
    deliver(store, *rows)
    assert actions(deliver(store, *rows)) == ["unchanged", "unchanged"]
    made = deliver(store, row("application", "1", "Oud", valid_until=date(2024, 1, 1), users=3), rows[1])
    assert actions(made) == ["changed", "unchanged"]
    other = plan(store, row("application", "x", "Oud"), system="anders")
    assert actions(other) == ["unchanged"] and other.steps[0].ref == "application:gm0114/oud"


def test_a_version_for_later_does_not_stop_a_delivery(store: Store) -> None:
    deliver(store, row("application", "1", "Een", users=1))
    put(store, "application:gm0114/een", name="Een", users=1, hosting="saas", validFrom="2027-01-01")
    assert actions(deliver(store, row("application", "1", "Een", users=2))) == ["changed"]


# -- all or nothing ---------------------------------------------------------------------------------------------------


def test_a_record_that_changed_after_the_plan_stops_the_whole_delivery(store: Store) -> None:
    deliver(store, row("application", "1", "Een", users=1), row("application", "2", "Twee"))
    before = [(bound.key, bound.given) for bound in list_bindings(store)]
    made = plan(
        store,
        row("application", "1", "Een", users=2),
        row("application", "3", "Drie", {"suppliedBy": ("supplier", "Nieuw")}),
    )
    put(store, "application:gm0114/een", name="Een", users=7)
    size = store.size
    with pytest.raises(Conflict):
        apply_plan(store, made, OPERATOR)
    assert store.size == size
    assert [(bound.key, bound.given) for bound in list_bindings(store)] == before
    assert not list_reviews(store, OPERATOR)


def test_who_may_not_write_for_the_owner_delivers_nothing(store: Store) -> None:
    for author in (EDITOR, PUBLIC):
        made = plan(store, row("application", "1", "Een"), owner=EDE, author=author)
        size = store.size
        with pytest.raises(Denied):
            apply_plan(store, made, author)
        assert store.size == size and not list_bindings(store)


# -- what is hidden ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("author", [OPERATOR, EDITOR, EDITOR_OF_BOTH])
def test_hidden_records_of_others_are_not_matched_or_revealed(
    tmp_path_factory: pytest.TempPathFactory, author: Principal
) -> None:
    """The same plan with and without them, for the operator too: who reads the owner's records must see its parties."""
    plans = []
    for is_there in (False, True):
        with open_small_store(tmp_path_factory.mktemp("hidden")) as store:
            if is_there:
                put(store, "supplier:gm0228/centric", EDE, name="Centric", kvk="11111111", lei="AAAAAAAAAAAAAAAAAA11")
                put(store, "application:gm0228/zaaksysteem", EDE, name="Zaaksysteem")
            made = deliver(
                store,
                row("supplier", "1", "Centric", kvk="11111111"),
                row("application", "1", "Zaaksysteem", {"suppliedBy": ("supplier", "Centrik")}),
                author=author,
            )
            plans.append([(s.action, s.ref, s.differences) for s in made.steps] + [d.other_ref for d in made.doubts])
    assert plans[0] == plans[1]


def test_a_hidden_record_under_the_number_of_a_party_does_not_stop_a_delivery(store: Store) -> None:
    put(store, "supplier:kvk.11111111", EDE, name="Centric", kvk="11111111")
    assert deliver(store, row("supplier", "1", "Centric", kvk="11111111"), author=EDITOR).steps[0].action == "new"
    landscape = build_landscape(store, OPERATOR)
    assert len(set(landscape.clusters.values())) == 1, "one number is one party, whoever records it"


# -- decisions --------------------------------------------------------------------------------------------------------


def _doubtful(store: Store) -> None:
    put(store, "supplier:gm0114/centric", name="Centric")
    put(store, "application:gm0114/a", name="A", suppliedBy="supplier:gm0114/centric")
    put(store, "application:gm0114/b", name="B", suppliedBy="supplier:gm0114/centric")
    store.catch_up()
    deliver(
        store, row("supplier", "1", "Centrik"), row("supplier", "2", "Pinkroccade"), row("supplier", "3", "Pinkrocade")
    )


def test_the_decision_on_which_most_hangs_comes_first(store: Store) -> None:
    _doubtful(store)
    reviews = list_reviews(store, OPERATOR)
    assert [review.details["name"] for review in reviews] == ["Centrik", "Pinkrocade"]
    assert reviews[0].weight > reviews[1].weight


def test_an_answer_becomes_a_claim_that_joins_or_keeps_apart(store: Store) -> None:
    _doubtful(store)
    reviews = list_reviews(store, EDITOR)
    answer_reviews(store, EDITOR, reviews, [("1", "same"), ("2", "different")])
    claims = {r.data["spec"]["status"]: r.data["spec"] for r in store.snapshot(EDITOR, kind="same-as")}
    assert (claims["confirmed"]["left"], claims["confirmed"]["right"]) == (
        "supplier:gm0114/centric",
        "supplier:gm0114/centrik",
    )
    assert claims.keys() == {"confirmed", "rejected"}
    clusters = build_landscape(store, EDITOR).clusters
    assert clusters["supplier:gm0114/centrik"] == "supplier:gm0114/centric"
    assert len(set(clusters.values())) == 3
    assert not list_reviews(store, EDITOR)
    deliver(
        store, row("supplier", "1", "Centrik"), row("supplier", "2", "Pinkroccade"), row("supplier", "3", "Pinkrocade")
    )
    assert not list_reviews(store, EDITOR), "what was settled is not asked again"


@pytest.mark.parametrize(
    "answers", [[("1", "same"), ("2", "yes")], [("1", "same"), ("9", "same")], [("x", "same")], [("1", "")]]
)
def test_one_wrong_answer_settles_nothing(store: Store, answers: list[tuple[str, str]]) -> None:
    _doubtful(store)
    reviews = list_reviews(store, OPERATOR)
    with pytest.raises(UsageFault):
        answer_reviews(store, OPERATOR, reviews, answers)
    assert len(list_reviews(store, OPERATOR)) == 2 and not list(store.snapshot(OPERATOR, kind="same-as"))


def test_only_editors_of_the_organisation_see_what_it_must_decide(store: Store) -> None:
    _doubtful(store)
    assert not list_reviews(store, PUBLIC)
    assert not list_reviews(store, Principal("ede", parse_roles([f"editor@{EDE}"])))


# -- hostile ----------------------------------------------------------------------------------------------------------


def test_suppliers_that_own_each_other_in_a_circle_do_not_hang(store: Store) -> None:
    for number in range(4):
        stake = {"owner": f"supplier:gm0114/s{(number + 1) % 4}", "share": "60"}
        deliver(store, row("supplier", str(number), f"S{number}", ownerships=[stake]), system=f"bron{number}")
    put(store, "supplier:gm0114/self", ownerships=[{"owner": "supplier:gm0114/self", "share": "100"}])
    landscape = build_landscape(store, OPERATOR)
    circle = frozenset(f"supplier:gm0114/s{number}" for number in range(4))
    assert all(landscape.controlled[ref] == circle for ref in circle)
    assert landscape.controlled["supplier:gm0114/self"] == {"supplier:gm0114/self"}


def test_names_of_which_nothing_is_left_are_faults_with_their_place(store: Store) -> None:
    made = plan(
        store, row("application", "1", "漢字"), row("application", "2", "Goed", {"suppliedBy": ("supplier", "***")})
    )
    assert [fault.code for fault in made.faults] == ["no-name", "no-name"]
    assert [step.ref for step in made.steps] == ["application:gm0114/goed"]


def test_drafts_of_our_own_keep_their_envelope(store: Store) -> None:
    facts = {"ref": "application:gm0228/eigen", "owner": EDE, "confidentiality": {"level": "public"}}
    facts["source"] = {"type": "statement", "date": "2026-02-02"}
    said = row("application", "application:gm0228/eigen", "Eigen", facts=facts, users=1)
    assert actions(deliver(store, said)) == ["new"]
    record = store.get("application:gm0228/eigen", PUBLIC)
    assert (record.owner, record.data["source"]["date"]) == (EDE, "2026-02-02")
    assert actions(deliver(store, said)) == ["unchanged"]
    assert actions(deliver(store, row("application", "application:gm0228/eigen", "Eigen", facts=facts, users=2))) == [
        "changed"
    ]
