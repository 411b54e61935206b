"""The envelope: canonical bytes against RFC 8785, drafts that are refused whole, records as they come back."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.identity import new_uid
from eendracht.kernel.kinds import Registry, shared_kinds
from eendracht.kernel.records import BEGIN_OF_TIME, END_OF_TIME, Level, Record, dump_canonical, prepare

REGISTRY = Registry(shared_kinds())
RECORDED_AT = "2026-05-01T12:00:00.000000Z"

texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=60)
names = texts.map(str.strip).filter(bool)
days = st.none() | st.dates(date(1900, 1, 1), date(2200, 1, 1)).map(date.isoformat)


def draft(**changes: Any) -> dict[str, Any]:
    return {
        "ref": "application:gm0344/zaaksysteem",
        "owner": "organisation:gm0344",
        "source": {"type": "statement", "date": "2026-01-01"},
        "spec": {"name": "Zaaksysteem"},
    } | changes


def body_of(given_draft: dict[str, Any], author: str = "anna") -> bytes:
    return prepare(given_draft, REGISTRY).finish(new_uid(), 3, RECORDED_AT, orjson.dumps(author))


class TestCanonicalBytes:
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(st.text(st.characters(max_codepoint=126), max_size=8), inner, max_size=4)
            ),
        )
    )
    def test_equal_rfc_8785(self, value: Any) -> None:
        assert dump_canonical(value) == rfc8785.dumps(value)

    @given(names, texts, st.lists(names, max_size=3), names, st.integers(0, 2**53 - 1), days)
    def test_of_a_record_equal_rfc_8785(
        self, name: str, description: str, others: list[str], author: str, users: int, until: str | None
    ) -> None:
        """The parts that were printed before the log was known join into the one canonical form."""
        spec = {"name": name, "description": description, "alsoKnownAs": others, "users": users, "rtoHours": 0.1}
        given_draft = draft(spec=spec, validUntil=until, confidentiality={"level": "public", "ground": "Woo art. 5.1"})
        body = body_of(given_draft, author)
        data = json.loads(body, parse_float=lambda text: pytest.fail(f"a float: {text}"))
        assert body == rfc8785.dumps(data)
        assert data["spec"]["name"] == name
        assert (data["recordedBy"], data["generation"], data["recordedAt"]) == (author, 3, RECORDED_AT)
        assert data["spec"]["rtoHours"] == "0.1"
        assert data["validUntil"] == until

    def test_of_one_record_letter_for_letter(self) -> None:
        uid = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
        body = prepare(draft(validFrom="2026-01-01"), REGISTRY).finish(uid, 1, RECORDED_AT, b'"anna"')
        assert body.decode() == (
            '{"confidentiality":{"ground":"","level":"organisation","until":null},"generation":1,"kind":"application",'
            '"origin":null,"owner":"organisation:gm0344","recordedAt":"2026-05-01T12:00:00.000000Z",'
            '"recordedBy":"anna","ref":"application:gm0344/zaaksysteem","source":{"confidence":"1",'
            '"date":"2026-01-01","key":"","place":"","system":"","type":"statement"},"spec":{"name":"Zaaksysteem"},'
            '"specVersion":1,"uid":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f","validFrom":"2026-01-01","validUntil":null}'
        )

    def test_keep_what_the_author_may_not_break(self) -> None:
        """An author's name or a text with quotes and braces stays one JSON value."""
        nasty = '","owner":"organisation:gm9999","x":"%b\\u0000{}'
        data = orjson.loads(body_of(draft(spec={"name": nasty}), nasty))
        assert (data["recordedBy"], data["spec"]["name"], data["owner"]) == (nasty, nasty, "organisation:gm0344")


