"""Who is who: refs against their grammar, uids against RFC 9562, clusters against a graph library."""

from __future__ import annotations

import time
import uuid

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.identity import (
    AUTHORITY_PATTERN,
    KIND_PATTERN,
    NAME_PATTERN,
    SameAs,
    cluster_parties,
    is_uid,
    names_record,
    new_uid,
    parse_ref,
    slug,
)

kinds = st.from_regex(KIND_PATTERN, fullmatch=True)
authorities = st.from_regex(AUTHORITY_PATTERN, fullmatch=True)
names = st.from_regex(NAME_PATTERN, fullmatch=True)


class TestRefs:
    @given(kinds, authorities, st.none() | names)
    def test_come_back_letter_for_letter(self, kind: str, authority: str, name: str | None) -> None:
        text = f"{kind}:{authority}" + (f"/{name}" if name else "")
        ref = parse_ref(text)
        assert (ref.kind, ref.authority, ref.name, str(ref)) == (kind, authority, name or "", text)
        assert names_record(text)
        assert not is_uid(text)

    @pytest.mark.parametrize(
        ("text", "kind", "authority", "name"),
        [
            ("application:gm0344/zaaksysteem", "application", "gm0344", "zaaksysteem"),
            ("supplier:kvk.12345678", "supplier", "kvk.12345678", ""),
            ("component:gm0344/net/switch-1", "component", "gm0344", "net/switch-1"),
            ("dataset:oin.00000001001234567000/brp", "dataset", "oin.00000001001234567000", "brp"),
        ],
    )
    def test_of_the_grammar(self, text: str, kind: str, authority: str, name: str) -> None:
        ref = parse_ref(text)
        assert (ref.kind, ref.authority, ref.name) == (kind, authority, name)

    @pytest.mark.parametrize(
        "text",
        [
            *("", ":", "application", "application:", "application:/x", "Application:gm0344/x", "application:GM0344/x"),
            *("application:gm0344/", "application:gm0344/X", "application:gm0344/a b", "application:gm0344/é"),
            *("application:gm0344/x\n", "\napplication:gm0344/x", "application:gm0344/x\x00", "1a:gm0344/x"),
            *("application:gm٠344/x", "application:gm0344/x?y", "application:gm0344/../x y", f"a{'b' * 40}:gm0344/x"),
            *(f"application:{'a' * 61}/x", f"application:gm0344/{'a' * 121}", "01a20a5f-21c3-708b-a822-5e5a64abc3b6"),
        ],
    )
    def test_outside_the_grammar_are_refused_with_place_and_hint(self, text: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            parse_ref(text, "/spec/requires/0")
        (fault,) = caught.value.faults
        assert (fault.pointer, fault.code) == ("/spec/requires/0", "malformed-ref")
        assert fault.hint
        assert len(str(caught.value)) < 600

    @given(st.text())
    def test_any_text_is_a_ref_or_a_fault(self, text: str) -> None:
        try:
            assert str(parse_ref(text)) == text
        except InvalidInput:
            assert not names_record(text) or is_uid(text)


class TestUids:
    def test_are_version_7_of_rfc_9562(self) -> None:
        before = time.time_ns() // 1_000_000
        parsed = uuid.UUID(new_uid())
        after = time.time_ns() // 1_000_000
        assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
        assert before <= parsed.int >> 80 <= after

    def test_are_unique_and_lie_in_order_of_time(self) -> None:
        made = [new_uid() for _ in range(2_000)]
        assert len(set(made)) == len(made)
        assert [uid[:13] for uid in made] == sorted(uid[:13] for uid in made)
        assert all(is_uid(uid) for uid in made)

    def test_of_the_example_in_the_standard(self) -> None:
        assert is_uid("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")  # RFC 9562, appendix A.6

    @given(st.uuids())
    def test_other_versions_are_none(self, other: uuid.UUID) -> None:
        assert is_uid(str(other)) == (other.version == 7)

    def test_only_in_their_one_form(self) -> None:
        uid = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
        for other in (uid.upper(), f"{uid}\n", f"{{{uid}}}", f"urn:uuid:{uid}", uid.replace("-", "")):
            assert not is_uid(other)


class TestSlugs:
    @pytest.mark.parametrize(
        ("text", "wanted"),
        [
            ("Zaaksysteem (nieuw)", "zaaksysteem-nieuw"),
            ("Café Één", "cafe-een"),
            ("  --Key2Burgerzaken 24.1--  ", "key2burgerzaken-24.1"),
            ("A/B & C_d", "a-b-c_d"),
            ("ﬁnanciën", "financien"),
            ("x" * 130, "x" * 120),
        ],
    )
    def test_of_human_names(self, text: str, wanted: str) -> None:
        assert slug(text) == wanted

    @pytest.mark.parametrize("text", ["", "---", "日本語", "...", "!?"])
    def test_of_nothing_are_refused(self, text: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            slug(text)
        assert caught.value.faults[0].code == "no-name"

    @given(st.text())
    def test_fit_in_a_ref_and_stay_what_they_are(self, text: str) -> None:
        try:
            name = slug(text)
        except InvalidInput:
            return
        assert parse_ref(f"application:gm0344/{name}").name == name
        assert slug(name) == name


refs = st.sampled_from([f"supplier:x.{n}" for n in range(12)])
claims = st.builds(SameAs, refs, refs, st.sampled_from([0.0, 0.5, 0.89, 0.9, 0.95, 1.0]))


class TestClusters:
    @given(st.lists(refs), st.lists(claims), st.sampled_from([0.5, 0.9, 1.0]))
    def test_equal_connected_components(self, known: list[str], said: list[SameAs], threshold: float) -> None:
        graph = networkx.Graph()
        graph.add_nodes_from(known)
        for claim in said:
            graph.add_nodes_from([claim.left, claim.right])
            if claim.confidence >= threshold:
                graph.add_edge(claim.left, claim.right)
        wanted = {ref: min(part) for part in networkx.connected_components(graph) for ref in part}
        assert cluster_parties(known, said, threshold) == wanted
