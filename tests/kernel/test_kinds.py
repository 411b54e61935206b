"""Kinds: their schemas, their examples of every version, and how an old spec becomes a new one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from scripts.make_schemas import FOLDER, render_schemas

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.identity import parse_ref
from eendracht.kernel.kinds import Kind, Registry, shared_kinds
from eendracht.kernel.kinds.fields import RefText, Relation, Spec
from eendracht.kernel.records import prepare
from eendracht.kernel.validation import validate

FIXTURES = Path(__file__).parents[1] / "fixtures" / "kinds"
KINDS = shared_kinds()
REGISTRY = Registry(KINDS)
by_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def read_examples(kind: Kind, version: int) -> dict[str, dict[str, Any]]:
    examples = json.loads((FIXTURES / kind.name / f"v{version}.json").read_text(encoding="utf-8"))
    return cast(dict[str, dict[str, Any]], examples)


def checker(kind: Kind) -> Draft202012Validator:
    return Draft202012Validator(kind.json_schema(), format_checker=FormatChecker(["date"]))


def stored(kind: Kind, spec: dict[str, Any]) -> dict[str, Any] | None:
    """Give what a record would hold, or None where the model refuses."""
    model, faults = validate(kind.model, spec)
    return None if model is None or faults else model.model_dump(mode="json", by_alias=True, exclude_defaults=True)


class TestSchemas:
    def test_are_committed_and_up_to_date(self) -> None:
        committed = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
        assert committed == render_schemas(KINDS), "run: python scripts/make_schemas.py"

    @by_kind
    def test_follow_the_metaschema(self, kind: Kind) -> None:
        Draft202012Validator.check_schema(kind.json_schema())
        assert kind.json_schema()["$id"] == f"urn:eendracht:kind:{kind.name}:{kind.version}"

    @by_kind
    def test_use_no_word_that_json_schema_does_not_know(self, kind: Kind) -> None:
        """A keyword outside the standard would be passed over in silence by whoever validates with it."""
        known = {
            *("$schema", "$id", "$defs", "$ref", "type", "properties", "required", "additionalProperties", "items"),
            *("anyOf", "enum", "const", "default", "description", "title", "format", "pattern", "minLength"),
            *("maxLength", "minItems", "maxItems", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        }

        def words(schema: Any) -> Iterator[str]:
            if isinstance(schema, list):
                for item in schema:
                    yield from words(item)
            elif isinstance(schema, dict):
                for key, value in schema.items():
                    yield key
                    if key in ("properties", "$defs"):
                        for inner in value.values():
                            yield from words(inner)
                    elif key not in ("default", "enum"):
                        yield from words(value)

        assert set(words(kind.json_schema())) <= known


class TestExamples:
    @by_kind
    def test_of_every_version_stay_readable(self, kind: Kind) -> None:
        for version in range(1, kind.version + 1):
            for example in read_examples(kind, version).values():
                lifted = kind.upcast(example, version)
                assert stored(kind, lifted) is not None
                checker(kind).validate(lifted)

    @by_kind
    def test_fill_every_field_and_the_required_ones_only(self, kind: Kind) -> None:
        schema = kind.json_schema()
        examples = read_examples(kind, kind.version)
        assert set(examples["full"]) == set(schema["properties"])
        assert set(examples["minimal"]) == set(schema["required"])

    @by_kind
    def test_are_stored_as_they_are_written(self, kind: Kind) -> None:
        """Nothing is lost or rewritten but what equals a default."""
        for example in read_examples(kind, kind.version).values():
            assert stored(kind, example) == example

    @by_kind
    def test_hold_refs_where_the_kind_says(self, kind: Kind) -> None:
        """Every text of the full example that reads as a ref is one of the kind's relations, and conversely."""

        def refs(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
            if isinstance(value, dict):
                for key, inner in value.items():
                    yield from refs(inner, f"{pointer}/{key}")
            elif isinstance(value, list):
                for position, inner in enumerate(value):
                    yield from refs(inner, f"{pointer}/{position}")
            elif isinstance(value, str):
                try:
                    parse_ref(value)
                except InvalidInput:
                    return
                yield pointer, value

        full = read_examples(kind, kind.version)["full"]
        assert sorted(pair for path in kind.relations for pair in path.find(full)) == sorted(refs(full, ""))

    @by_kind
    def test_refuse_a_target_of_another_kind(self, kind: Kind) -> None:
        full = read_examples(kind, kind.version)["full"]
        envelope = {"ref": f"{kind.name}:gm0114/x", "owner": "organisation:gm0114"}
        envelope |= {"source": {"type": "statement", "date": "2026-01-01"}}
        draft = prepare(envelope | {"spec": full}, REGISTRY)
        limited = {path.field for path in kind.relations if path.relation.targets}
        swapped = json.loads(json.dumps(full).replace(":gm0114", "-x:gm0114").replace(":kvk.", "-x:kvk."))
        if limited:
            with pytest.raises(InvalidInput) as caught:
                prepare(envelope | {"spec": swapped}, REGISTRY)
            assert {fault.code for fault in caught.value.faults} == {"wrong-target-kind"}
            expected = {edge.field for edge in draft.edges if edge.field in limited}
            assert len(caught.value.faults) >= len(expected)


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**54), 2**54),
    st.integers(-2000, 2000).map(lambda n: n / 8),
    st.text(max_size=30).map(str.strip),
    st.sampled_from(
        [
            "unknown",
            "yes",
            "2026-02-29",
            "2024-02-29",
            "2026-1-1",
            "20260101",
            "0",
            "12",
            "1.5",
            "-1",
            "100.0001",
            "NL",
            "nl",
            "1e2",
            "-0",
        ]
    ),
    st.sampled_from(
        ["organisation:gm0114", "Organisation:gm0114", "application:gm0114/x", "12345678", "١٢٣٤٥٦٧٨", "0.0001"]
    ),
    st.sampled_from(["", "a\x00b", "x" * 501, "999999999.999", "9999999999", "180.000001", "a b"]),
    st.lists(st.sampled_from(["a", "organisation:gm0114", 1, None, "x y"]), max_size=3),
    st.dictionaries(st.sampled_from(["name", "supplier", "country"]), st.text(max_size=3), max_size=2),
)


