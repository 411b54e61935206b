"""Natural persons stay out."""

from __future__ import annotations

import pytest

from eendracht.kernel.imports.persons import (
    clean_text,
    clean_value,
    is_bsn,
    is_person_name,
    is_role_name,
    person_reason,
)


def test_eleven_test() -> None:
    # 999993653 is a published test number of RvIG; changing any one digit must break the test.
    number = "999993653"
    assert is_bsn(number)
    for index in range(9):
        for digit in "0123456789":
            if digit != number[index]:
                assert not is_bsn(number[:index] + digit + number[index + 1 :])
    assert not is_bsn("000000000")
    assert not is_bsn("99999365")


@pytest.mark.parametrize(
    ("column", "cells", "reason"),
    [
        ("Contactpersoon", ["Jansen"], "contact"),
        ("E-mail contactpersoon", ["Jansen"], "contact"),
        ("E-mailadres", ["Jansen"], "email"),
        ("Telefoonnummer", ["Jansen"], "phone"),
        ("Tel.", ["Jansen"], "phone"),
        ("BSN", ["Jansen"], "bsn"),
        ("IBAN", ["Jansen"], "iban"),
        ("client_secret", ["Jansen"], "secret"),
        ("Toelichting", ["a@b.nl", "c@d.nl", "info@gemeente.nl"], "email"),
        ("Veld 3", ["NL91ABNA0417164300"] * 3, "iban"),
        ("Veld 4", ["06-12345678", "020 123 4567", "0612345678"], "phone"),
        ("Veld 5", ["999993653", "111222333", "999990019", "123456782", "999993653"], "bsn"),
        ("RSIN", ["999993653", "111222333", "999990019", "123456782", "999993653"], ""),
        ("BSN verwerkt", ["ja", "nee", "onbekend"], ""),
        ("Leverancier", ["Voorbeeld B.V."], ""),
        ("E-mailsysteem", ["Voorbeeldmail"], ""),
    ],
)
def test_columns_about_persons(column: str, cells: list[str], reason: str) -> None:
    assert person_reason(column, cells) == reason


@pytest.mark.parametrize("name", ["J. de Vries", "Jan Jansen", "Vries, J. de", "Dhr. Bakker", "mevrouw Pietersen"])
def test_person_names(name: str) -> None:
    assert is_person_name(name)
    assert not is_role_name(name)


@pytest.mark.parametrize("name", ["P. Jansen Bouw BV", "N.V. Voorbeeld", "De Jong & Zn", "Voorbeeld Software", "Jan"])
def test_organisations_are_no_persons(name: str) -> None:
    assert not is_person_name(name)


@pytest.mark.parametrize("name", ["Teammanager Burgerzaken", "CISO", "Hoofd Financiën", "Afdeling ICT"])
def test_role_names(name: str) -> None:
    assert is_role_name(name)


def test_free_text_loses_addresses_and_whole_texts_with_a_person_number() -> None:
    text, taken, has_bsn = clean_text("Bel 06-12345678 of mail a.b@gemeente.nl; KvK 12345678, zaak 2024-001234")
    assert "06" not in text
    assert "@" not in text
    assert "12345678, zaak 2024-001234" in text
    assert taken == {"email": 1, "phone": 1}
    assert not has_bsn
    assert clean_text("van mevrouw met nummer 999993653") == ("", {}, True)


def test_nested_data_is_cleaned_but_links_stay() -> None:
    value, taken, dropped = clean_value(
        {"name": "x", "purl": "pkg:npm/%40a/b@1.2.nl", "parts": [{"text": "a@b.nl"}, {"text": "111222333"}]}
    )
    assert value["purl"] == "pkg:npm/%40a/b@1.2.nl"
    assert taken == {"email": 1}
    assert dropped == ["/parts/1/text"]


@pytest.mark.parametrize(
    "text", ["nummer 999993653, van A", "999 993 653", "9999.93.653", "(999993653)", "is 999993653."]
)
def test_written_forms_of_the_number(text: str) -> None:
    assert clean_text(text)[2]


@pytest.mark.parametrize("text", ["€ 999993653,50", "1.999993653", "id-999993653", "2024/999993653", "9999936531"])
def test_other_numbers_are_left_alone(text: str) -> None:
    assert not clean_text(text)[2]
