"""The type and unit that an expression has, read from the law alone, and what in it cannot be right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.typed import ANY, KIND_NL, NUMERIC, TRUTH, Environment, Problem, Typed, type_of_value
from eendracht.kernel.rules.values import is_number

_MONEY: Final = frozenset(("euro", "eurocent"))
_DURATION: Final = frozenset(("years", "months", "weeks", "days", "hours"))


def infer(expression: ir.Expression, environment: Environment) -> Typed:
    """Give the type and unit of an expression; a name that the environment lacks can be anything. Never raises."""
    if isinstance(expression, ir.Constant):
        return type_of_value(expression.value)
    if isinstance(expression, ir.Reference):
        return _type_of_reference(expression, environment)
    if not isinstance(expression, ir.Operation):
        return ANY
    if expression.name == "FOREACH":
        return _for_each(expression, environment)
    operands = [infer(item, environment) for item in expression.operands]
    named = {key: infer(item, environment) for key, item in expression.named.items()}
    rule = _RULES.get(expression.name)
    return rule(_Site(expression, operands, named, environment.report)) if rule else ANY


@dataclass(frozen=True, slots=True)
class _Site:
    """An operation with the types of its operands."""

    node: ir.Operation
    operands: Sequence[Typed]
    named: Mapping[str, Typed]
    report: Callable[[Problem], None]

    def demand(self, operand: Typed, accepted: frozenset[str], wanted_nl: str, wanted_en: str, at: int | str) -> None:
        """Report an operand of a type that the operation cannot take."""
        if operand.kind in accepted or operand.kind == "any":
            return
        name = self.node.name
        node = self.node.named.get(at) if isinstance(at, str) else self.node.operands[at]
        kind = KIND_NL.get(operand.kind, operand.kind)
        self.report(
            Problem(
                node.place if node else self.node.place,
                "wrong-type",
                f"{name} werkt met {wanted_nl}, niet met {kind}",
                f"{name} takes {wanted_en}, not {operand.kind}",
                "Use a value of that type, or correct the declared type.",
                is_sure=operand.is_literal or operand.kind != "string",
            )
        )

    def numbers(self) -> None:
        """Report every operand that is no number."""
        for at, operand in enumerate(self.operands):
            self.demand(operand, NUMERIC, "getallen", "numbers", at)

    def truths(self, positions: Sequence[int]) -> None:
        """Report conditions that hold no truth value."""
        for at in positions:
            self.demand(self.operands[at], frozenset(("boolean",)), "ja of nee", "truth values", at)

    def date(self, at: int) -> None:
        """Report an operand that can be no date."""
        if at < len(self.operands):
            operand = self.operands[at]
            accepted = frozenset(("date",)) if operand.is_literal else frozenset(("date", "string"))
            self.demand(operand, accepted, "datums", "dates", at)

    def one_unit(self, operands: Sequence[Typed]) -> ir.Unit:
        """Give the unit that the operands share; report two that differ."""
        units = list(dict.fromkeys(operand.unit for operand in operands if operand.unit))
        if len(units) > 1:
            name = self.node.name
            self.report(
                Problem(
                    self.node.place,
                    "unit-mismatch",
                    f"{name} mengt {' met '.join(units)}",
                    f"{name} mixes {' with '.join(units)}",
                    "Convert one of them first (1 euro = 100 eurocent, 1 ratio = 100 percentage).",
                )
            )
            return ""
        return units[0] if units else ""


def _type_of_reference(node: ir.Reference, environment: Environment) -> Typed:
    found = environment.names.get(node.name, ANY)
    if not node.path:
        return found
    if found.kind == "date" and len(node.path) == 1:
        return Typed("date") if node.path[0] == "iso" else Typed("number")
    return ANY


def _common(operands: Sequence[Typed], unit: ir.Unit) -> Typed:
    """Give the type that outcomes share; a null among them adapts."""
    kinds = {operand.kind for operand in operands if not (operand.is_bare and operand.kind == "any")}
    is_bare = bool(operands) and all(operand.is_bare for operand in operands)
    is_literal = bool(operands) and all(operand.is_literal for operand in operands)
    if len(kinds) == 1:
        return Typed(kinds.pop(), unit, is_bare, is_literal)
    if kinds and kinds <= NUMERIC:
        return Typed("amount", unit, is_bare)
    return Typed("any", unit)


def _sum(site: _Site) -> Typed:
    site.numbers()
    return _numeric(site.operands, site.one_unit(site.operands))


def _numeric(operands: Sequence[Typed], unit: ir.Unit) -> Typed:
    found = _common(operands, unit)
    return found if found.kind in NUMERIC else Typed("number", unit)


def _extreme(site: _Site) -> Typed:
    for at, operand in enumerate(site.operands):
        accepted = frozenset((*NUMERIC, "date", "string"))
        site.demand(operand, accepted, "getallen of datums", "numbers or dates", at)
    _one_order(site)
    return _common(site.operands, site.one_unit(site.operands))


def _one_order(site: _Site) -> None:
    """Report a number that is set against a date or a text."""
    kinds = {"number" if operand.kind in NUMERIC else operand.kind for operand in site.operands}
    texts = any(operand.kind == "string" and operand.is_literal for operand in site.operands)
    if "number" in kinds and ("date" in kinds or texts):
        name = site.node.name
        site.report(
            Problem(
                site.node.place,
                "wrong-type",
                f"{name} zet een getal naast een datum of tekst",
                f"{name} sets a number against a date or a text",
                "Compare numbers with numbers and dates with dates.",
            )
        )


def _compare(site: _Site) -> Typed:
    for at, operand in enumerate(site.operands):
        accepted = frozenset((*NUMERIC, "date", "string"))
        site.demand(operand, accepted, "getallen of datums", "numbers or dates", at)
    _one_order(site)
    site.one_unit(site.operands)
    return TRUTH


def _equal(site: _Site) -> Typed:
    site.one_unit(site.operands)
    return TRUTH


def _is_in(site: _Site) -> Typed:
    site.one_unit(site.operands)
    return TRUTH


def _multiply(site: _Site) -> Typed:
    site.numbers()
    unit: ir.Unit = ""
    factors = [operand for operand in site.operands if not operand.is_bare]
    others = [operand for operand in factors if operand.unit != "ratio"]
    if not others:
        unit = "ratio" if factors else ""
    elif len(others) == 1 and not (others[0].unit in _DURATION and len(factors) > 1):
        # A ratio may be one per year: what it makes of years is not known.
        unit = others[0].unit
    if _converts(unit, site.node):
        unit = ""
    return replace(_numeric(site.operands, unit), is_bare=bool(site.operands) and not factors)


def _divide(site: _Site) -> Typed:
    site.numbers()
    if not site.operands:
        return Typed("number")
    first, *others = site.operands
    if all(operand.is_bare for operand in site.operands):
        return Typed("number", "", is_bare=True, is_literal=True)
    unit: ir.Unit = first.unit
    if len(others) == 1 and first.unit and others[0].unit == first.unit:
        return Typed("number", "ratio")
    is_kept = all(operand.is_bare or (operand.unit == "ratio" and unit not in _DURATION) for operand in others)
    if not is_kept or _converts(unit, site.node):
        unit = ""
    return Typed(first.kind if first.kind in NUMERIC else "number", unit)


def _converts(unit: ir.Unit, node: ir.Operation) -> bool:
    """Whether a literal factor may turn the unit into another one: x 100 makes eurocent of euro, x 12 months."""
    factors = [item.value for item in node.operands if isinstance(item, ir.Constant) and is_number(item.value)]
    if unit in _DURATION or unit in ("percentage", "ratio"):
        return bool(factors)
    if unit in _MONEY:
        return any(factor and (factor % 100 == 0 or (1 / factor if factor < 1 else 1) % 100 == 0) for factor in factors)
    return False


def _truth(site: _Site) -> Typed:
    site.truths(range(len(site.operands)))
    return TRUTH


def _choose(site: _Site) -> Typed:
    count = len(site.operands)
    site.truths(range(0, count - 1, 2))
    outcomes = [site.operands[at] for at in range(1, count, 2)]
    if "default" in site.named:
        outcomes.append(site.named["default"])
    return _common(outcomes, site.one_unit(outcomes))


def _list(site: _Site) -> Typed:
    return Typed("array", site.one_unit(site.operands))


def _round(site: _Site) -> Typed:
    site.numbers()
    return _numeric(site.operands, site.one_unit(site.operands))


def _age(site: _Site) -> Typed:
    site.date(0)
    site.date(1)
    return Typed("number", "years")


def _date_add(site: _Site) -> Typed:
    site.date(0)
    for key, amount in site.named.items():
        site.demand(amount, NUMERIC, "getallen", "numbers", key)
        if key in _DURATION:
            site.one_unit([amount, Typed("number", key)])  # type: ignore[arg-type]
    return Typed("date")


def _make_date(site: _Site) -> Typed:
    site.numbers()
    return Typed("date")


def _date_number(site: _Site) -> Typed:
    site.date(0)
    return Typed("number")


def _date_diff(site: _Site) -> Typed:
    site.date(0)
    site.date(1)
    unit = site.node.operands[2] if len(site.operands) > 2 else None
    if isinstance(unit, ir.Constant) and unit.value in ("days", "months", "years"):
        return Typed("number", unit.value)
    return Typed("number")


def _start_of(site: _Site) -> Typed:
    site.date(0)
    return Typed("date")


class _Within(Mapping[str, Typed]):
    """The names around a FOREACH with that of its element before them."""

    def __init__(self, own: Mapping[str, Typed], around: Mapping[str, Typed]) -> None:
        self._own = own
        self._around = around

    def __getitem__(self, name: str) -> Typed:
        return self._own[name] if name in self._own else self._around[name]

    def __iter__(self) -> Iterator[str]:
        return iter({*self._own, *self._around})

    def __len__(self) -> int:
        return len({*self._own, *self._around})


def _for_each(node: ir.Operation, environment: Environment) -> Typed:
    if len(node.operands) < 2:
        return ANY
    collection = infer(node.operands[0], environment)
    item = Typed("any", collection.unit) if collection.kind == "array" else ANY
    own = {str(node.options.get("as") or "item"): item}
    inner = replace(environment, names=_Within(own, environment.names))
    body = infer(node.operands[1], inner)
    condition = node.named.get("filter")
    site = _Site(node, (collection, body), {}, environment.report)
    if condition is not None:
        kept = infer(condition, inner)
        keeping = replace(site, named={"filter": kept})
        keeping.demand(kept, frozenset(("boolean",)), "ja of nee", "truth values", "filter")
    combine = node.options.get("combine")
    if combine in ("AND", "OR"):
        site.truths((1,))
        return TRUTH
    if combine == "ADD":
        site.demand(body, NUMERIC, "getallen", "numbers", 1)
        return Typed(body.kind if body.kind in NUMERIC else "number", body.unit)
    return Typed("array", body.unit) if combine is None else Typed(body.kind, body.unit)


_RULES: Final[dict[str, Callable[[_Site], Typed]]] = {
    **dict.fromkeys(("ADD", "SUBTRACT"), _sum),
    **dict.fromkeys(("MIN", "MAX"), _extreme),
    "MULTIPLY": _multiply,
    "DIVIDE": _divide,
    **dict.fromkeys(("GREATER_THAN", "LESS_THAN", "GREATER_THAN_OR_EQUAL", "LESS_THAN_OR_EQUAL"), _compare),
    **dict.fromkeys(("GREATER_OR_EQUAL", "LESS_OR_EQUAL"), _compare),
    **dict.fromkeys(("EQUALS", "NOT_EQUALS"), _equal),
    **dict.fromkeys(("IN", "NOT_IN"), _is_in),
    **dict.fromkeys(("AND", "OR", "NOT"), _truth),
    **dict.fromkeys(("NOT_NULL", "IS_NULL", "EXISTS"), lambda site: TRUTH),
    "IF": _choose,
    "LIST": _list,
    **dict.fromkeys(("ROUND", "CEIL", "FLOOR"), _round),
    "AGE": _age,
    "DATE_ADD": _date_add,
    "DATE": _make_date,
    **dict.fromkeys(("DAY_OF_WEEK", "DATE_PART"), _date_number),
    "DATE_DIFF": _date_diff,
    "START_OF": _start_of,
    "LENGTH": lambda site: Typed("number"),
    "CONCAT": lambda site: Typed("string"),
    "COALESCE": lambda site: _common(site.operands, site.one_unit(site.operands)),
}
"""What each operation makes of its operands; those of the lenient dialect too. Any other can be anything."""
