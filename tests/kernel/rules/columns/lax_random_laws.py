"""Random small laws of the service-based format, with every operation that it has."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import yaml

from eendracht.kernel.rules.library import Library
from tests.kernel.rules.service_laws import library_of

_FIELDS = {
    "GETAL": ("feiten", "getal", "number"),
    "BEDRAG": ("feiten", "bedrag", "amount"),
    "BREUK": ("feiten", "breuk", "number"),
    "WAAR": ("feiten", "waar", "boolean"),
    "SOORT": ("feiten", "soort", "string"),
    "DAG": ("feiten", "dag", "date"),
    "DAGTEKST": ("feiten", "dagtekst", "date"),
    "PARTNER": ("feiten", "partner", "string"),
}
TYPES = {
    "feiten": {
        **{"bsn": "VARCHAR", "getal": "BIGINT", "bedrag": "BIGINT", "breuk": "DOUBLE", "waar": "BOOLEAN"},
        **{"soort": "VARCHAR", "dag": "DATE", "dagtekst": "VARCHAR", "partner": "VARCHAR"},
    },
    "regels": {"bsn": "VARCHAR", "n": "BIGINT", "x": "DOUBLE", "s": "VARCHAR", "w": "BOOLEAN", "d": "DATE"},
}
WORDS = ["A", "B", "", "2024-05-06", "lang woord"]


def random_library(chance: random.Random) -> Library:
    """Give a library of two laws, the first of which asks the second."""
    first = _law(chance, "eerste", asks=True)
    second = _law(chance, "tweede", asks=False)
    return library_of(*(yaml.safe_dump(law, sort_keys=False).encode() for law in (first, second)))


def random_rows(chance: random.Random, people: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Give rows for the tables of the laws: at most one fact sheet for each person, any number of lines."""
    nulls = chance.choice((0.0, 0.1, 0.4))
    big = chance.random() < 0.2

    def some(value: Any) -> Any:
        return None if chance.random() < nulls else value

    def number() -> int:
        return chance.choice((0, 1, -1, 2, chance.randrange(-500, 500), chance.randrange(10**6 if big else 60)))

    def real() -> float:
        return chance.choice((0.0, -0.0, 0.5, 1.0, 2.675, chance.uniform(-99, 99), chance.uniform(-1, 1) / 3))

    def day() -> Any:
        return date(1950, 1, 31) + timedelta(chance.randrange(30_000))

    facts = [
        {
            "bsn": person,
            "getal": some(number()),
            "bedrag": some(number() * 1000),
            "breuk": some(real()),
            "waar": some(chance.random() < 0.5),
            "soort": some(chance.choice(WORDS)),
            "dag": some(day()),
            "dagtekst": some(chance.choice((day().isoformat(), "", "geen", "2023-02-29", "2024-02-29"))),
            "partner": some(chance.choice(people)),
        }
        for person in people
        if chance.random() < 0.9
    ]
    lines = [
        {
            "bsn": chance.choice(people),
            "n": some(number()),
            "x": some(real()),
            "s": some(chance.choice(WORDS)),
            "w": some(chance.random() < 0.5),
            "d": some(day()),
        }
        for _ in range(chance.randrange(2 * len(people) + 1))
    ]
    return {"feiten": facts, "regels": lines}


