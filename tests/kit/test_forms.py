"""A form gives back what it was filled with, for every kind, and puts each fault at the control where it belongs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.kinds import Kind, Registry, shared_kinds
from eendracht.kernel.records import prepare
from eendracht.kit.forms import Control, can_hold, fill_form, lay_out, list_fields, read_form, shape_form
from tests.kit.specs import draw_from

KINDS = Registry(shared_kinds())
NAMES = sorted(kind.name for kind in KINDS)


def canonical(kind: Kind, content: dict[str, Any]) -> dict[str, Any]:
    """Give content as it would be recorded, without blank texts, which say nothing."""
    return _without_blanks(
        kind.model.model_validate(content).model_dump(mode="json", by_alias=True, exclude_defaults=True)
    )


def _without_blanks(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: _without_blanks(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item not in ("", None, [], {})}
    if isinstance(value, list):
        kept_items = [_without_blanks(item) for item in value]
        return [item for item in kept_items if item not in ("", None, [], {})]
    return value


@pytest.mark.parametrize("name", NAMES)
def test_what_was_filled_in_comes_back(name: str) -> None:
    kind = KINDS.get(name)
    shapes = shape_form(kind.model)

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(draw_from(kind.json_schema()))
    def check(content: dict[str, Any]) -> None:
        try:
            expected = canonical(kind, content)
            content = kind.model.model_validate(content).model_dump(mode="json", by_alias=True, exclude_defaults=True)
        except ValidationError:
            return  # the schema cannot say everything that the kind checks
        if any(shape.is_required and content[shape.name] == "" for shape in shapes):
            return  # a form takes a required text that is empty for missing
        held = [shape for shape in shapes if shape.name not in content or can_hold(shape, content[shape.name])]
        posted = fill_form(held, content, "spec")
        kept = {key: value for key, value in content.items() if key not in {shape.name for shape in held}}
        assert canonical(kind, {**kept, **read_form(held, posted, "spec")}) == expected
        # A browser sends line breaks in its own way, and every control of the page, empty rows included.
        again: dict[str, list[str]] = {}
        for control in list_fields(lay_out(held, posted, (), "spec")):
            if not control.rows and control.shape.control not in (Control.PART, Control.PARTS):
                several = control.shape.control is Control.CHOICES
                again[control.name] = list(control.values) if several else [control.lines.replace("\n", "\r\n")]
        assert canonical(kind, {**kept, **read_form(held, again, "spec")}) == expected

    check()


def test_the_forms_ask_every_field_of_every_kind() -> None:
    for kind in KINDS:
        schema = kind.json_schema()
        shapes = {shape.name: shape for shape in shape_form(kind.model)}
        assert shapes.keys() == schema["properties"].keys()
        assert {name for name, shape in shapes.items() if shape.is_required} == set(schema["required"])


def faults_of(kind: str, spec: dict[str, Any]) -> tuple[Fault, ...]:
    draft = {
        "ref": f"{kind}:gm0344/x",
        "owner": "organisation:gm0344",
        "source": {"type": "statement", "date": "2026-01-01"},
        "spec": spec,
    }
    with pytest.raises(InvalidInput) as caught:
        prepare(draft, KINDS)
    return caught.value.faults


def test_each_fault_stands_at_one_control() -> None:
    posted = {
        "spec.name": [""],
        "spec.tags": ["goed\r\nniet goed\r\n"],
        "spec.users": ["veel"],
        "spec.rtoHours": ["4,5"],
        "spec.suppliedBy": ["platform:gm0344/x"],
        "spec.lifecycle": ["verzonnen"],
        "spec.requirementGroups.0.label": [""],
        "spec.requirementGroups.0.k": ["1"],
        "spec.requirementGroups.3.k": ["2"],
        "spec.requirementGroups.3.members.7.provider": ["onzin"],
    }
    shapes = shape_form(KINDS.get("application").model)
    content = read_form(shapes, posted, "spec")
    assert content["rtoHours"] == "4.5"
    assert content["requirementGroups"] == [{"k": "2", "members": [{"provider": "onzin"}]}]
    faults = faults_of("application", content)
    pointers = sorted(fault.pointer for fault in faults)
    placed = [
        (control.name, fault.pointer)
        for control in list_fields(lay_out(shapes, posted, faults, "spec"))
        for fault in control.faults
    ]
    assert sorted(pointer for _, pointer in placed) == pointers
    assert {"/spec/name", "/spec/users", "/spec/lifecycle", "/spec/tags/1"} <= set(pointers)
    assert ("spec.tags", "/spec/tags/1") in placed
    assert ("spec.requirementGroups.0.members.0.provider", "/spec/requirementGroups/0/members/0/provider") in placed
    shown = {control.name: control for control in list_fields(lay_out(shapes, posted, faults, "spec"))}
    assert shown["spec.users"].value == "veel"
    assert shown["spec.requirementGroups.0.members.0.provider"].value == "onzin"


def test_rows_that_were_emptied_go_and_a_new_one_is_there() -> None:
    shapes = shape_form(KINDS.get("supplier").model)
    content = {"name": "X", "ownerships": [{"owner": f"supplier:kvk.1234567{n}", "share": "30"} for n in range(3)]}
    posted = fill_form(shapes, content, "spec")
    posted["spec.ownerships.1.owner"] = posted["spec.ownerships.1.share"] = [" "]
    assert [row["owner"][-1] for row in read_form(shapes, posted, "spec")["ownerships"]] == ["0", "2"]
    (rows,) = (control.rows for control in lay_out(shapes, posted, (), "spec") if control.shape.name == "ownerships")
    assert [row[0].value[-1:] for row in rows] == ["0", "2", ""]
    laid_out = lay_out(shapes, posted, (), "spec", more="spec.ownerships")
    (rows,) = (control.rows for control in laid_out if control.shape.name == "ownerships")
    assert len(rows) == 4


@given(
    st.dictionaries(
        st.text(max_size=60) | st.sampled_from(["spec.ownerships.99999999.owner", "spec.ownerships.²"]),
        st.lists(st.text(), max_size=2),
    )
)
def test_whatever_is_sent_is_read_without_a_crash(posted: dict[str, list[str]]) -> None:
    shapes = shape_form(KINDS.get("supplier").model)
    assert isinstance(read_form(shapes, posted, "spec"), dict)
    lay_out(shapes, posted, (), "spec")


@pytest.mark.parametrize(
    ("typed", "read"),
    [("4,5", "4.5"), ("4.5", "4.5"), ("1.000,5", "1.000,5"), ("1,000,000", "1,000,000"), (" 7 ", "7")],
)
def test_a_decimal_comma_is_read_and_nothing_is_guessed(typed: str, read: str) -> None:
    shapes = shape_form(KINDS.get("application").model)
    assert read_form(shapes, {"spec.rtoHours": [typed]}, "spec") == {"rtoHours": read}
