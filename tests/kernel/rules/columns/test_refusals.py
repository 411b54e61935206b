"""What columns refuse is a list with names that can only shrink, and each entry says what to do."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eendracht.kernel.rules.columns import refusals
from eendracht.kernel.rules.columns.duck import connect, prepare_run
from eendracht.kernel.rules.columns.refusals import REFUSALS, NotCompiled
from tests.kernel.rules.columns.random_laws import SCHEMA, Laws
from tests.kernel.rules.columns.random_populations import Made, Village

FOLDER = Path(refusals.__file__).parent
LENGTH = 18
"""How many there are today. It may be lowered, never raised."""

DAY = date(2025, 1, 1)
PERSONS = Made(
    "persons",
    "bsn",
    {"bsn": "VARCHAR", "income": "BIGINT", "town": "VARCHAR", "partner": "VARCHAR"},
    [{"bsn": "1", "income": 3, "town": "Gouda", "partner": "2"}, {"bsn": "2", "income": 4, "town": None}],
)
CHILDREN = Made("children", "bsn", {"bsn": "VARCHAR", "age": "INTEGER", "name": "VARCHAR", "money": "INTEGER"}, [])


def sum_of(*values: Any) -> dict[str, Any]:
    return {"operation": "ADD", "values": list(values)}


def each(body: Any, combine: str | None = "ADD", collection: Any = "$children") -> dict[str, Any]:
    made = {"operation": "FOREACH", "collection": collection, "as": "child", "body": body}
    return {**made, "combine": combine} if combine else made


def quotient(*values: Any) -> dict[str, Any]:
    return {"operation": "DIVIDE", "values": list(values)}


def either(first: Any, second: Any) -> dict[str, Any]:
    is_poor = {"operation": "LESS_THAN", "subject": "$income", "value": 3}
    return {"operation": "IF", "cases": [{"when": is_poor, "then": first}], "default": second}


REFUSED: dict[str, Any] = {
    "combine-kind": each("$child.name"),
    "constant-collection": each(1, collection=[1, 2]),
    "constant-key": "$other",
    "cycle": "$circle",
    "foreach-list": each("$child.age", None),
    "foreach-parameter": "$inner",
    "key-type": "$rich",
    "list-by-row": {"operation": "EQUALS", "subject": ["$income"], "value": [3]},
    "mixed-kinds": either("$income", "$town"),
    "nested-foreach": each(each(1)),
    "nested-quotient": {
        "operation": "ROUND",
        "precision": 0,
        "value": quotient(quotient(7, "$income"), quotient(1, 3)),
    },
    "object-by-row": each("$child"),
    "object-value": "$fields",
    "several-rows": "$money",
    "unit-by-row": {"operation": "DATE_DIFF", "from": "$referencedate", "to": "2025-01-01", "in": "$town"},
    "unrounded-quotient": quotient("$income", 3),
    "wider-than-128-bits": sum_of("$income", 10**40),
}


def law(expression: Any) -> Laws:
    """Give a law with an output `asked`, and articles that stand in its way."""

    def article(number: str, output: str, value: Any, *inputs: tuple[str, str, dict[str, Any]]) -> dict[str, Any]:
        fields = [{"name": name, "type": kind, "source": source} for name, kind, source in inputs]
        execution = {
            "parameters": [{"name": "bsn", "type": "string"}],
            "input": fields,
            "output": [{"name": output, "type": "number"}],
            "actions": [{"output": output, "value": value}],
        }
        return {"number": number, "machine_readable": {"definitions": {"fields": {"a": 1}}, "execution": execution}}

    def own(output: str, **parameters: Any) -> dict[str, Any]:
        return {"output": output, "regulation": "a_law", "parameters": parameters}

    facts: list[tuple[str, str, dict[str, Any]]] = [
        ("income", "number", {}),
        ("town", "string", {}),
        ("partner", "string", {}),
        ("money", "number", {}),
        ("children", "array", {}),
    ]
    references = [
        ("other", "number", own("plain", bsn="1")),
        ("circle", "number", own("circle", bsn="$partner")),
        ("inner", "number", own("of_children", bsn="$bsn", amount="$income")),
        ("rich", "number", own("plain", bsn="$income")),
    ]
    document = {
        "$schema": SCHEMA,
        "$id": "a_law",
        "regulatory_layer": "WET",
        "valid_from": "2020-01-01",
        "articles": [
            article("1", "asked", expression, *facts, *references),
            article("2", "plain", "$income", *facts),
            article("3", "circle", sum_of("$again", 1), *facts, ("again", "number", own("circle", bsn="$partner"))),
            article("4", "of_children", each("$amount"), *facts),
        ],
    }
    return Laws([document], ["asked"])


@pytest.mark.parametrize("code", sorted(REFUSED))
def test_what_is_refused_says_its_name_and_place(code: str) -> None:
    """The error names the article, the line, the reason in two languages and the next step."""
    with connect() as engine, pytest.raises(NotCompiled) as caught:
        population = Village([PERSONS, CHILDREN]).open(engine)
        prepare_run(engine, law(REFUSED[code]).library(), "a_law", ["asked"], DAY, population)
    assert caught.value.reason == code
    assert "a_law, article " in caught.value.hint and "a_law.yaml:" in caught.value.hint
    assert code in caught.value.hint and REFUSALS[code].hint in caught.value.hint
    problem = caught.value.as_problem()
    assert problem["status"] == 422 and problem["code"] == "not-compiled"
    assert problem["reason"] == {"code": code, "nl": REFUSALS[code].nl, "en": REFUSALS[code].en}


def test_the_list_is_what_the_code_raises_and_does_not_grow() -> None:
    """Every code that is raised stands in the list, every entry is raised somewhere, and today's length is the most."""
    raised = {
        code
        for file in FOLDER.glob("*.py")
        if not file.name.startswith("lax_")
        for code in re.findall(r'Refused\(\s*"([a-z0-9-]+)"', file.read_text(encoding="utf-8"))
    }
    assert raised == set(REFUSALS)
    assert len(REFUSALS) <= LENGTH
    assert set(REFUSED) == set(REFUSALS) - {"areas-of-two-kinds"}