def _law(chance: random.Random, name: str, *, asks: bool) -> dict[str, Any]:
    sources = [
        _source(field, kind, table, {"field": column}, required=chance.random() < 0.12)
        for field, (table, column, kind) in _FIELDS.items()
    ]
    sources.append(_source("REGELS", "array", "regels", {"fields": ["n", "x", "s", "w", "d"]}))
    sources.append(_source("BLAD", "object", "feiten", {"fields": ["getal", "breuk", "soort"]}))
    for column, kind in (("n", "number"), ("x", "number")):
        sources.append(_source(f"LIJST_{column.upper()}", "array", "regels", {"field": column}))
        for way in ("sum", "count", "min", "max", "avg"):
            if (column, way) in (("x", "min"), ("x", "max")):
                continue
            given = {"field": column, "aggregation": {"operation": way}}
            sources.append(_source(f"{way.upper()}_{column.upper()}", kind, "regels", given))
    inputs = []
    if asks:
        for number, who in (("1", "$BSN"), ("2", "$PARTNER")):
            reference = {"service": "SVB", "law": "tweede", "field": f"uit{number}"}
            reference["parameters"] = [{"name": "BSN", "reference": who}]  # type: ignore[assignment]
            inputs.append({"name": f"ANDER_{number}", "type": "number", "service_reference": reference})
    writer = _Writer(chance, [item["name"] for item in inputs])
    law: dict[str, Any] = {
        "$id": "https://example.org/schema/v0.1.7/schema.json",
        "uuid": "7f3e9a2b-5c4d-4e8f-9b1a-3d6c8f2e4a5b",
        "name": name,
        "law": name,
        "valid_from": "2024-01-01",
        "service": "SVB",
        "description": "A law for tests",
        "properties": {
            "parameters": [{"name": "BSN", "type": "string", "required": True}],
            "sources": sources,
            "input": inputs,
            "output": [],
            "definitions": {"GRENS": chance.choice((3, 0.25, 100)), "WOORDEN": ["A", "B"], "TABEL": {"A": 1, "B": 2.5}},
        },
        "actions": [],
    }
    if chance.random() < 0.4:
        law["requirements"] = [{"all": [writer.truth(2)]}]
    for number, make in enumerate((writer.number, writer.number, writer.truth, writer.text), 1):
        output = f"uit{number}"
        law["properties"]["output"].append(_output(chance, output, make == writer.number))
        law["actions"].append({"output": output, "value": make(3)})
        writer.outputs.append((output, number))
    return law


