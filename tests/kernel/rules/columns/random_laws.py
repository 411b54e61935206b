"""Random laws: every operation, mostly of the right type, over several articles and laws that refer to each other."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from eendracht.kernel.rules.document import Faults
from eendracht.kernel.rules.library import Library, parse_regulation
from tests.kernel.rules.columns.choosing import Choices
from tests.kernel.rules.columns.random_populations import Village

SCHEMA = "https://example.org/schema/v0.8.0/schema.json"
KINDS = ("number", "boolean", "date", "string")
_NUMBERS: tuple[Any, ...] = (0, 1, 2, 3, 7, -1, 100, 0.5, 0.0427, 1.3755, -2.25, 12, 250000, 0.00001)
_HUGE: tuple[Any, ...] = (2**63, 10**30, 2**126, -(2**64))
_DAYS = ("2024-02-29", "2000-01-31", "2025-02-30", "1999-12-31")
_TEXTS = ("Gouda", "Delft", "2000-02-29", "")
_ORDER = ("GREATER_THAN", "LESS_THAN", "GREATER_THAN_OR_EQUAL", "LESS_THAN_OR_EQUAL")


@dataclass
class Laws:
    """Law files as plain data, and the outputs of the first law that can be asked for."""

    documents: list[dict[str, Any]]
    outputs: list[str] = field(default_factory=list)

    @property
    def law(self) -> str:
        """The law that is asked about."""
        return str(self.documents[0]["$id"])

    def library(self) -> Library:
        """Read the files; what is odd in them is no matter here."""
        found = []
        for document in self.documents:
            faults = Faults(f"{document['$id']}.yaml")
            regulation = parse_regulation(self.text(document), faults.file, faults)
            assert regulation is not None and not faults.errors, faults.errors
            found.append(regulation)
        return Library(found)

    @staticmethod
    def text(document: dict[str, Any]) -> bytes:
        """Write a law file; JSON is YAML."""
        return json.dumps(document, indent=1).encode()


class LawWriter:
    """Writes laws for a population."""

    def __init__(self, choices: Choices, village: Village, *, size: int = 3, huge: bool = False) -> None:
        self._choices = choices
        self._village = village
        self._size = size
        self._constants = _NUMBERS + _HUGE if huge else _NUMBERS
        self._names: dict[str, list[str]] = {}
        self._lists: list[str] = []
        self._is_in_item = False

    def make(self) -> Laws:
        """Give one to three laws; each refers only to those after it and to its own later articles."""
        ids = ["first_law", "second_law", "third_law"][: self._choices.whole(1, 3)]
        done: list[dict[str, Any]] = []
        for at in reversed(range(len(ids))):
            done.insert(0, self._law(ids[at], done))
        if any("open_terms" in item["machine_readable"] for law in done for item in law["articles"]):
            done += self._fillings(done)
        outputs = [
            item["output"]
            for article in done[0]["articles"]
            for item in article["machine_readable"]["execution"]["actions"]
        ]
        return Laws(done, outputs)

    def _law(self, name: str, later: list[dict[str, Any]]) -> dict[str, Any]:
        articles: list[dict[str, Any]] = []
        for number in reversed(range(1, self._choices.whole(1, 2) + 1)):
            articles.insert(0, self._article(f"{name[0]}{number}", str(number), name, articles, later))
        return {
            "$schema": SCHEMA,
            "$id": name,
            "name": name.replace("_", " "),
            "regulatory_layer": "WET",
            "valid_from": "2020-01-01",
            "articles": articles,
        }

    def _article(
        self, prefix: str, number: str, law: str, own: list[dict[str, Any]], later: list[dict[str, Any]]
    ) -> dict[str, Any]:
        choices = self._choices
        self._names = {kind: [] for kind in KINDS}
        self._lists = []
        parameters = [{"name": "bsn", "type": "string" if choices.chance(50) else "number"}]
        machine: dict[str, Any] = {"definitions": {}}
        inputs = self._facts()
        if choices.chance(60):
            machine["definitions"] = {f"{prefix}_rate": choices.pick(self._constants), f"{prefix}_town": "Gouda"}
            self._names["number"].append(f"{prefix}_rate")
            self._names["string"].append(f"{prefix}_town")
        if choices.chance(25):
            parameters.append({"name": "extra", "type": "number"})
            self._names["number"].append("extra")
        elif choices.chance(12):
            kind = choices.pick(KINDS)
            inputs.append({"name": "extra", "type": kind, "source": {}})
            self._names[kind].append("extra")
        inputs += self._references(prefix, own, later)
        if choices.chance(20):
            term = {"id": f"{prefix}_term", "type": "number", "required": choices.chance(50)}
            if choices.chance(40):
                term["default"] = {"actions": [{"output": f"{prefix}_term", "value": self.number(1)}]}
            machine["open_terms"] = [term]
            self._names["number"].append(f"{prefix}_term")
        if choices.chance(8):
            machine["untranslatables"] = [
                {"construct": "words", "reason": "no operation", "accepted": choices.chance(50)}
            ]
        outputs, actions = [], []
        for at in range(choices.whole(1, 2)):
            kind = choices.pick(KINDS)
            is_shadow = at == 0 and choices.chance(6)
            name = choices.pick(("income", "insured", "born")) if is_shadow else f"{prefix}_out{at}"
            outputs.append({"name": name, "type": kind})
            actions.append({"output": name, "value": self.expression(kind, choices.whole(1, self._size))})
            self._names[kind].append(name)
        machine["execution"] = {"parameters": parameters, "input": inputs, "output": outputs, "actions": actions}
        return {"number": number, "text": "", "machine_readable": machine}

    def _facts(self) -> list[dict[str, Any]]:
        found = []
        for table, kinds in self._village.kinds.items():
            if table == "children":
                if self._choices.chance(70):
                    found.append({"name": "children", "type": "array", "source": {}})
                    self._lists.append("children")
                continue
            for name, kind in kinds.items():
                if name in [item["name"] for item in found]:
                    continue
                found.append({"name": name, "type": kind, "source": {}})
                self._names["number" if kind == "amount" else kind].append(name)
        return found

    def _references(self, prefix: str, own: list[dict[str, Any]], later: list[dict[str, Any]]) -> list[dict[str, Any]]:
        choices = self._choices
        targets = [(None, article) for article in own]
        targets += [(law["$id"], article) for law in later for article in law["articles"]]
        found: list[dict[str, Any]] = []
        for at in range(choices.whole(0, 2) if targets else 0):
            law, article = choices.pick(targets)
            output = choices.pick(article["machine_readable"]["execution"]["output"])
            source: dict[str, Any] = {"output": output["name"]}
            key = choices.pick(("$bsn", "$partner"))
            if law is not None:
                source["regulation"] = law
                source["parameters"] = {"bsn": key}
            elif choices.chance(40):
                source["parameters"] = {"bsn": key}
            if choices.chance(25):
                source.setdefault("parameters", {})["extra"] = choices.pick(("$income", "$wealth", 12))
            if choices.chance(4):
                source["parameters"] = {"bsn": choices.pick(("$income", None, "001"))}
            name = f"{prefix}_in{at}"
            found.append({"name": name, "type": output["type"], "source": source})
            self._names[output["type"]].append(name)
        return found

    def _fillings(self, laws: list[dict[str, Any]]) -> list[dict[str, Any]]:
        found = []
        for law in laws:
            for article in law["articles"]:
                found += [
                    self._filling(law["$id"], article["number"], term["id"])
                    for term in article["machine_readable"].get("open_terms", ())
                    if self._choices.chance(60)
                ]
        return found

    def _filling(self, law: str, number: str, term: str) -> dict[str, Any]:
        self._names = {kind: [] for kind in KINDS}
        self._lists = []
        inputs = self._facts()
        machine = {
            "implements": [{"law": law, "article": number, "open_term": term}],
            "execution": {
                "parameters": [{"name": "bsn", "type": "string"}],
                "input": inputs,
                "output": [{"name": term, "type": "number"}],
                "actions": [{"output": term, "value": self.number(self._choices.whole(0, 2))}],
            },
        }
        return {
            "$schema": SCHEMA,
            "$id": f"filling_{term}",
            "regulatory_layer": "MINISTERIELE_REGELING",
            "valid_from": "2020-01-01",
            "articles": [{"number": "1", "machine_readable": machine}],
        }

    # --- Expressions ---

    def expression(self, kind: str, depth: int) -> Any:
        """Give an expression of a kind, now and then of another."""
        if self._choices.chance(4):
            kind = self._choices.pick((*KINDS, "null"))
        if kind == "null":
            return None
        made: dict[str, Callable[[int], Any]] = {
            "number": self.number,
            "boolean": self.boolean,
            "date": self.date,
            "string": self.string,
        }
        return made[kind](depth)

    def _leaf(self, kind: str, constants: tuple[Any, ...]) -> Any:
        names = self._names[kind]
        if names and self._choices.chance(70):
            return f"${self._choices.pick(names)}"
        if self._choices.chance(8):
            return self._field(kind)
        return self._choices.pick(constants)

    def _field(self, kind: str) -> str:
        name = self._choices.pick(self._names[self._choices.pick(("date", "date", "date", kind))] or ["referencedate"])
        parts = ("iso",) if kind == "string" else ("year", "month", "day", "hour")
        return f"${name}.{self._choices.pick(parts)}"

    def _if(self, kind: str, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {
            "operation": "IF",
            "cases": [
                {"when": self.expression("boolean", depth - 1), "then": self.expression(kind, depth - 1)}
                for _ in range(self._choices.whole(1, 2))
            ],
        }
        if self._choices.chance(80):
            made["default"] = self.expression(kind, depth - 1)
        return made

    def _foreach(self, kind: str, combines: tuple[str, ...], depth: int) -> Any:
        if not self._lists or self._is_in_item:
            return self.expression(kind, 0)
        names, self._is_in_item = self._names, True
        columns = self._village.kinds["children"]
        self._names = {item: list(names[item]) for item in KINDS}
        for name, column in columns.items():
            self._names["number" if column == "amount" else column] += [f"child.{name}"] * 2
        made: dict[str, Any] = {
            "operation": "FOREACH",
            "collection": "$children",
            "as": "child",
            "body": self.expression(kind, depth - 1),
            "combine": self._choices.pick(combines),
        }
        if self._choices.chance(60):
            made["filter"] = self.expression("boolean", depth - 1)
        self._names, self._is_in_item = names, False
        return made

    def number(self, depth: int) -> Any:
        """Give an expression of a number."""
        choices = self._choices
        if depth <= 0:
            return self._leaf("number", self._constants)
        shape = choices.pick(("sum", "sum", "product", "round", "quotient", "extreme", "if", "dates", "foreach"))
        if shape == "if":
            return self._if("number", depth)
        if shape == "foreach":
            return self._foreach("number", ("ADD", "MIN", "MAX"), depth)
        if shape == "dates":
            return self._of_dates(depth)
        if shape == "quotient":
            values = [self.expression("number", depth - 1) for _ in range(choices.whole(2, 3))]
            return self._rounded({"operation": "DIVIDE", "values": values})
        if shape == "round":
            return self._rounded(self.expression("number", depth - 1))
        name = {
            "sum": choices.pick(("ADD", "SUBTRACT")),
            "product": "MULTIPLY",
            "extreme": choices.pick(("MIN", "MAX")),
        }[shape]
        count = choices.whole(1, 2 if name == "MULTIPLY" else 3)
        return {"operation": name, "values": [self.expression("number", depth - 1) for _ in range(count)]}

    def _rounded(self, value: Any) -> dict[str, Any]:
        name = self._choices.pick(("ROUND", "CEIL", "FLOOR"))
        return {"operation": name, "value": value, "precision": self._choices.whole(-3, 3)}

    def _of_dates(self, depth: int) -> Any:
        first, second = self.expression("date", depth - 1), self.expression("date", depth - 1)
        name = self._choices.pick(("AGE", "DATE_DIFF", "DATE_PART", "DAY_OF_WEEK"))
        if name == "AGE":
            return {"operation": name, "date_of_birth": first, "reference_date": second}
        if name == "DATE_DIFF":
            unit = self._choices.pick(("days", "months", "years", "hours"))
            return {"operation": name, "from": first, "to": second, "in": unit}
        if name == "DATE_PART":
            part = self._choices.pick(("year", "quarter", "month", "week", "day"))
            return {"operation": name, "date": first, "part": part}
        return {"operation": name, "date": first}

    def boolean(self, depth: int) -> Any:
        """Give an expression of a truth value."""
        choices = self._choices
        if depth <= 0:
            return self._leaf("boolean", (True, False))
        shape = choices.pick(("order", "equals", "junction", "junction", "not", "in", "if", "foreach"))
        if shape == "if":
            return self._if("boolean", depth)
        if shape == "foreach":
            return self._foreach("boolean", ("OR", "AND"), depth)
        if shape == "not":
            return {"operation": "NOT", "value": self.expression("boolean", depth - 1)}
        if shape == "junction":
            conditions = [self.expression("boolean", depth - 1) for _ in range(choices.whole(1, 3))]
            return {"operation": choices.pick(("AND", "OR")), "conditions": conditions}
        if shape == "in":
            return self._in(depth)
        kind = choices.pick(("number", "date") if shape == "order" else KINDS)
        name = choices.pick(_ORDER) if shape == "order" else "EQUALS"
        made = {"operation": name, "subject": self.expression(kind, depth - 1)}
        if choices.chance(92):
            made["value"] = self.expression(kind, depth - 1)
        return made

    def _in(self, depth: int) -> dict[str, Any]:
        kind = self._choices.pick(("string", "number", "date"))
        items: Any = [
            None if self._choices.chance(8) else self.expression(kind, self._choices.pick((0, 0, depth - 1)))
            for _ in range(self._choices.whole(0, 3))
        ]
        if self._choices.chance(70):
            items = [item for item in items if not isinstance(item, dict) and not str(item).startswith("$")]
        if self._choices.chance(30):
            items = {"operation": "LIST", "items": items}
        return {"operation": "IN", "subject": self.expression(kind, depth - 1), "values": items}

    def date(self, depth: int) -> Any:
        """Give an expression of a date."""
        choices = self._choices
        if depth <= 0:
            return self._leaf("date", ("$referencedate", "2024-02-29", "$referencedate", *_DAYS))
        shape = choices.pick(("add", "start", "made", "extreme", "if"))
        if shape == "if":
            return self._if("date", depth)
        if shape == "start":
            part = choices.pick(("year", "quarter", "month", "week", "day"))
            return {"operation": "START_OF", "date": self.expression("date", depth - 1), "part": part}
        if shape == "made":
            numbers = (choices.pick((2024, 1999, 2025)), choices.whole(0, 13), choices.whole(27, 32))
            parts: list[Any] = [number if choices.chance(60) else self.number(0) for number in numbers]
            return {"operation": "DATE", **dict(zip(("year", "month", "day"), parts, strict=True))}
        if shape == "extreme":
            values = [self.expression("date", depth - 1) for _ in range(choices.whole(1, 3))]
            return {"operation": choices.pick(("MIN", "MAX")), "values": values}
        made: dict[str, Any] = {"operation": "DATE_ADD", "date": self.expression("date", depth - 1)}
        for unit in ("years", "months", "weeks", "days"):
            if choices.chance(40):
                made[unit] = choices.whole(-30, 30) if choices.chance(75) else self.expression("number", 0)
        return made

    def string(self, depth: int) -> Any:
        """Give an expression of a text."""
        if depth <= 0:
            return self._leaf("string", _TEXTS)
        return self._if("string", depth)
