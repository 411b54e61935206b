"""Tells in short sentences how an outcome came about: which condition decided, which case held, what was computed."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.arithmetic import Unfit, compare
from eendracht.kernel.rules.retracing import Reading, Seen
from eendracht.kernel.rules.spoken import article_said, listed, name_said, sentence, value_said
from eendracht.kernel.rules.values import Absent, is_number
from eendracht.kernel.wording import Said, say

_MOST_STEPS: Final = 24
_MONEY: Final = ("euro", "eurocent")
_SAME_UNIT: Final = frozenset(("ADD", "SUBTRACT", "MIN", "MAX", "ROUND", "CEIL", "FLOOR", "IF"))
_BOUNDS: Final = {
    "GREATER_THAN": Said("meer is dan {right}", "is more than {right}"),
    "LESS_THAN": Said("minder is dan {right}", "is less than {right}"),
    "GREATER_THAN_OR_EQUAL": Said("{right} of meer is", "is {right} or more"),
    "LESS_THAN_OR_EQUAL": Said("{right} of minder is", "is {right} or less"),
    "EQUALS": Said("{right} is", "is {right}"),
    "NOT_EQUALS": Said("iets anders is dan {right}", "is something other than {right}"),
    "IN": Said("een van deze is: {right}", "is one of these: {right}"),
    "NOT_IN": Said("geen van deze is: {right}", "is none of these: {right}"),
}
_OF_DATES: Final = {
    "GREATER_THAN": Said("later is dan {right}", "is later than {right}"),
    "LESS_THAN": Said("eerder is dan {right}", "is earlier than {right}"),
    "GREATER_THAN_OR_EQUAL": Said("{right} of later is", "is {right} or later"),
    "LESS_THAN_OR_EQUAL": Said("{right} of eerder is", "is {right} or earlier"),
}
_SPELLINGS: Final = {"GREATER_OR_EQUAL": "GREATER_THAN_OR_EQUAL", "LESS_OR_EQUAL": "LESS_THAN_OR_EQUAL"}
_MOMENTS: Final = {
    **dict.fromkeys(("referencedate", "calculation_date"), Said("de datum van berekening", "the date of calculation")),
    "january_first": Said("de eerste dag van het jaar", "the first day of the year"),
    "prev_january_first": Said("de eerste dag van het vorige jaar", "the first day of the year before"),
}
_EMPTY: Final = Said("leeg", "empty")
_NOTHING: Final = Said("", "")
_WITH: Final = {
    "ADD": Said(" plus ", " plus "),
    "SUBTRACT": Said(" min ", " minus "),
    "MULTIPLY": Said(" keer ", " times "),
    "DIVIDE": Said(" gedeeld door ", " divided by "),
}
_ROUNDED: Final = {
    "ROUND": Said("Afgerond {to} is dat {value}.", "Rounded {to} that is {value}."),
    "CEIL": Said("Naar boven afgerond {to} is dat {value}.", "Rounded up {to} that is {value}."),
    "FLOOR": Said("Naar beneden afgerond {to} is dat {value}.", "Rounded down {to} that is {value}."),
}


class Narrator:
    """Tells what decided; `steps` are the sentences, `facts` the leaves that they rest on, in order."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self.steps: list[Said] = []
        self.facts: list[Seen] = []
        self._waiting: deque[tuple[Said, Seen]] = deque()
        self._told: set[tuple[str, str, str]] = set()

    def tell(self, seen: Seen) -> None:
        """Tell how something was computed, then where what it used came from."""
        self._told.add(_key(seen))
        self._tell(seen)
        while self._waiting and len(self.steps) < _MOST_STEPS:
            name, source = self._waiting.popleft()
            if _key(source) not in self._told:
                self._told.add(_key(source))
                self._begin(name, source)
                self._tell(source)
        if len(self.steps) >= _MOST_STEPS:
            self.steps.append(Said("Er zijn nog meer stappen.", "There are more steps."))

    def _begin(self, name: Said, seen: Seen) -> None:
        where = article_said(seen.scope.law, seen.scope.article)
        self._say("{name}: dit volgt uit {law}.", "{name}: this follows from {law}.", name=name, law=where)

    def _say(self, nl: str, en: str, **values: Any) -> None:
        by_language = [
            {key: value[language] if isinstance(value, Said) else value for key, value in values.items()}
            for language in ("nl", "en")
        ]
        text = sentence(Said(nl.format(**by_language[0]), en.format(**by_language[1])))
        if len(self.steps) < _MOST_STEPS and text not in self.steps:
            self.steps.append(text)

    # --- One expression ---

    def _tell(self, seen: Seen) -> None:
        name = _SPELLINGS.get(seen.operation, seen.operation)
        if not name:
            self._leaf(seen, is_top=True)
        elif name in ("AND", "OR"):
            self._junction(seen, name)
        elif name == "IF":
            self._branch(seen)
        elif name == "NOT":
            self._each(seen.parts)
        elif name in _BOUNDS and len(seen.parts) == 2:
            self._comparison(seen, name)
        elif name in ("MIN", "MAX"):
            self._extreme(seen, name)
        elif name in _WITH:
            self._arithmetic(seen, name)
        elif name in _ROUNDED:
            self._rounding(seen, name)
        else:
            self._other(seen, name)

    def _each(self, parts: Sequence[Seen]) -> None:
        for part in parts:
            self._tell(part) if part.operation else self._leaf(part)

    def _leaf(self, seen: Seen, *, is_top: bool = False) -> None:
        """Keep a fact, or put what it names in the queue."""
        if seen.node is None:
            if is_top:
                value = value_said(seen.value, unit_of(seen))
                self._say("De wet noemt hier zelf: {value}.", "The law itself says: {value}.", value=value)
            return
        source = self._reading.follow(seen)
        if source is not None:
            self._waiting.append((_label(seen), source))
        else:
            self.facts.append(seen)
        if is_top and (source is None or isinstance(seen.value, bool)):
            value = value_said(seen.value, unit_of(seen))
            self._say("{name}: {value}.", "{name}: {value}.", name=_label(seen), value=value)

    def _junction(self, seen: Seen, name: str) -> None:
        decisive = name == "OR"
        count = len(seen.expression.operands) if isinstance(seen.expression, ir.Operation) else len(seen.parts)
        if bool(seen.value) is decisive and count > 1:
            if decisive:
                self._say("Eén voorwaarde is genoeg. Deze klopt:", "One condition is enough. This one holds:")
            else:
                self._say("Eén voorwaarde klopt niet. Die beslist:", "One condition does not hold. It decides:")
            before = len(self.steps)
            self._condition(seen.parts[-1])
            # What was said before is not announced again.
            if len(self.steps) == before:
                self.steps.pop()
            return
        if count > 1:
            both = (
                Said("Beide voorwaarden", "Both conditions")
                if count == 2
                else say("Alle {n} voorwaarden", "All {n} conditions", n=count)
            )
            if decisive:
                self._say("Geen van de {n} voorwaarden klopt.", "Not one of the {n} conditions holds.", n=count)
            else:
                self._say("{both} kloppen.", "{both} hold.", both=both)
        for part in seen.parts:
            self._condition(part)

    def _condition(self, seen: Seen) -> None:
        """Tell a condition; one that is a fact by itself says what that fact is."""
        self._leaf(seen, is_top=seen.node is not None) if not seen.operation else self._tell(seen)

    def _branch(self, seen: Seen) -> None:
        count = len(seen.expression.operands) // 2 if isinstance(seen.expression, ir.Operation) else 0
        is_taken = len(seen.parts) > 1 and not isinstance(seen.parts[-2].value, Absent) and bool(seen.parts[-2].value)
        has_outcome = is_taken or len(seen.parts) > count
        conditions = seen.parts[:-1] if has_outcome else seen.parts
        if is_taken and count > 1:
            self._say(
                "De wet kent hier {n} gevallen. Geval {k} geldt.",
                "The law has {n} cases here. Case {k} holds.",
                n=count,
                k=len(conditions),
            )
        for condition in conditions[-1:] if is_taken else conditions:
            self._condition(condition)
        if not has_outcome:
            self._say("Geen van de gevallen geldt.", "No case holds.")
            return
        outcome = seen.parts[-1]
        if outcome.operation:
            self._tell(outcome)
        else:
            self._leaf(outcome)
            self._say("Daarom telt: {value}.", "So this counts: {value}.", value=_shown(outcome, unit_of(seen)))

    def _comparison(self, seen: Seen, name: str) -> None:
        left, right = seen.parts
        if left.node is None and right.node is not None and name in ("EQUALS", "NOT_EQUALS"):
            left, right = right, left
        self._each((left, right))
        unit = unit_of(left) or unit_of(right)
        bound = (_OF_DATES.get(name) if _are_days(left.value, right.value) else None) or _BOUNDS[name]
        shown = value_said(right.value, unit_of(right) or unit) if right.value is not None else _EMPTY
        name_right = _label(right) if right.node is not None and not right.operation else None
        self._say(
            "{left}: {value}. De regel kijkt of dit {bound}{name}. Dat klopt{no}.",
            "{left}: {value}. The rule asks whether this {bound}{name}. It {no}.",
            left=_label(left),
            value=value_said(left.value, unit),
            bound=Said(bound.nl.format(right=shown.nl), bound.en.format(right=shown.en)),
            name=Said(f" ({name_right.nl})", f" ({name_right.en})") if name_right else _NOTHING,
            no=Said("", "is") if seen.value else Said(" niet", "is not"),
        )

    def _extreme(self, seen: Seen, name: str) -> None:
        self._each(seen.parts)
        unit = unit_of(seen)
        shown = listed([_shown(part, unit) for part in seen.parts])
        word = Said("laagste", "lowest") if name == "MIN" else Said("hoogste", "highest")
        self._say(
            "Van {items} telt het {word}: {value}.",
            "Of {items} the {word} counts: {value}.",
            items=shown,
            word=word,
            value=value_said(seen.value, unit),
        )

    def _arithmetic(self, seen: Seen, name: str) -> None:
        self._each(seen.parts)
        unit = unit_of(seen)
        own = [_shown(part, unit_of(part) or (unit if name in ("ADD", "SUBTRACT") else "")) for part in seen.parts]
        joined = Said(*(_WITH[name][language].join(item[language] for item in own) for language in ("nl", "en")))
        if len(own) > 1:
            self._say("{items} is {value}.", "{items} is {value}.", items=joined, value=value_said(seen.value, unit))

    def _rounding(self, seen: Seen, name: str) -> None:
        self._each(seen.parts)
        options = seen.expression.options if isinstance(seen.expression, ir.Operation) else {}
        unit = unit_of(seen)
        words = _ROUNDED[name]
        to = _precision(int(options.get("precision") or 0), unit)
        self._say(words.nl, words.en, to=to, value=value_said(seen.value, unit))

    def _other(self, seen: Seen, name: str) -> None:
        parts = (*seen.parts, *(item for _, item in seen.named))
        self._each(parts)
        value = value_said(seen.value, unit_of(seen))
        leaves = [part for part in parts if part.node is not None and not part.operation]
        if name in ("AGE", "DATE_DIFF", "SUBTRACT_DATE") and len(parts) > 1:
            shown = [_shown(part, "") for part in parts[:2]]
            self._say(
                "Tussen {a} en {b} ligt: {value}.",
                "Between {a} and {b} lies: {value}.",
                a=shown[0],
                b=shown[1],
                value=value,
            )
        elif name == "FOREACH":
            self._say(
                "De wet rekent dit per onderdeel uit. Samen is het: {value}.",
                "The law computes this for each item. Together it is: {value}.",
                value=value,
            )
        elif leaves:
            shown_all = listed([_shown(part, unit_of(part)) for part in leaves])
            self._say("Uit {items} volgt: {value}.", "From {items} follows: {value}.", items=shown_all, value=value)
        else:
            self._say("De tussenstap geeft: {value}.", "The step between gives: {value}.", value=value)