def _source(name: str, kind: str, table: str, given: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    select = [{"name": "bsn", "value": "$BSN"}]
    return {
        "name": name,
        "type": kind,
        "required": required,
        "source_reference": {"table": table, "select_on": select, **given},
    }


def _output(chance: random.Random, name: str, is_number: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"name": name, "type": "number" if is_number else "string"}
    if is_number and chance.random() < 0.6:
        spec = {
            "min": chance.choice((0, -5, 0.5)),
            "max": chance.choice((50, 99.5)),
            "precision": chance.choice((0, 2)),
        }
        made["type_spec"] = {key: value for key, value in spec.items() if chance.random() < 0.5}
        if chance.random() < 0.3:
            made["type_spec"]["unit"] = "eurocent"
    return made


class _Writer:
    """Writes rules that mostly have the type that is asked for."""

    def __init__(self, chance: random.Random, inputs: list[str]) -> None:
        self.chance = chance
        self.inputs = inputs
        self.outputs: list[tuple[str, int]] = []

    def _name(self, *names: str) -> str:
        return f"${self.chance.choice(names)}"

    def number(self, depth: int) -> Any:
        """A number, now and then something else."""
        chance = self.chance
        own = [name for name, number in self.outputs if number < 3]
        if depth <= 0 or chance.random() < 0.2:
            constants = (0, 1, 2, -3, 0.5, 1.1, True, None)
            names = ["GETAL", "BEDRAG", "BREUK", "SUM_N", "SUM_X", "COUNT_N", "MIN_N", "MAX_N", "AVG_N", "AVG_X"]
            return chance.choice(
                (
                    chance.choice(constants),
                    self._name(*names, "GRENS", "BLAD.getal", "BLAD.breuk", *self.inputs, *own),
                    self._name(*names),
                )
            )
        pick = chance.randrange(12)
        if pick < 4:
            name = chance.choice(("ADD", "SUBTRACT", "MULTIPLY", "DIVIDE", "MIN", "MAX"))
            return {"operation": name, "values": [self.number(depth - 1) for _ in range(chance.randrange(1, 4))]}
        if pick < 6:
            return self._if(depth, self.number)
        if pick == 6:
            return {"operation": "COALESCE", "values": [self.number(depth - 1), self.number(depth - 1)]}
        if pick == 7:
            unit = chance.choice(("years", "months", "weeks", "days", "hours"))
            return {"operation": "SUBTRACT_DATE", "unit": unit, "values": [self.date(depth - 1), self.date(depth - 1)]}
        if pick == 8:
            return {"operation": "DAY_OF_WEEK", "subject": self.date(depth - 1)}
        if pick == 9:
            return {"operation": "LENGTH", "subject": self._name("REGELS", "LIJST_N", "SOORT", "GETAL", "WOORDEN")}
        if pick == 10:
            return {"operation": "GET", "values": ["$SOORT", "$TABEL"]}
        return self._for_each(depth, chance.choice(("ADD", "ADD", "MIN", "MAX")), self._item_number)

    def truth(self, depth: int) -> Any:
        """A truth value."""
        chance = self.chance
        if depth <= 0 or chance.random() < 0.15:
            return chance.choice((True, False, "$WAAR", "$WAAR", self._name("GETAL", "SOORT", "REGELS")))
        pick = chance.randrange(10)
        if pick < 3:
            name = chance.choice(("EQUALS", "NOT_EQUALS", "GREATER_THAN", "GREATER_OR_EQUAL", "LESS_THAN"))
            make = chance.choice((self.number, self.number, self.text, self.date))
            other = make if chance.random() < 0.9 else chance.choice((self.number, self.text, self.truth))
            return {"operation": name, "subject": make(depth - 1), "value": other(depth - 1)}
        if pick < 5:
            values = [self.truth(depth - 1) for _ in range(chance.randrange(1, 4))]
            return {"operation": chance.choice(("AND", "OR")), "values": values}
        if pick == 5:
            subject = self._name("SOORT", "REGELS.s", "GETAL", "PARTNER")
            name = chance.choice(("IN", "NOT_IN"))
            return {
                "operation": name,
                "subject": subject,
                "values": chance.choice(("$WOORDEN", ["A", 1, None], "$TABEL")),
            }
        if pick == 6:
            return {"operation": chance.choice(("NOT_NULL", "IS_NULL")), "subject": self.number(depth - 1)}
        if pick == 7:
            return {
                "operation": chance.choice(("EXISTS", "NOT")),
                "subject": self._name("REGELS", "SOORT", "BLAD", "WAAR"),
            }
        if pick == 8:
            return self._if(depth, self.truth)
        return self._for_each(depth, chance.choice(("AND", "OR")), self._item_truth)

    def text(self, depth: int) -> Any:
        """A text."""
        chance = self.chance
        if depth <= 0 or chance.random() < 0.3:
            return chance.choice((*WORDS, "$SOORT", "$BLAD.soort"))
        if chance.random() < 0.4:
            parts = [chance.choice((self.text, self.number, self.truth))(depth - 1) for _ in range(2)]
            return {"operation": "CONCAT", "values": ["-", *parts]}
        return self._if(depth, self.text)

    def date(self, depth: int) -> Any:
        """A date."""
        chance = self.chance
        if depth > 0 and chance.random() < 0.4:
            unit = chance.choice(("years", "months", "weeks", "days"))
            amount = chance.choice((1, -7, 30, "$GETAL"))
            return {"operation": "ADD_DATE", "unit": unit, "values": [self.date(depth - 1), amount]}
        names = ("calculation_date", "january_first", "prev_january_first", "DAG", "DAG", "DAGTEKST")
        return chance.choice((self._name(*names), self._name(*names), "2024-02-29", None))

    def _if(self, depth: int, make: Any) -> Any:
        cases = [{"test": self.truth(depth - 1), "then": make(depth - 1)} for _ in range(self.chance.randrange(1, 3))]
        return {"operation": "IF", "conditions": [*cases, {"else": make(depth - 1)}]}

    def _for_each(self, depth: int, combine: str, make: Any) -> Any:
        made = {"operation": "FOREACH", "subject": "$REGELS", "value": make(depth - 1), "combine": combine}
        if self.chance.random() < 0.4:
            made["where"] = self._item_truth(depth - 1)
        return made

    def _item_number(self, depth: int) -> Any:
        chance = self.chance
        if depth <= 0 or chance.random() < 0.4:
            return chance.choice(("$n", "$n", "$x", "$current.n", 1, "$GETAL"))
        name = chance.choice(("ADD", "SUBTRACT", "MULTIPLY", "DIVIDE", "MAX"))
        return {"operation": name, "values": [self._item_number(depth - 1), self._item_number(depth - 1)]}

    def _item_truth(self, depth: int) -> Any:
        chance = self.chance
        if depth <= 0 or chance.random() < 0.3:
            return chance.choice(("$w", {"operation": "EQUALS", "subject": "$s", "value": "A"}))
        if chance.random() < 0.5:
            return {
                "operation": chance.choice(("LESS_THAN", "GREATER_OR_EQUAL", "EQUALS")),
                "values": chance.choice((["$d", "$calculation_date"], ["$n", "$GETAL"], ["$x", 0.5])),
            }
        values = [self._item_truth(depth - 1), self._item_truth(depth - 1)]
        return {"operation": chance.choice(("AND", "OR")), "values": values}
