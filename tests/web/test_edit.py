"""The form of a record: what it records, what it refuses, and what becomes of two who edit at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from tests.web.demo import EDIT, Demo, form_of, form_values, hidden_fields

REF = "application:gm0344/zaaksysteem"


@pytest.fixture
def owner(demo: Demo) -> Iterator[httpx.Client]:
    with demo.signed_in() as client:
        yield client


def read(client: httpx.Client, ref: str = REF) -> dict[str, object]:
    found: dict[str, object] = client.get(f"/v1/records/{ref}").json()
    return found


def test_a_form_that_is_sent_back_unchanged_changes_nothing(owner: httpx.Client) -> None:
    before = read(owner)
    answer = owner.post(EDIT, data=form_of(owner))
    assert answer.status_code == 303
    after = read(owner)
    assert after["spec"] == before["spec"]
    assert after["confidentiality"] == before["confidentiality"]
    assert (after["validFrom"], after["owner"]) == (before["validFrom"], before["owner"])
    assert after["recordedBy"] == "persona/record-owner"
    # Whoever changes what was made up has not looked it up: it stays made up until somebody says otherwise.
    assert after["source"]["type"] == "synthetic"  # type: ignore[index]


def test_what_was_made_up_stays_so_until_somebody_vouches_for_it(owner: httpx.Client) -> None:
    ref = "public-service:gm0344/paspoort"
    path = f"/nl/bewerken/{ref}"
    made_up = "Verzonnen gegevens, voor een demonstratie of test"
    page = unescape(owner.get(path).text)
    assert made_up in page
    assert "iemand van de organisatie staat ervoor in" in page
    form = form_of(owner, path)
    assert form["source"] == "synthetic"
    assert owner.post(path, data={**form, "spec.description": "Een reisdocument"}).status_code == 303
    assert made_up in unescape(owner.get(f"/nl/records/{ref}").text)
    # A client that does not know the choice does not make it.
    without = form_of(owner, path)
    del without["source"]
    assert owner.post(path, data={**without, "spec.name": "Paspoort aanvragen"}).status_code == 303
    assert read(owner, ref)["source"]["type"] == "synthetic"  # type: ignore[index]
    refused = owner.post(path, data={**form_of(owner, path), "source": "contract"})
    assert refused.status_code == 422
    assert 'href="#source"' in refused.text
    assert owner.post(path, data={**form_of(owner, path), "source": "statement"}).status_code == 303
    assert read(owner, ref)["source"]["type"] == "statement"  # type: ignore[index]
    assert made_up not in unescape(owner.get(f"/nl/records/{ref}").text)
    assert form_of(owner, path)["source"] == "statement"


def test_what_is_filled_in_is_recorded_names_and_amounts_too(owner: httpx.Client) -> None:
    form = form_of(owner) | {
        "spec.criticality": "critical",
        "spec.annualCostEurocent": "12.345,60",
        "spec.alsoKnownAs": "Zaaksuite\r\n\r\nZAAK  ",
        "spec.suppliedBy": "zaakbouwers bv",
        "spec.rtoHours": "1,5",
    }
    answer = owner.post(EDIT, data=form)
    assert answer.status_code == 303, unescape(answer.text)
    spec = read(owner)["spec"]
    assert isinstance(spec, dict)
    assert spec["criticality"] == "critical"
    assert spec["annualCostEurocent"] == 1_234_560
    assert spec["alsoKnownAs"] == ["Zaaksuite", "ZAAK"]
    assert spec["suppliedBy"] == "supplier:kvk.11111111"
    assert spec["rtoHours"] == "1.5"
    page = owner.get(answer.headers["location"])
    assert "€ 12.345,60" in unescape(page.text).replace("\xa0", " ")
    assert "Vastgelegd als versie" in page.text


def test_every_fault_is_told_at_once_with_a_link_to_its_control(owner: httpx.Client) -> None:
    form = form_of(owner) | {
        "spec.name": "",
        "spec.users": "veel",
        "spec.suppliedBy": "Bestaat Niet NV",
        "spec.requires": "platform:gm0344/geheim-platform\r\nonbekend ding",
        "validFrom": "2026-02-31",
        "validUntil": "2020-01-01",
    }
    answer = owner.post(EDIT, data=form)
    assert answer.status_code == 422
    page = unescape(answer.text)
    summary = page[page.index('id="faults"') : page.index("<form method", page.index('id="faults"'))]
    anchors = set(re.findall(r'href="#([^"]+)"', summary))
    assert {"spec-name", "spec-users", "spec-suppliedBy", "spec-requires", "validFrom"} <= anchors
    for anchor in anchors:
        assert f'id="{anchor}"' in page
    assert "<title>Fout: " in page
    # Nothing that was typed is lost, a day that no calendar knows included.
    for typed in ("veel", "Bestaat Niet NV", "onbekend ding", "2026-02-31", "2020-01-01"):
        assert typed in page


def test_a_name_that_is_not_clear_is_offered_with_a_button_that_fills_it_in(owner: httpx.Client) -> None:
    before = read(owner)
    form = form_of(owner) | {"spec.suppliedBy": "Zaakbouwer", "spec.requires": "platform:gm0344/een\r\n\r\nPaspoorten"}
    answer = owner.post(EDIT, data=form)
    assert answer.status_code == 422
    page = unescape(answer.text)
    assert "'Zaakbouwer' is niet gevonden: kies hieronder wat u bedoelt" in page
    picks = re.findall(r'name="pick" value="([^"]+)"', page)
    assert "spec.suppliedBy 0 supplier:kvk.11111111" in picks
    assert "spec.requires 1 public-service:gm0344/paspoort" in picks
    # The button works without a script, loses nothing that was typed, and records nothing.
    picked = owner.post(EDIT, data={**form, "pick": "spec.suppliedBy 0 supplier:kvk.11111111"})
    assert picked.status_code == 200
    values = form_values(picked.text)
    assert values["spec.suppliedBy"] == "supplier:kvk.11111111"
    assert "Paspoorten" in values["spec.requires"]
    for pick in ("spec.requires 1 public-service:gm0344/paspoort", "spec.requires 9 x:y/z", "x", "a b c", ""):
        assert owner.post(EDIT, data={**form, "pick": pick}).status_code in (200, 422)
    second = owner.post(EDIT, data={**form, "pick": "spec.requires 1 public-service:gm0344/paspoort"})
    assert form_values(second.text)["spec.requires"] == "platform:gm0344/een\npublic-service:gm0344/paspoort"
    assert read(owner) == before


def test_a_field_for_a_ref_shows_the_name_and_offers_records(owner: httpx.Client) -> None:
    page = unescape(owner.get(EDIT).text)
    assert '<strong>Zaakbouwers BV</strong><br><code class="e-ref">supplier:kvk.11111111</code>' in page
    assert '<datalist id="refs-supplier"><option value="supplier:kvk.11111111">Zaakbouwers BV</option>' in page
    assert re.search(r'name="spec.suppliedBy"[^>]* list="refs-supplier"', page)
    assert "geheim-platform" not in page[page.index("<datalist") : page.rindex("</datalist>")]


def test_an_end_before_the_begin_names_both_fields(owner: httpx.Client) -> None:
    form = form_of(owner) | {"validFrom": "2026-05-01", "validUntil": "2026-04-01"}
    answer = owner.post(EDIT, data=form)
    assert answer.status_code == 422
    assert "Geldig tot: 'Geldig tot' ligt niet na 'Geldig vanaf'" in unescape(answer.text)


def test_two_who_edit_at_once_both_see_what_happened(demo: Demo, owner: httpx.Client) -> None:
    first = form_of(owner) | {"spec.description": "Van de een"}
    with demo.signed_in() as other:
        second = form_of(other) | {"spec.description": "Van de ander"}
        assert owner.post(EDIT, data=first).status_code == 303
        clash = other.post(EDIT, data=second)
        assert clash.status_code == 409
        assert "Van de een" in clash.text
        assert "Van de ander" in clash.text
        assert read(other)["spec"]["description"] == "Van de een"  # type: ignore[index]
        second["generation"] = hidden_fields(clash.text)["generation"]
        assert other.post(EDIT, data=second).status_code == 303
        assert read(other)["spec"]["description"] == "Van de ander"  # type: ignore[index]


def test_another_row_keeps_what_was_typed_and_records_nothing(owner: httpx.Client) -> None:
    before = read(owner)
    form = form_of(owner) | {
        "spec.requirementGroups.0.label": "aanmelden",
        "spec.requirementGroups.0.members.0.provider": "platform:gm0344/een",
    }
    answer = owner.post(EDIT, data={**form, "more": "spec.requirementGroups.0.members"})
    assert answer.status_code == 200
    assert 'value="aanmelden"' in answer.text
    assert 'name="spec.requirementGroups.0.members.2.provider"' in answer.text
    assert read(owner) == before


def test_something_new_gets_its_ref_from_owner_and_name(owner: httpx.Client) -> None:
    path = "/nl/nieuw/application"
    form = form_of(owner, path) | {"spec.name": "Één nieuwe applicatie!", "confidentiality.level": "public"}
    assert form["owner"] == "organisation:gm0344"
    answer = owner.post(path, data=form)
    assert answer.status_code == 303, unescape(answer.text)
    assert read(owner, "application:gm0344/een-nieuwe-applicatie")["generation"] == 1
    # The same name once more is not another version of it.
    taken = owner.post(path, data=form)
    assert taken.status_code == 422
    assert 'href="#ref"' in taken.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nl/nieuw/bestaat-niet", 404),
        ("/nl/bewerken/application:gm0344/bestaat-niet", 404),
        ("/nl/bewerken/organisation:gm0363", 403),
        ("/nl/bewerken/niets", 404),
        ("/nl/bewerken/..%2f..%2fetc%2fpasswd", 404),
    ],
)
def test_what_cannot_be_edited_is_refused(owner: httpx.Client, path: str, status: int) -> None:
    assert owner.get(path).status_code == status


def test_for_an_organisation_of_another_nothing_is_recorded(owner: httpx.Client) -> None:
    form = form_of(owner) | {"owner": "organisation:gm0363"}
    answer = owner.post(EDIT, data=form)
    assert answer.status_code == 422
    assert 'href="#owner"' in answer.text


def test_without_a_session_there_is_no_form(demo: Demo) -> None:
    with demo.browser() as client:
        for path in (EDIT, "/nl/nieuw", "/nl/nieuw/application", "/nl/bewerken/component:gm0344/kluis"):
            answer = client.get(path)
            assert answer.status_code == 401, path
            assert "/nl/aanmelden" in answer.text
            assert "www-authenticate" not in answer.headers