class TestAgreement:
    """The schema and the model say the same, but for what is declared here.

    The model is more lenient with scalars that can only mean one thing (`"12"` for 12); it stores the plain form, which
    satisfies the schema. It is stricter where a schema cannot speak: more decimals than a field has in a JSON number,
    a name of only spaces, and what a group of alternatives may not say about itself.
    """

    @by_kind
    @settings(max_examples=60, deadline=None)
    @given(data=st.data())
    def test_schema_and_model_agree(self, kind: Kind, data: st.DataObject) -> None:
        examples = read_examples(kind, kind.version)
        spec = dict(examples[data.draw(st.sampled_from(["minimal", "full"]))])
        field = data.draw(st.sampled_from([*kind.json_schema()["properties"], "unknownField"]))
        if data.draw(st.booleans()):
            spec[field] = data.draw(values)
        else:
            spec.pop(field, None)
        result = stored(kind, spec)
        assert not (checker(kind).is_valid(spec) and result is None), "the schema accepts what the model refuses"
        if result is not None:
            checker(kind).validate(result)
            assert stored(kind, result) == result

    @pytest.mark.parametrize(
        ("kind", "change", "is_valid"),
        [
            ("organisation", {"oin": "00000001001234567000"}, True),
            ("organisation", {"oin": "0000000100123456700"}, False),
            ("organisation", {"inhabitants": 2**53}, False),
            ("organisation", {"inhabitants": 2**53 - 1}, True),
            ("organisation", {"inhabitants": 1.5}, False),
            ("organisation", {"position": {"latitude": "52.1", "longitude": "4.9"}}, True),
            ("organisation", {"position": {"latitude": "52.1"}}, False),
            ("organisation", {"position": {"latitude": "1000", "longitude": "4.9"}}, False),
            ("application", {"rtoHours": "0.5"}, True),
            ("application", {"rtoHours": 0.5}, True),
            ("application", {"rtoHours": "-1"}, False),
            ("application", {"rtoHours": "1.2345"}, False),
            ("application", {"rtoHours": "NaN"}, False),
            ("application", {"rtoHours": "Infinity"}, False),
            ("application", {"hosting": "cloud"}, False),
            ("application", {"requires": "component:x/y"}, False),
            ("application", {"suppliedBy": "Microsoft"}, False),
            ("application", {"requirementGroups": [{"members": []}]}, False),
            ("application", {"requirementGroups": [{"members": [{"provider": "component:x/y"}], "k": 0}]}, False),
            ("application", {"name": "n" * 301}, False),
            ("contract", {"endDate": "2026-02-30"}, False),
            ("contract", {"endDate": "31-12-2026"}, False),
            ("contract", {"annualValueEurocent": -1}, False),
            ("same-as", {"confidence": "1.1"}, False),
            ("same-as", {"confidence": "1.0"}, True),
            ("supplier", {"kvk": "1234567"}, False),
            ("supplier", {"country": "NLD"}, False),
            ("agreement", {"parties": []}, False),
        ],
    )
    def test_on_cases_that_matter(self, kind: str, change: dict[str, Any], is_valid: bool) -> None:
        known = REGISTRY.get(kind)
        spec = read_examples(known, 1)["minimal"] | change
        assert (stored(known, spec) is not None) == is_valid
        assert checker(known).is_valid(spec) == is_valid

    def test_the_declared_differences(self) -> None:
        application = REGISTRY.get("application")
        for lenient, plain in (({"users": "12"}, 12), ({"users": 12.0}, 12)):
            assert (stored(application, {"name": "x"} | lenient) or {})["users"] == plain
        start = {"phase": "start", "members": [{"provider": "component:x/y"}]}
        for strict in (
            {"name": "  "},
            {"name": "x", "rtoHours": 0.0001},
            {"name": "x", "requirementGroups": [{"k": 2, "members": [{"provider": "component:x/y"}]}]},
            {"name": "x", "requirementGroups": [{"members": [{"provider": "component:x/y"}] * 2}]},
            {"name": "x", "requirementGroups": [start | {"bufferHours": "1"}]},
        ):
            assert checker(application).is_valid(strict)
            assert stored(application, strict) is None

    @pytest.mark.parametrize("value", [0, 86_400, "0", "86400", "20260101", 46_000.0, True])
    def test_a_number_is_never_a_date(self, value: object) -> None:
        spec = {"name": "x", "buyer": "organisation:gm0114", "supplier": "supplier:kvk.1", "endDate": value}
        _, faults = validate(REGISTRY.get("contract").model, spec)
        assert [(fault.pointer, fault.code, fault.nl) for fault in faults] == [
            ("/endDate", "date-type", "Dit moet een datum zijn")
        ]

    @pytest.mark.parametrize(
        ("given_value", "wanted"),
        [(0.1, "0.1"), ("1e2", "100"), (1e-3, "0.001"), ("-0", "0"), ("0.000", "0"), ("007.50", "7.50"), (3, "3")],
    )
    def test_a_decimal_is_written_in_digits(self, given_value: object, wanted: str) -> None:
        result = stored(REGISTRY.get("application"), {"name": "x", "rtoHours": given_value})
        assert (result or {})["rtoHours"] == wanted


