"""What does not fit 128 bits, or a decimal, is an error of the row that it happens to, and of no other."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eendracht.kernel.rules.columns.duck import Run, connect, prepare_run, write_result
from eendracht.kernel.rules.columns.refusals import NotCompiled
from tests.kernel.rules.columns.random_laws import SCHEMA, Laws
from tests.kernel.rules.columns.random_populations import Made, Village

DAY = date(2025, 1, 1)
MOST = 2**127 - 1
DIGITS = 10**38 - 1
"""The largest whole number that a result holds without loss."""


def ask(expression: Any, amounts: list[int | None], kind: str = "HUGEINT") -> tuple[list[tuple[Any, str]], Run]:
    """Give value and status for each amount, and the run."""
    execution = {
        "parameters": [{"name": "bsn", "type": "string"}],
        "input": [
            {"name": "amount", "type": "number", "source": {}},
            {"name": "children", "type": "array", "source": {}},
        ],
        "output": [{"name": "asked", "type": "number"}],
        "actions": [{"output": "asked", "value": expression}],
    }
    article = {"number": "1", "machine_readable": {"execution": execution}}
    laws = Laws([{"$schema": SCHEMA, "$id": "a_law", "regulatory_layer": "WET", "articles": [article]}])
    rows = [{"bsn": str(at), "amount": amount} for at, amount in enumerate(amounts)]
    persons = Made("persons", "bsn", {"bsn": "VARCHAR", "amount": kind}, rows)
    children = Made("children", "bsn", {"bsn": "VARCHAR", "money": kind}, [{"bsn": "0", "money": amounts[0]}])
    with connect() as engine:
        population = Village([persons, children]).open(engine)
        run = prepare_run(engine, laws.library(), "a_law", ["asked"], DAY, population)
        found = engine.execute(f"SELECT asked, asked_status FROM ({run.text}) ORDER BY bsn").fetchall()
    return found, run


def operation(name: str, *values: Any) -> dict[str, Any]:
    return {"operation": name, "values": list(values)}


@pytest.mark.parametrize(
    ("expression", "fits", "beyond"),
    [
        (operation("ADD", "$amount", 1), DIGITS - 1, MOST),
        (operation("SUBTRACT", "$amount", -1), DIGITS - 1, DIGITS),
        (operation("SUBTRACT", "$amount"), DIGITS, -(2**127)),
        (operation("MULTIPLY", "$amount", 2), DIGITS // 2, 2**126),
        (operation("MULTIPLY", "$amount", "$amount"), 2**63, 2**64),
        ({"operation": "ROUND", "precision": -1, "value": "$amount"}, 2**125, MOST),
    ],
)
def test_a_row_that_overflows_is_an_error(expression: Any, fits: int, beyond: int) -> None:
    """The row beside it has its value, and an empty cell its own status."""
    found, run = ask(expression, [fits, beyond, None])
    assert "TRY(" in run.text
    assert found[0][1] == "known" and found[1:] == [(None, "error"), (None, "error")]
    if expression["operation"] == "ADD":
        assert found[0][0] == fits + 1


def test_small_amounts_pay_nothing_for_it() -> None:
    """Where the data of a population cannot overflow, nothing is tried."""
    found, run = ask(operation("MULTIPLY", "$amount", "$amount", "$amount"), [10**12, 5, None])
    assert found == [(10**36, "known"), (125, "known"), (None, "error")]
    assert "TRY(" not in run.text


def test_a_comparison_that_overflows_is_an_error_only_where_it_is_reached() -> None:
    """A branch that a row does not take cannot fail it."""
    is_rich = {"operation": "GREATER_THAN", "subject": "$amount", "value": 10**9}
    expression = {
        "operation": "IF",
        "cases": [{"when": is_rich, "then": 0}],
        "default": operation("MULTIPLY", "$amount", "$amount"),
    }
    found, _ = ask(expression, [MOST, -3, -(2**64)])
    assert found == [(0, "known"), (9, "known"), (None, "error")]


def test_an_output_of_more_digits_than_a_decimal_has_is_an_error() -> None:
    """A decimal holds 38 digits."""
    found, _ = ask(operation("MULTIPLY", "$amount", 0.01), [10**38, 10**37, 150])
    assert [status for _, status in found] == ["error", "known", "known"]
    assert str(found[2][0]) == "1.50"


@pytest.mark.parametrize(
    "expression",
    [
        operation("ADD", "$amount", 10**40),
        {"operation": "FOREACH", "collection": "$children", "as": "child", "body": "$child.money", "combine": "ADD"},
    ],
)
def test_what_cannot_be_tried_is_refused(expression: Any) -> None:
    """A literal has no status, and a sum over rows cannot be tried row by row."""
    with pytest.raises(NotCompiled) as caught:
        ask(expression, [MOST, 1])
    assert caught.value.reason == "wider-than-128-bits"


def test_a_whole_number_beyond_64_bits_is_written_without_loss(tmp_path: Path) -> None:
    """Parquet has no such whole number; a double would change it."""
    amount = 2**90 + 1
    _, run = ask(operation("ADD", "$amount", 1), [amount])
    with connect() as engine:
        Village(
            [Made("persons", "bsn", {"bsn": "VARCHAR", "amount": "HUGEINT"}, [{"bsn": "0", "amount": amount}])]
        ).open(engine)
        write_result(engine, run, tmp_path / "result.parquet")
        found = engine.execute("SELECT asked, typeof(asked) FROM read_parquet(?)", [str(tmp_path / "result.parquet")])
        value, kind = found.fetchall()[0]
    assert (int(value), kind.startswith("DECIMAL(")) == (amount + 1, True)
