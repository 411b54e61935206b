"""Answers to questions about columns: read from what a person typed, and put into the mapping that asked them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.imports.mapping import ColumnRule, Mapping
from eendracht.kernel.imports.vocabulary import fold

SETTINGS: Final = ("decimal", "dates", "unit", "values")
"""The settings of a column rule that an answer fills."""


class Answer(NamedTuple):
    """What a setting of a column is; of `values`, what one value of the source means (empty: leave it out)."""

    column: str
    setting: str
    value: str
    answer: str


def read_answer(
    column: str, setting: str, choices: Sequence[str], values: Sequence[str], said: str
) -> tuple[Answer, ...]:
    """Read an answer: one of the choices, or for values `Cloud=saas; Lokaal=on-premises`, one choice for a lone value.

    Raises InvalidInput with a hint where it is something else.
    """
    if setting != "values":
        _require_choice(said, choices)
        return (Answer(column, setting, "", said),)
    if "=" not in said and len(values) == 1:
        said = f"{values[0]}={said}"
    pairs = [part.rpartition("=") for part in said.split(";") if part.strip()]
    known = {fold(value): value for value in values}
    for value, sign, meaning in pairs:
        if not sign or fold(value.strip()) not in known:
            raise InvalidInput(
                f"'{value.strip()[:60]}' is not one of the values",
                hint="Write VALUE=MEANING; VALUE=MEANING. Values: " + ", ".join(values),
            )
        _require_choice(meaning.strip(), ("", *choices))
    if not pairs:
        raise InvalidInput("The answer is missing", hint="Write VALUE=MEANING; VALUE=MEANING.")
    return tuple(Answer(column, setting, known[fold(v.strip())], meaning.strip()) for v, _, meaning in pairs)


def _require_choice(said: str, choices: Sequence[str]) -> None:
    if said not in choices:
        shown = ", ".join(choice or "(nothing: leave it out)" for choice in choices)
        raise InvalidInput(f"'{said[:60]}' is not one of the choices", hint=f"Choose: {shown}")


def apply_answers(mapping: Mapping, answers: Iterable[Answer]) -> Mapping:
    """Give the mapping with the answers in it; what the mapping itself says of a column goes before an answer."""
    by_column: dict[str, list[Answer]] = {}
    for answer in answers:
        if answer.setting in SETTINGS:
            by_column.setdefault(fold(answer.column), []).append(answer)
    if not by_column:
        return mapping
    tables = tuple(
        table.model_copy(update={"columns": tuple(_settle(rule, by_column) for rule in table.columns)})
        for table in mapping.tables
    )
    return mapping.model_copy(update={"tables": tables})


def _settle(rule: ColumnRule, by_column: dict[str, list[Answer]]) -> ColumnRule:
    changes: dict[str, Any] = {}
    said = {fold(word) for word in rule.values}
    for answer in (answer for name in rule.source for answer in by_column.get(fold(name), ())):
        if answer.setting != "values":
            if getattr(rule, answer.setting) is None:
                changes[answer.setting] = answer.answer
        elif fold(answer.value) not in said:
            changes["values"] = {**changes.get("values", rule.values), answer.value: answer.answer}
    return rule.model_copy(update=changes) if changes else rule