class Vessel(Spec):
    """A kind for these tests, at its third version."""

    tonnage_kg: int
    harbours: tuple[Annotated[RefText, Relation(("facility",))], ...] = ()


def count_in_kilograms(spec: dict[str, Any]) -> dict[str, Any]:
    """Version 1 said tonnes."""
    rest = {key: value for key, value in spec.items() if key != "tonnage"}
    return rest | {"tonnageKg": spec["tonnage"] * 1000}


def allow_many_harbours(spec: dict[str, Any]) -> dict[str, Any]:
    """Version 2 had one harbour."""
    rest = {key: value for key, value in spec.items() if key != "harbour"}
    return rest | ({"harbours": [spec["harbour"]]} if "harbour" in spec else {})


VESSEL = Kind("vessel", Vessel, 3, {1: count_in_kilograms, 2: allow_many_harbours})


class TestUpcasting:
    def test_lifts_step_by_step_and_leaves_the_old_alone(self) -> None:
        old = {"name": "Eendracht", "tonnage": 400, "harbour": "facility:gm0599/maashaven"}
        before = json.dumps(old)
        new = {"name": "Eendracht", "tonnageKg": 400_000, "harbours": ["facility:gm0599/maashaven"]}
        assert VESSEL.upcast(old, 1) == new
        assert json.dumps(old) == before
        assert VESSEL.upcast({"name": "x", "tonnageKg": 5}, 2) == {"name": "x", "tonnageKg": 5}
        assert VESSEL.upcast(new, 3) == new
        assert stored(VESSEL, VESSEL.upcast(old, 1)) == new

    def test_refuses_what_is_newer_than_it_knows(self) -> None:
        with pytest.raises(InvalidInput) as caught:
            VESSEL.upcast({}, 4)
        assert "Update" in caught.value.hint

    def test_a_kind_needs_every_step(self) -> None:
        with pytest.raises(ValueError, match="version 2"):
            Kind("vessel", Vessel, 3, {1: count_in_kilograms})


class TestRegistry:
    def test_knows_each_kind_once(self) -> None:
        with pytest.raises(ValueError, match="twice"):
            Registry([VESSEL, VESSEL])
        assert "application" in REGISTRY
        assert "vessel" not in REGISTRY

    def test_lists_the_kinds_there_are(self) -> None:
        with pytest.raises(InvalidInput) as caught:
            REGISTRY.get("aplication", "/spec/kind")
        (fault,) = caught.value.faults
        assert (fault.pointer, fault.code) == ("/spec/kind", "unknown-kind")
        assert "application" in fault.hint
