"""What columns cannot carry to the bit in the lax dialect, by name; the list can only shrink."""

from __future__ import annotations

from typing import Final

from eendracht.kernel.rules.columns.refusals import Refusal

_ONE_CASE = "Evaluate it case by case."
_ONE_ROW = "Give the table one row for each key, or declare the input as an array."
_SMALL = "Correct the numbers in the table, or bound the output with min and max."


def _refusal(nl: str, en: str, hint: str = _ONE_CASE) -> Refusal:
    return Refusal(nl, en, hint)


LAX_REFUSALS: Final[dict[str, Refusal]] = {
    "aggregation": _refusal("Een samenvatting die kolommen niet kennen", "An aggregation that columns do not have"),
    "aggregation-of-objects": _refusal("Een samenvatting van hele rijen", "An aggregation of whole rows"),
    "date-by-subject": _refusal(
        "Een wet op een datum die per persoon verschilt, of uit een tabel komt die er nog niet is",
        "A law on a date that differs by person, or comes from a table that is not there yet",
        "Give the population, or evaluate it case by case.",
    ),
    "date-format": _refusal(
        "Datums die niet als JJJJ-MM-DD zijn geschreven",
        "Dates that are not written as YYYY-MM-DD",
        "Store dates as dates, or as YYYY-MM-DD.",
    ),
    "date-of-parts": _refusal("Een datum die uit teksten is samengesteld", "A date that is put together from texts"),
    "equal-lists": _refusal("Of twee lijsten gelijk zijn", "Whether two lists are equal"),
    "extreme-of-doubles": _refusal("De kleinste of grootste van breuken", "The smallest or largest of doubles"),
    "extreme-of-mixed": _refusal(
        "De kleinste of grootste van een lijst die niet van gehele getallen of teksten is",
        "The smallest or largest of a list that is not of integers or texts",
    ),
    "filter-of-one": _refusal("Een filter op wat geen lijst is", "A filter over what is no list"),
    "fold-in-order": _refusal(
        "Aftrekken, vermenigvuldigen, delen of CONCAT over een lijst",
        "Subtracting, multiplying, dividing or CONCAT over a list",
    ),
    "fraction-of-days": _refusal("Een datum die een deel van een dag opschuift", "A date that moves by part of a day"),
    "halts-in-list": _refusal(
        "Een lijst waarvan elementen op meer dan een manier mislukken",
        "A list whose elements may fail in several ways",
    ),
    "integer-beside-double": _refusal(
        "Een geheel getal boven 2^53 naast een breuk", "An integer beyond 2^53 beside a double", _SMALL
    ),
    "integer-in-quotient": _refusal(
        "Een geheel getal boven 2^53 in een deling", "An integer beyond 2^53 in a quotient", _SMALL
    ),
    "list-as-selection": _refusal("Rijen die met een lijst worden opgezocht", "Rows that are looked up by a list"),
    "list-as-text": _refusal("Een lijst of object als tekst", "A list or an object as text"),
    "list-in-sum": _refusal("Een lijst naast andere waarden in een som", "A list beside other values in a sum"),
    "list-of-some-objects": _refusal(
        "Een lijst waarvan alleen sommige elementen objecten zijn", "A list of which only some elements are objects"
    ),
    "lists-in-lists": _refusal(
        "Of een lijst een element van een andere heeft", "Whether a list has an element of another"
    ),
    "look-up-for-element": _refusal(
        "Een gegeven dat voor elk element van een lijst wordt opgezocht",
        "A fact that is looked up for each element of a list",
    ),
    "moment-of-parts": _refusal("COMBINE_DATETIME van wat per persoon verschilt", "COMBINE_DATETIME of what differs"),
    "name-of-two": _refusal(
        "Een naam die gegeven en uitkomst is", "A name of both an input and an output", "Give each its own name."
    ),
    "negative-precision": _refusal("Afronden op tientallen", "Rounding to tens"),
    "nested-list": _refusal("Lijsten in lijsten die niet gelijkvormig zijn", "Lists in lists that are not alike"),
    "no-number": _refusal("Een kolom met NaN of oneindig", "A column with NaN or infinity", "Correct the table."),
    "object-as-key": _refusal("Een object als sleutel", "An object as a key"),
    "object-in-sum": _refusal("Een som van objecten", "A sum of objects"),
    "objects-of-two-kinds": _refusal(
        "Een keuze tussen objecten met andere velden", "A choice between objects with other fields"
    ),
    "operands-in-list": _refusal("AND, OR of een vergelijking van een lijst", "AND, OR or a comparison of a list"),
    "order-of-lists": _refusal("Welke lijst eerst komt", "Which list comes first"),
    "output-of-two-types": _refusal(
        "Een uitkomst die voor de een een ander type heeft dan voor de ander",
        "An output that has another type for one than for another",
    ),
    "selection-of-others": _refusal("Rijen van ieder ander", "Rows of everyone else"),
    "several-objects": _refusal("Meer rijen voor een persoon", "Several rows for one person", _ONE_ROW),
    "several-values": _refusal("Meer waarden voor een persoon", "Several values for one person", _ONE_ROW),
    "table-for-everyone": _refusal(
        "Een tabel met te veel rijen voor iedereen", "A table of too many rows for everyone"
    ),
    "text-as-number": _refusal("Een tekst als getal", "A text as a number", "Store numbers as numbers."),
    "type-of-column": _refusal("Een kolom van een onbekend type", "A column of an unknown type"),
    "type-of-selection": _refusal("Rijen die op een lijst worden opgezocht", "Rows looked up by a column of lists"),
    "unknown-type": _refusal("Een waarde van een onbekend type", "A value of an unknown type"),
    "wider-than-64-bits": _refusal("Een geheel getal boven 64 bits", "An integer beyond 64 bits", _SMALL),
}
"""Every reason there is in this dialect, by its code."""
