"""Saved mappings, proposals, questions: nothing is guessed in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from eendracht.kernel.errors import InvalidInput, UsageFault
from eendracht.kernel.imports import MappingNeeded, load_mapping, profiles, propose_file, read_file
from eendracht.kernel.imports.mapping import Mapping, parse_mapping
from tests.kernel.imports.sources import write_text, write_xlsx


def saved(tmp_path: Path, columns: str, kind: str = "application") -> Mapping:
    text = f"name: eigen\ntables:\n- kind: {kind}\n  key: [Nr]\n  columns:\n{columns}"
    return load_mapping(write_text(tmp_path, "mapping.yaml", text))


NAME = "  - {from: [Naam], to: name}\n"


def test_every_profile_survives_saving() -> None:
    for profile in profiles():
        assert parse_mapping(profile.as_yaml().encode(), "x.yaml") == profile


def test_json_is_a_mapping_too(tmp_path: Path) -> None:
    path = write_text(
        tmp_path,
        "m.json",
        '{"name": "x", "tables": [{"kind": "application", "columns": [{"from": ["Naam"], "to": "name"}]}]}',
    )
    assert load_mapping(path).tables[0].columns[0].to == "name"


def test_every_fault_of_a_mapping_at_once(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        saved(tmp_path, "  - {from: [], to: name, colour: red}\n  - {to: name, decimal: slash}\n")
    assert {fault.code for fault in caught.value.faults} == {
        "extra-forbidden",
        "missing",
        "literal-error",
        "too-short",
    }


def test_unknown_kind_in_a_mapping(tmp_path: Path) -> None:
    mapping = saved(tmp_path, NAME, "spaceship")
    with pytest.raises(InvalidInput, match="spaceship"):
        read_file(write_text(tmp_path, "a.csv", "Nr;Naam\n1;A\n"), mapping=mapping)


def test_ambiguous_amounts_are_asked_once_and_answered_in_the_mapping(tmp_path: Path) -> None:
    path = write_text(tmp_path, "a.csv", "Nr;Naam;Kosten\n1;A;1.234\n2;B;5.678\n3;C;12\n")
    rule = "  - {from: [Kosten], to: annualCostEurocent%s}\n"
    asked = read_file(path, mapping=saved(tmp_path, NAME + rule % ""))
    (question,) = asked.questions
    assert (question.code, question.setting, question.affected) == ("ambiguous-decimal", "decimal", 2)
    assert question.values == ("1.234", "5.678")
    assert question.place == "a.csv › kolom Kosten"
    assert [row.spec.get("annualCostEurocent") for row in asked.rows] == [None, None, 1_200]
    answered = read_file(path, mapping=saved(tmp_path, NAME + rule % ", decimal: comma"))
    assert [row.spec["annualCostEurocent"] for row in answered.rows] == [123_400, 567_800, 1_200]
    assert not answered.questions


def test_one_telling_value_settles_its_column(tmp_path: Path) -> None:
    path = write_text(tmp_path, "a.csv", "Nr;Naam;Kosten;Sinds\n1;A;1.234;03/04/2020\n2;B;5,50;25/04/2020\n")
    columns = NAME + "  - {from: [Kosten], to: annualCostEurocent}\n  - {from: [Sinds], to: validFrom}\n"
    reading = read_file(path, mapping=saved(tmp_path, columns))
    assert not reading.questions
    assert [row.spec["annualCostEurocent"] for row in reading.rows] == [123_400, 550]
    assert [str(row.valid_from) for row in reading.rows] == ["2020-04-03", "2020-04-25"]


def test_dates_that_contradict_each_other_are_asked(tmp_path: Path) -> None:
    path = write_text(tmp_path, "a.csv", "Nr;Naam;Sinds\n1;A;03-04-2020\n2;B;25-04-2020\n3;C;04-25-2020\n")
    reading = read_file(path, mapping=saved(tmp_path, NAME + "  - {from: [Sinds], to: validFrom}\n"))
    (question,) = reading.questions
    assert (question.setting, question.values) == ("dates", ("03-04-2020",))


def test_counts_cannot_have_a_fraction(tmp_path: Path) -> None:
    path = write_text(tmp_path, "a.csv", "Nr;Naam;Gebruikers\n1;A;1.234\n2;B;ca. 250\n3;C;2,5\n")
    reading = read_file(path, mapping=saved(tmp_path, NAME + "  - {from: [Gebruikers], to: users}\n"))
    assert [row.spec.get("users") for row in reading.rows] == [1234, None, None]
    assert [fault.pointer for fault in reading.faults] == [
        "a.csv › rij 3 › kolom Gebruikers",
        "a.csv › rij 4 › kolom Gebruikers",
    ]


@pytest.mark.parametrize(
    ("header", "days"), [("Opzegtermijn (mnd)", 90), ("Opzegtermijn (dagen)", 3), ("Opzegtermijn", None)]
)
def test_the_header_tells_the_unit_or_it_is_asked(tmp_path: Path, header: str, days: int | None) -> None:
    path = write_text(tmp_path, "a.csv", f"Nr;Naam;{header}\n1;A;3\n2;B;4\n")
    columns = NAME + f"  - {{from: ['{header}'], to: noticeDays}}\n"
    reading = read_file(path, mapping=saved(tmp_path, columns, "contract"))
    assert reading.rows[0].spec.get("noticeDays") == days
    assert [question.setting for question in reading.questions] == ([] if days else ["unit"])


def test_unknown_words_become_one_question_with_their_values(tmp_path: Path) -> None:
    path = write_text(tmp_path, "a.csv", "Nr;Naam;Status\n1;A;Slaapstand\n2;B;Slaapstand\n3;C;Live\n")
    rule = "  - {from: [Status], to: lifecycle%s}\n"
    (question,) = read_file(path, mapping=saved(tmp_path, NAME + rule % "")).questions
    assert (question.code, question.values, question.affected) == ("unknown-value", ("Slaapstand",), 2)
    assert "phasing-out" in question.choices
    answered = read_file(path, mapping=saved(tmp_path, NAME + rule % ", values: {slaapstand: phasing-out}"))
    assert [row.spec["lifecycle"] for row in answered.rows] == ["phasing-out", "phasing-out", "in-use"]


def test_bad_cells_do_not_lose_the_other_rows_and_floods_are_counted(tmp_path: Path) -> None:
    lines = ["Nr;Naam;Kosten", *(f"{n};A{n};kapot" for n in range(500)), ";;4", "x;Goed;5,00"]
    mapping = saved(tmp_path, NAME + "  - {from: [Kosten], to: annualCostEurocent}\n")
    reading = read_file(write_text(tmp_path, "a.csv", "\n".join(lines)), mapping=mapping)
    assert len(reading.rows) == 501
    assert reading.rows[-1].spec["annualCostEurocent"] == 500
    assert len(reading.faults) == 52
    assert "450" in reading.faults[-1].en
    assert [fault.pointer for fault in reading.faults if fault.code == "missing-name"] == ["a.csv › rij 502"]


def test_formula_and_error_cells_are_faults_of_their_cell(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path, "a.xlsx", [["Nr", "Naam", "Kosten"], [1, "A", "=1+1"], [2, "B", 7]])
    reading = read_file(path, mapping=saved(tmp_path, NAME + "  - {from: [Kosten], to: annualCostEurocent}\n"))
    (fault,) = reading.faults
    assert (fault.code, fault.pointer) == ("formula-without-value", "a.xlsx › Blad1 › rij 2 › kolom Kosten")
    assert "Excel" in fault.hint
    assert reading.rows[1].spec["annualCostEurocent"] == 700


def test_a_table_without_mapping_is_proposed_and_not_read(tmp_path: Path) -> None:
    path = write_text(
        tmp_path,
        "a.csv",
        "Contractnr;Contractomschrijving;Leverancier;Ingangsdatum;Expiratiedatum;Jaarbedrag;Telefoon\n"
        "C1;Onderhoud;Voorbeeld BV;01-01-2024;31-12-2026;12,50;06-12345678\n"
        "C2;Beheer;Ander BV;01-01-2025;31-12-2027;99,50;06-12345678\n",
    )
    with pytest.raises(MappingNeeded) as caught:
        read_file(path)
    (proposal,) = caught.value.proposals
    assert proposal.kind == "contract"
    assert {column.column: column.field for column in proposal.columns} == {
        "Contractnr": "number",
        "Contractomschrijving": "name",
        "Leverancier": "supplier",
        "Ingangsdatum": "startDate",
        "Expiratiedatum": "endDate",
        "Jaarbedrag": "annualValueEurocent",
        "Telefoon": "",
    }
    assert all(column.reason for column in proposal.columns)
    confirmed = parse_mapping(proposal.mapping.as_yaml().encode(), "voorstel.yaml")
    reading = read_file(path, mapping=confirmed)
    assert [row.spec["endDate"] for row in reading.rows] == ["2027-01-01", "2028-01-01"]


def test_doubtful_columns_are_asked_at_most_ten(tmp_path: Path) -> None:
    path = write_text(
        tmp_path, "a.csv", "Applicatie;Leverancier;Kosten totaal jaar 2026;RTO\nA;X;veel;snel\nB;Y;weinig;traag\n"
    )
    (proposal,) = propose_file(path)
    assert {question.column for question in proposal.questions} == {"Kosten totaal jaar 2026", "RTO"}
    assert len(proposal.questions) <= 10


def test_profile_and_mapping_together_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageFault):
        read_file(write_text(tmp_path, "a.csv", "Naam;B\nx;y\n"), "contracts", saved(tmp_path, NAME))
