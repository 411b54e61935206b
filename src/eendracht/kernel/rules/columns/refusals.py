"""What columns cannot carry exactly, by name: a rule that needs it is refused, never computed a little differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from eendracht.kernel.errors import EendrachtError


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason why a rule is not compiled, in Dutch and English, and what to do about it."""

    nl: str
    en: str
    hint: str


REFUSALS: Final[dict[str, Refusal]] = {
    "areas-of-two-kinds": Refusal(
        "Er gelden tegelijk regelingen van twee soorten gebieden, zoals gemeenten en provincies",
        "Regulations of two kinds of areas hold at once, such as municipalities and provinces",
        "Run it for one area of one of the two: --param provincie_code=PV28.",
    ),
    "combine-kind": Refusal(
        "FOREACH telt iets op of vergelijkt iets dat geen getal of datum is",
        "FOREACH adds or compares what is no number or date",
        "Let the body give a number, or a date with MIN or MAX.",
    ),
    "constant-collection": Refusal(
        "FOREACH over een lijst die voor iedereen gelijk is",
        "FOREACH over a list that is the same for everyone",
        "Write the items out with ADD, OR or AND.",
    ),
    "constant-key": Refusal(
        "Een verwijzing naar een persoon die voor iedereen dezelfde is",
        "A reference to one person who is the same for everyone",
        "Evaluate that person by a case, and pass the outcome as a parameter.",
    ),
    "cycle": Refusal(
        "Een uitkomst die voor zichzelf nodig is, of voor een partner van een partner zonder einde",
        "An outcome that needs itself, or that of a partner's partner without end",
        "Break the cycle of references.",
    ),
    "foreach-list": Refusal(
        "FOREACH zonder combine, die voor ieder een lijst geeft",
        "FOREACH without combine, which gives a list for each person",
        "Combine with ADD, MIN, MAX, AND or OR.",
    ),
    "foreach-parameter": Refusal(
        "FOREACH waarvan de inhoud een parameter gebruikt die per persoon verschilt",
        "FOREACH whose body uses a parameter that differs by person",
        "Use the fact itself in the body instead of the parameter.",
    ),
    "key-type": Refusal(
        "Een sleutel van een ander type dan die van de tabel",
        "A key of another type than that of the table",
        "Store keys as text, or as whole numbers, in every table alike.",
    ),
    "list-by-row": Refusal(
        "Een lijst die per persoon verschilt, anders dan de rijen van een tabel in FOREACH",
        "A list that differs by person, other than the rows of a table in FOREACH",
        "Put the rows in a table of their own, and use FOREACH with combine.",
    ),
    "mixed-kinds": Refusal(
        "Een uitkomst die voor de een een getal is en voor de ander tekst",
        "An outcome that is a number for one and text for another",
        "Let every branch of IF give the same type.",
    ),
    "nested-foreach": Refusal(
        "FOREACH binnen FOREACH",
        "FOREACH inside FOREACH",
        "Compute the inner one in an article about the other person.",
    ),
    "nested-quotient": Refusal(
        "DIVIDE door een quotiënt dat niet is afgerond",
        "DIVIDE by a quotient that was not rounded",
        "Round the divisor first, or multiply by its divisor.",
    ),
    "object-by-row": Refusal(
        "Een rij als geheel, of een veld in een veld, als waarde",
        "A row as a whole, or a field of a field, as a value",
        "Name one field: $item.field.",
    ),
    "object-value": Refusal(
        "Een constante die uit velden bestaat", "A constant that consists of fields", "Give each field its own name."
    ),
    "several-rows": Refusal(
        "Een gegeven dat in een tabel met meer rijen per sleutel staat",
        "A fact that stands in a table with several rows for a key",
        "Give the column of the table of rows another name.",
    ),
    "unit-by-row": Refusal(
        "DATE_DIFF met een eenheid die per persoon verschilt",
        "DATE_DIFF with a unit that differs by person",
        "Write days, months or years.",
    ),
    "unrounded-quotient": Refusal(
        "DIVIDE waarvan de uitkomst wordt gebruikt voordat zij is afgerond",
        "DIVIDE whose quotient is used before it is rounded",
        "Put ROUND, CEIL or FLOOR around it.",
    ),
    "wider-than-128-bits": Refusal(
        "Een getal dat voor iedereen gelijk is, of een som over rijen, met meer dan 38 cijfers",
        "A number that is the same for everyone, or a sum over rows, of more than 38 digits",
        "Use a smaller unit range, or round earlier.",
    ),
}
"""Every reason there is, by its code. A test counts them: the list can only shrink."""


def refusal_of(code: str) -> Refusal:
    """Give a reason by its code, of either dialect."""
    from eendracht.kernel.rules.columns.lax_refusals import LAX_REFUSALS

    return REFUSALS[code] if code in REFUSALS else LAX_REFUSALS[code]


class Refused(Exception):
    """A part of a rule that columns cannot carry exactly. `code` is an entry of REFUSALS, `place` where it stands."""

    def __init__(self, code: str, detail: str) -> None:
        assert refusal_of(code), code
        self.code = code
        self.places: Sequence[str] = ()
        """The article, and file and line, once they are known."""
        super().__init__(detail)


class NotCompiled(EendrachtError):
    """A rule that cannot be run for everyone at once; it still runs for one case."""

    code: ClassVar[str] = "not-compiled"
    status: ClassVar[int] = 422
    title_nl: ClassVar[str] = "Deze regel kan niet voor iedereen tegelijk worden uitgevoerd"
    title_en: ClassVar[str] = "This rule cannot be run for everyone at once"

    def __init__(self, refused: Refused) -> None:
        found = refusal_of(refused.code)
        place = f"{', '.join(refused.places)}: " if refused.places else ""
        self.reason = refused.code
        super().__init__(
            f"{place}{refused}",
            hint=f"{place}{refused.code}. {found.en}. {found.hint}",
            extra={"reason": {"code": refused.code, "nl": found.nl, "en": found.en}},
        )