class TestPreparing:
    def test_gives_the_columns_of_a_draft(self) -> None:
        spec = {"name": " Zaak ", "alsoKnownAs": ["Z"], "tags": ["wmo"], "description": "d", "lifecycle": "in-use"}
        spec |= {"requires": ["component:gm0344/db"], "suppliedBy": "supplier:kvk.12345678"}
        prepared = prepare(
            draft(spec=spec, validUntil="2027-01-01", confidentiality={"level": "restricted"}), REGISTRY, 4
        )
        assert (prepared.kind, prepared.name, prepared.spec) == ("application", "Zaak", spec | {"name": "Zaak"})
        assert (prepared.level, prepared.expected) == (Level.RESTRICTED, 4)
        assert (prepared.valid_from, prepared.valid_until) == (BEGIN_OF_TIME, "2027-01-01")
        assert (prepared.lifecycle, prepared.source, prepared.uid) == ("in-use", "statement", None)
        assert {(edge.field, edge.target) for edge in prepared.edges} == {
            ("requires", "component:gm0344/db"),
            ("suppliedBy", "supplier:kvk.12345678"),
        }
        assert prepare(draft(), REGISTRY).valid_until == END_OF_TIME
        assert prepare(draft(), REGISTRY).level == Level.ORGANISATION

    def test_shows_a_draft_as_it_was_sent(self) -> None:
        content = prepare(draft(validFrom="2026-01-01"), REGISTRY).content
        assert (content["ref"], content["validFrom"], content["spec"]) == (
            "application:gm0344/zaaksysteem",
            "2026-01-01",
            {"name": "Zaaksysteem"},
        )
        assert not {"uid", "generation", "recordedAt", "recordedBy"} & content.keys()

    def test_reports_every_fault_of_envelope_and_spec(self) -> None:
        bad = {
            "ref": "application:gm0344/x",
            "owner": "gemeente Ede",
            "uid": "1",
            "validFrom": "2026-02-01",
            "validUntil": 3,
            "confidentiality": {"level": "secret"},
            "source": {"type": "gossip", "confidence": 2},
            "spec": {"users": -1, "url": 3, "colour": "red", "hostedOn": [5]},
            "note": "x",
        }
        with pytest.raises(InvalidInput) as caught:
            prepare(bad, REGISTRY)
        assert {fault.pointer for fault in caught.value.faults} == {
            *("/owner", "/uid", "/validUntil", "/confidentiality/level", "/source/type", "/source/date"),
            *("/source/confidence", "/note", "/spec/name", "/spec/users", "/spec/url", "/spec/colour"),
            "/spec/hostedOn/0",
        }
        for fault in caught.value.faults:
            assert fault.nl
            assert fault.en
            assert fault.nl != "Deze waarde klopt niet", fault

    @pytest.mark.parametrize("bad", [{}, {"ref": 5}, {"ref": None, "spec": []}, {"ref": "x", "spec": "y"}])
    def test_survives_any_shape(self, bad: dict[str, Any]) -> None:
        with pytest.raises(InvalidInput) as caught:
            prepare(bad, REGISTRY)
        assert caught.value.faults

    def test_names_an_unknown_kind(self) -> None:
        with pytest.raises(InvalidInput) as caught:
            prepare(draft(ref="aplication:gm0344/x"), REGISTRY)
        assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [("/ref", "unknown-kind")]

    @pytest.mark.parametrize("number", [2**53, 10**30, 1.5, "1.5", float("nan"), float("inf")])
    def test_refuses_numbers_that_json_cannot_carry(self, number: object) -> None:
        with pytest.raises(InvalidInput) as caught:
            prepare(draft(spec={"name": "x", "users": number}), REGISTRY)
        assert [fault.pointer for fault in caught.value.faults] == ["/spec/users"]

    def test_refuses_text_that_is_no_unicode(self) -> None:
        with pytest.raises(InvalidInput) as caught:
            prepare(draft(spec={"name": "x\ud800"}), REGISTRY)
        assert [fault.pointer for fault in caught.value.faults] == ["/spec/name"]


class TestRecord:
    def test_reads_what_was_recorded(self) -> None:
        record = Record(7, body_of(draft(source={"type": "synthetic", "date": "2026-01-01"})))
        assert (record.ref, record.kind, record.owner) == (
            "application:gm0344/zaaksysteem",
            "application",
            "organisation:gm0344",
        )
        assert (record.rv, record.generation, record.name, record.is_synthetic) == (7, 3, "Zaaksysteem", True)
        assert record.spec(REGISTRY) == {"name": "Zaaksysteem"}
        assert record.uid in record.body.decode()