# --- Words for the parts ---


def _key(seen: Seen) -> tuple[str, str, str]:
    return (seen.scope.law.id, seen.scope.article.number, str(seen.expression.place.path) + str(id(seen.scope.node)))


def _label(seen: Seen) -> Said:
    if isinstance(seen.expression, ir.Reference):
        if seen.node is not None and seen.node.kind == "CONTEXT" and seen.expression.name in _MOMENTS:
            return _MOMENTS[seen.expression.name]
        name = ".".join((seen.expression.name, *seen.expression.path))
        return name_said(name, None if seen.expression.path else seen.field)
    return Said("de tussenstap", "the step between") if seen.operation else value_said(seen.value)


def _shown(seen: Seen, unit: str) -> Said:
    """Give an operand: a name with its value, or the value alone."""
    value = value_said(seen.value, unit_of(seen) or unit)
    if seen.node is None or seen.operation or isinstance(seen.value, bool):
        return value if not isinstance(seen.value, bool) or seen.node is None else _label(seen)
    name = _label(seen)
    return Said(f"{name.nl} ({value.nl})", f"{name.en} ({value.en})")


def unit_of(seen: Seen) -> str:
    """Give the unit of an expression, as far as the law file tells."""
    if seen.declared is not None and seen.declared.unit:
        return seen.declared.unit
    if not seen.operation:
        if seen.field is not None and seen.field.unit:
            return seen.field.unit
        if isinstance(seen.expression, ir.Reference) and seen.node is not None and seen.node.kind == "DEFINITION":
            found = definition_of(seen)
            return found.unit if found else ""
        return ""
    if seen.operation == "AGE":
        return "years"
    units = [unit_of(part) for part in seen.parts]
    if seen.operation == "IF":
        units = units[-1:] if units and units[-1] else units[1::2]
    if seen.operation in _SAME_UNIT:
        return next((unit for unit in units if unit), "")
    money = [unit for unit in units if unit in _MONEY]
    if seen.operation == "MULTIPLY":
        return money[0] if money else ""
    if seen.operation == "DIVIDE":
        return money[0] if len(money) == 1 and units[0] in _MONEY else ""
    return ""


def definition_of(seen: Seen) -> ir.Definition | None:
    """Give the definition that a reference names, of its article or else of its law."""
    if not isinstance(seen.expression, ir.Reference):
        return None
    name = seen.expression.name
    found = seen.scope.article.definitions.get(name)
    if found is not None:
        return found
    return next((item.definitions[name] for item in seen.scope.law.articles if name in item.definitions), None)


def _are_days(left: Any, right: Any) -> bool:
    if is_number(left) or not isinstance(left, date | str):
        return False
    try:
        compare("", left, right)
    except Unfit:
        return False
    return True


def _precision(digits: int, unit: str) -> Said:
    if unit in _MONEY:
        whole = {("eurocent", 0): "cent", ("eurocent", -2): "euro", ("euro", 0): "euro", ("euro", 2): "cent"}
        if word := whole.get((unit, digits)):
            return Said(
                f"op hele {word}{'en' if word == 'cent' else 's'}".replace("euros", "euro's"), f"to whole {word}s"
            )
    if digits == 0:
        return Said("op hele getallen", "to whole numbers")
    if digits > 0:
        return say("op {n} cijfers achter de komma", "to {n} decimals", n=digits)
    return say("op {n}-tallen", "to multiples of {n}", n=10**-digits)
