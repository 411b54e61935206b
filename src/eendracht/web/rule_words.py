"""A rule as people read it: each operation in plain words, indented where one lies in another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.values import from_plain
from eendracht.kernel.wording import Said
from eendracht.kit.i18n import Words
from eendracht.kit.rules import print_value

LAYERS: Final[Mapping[str, Said]] = {
    "VERDRAG": Said("Verdrag", "Treaty"),
    "EU_VERORDENING": Said("EU-verordening", "EU regulation"),
    "EU_RICHTLIJN": Said("EU-richtlijn", "EU directive"),
    "GRONDWET": Said("Grondwet", "Constitution"),
    "WET": Said("Wet", "Act"),
    "AMVB": Said("Algemene maatregel van bestuur", "Order in council"),
    "KONINKLIJK_BESLUIT": Said("Koninklijk besluit", "Royal decree"),
    "MINISTERIELE_REGELING": Said("Ministeriële regeling", "Ministerial regulation"),
    "BELEIDSREGEL": Said("Beleidsregel", "Policy rule"),
    "UITVOERINGSBELEID": Said("Uitvoeringsbeleid", "Implementation policy"),
    "PROVINCIALE_VERORDENING": Said("Provinciale verordening", "Provincial ordinance"),
    "WATERSCHAPS_VERORDENING": Said("Waterschapsverordening", "Water board ordinance"),
    "GEMEENTELIJKE_VERORDENING": Said("Gemeentelijke verordening", "Municipal ordinance"),
}
_KINDS: Final[Mapping[str, Said]] = {
    "number": Said("getal", "number"),
    "amount": Said("bedrag", "amount"),
    "boolean": Said("ja of nee", "yes or no"),
    "string": Said("tekst", "text"),
    "date": Said("datum", "date"),
    "array": Said("lijst", "list"),
    "object": Said("gegevens bij elkaar", "data that belong together"),
    "any": Said("gegeven", "value"),
}
_UNITS: Final[Mapping[str, Said]] = {
    "euro": Said("in euro", "in euro"),
    "eurocent": Said("in euro", "in euro"),
    "ratio": Said("als deel van 1", "as a part of 1"),
    "percentage": Said("in procent", "in percent"),
    "years": Said("in jaren", "in years"),
    "months": Said("in maanden", "in months"),
    "weeks": Said("in weken", "in weeks"),
    "days": Said("in dagen", "in days"),
    "hours": Said("in uren", "in hours"),
}
GRADES: Final[Mapping[str, Said]] = {
    "official": Said("officiële bron", "official source"),
    "secondary": Said("andere bron", "secondary source"),
    "derived": Said("afgeleid", "derived"),
}
_COMPARISONS: Final[Mapping[str, Said]] = {
    "EQUALS": Said("is", "is"),
    "NOT_EQUALS": Said("is niet", "is not"),
    "GREATER_THAN": Said("is meer dan", "is more than"),
    "LESS_THAN": Said("is minder dan", "is less than"),
    **dict.fromkeys(("GREATER_THAN_OR_EQUAL", "GREATER_OR_EQUAL"), Said("is ten minste", "is at least")),
    **dict.fromkeys(("LESS_THAN_OR_EQUAL", "LESS_OR_EQUAL"), Said("is ten hoogste", "is at most")),
    "IN": Said("is een van", "is one of"),
    "NOT_IN": Said("is geen van", "is none of"),
}
_OPERATIONS: Final[Mapping[str, Said]] = {
    "ADD": Said("tel bij elkaar op", "add up"),
    "SUBTRACT": Said("neem het eerste en trek de rest ervan af", "take the first and subtract the rest"),
    "MULTIPLY": Said("vermenigvuldig met elkaar", "multiply"),
    "DIVIDE": Said("deel het eerste door het tweede", "divide the first by the second"),
    "MIN": Said("neem het laagste van", "take the lowest of"),
    "MAX": Said("neem het hoogste van", "take the highest of"),
    "AND": Said("al deze voorwaarden gelden", "all of these hold"),
    "OR": Said("ten minste een van deze voorwaarden geldt", "at least one of these holds"),
    "NOT": Said("dit geldt niet", "this does not hold"),
    "LIST": Said("deze lijst", "this list"),
    "AGE": Said("de leeftijd bij deze geboortedatum, op deze dag", "the age with this date of birth, on this day"),
    "DATE": Said("de dag met dit jaar, deze maand en dag", "the day with this year, month and day"),
    **dict.fromkeys(("DATE_ADD", "ADD_DATE"), Said("deze dag, later met", "this day, later by")),
    "DAY_OF_WEEK": Said("de dag van de week van", "the day of the week of"),
    **dict.fromkeys(("DATE_DIFF", "SUBTRACT_DATE"), Said("de tijd tussen deze dagen", "the time between these days")),
    "DATE_PART": Said("een deel van deze datum", "a part of this date"),
    "START_OF": Said("het begin van de periode waarin deze dag ligt", "the start of the period that holds this day"),
    "CONCAT": Said("zet achter elkaar", "put one after the other"),
    "COALESCE": Said("het eerste dat er is van", "the first that is there of"),
    "GET": Said("het onderdeel", "the part"),
    "EXISTS": Said("dit is er", "this is there"),
    "NOT_NULL": Said("dit is er", "this is there"),
    "IS_NULL": Said("dit is er niet", "this is not there"),
    "LENGTH": Said("hoeveel er zijn in", "how many there are in"),
}
_ROUNDINGS: Final[Mapping[str, Said]] = {
    "ROUND": Said("rond af{to}", "round{to}"),
    "CEIL": Said("rond naar boven af{to}", "round up{to}"),
    "FLOOR": Said("rond naar beneden af{to}", "round down{to}"),
}
_COMBINED: Final[Mapping[str, Said]] = {
    "ADD": Said("en tel op", "and add up"),
    "OR": Said("en kijk of een ervan geldt", "and see whether one holds"),
    "AND": Said("en kijk of alle gelden", "and see whether all hold"),
    "MIN": Said("en neem het laagste", "and take the lowest"),
    "MAX": Said("en neem het hoogste", "and take the highest"),
}
_CONTEXT: Final[Mapping[str, Said]] = {
    "calculation_date": Said("de datum van de berekening", "the date of the calculation"),
    "referencedate": Said("de datum van de berekening", "the date of the calculation"),
    "january_first": Said("1 januari van dat jaar", "1 January of that year"),
    "prev_january_first": Said("1 januari van het jaar ervoor", "1 January of the year before"),
    "year": Said("dat jaar", "that year"),
}


_STEPS: Final[Mapping[str, Said]] = {
    "IF": Said("keuze", "choice"),
    "FOREACH": Said("voor elke rij", "for each row"),
    "ADD": Said("opgeteld", "added up"),
    "SUBTRACT": Said("verschil", "difference"),
    "MULTIPLY": Said("vermenigvuldigd", "multiplied"),
    "DIVIDE": Said("gedeeld", "divided"),
    "MIN": Said("het laagste", "the lowest"),
    "MAX": Said("het hoogste", "the highest"),
    "ROUND": Said("afgerond", "rounded"),
    "CEIL": Said("naar boven afgerond", "rounded up"),
    "FLOOR": Said("naar beneden afgerond", "rounded down"),
    "EQUALS": Said("is dit hetzelfde?", "is this the same?"),
    "NOT_EQUALS": Said("is dit anders?", "is this different?"),
    "GREATER_THAN": Said("is het eerste meer?", "is the first more?"),
    "LESS_THAN": Said("is het eerste minder?", "is the first less?"),
    **dict.fromkeys(
        ("GREATER_THAN_OR_EQUAL", "GREATER_OR_EQUAL"), Said("is het ten minste dit?", "is it at least this?")
    ),
    **dict.fromkeys(("LESS_THAN_OR_EQUAL", "LESS_OR_EQUAL"), Said("is het ten hoogste dit?", "is it at most this?")),
    "IN": Said("is het een van deze?", "is it one of these?"),
    "NOT_IN": Said("is het geen van deze?", "is it none of these?"),
    "AND": Said("gelden ze alle?", "do all hold?"),
    "OR": Said("geldt er een?", "does one hold?"),
    "NOT": Said("het tegendeel", "the opposite"),
}
_ACRONYMS: Final = frozenset(("aow", "anw", "bsn", "iit", "kvk", "rsin", "wlz", "woz", "wsnp"))


@dataclass(frozen=True, slots=True)
class Phrase:
    """A line of a rule, and the lines that lie in it."""

    text: str
    parts: tuple[Phrase, ...] = ()


def label_of(name: str) -> str:
    """Give a name of a law file as people read it."""
    return " ".join(word.upper() if word in _ACRONYMS else word for word in name.replace("_", " ").split())


def begin(text: str) -> str:
    """Give a text with a capital at its start, and the rest as it is."""
    return text[:1].upper() + text[1:]


def layer_of(layer: str, words: Words) -> str:
    """Give what a regulatory layer is called."""
    return LAYERS[layer][words.language] if layer in LAYERS else layer.replace("_", " ").capitalize()


def kind_of(field: ir.Field | ir.Definition, words: Words) -> str:
    """Give type and unit of a field in words."""
    parts = [_KINDS[field.kind][words.language] if field.kind in _KINDS else field.kind]
    if field.unit in _UNITS:
        parts.append(_UNITS[field.unit][words.language])
    return " ".join(parts)


def operation_of(name: str, words: Words) -> str:
    """Give what an operation does, as a step of a calculation."""
    if name in _STEPS:
        return _STEPS[name][words.language]
    said = _COMPARISONS.get(name) or _OPERATIONS.get(name)
    return said[words.language] if said else label_of(name).lower()


class RuleWriter:
    """Writes the rules of one article in one language; `units` give the amounts that stand in a rule their sign."""

    def __init__(self, article: ir.Article, words: Words) -> None:
        self._words = words
        self._language = words.language
        self._units = {
            **{name: item.field.unit for name, item in article.inputs.items()},
            **{name: field.unit for name, field in (*article.parameters.items(), *article.outputs.items())},
            **{name: item.unit for name, item in article.definitions.items()},
        }

    def write(self, node: ir.Expression, unit: str = "") -> Phrase:
        """Give an expression as lines; a bare number is printed in `unit`."""
        if isinstance(node, ir.Constant):
            return Phrase(self._print(node.value, unit))
        if isinstance(node, ir.Reference):
            name = self._said(_CONTEXT[node.name]) if node.name in _CONTEXT else label_of(node.name)
            return Phrase(" › ".join((name, *(label_of(part) for part in node.path))))
        assert isinstance(node, ir.Operation)
        if node.name in _COMPARISONS:
            return self._compare(node)
        if node.name == "IF":
            return self._choose(node, unit)
        if node.name == "FOREACH":
            return self._for_each(node)
        return self._operate(node, unit)

    def _said(self, said: Said) -> str:
        return said[self._language]

    def _print(self, value: Any, unit: str) -> str:
        is_number = isinstance(value, int | Fraction | float) and not isinstance(value, bool)
        return print_value(from_plain(value), unit if is_number else "", self._language)

    def _unit(self, nodes: Sequence[ir.Expression]) -> str:
        """Give the unit in which a bare number beside these is meant."""
        for node in nodes:
            if isinstance(node, ir.Reference) and self._units.get(node.name) and not node.path:
                return self._units[node.name]
            if isinstance(node, ir.Operation) and node.name in ("ADD", "SUBTRACT", "MIN", "MAX", "ROUND"):
                unit = self._unit(node.operands)
                if unit:
                    return unit
        return ""

    def _compare(self, node: ir.Operation) -> Phrase:
        operands = [*node.operands, *node.named.values()]
        unit = self._unit(operands)
        word = self._said(_COMPARISONS[node.name])
        if len(operands) == 2 and isinstance(operands[1], ir.Operation) and operands[1].name == "LIST":
            listed = [self.write(item, unit) for item in operands[1].operands]
            first = self.write(operands[0])
            if not first.parts and not any(item.parts for item in listed):
                return Phrase(f"{first.text} {word}: {', '.join(item.text for item in listed)}")
        parts = [self.write(item, unit) for item in operands]
        if len(parts) == 2 and not parts[0].parts and not parts[1].parts:
            return Phrase(f"{parts[0].text} {word} {parts[1].text}")
        if len(parts) == 2 and not parts[1].parts:
            this = self._words.gettext("this")
            return Phrase(f"{this} {word} {parts[1].text}", (parts[0],))
        one, other = self._words.gettext("the first"), self._words.gettext("the second")
        return Phrase(f"{one} {word} {other}", tuple(parts))

    def _choose(self, node: ir.Operation, unit: str) -> Phrase:
        _ = self._words.gettext
        unit = unit or self._unit([*node.operands[1::2], *node.named.values()])
        lines: list[Phrase] = []
        for condition, outcome in zip(node.operands[::2], node.operands[1::2], strict=True):
            tested, given = self.write(condition), self.write(outcome, unit)
            head = _("if") if not lines else _("else, if")
            if tested.parts:
                lines += [Phrase(f"{head}: {tested.text}", tested.parts), _under(_("then"), given)]
            elif given.parts:
                lines.append(Phrase(f"{head} {tested.text}, {_('then')}: {given.text}", given.parts))
            else:
                lines.append(Phrase(f"{head} {tested.text}, {_('then')}: {given.text}"))
        default = node.named.get("default")
        if default is not None:
            lines.append(_under(_("in all other cases"), self.write(default, unit)))
        return Phrase(_("choose"), tuple(lines))

    def _for_each(self, node: ir.Operation) -> Phrase:
        _ = self._words.gettext
        one = label_of(str(node.options.get("as") or _("row")))
        parts = [self.write(node.operands[0])]
        if "filter" in node.named:
            parts.append(_under(_("only where"), self.write(node.named["filter"])))
        parts += [_under(_("work out"), self.write(item)) for item in node.operands[1:]]
        combine = str(node.options.get("combine") or "")
        head = _("for each %(one)s in this list", one=one)
        return Phrase(f"{head}, {self._said(_COMBINED[combine])}" if combine in _COMBINED else head, tuple(parts))

    def _operate(self, node: ir.Operation, unit: str) -> Phrase:
        if node.name in _ROUNDINGS:
            unit = unit or self._unit(node.operands)
            head = self._said(_ROUNDINGS[node.name]).format(to=self._precision(node.options.get("precision"), unit))
        else:
            head = self._said(_OPERATIONS[node.name]) if node.name in _OPERATIONS else label_of(node.name).lower()
        is_scaled = node.name in ("MULTIPLY", "DIVIDE")
        inner = "" if is_scaled else unit or self._unit(node.operands)
        parts = [self.write(item, inner) for item in node.operands]
        parts += [
            _under(_UNITS[name][self._language] if name in _UNITS else label_of(name), self.write(item))
            for name, item in node.named.items()
        ]
        parts += [
            Phrase(f"{label_of(name)}: {self._print(value, '')}")
            for name, value in node.options.items()
            if name in ("part", "unit", "period", "in", "of")
        ]
        return Phrase(head, tuple(parts))

    def _precision(self, precision: Any, unit: str) -> str:
        _ = self._words.gettext
        digits = int(precision) if isinstance(precision, int | str) and str(precision).lstrip("-").isdigit() else 0
        if unit in ("euro", "eurocent"):
            step = Fraction(1, 10**digits) if digits > 0 else Fraction(10**-digits)
            return " " + _("to multiples of %(step)s", step=print_value(step, unit, self._language))
        if digits > 0:
            return " " + self._words.ngettext("to %(count)s decimal", "to %(count)s decimals", digits)
        if digits < 0:
            return " " + _("to multiples of %(step)s", step=print_value(10**-digits, "", self._language))
        return " " + _("to whole numbers")


def _under(head: str, phrase: Phrase) -> Phrase:
    return Phrase(f"{head}: {phrase.text}", phrase.parts)
