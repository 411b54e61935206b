"""A form that a program fills in: the state in, the next question or the result out; nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.kinds.fields import Day
from eendracht.kernel.rules.answer import NOTICE
from eendracht.kernel.rules.facts import Register
from eendracht.kernel.rules.library import Library
from eendracht.kernel.validation import validate
from eendracht.services.forms.answers import LONGEST, UNKNOWN, read_value
from eendracht.services.forms.extracts import Dossier
from eendracht.services.forms.facts import MYSELF, Ask, parse_control
from eendracht.services.forms.form import benefits_for, next_step
from eendracht.services.forms.plain import describe_step
from eendracht.services.forms.state import MOST_ANSWERS, State
from eendracht.services.forms.views import view_question

MOST_ROWS: Final = 200
_Text = Annotated[str, StringConstraints(max_length=LONGEST)]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Answers = Annotated[dict[_Name, _Text], Field(max_length=MOST_ANSWERS)]


class _Shape(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, use_attribute_docstrings=True)


class RegisterRows(_Shape):
    """Rows of a register that the caller may use for this person."""

    name: _Name
    key: _Name = "bsn"
    """The column by which a person is found; the laws on persons call it `bsn`, whatever is in it."""
    rows: Annotated[tuple[dict[str, Any], ...], Field(max_length=MOST_ROWS)]


class FormRequest(_Shape):
    """The state of a form."""

    name: _Name
    """What it is about: a benefit (`zorgtoeslag`), a UPL term or URI, or a life event (`child-born`)."""
    date: Day | SkipJsonSchema[None] = None
    """Day on which the laws are asked; today where it is left out."""
    answers: _Answers = {}
    """What was answered, by `control`: as people type it; `?` for not known, `-` for none."""
    claims: _Answers = {}
    """What was stated against a register, by `control`."""
    registers: Annotated[tuple[RegisterRows, ...], Field(max_length=20)] = ()
    subject: Annotated[str, StringConstraints(max_length=100)] = MYSELF
    """The key of the person in the rows of the registers."""

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if sum(len(register.rows) for register in self.registers) > MOST_ROWS:
            raise PydanticCustomError("too_many_rows", "the registers hold more than 200 rows together", {})
        return self


def read_form_request(content: Any) -> FormRequest:
    """Read the body; raises InvalidInput with every fault."""
    request, faults = validate(FormRequest, content)
    if request is None or faults:
        raise InvalidInput(f"The request has {len(faults)} fault(s)", faults=faults)
    return request


def answer_form(library: Library, request: FormRequest, today: date) -> dict[str, Any]:
    """Give the next question or the result; raises NotFound, and InvalidInput with every answer that is wrong."""
    benefits = benefits_for(request.name)
    on = request.date or today
    faults: list[Fault] = []
    answers = _read(request.answers, "answers", library, today, faults)
    claims = _read(request.claims, "claims", library, today, faults)
    if faults:
        raise InvalidInput(f"{len(faults)} answer(s) cannot be read", faults=faults)
    registers = tuple(Register(item.name, item.key, item.rows) for item in request.registers)
    state = State(on, answers, claims)
    form = state.form(benefits, Dossier(registers, request.subject), library)
    step = next_step(library, form)
    view = view_question(step.question, state, library) if step.question else None
    notice = {"nl": NOTICE.nl, "en": NOTICE.en}
    return {"date": on.isoformat(), **describe_step(step, view, form.facts, library), "notice": notice}


def _read(texts: Mapping[str, str], part: str, library: Library, today: date, faults: list[Fault]) -> dict[Ask, str]:
    found: dict[Ask, str] = {}
    for control, text in texts.items():
        ask = parse_control(control)
        pointer = f"/{part}/{control[:80]}"
        if ask is None:
            nl, en = "Dit gegeven vraagt geen wet", "No law asks for this fact"
            faults.append(Fault(pointer, "no-such-fact", nl, en, "Use the control that a question gave."))
            continue
        fault = None if text == UNKNOWN else read_value(ask, text, library, today)[1]
        if fault is not None:
            faults.append(Fault(pointer, fault.code, fault.nl, fault.en))
        found[ask] = text
    return found
