"""Forms made from the shape of a kind: which controls, what stands in them, and what somebody typed as content.

A form is flat, as browsers send it: dotted names with lists of texts, `spec.ownerships.0.share` -> `["51"]`. Everything
works on that form of it, so that a form that comes back with faults shows what was typed, letter for letter. A name is
the JSON Pointer of the same place with points for slashes, and so a fault finds its control.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from eendracht.kernel.errors import Fault
from eendracht.kernel.kinds.fields import Relation

Posted = Mapping[str, Sequence[str]]
"""What a browser sends: every name with its values."""

_LONG_TEXT: Final = 500
"""Characters above which a text gets several lines."""
_BLANKS: Final = " \t\r\n"
_EURO: Final = re.compile(r"(?P<whole>\d{1,16}|\d{1,3}(?:\.\d{3})+)(?:[,.](?P<cents>\d{1,2}))?", re.ASCII)


class Control(Enum):
    """How a field is asked for."""

    TEXT = "text"
    PARAGRAPH = "paragraph"
    LINES = "lines"
    """A text, a number or a date on each line."""
    NUMBER = "number"
    MONEY = "money"
    """An amount in euro; the content holds whole eurocents."""
    DATE = "date"
    CHOICE = "choice"
    CHOICES = "choices"
    """Any of the options."""
    REF = "ref"
    REFS = "refs"
    """A ref on each line."""
    PART = "part"
    """Fields of its own."""
    PARTS = "parts"
    """Rows, each with fields of its own."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a kind says of one field: `name` as in JSON, `about` in English from its docstring."""

    name: str
    control: Control
    is_required: bool = False
    options: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    """Kinds that a ref may point at; empty for any."""
    default: str = ""
    """What a control shows where nothing is filled in."""
    most: int | None = None
    """Characters of a text, or rows."""
    about: str = ""
    parts: tuple[Shape, ...] = ()
    holds_numbers: bool = False
    """Whether each line is a number."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One control on the page: what stands in it and what is wrong with it; `rows` are the fields of its parts."""

    shape: Shape
    name: str
    values: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    rows: tuple[tuple[FormField, ...], ...] = ()
    id: str = field(default="")

    @property
    def value(self) -> str:
        """The text in a control that holds one."""
        return self.values[0] if self.values else ""

    @property
    def is_long(self) -> bool:
        """Whether a text needs a control of several lines; one of a single line would drop its line breaks."""
        return self.shape.control is Control.PARAGRAPH or "\n" in self.value

    @property
    def lines(self) -> str:
        """The text in a control that holds one value a line."""
        return "\n".join(self.values)


# -- what a kind asks -----------------------------------------------------------------------------------------------


@cache
def shape_form(model: type[BaseModel]) -> tuple[Shape, ...]:
    """Give the shapes of all fields of a model, in its order."""
    return tuple(_shape(info.alias or name, info) for name, info in model.model_fields.items())


def _shape(name: str, info: FieldInfo) -> Shape:
    default = info.get_default(call_default_factory=True)
    given = {
        "name": name,
        "is_required": info.is_required(),
        "about": info.description or "",
        "default": _print_default(default) if not info.is_required() else "",
    }
    return _read_annotation(info.annotation, list(info.metadata), given)


def _print_default(value: Any) -> str:
    if value is None or isinstance(value, tuple | BaseModel):
        return ""
    return _print(value)


def _read_annotation(annotation: Any, marks: list[Any], given: dict[str, Any]) -> Shape:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _read_annotation(arguments[0], [*arguments[1:], *marks], given)
    if origin in (Union, UnionType):
        (inner,) = (argument for argument in arguments if argument is not NoneType)
        return _read_annotation(inner, marks, given)
    if origin is Literal:
        return Shape(control=Control.CHOICE, options=tuple(map(str, arguments)), **given)
    if origin is tuple:
        item = _read_annotation(arguments[0], [], given)
        return _several(item, _bound(marks))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Shape(control=Control.PART, parts=shape_form(annotation), **given)
    if annotation is bool:
        return Shape(control=Control.CHOICE, options=("true", "false"), **given)
    if annotation is date:
        return Shape(control=Control.DATE, **given)
    if annotation is int and is_money(given["name"]):
        return Shape(control=Control.MONEY, **given)
    if annotation in (int, Decimal):
        return Shape(control=Control.NUMBER, **given)
    relation = next((mark for mark in marks if isinstance(mark, Relation)), None)
    if relation is not None:
        return Shape(control=Control.REF, targets=relation.targets, **given)
    most = _bound(marks)
    control = Control.PARAGRAPH if most is not None and most > _LONG_TEXT else Control.TEXT
    return Shape(control=control, most=most, **given)


def name_control(prefix: str, shape: Shape) -> str:
    """Give the name of a control; without a prefix it stands at the top of the content."""
    return f"{prefix}.{shape.name}" if prefix else shape.name


_SEVERAL: Final = {
    Control.CHOICE: Control.CHOICES,
    Control.REF: Control.REFS,
    Control.PART: Control.PARTS,
    Control.TEXT: Control.LINES,
    Control.PARAGRAPH: Control.LINES,
    Control.NUMBER: Control.LINES,
    Control.DATE: Control.LINES,
}


def _several(item: Shape, most: int | None) -> Shape:
    return Shape(
        name=item.name,
        control=_SEVERAL[item.control],
        is_required=item.is_required,
        options=item.options,
        targets=item.targets,
        most=most,
        about=item.about,
        parts=item.parts,
        holds_numbers=item.control is Control.NUMBER,
    )


def _bound(marks: Sequence[Any]) -> int | None:
    for mark in marks:
        bound = mark.max_length if isinstance(mark, StringConstraints) else getattr(mark, "max_length", None)
        if bound is not None:
            return int(bound)
    return None


# -- content to form ------------------------------------------------------------------------------------------------


def fill_form(shapes: Sequence[Shape], content: Mapping[str, Any], prefix: str) -> dict[str, list[str]]:
    """Give content as a browser would send it back unchanged."""
    posted: dict[str, list[str]] = {}
    for shape in shapes:
        if shape.name in content:
            posted.update(_fill(shape, content[shape.name], name_control(prefix, shape)))
        elif shape.control is not Control.PART and shape.default:
            posted[name_control(prefix, shape)] = [shape.default]
    return posted


def _fill(shape: Shape, value: Any, name: str) -> dict[str, list[str]]:
    if shape.control is Control.PART:
        return fill_form(shape.parts, value or {}, name)
    if shape.control is Control.PARTS:
        rows = (fill_form(shape.parts, row, f"{name}.{at}") for at, row in enumerate(value))
        return {key: values for row in rows for key, values in row.items()}
    if shape.control in (Control.LINES, Control.REFS):
        return {name: ["\n".join(map(str, value))]}
    if shape.control is Control.CHOICES:
        return {name: list(value)}
    if shape.control is Control.MONEY and isinstance(value, int) and value >= 0:
        return {name: [_print_euro(value)]}
    return {name: ["" if value is None else _print(value)]}


def is_money(name: str) -> bool:
    """Tell whether a field holds an amount in eurocent, which people read and write in euro."""
    return name.endswith("Eurocent")


def _print_euro(eurocent: int) -> str:
    return f"{eurocent // 100},{eurocent % 100:02}" if eurocent % 100 else str(eurocent // 100)


def _read_euro(text: str) -> str:
    """Give an amount as eurocents; what is no amount stays as it is, so that the kind says what is wrong with it."""
    match = _EURO.fullmatch(text.replace("€", "").replace(" ", ""))
    if match is None:
        return text
    whole, cents = match["whole"].replace(".", ""), (match["cents"] or "").ljust(2, "0")
    return str(int(whole) * 100 + int(cents))


def _print(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def can_hold(shape: Shape, value: Any) -> bool:
    """Tell whether a form gives the value back as it is: a text with a line break does not fit on one of many lines."""
    if shape.control in (Control.LINES, Control.REFS):
        return not any("\n" in item or "\r" in item for item in value)
    if shape.control is Control.PARTS:
        return all(_part_can_hold(shape, row) for row in value)
    if shape.control is Control.PART:
        return _part_can_hold(shape, value or {})
    return "\r" not in str(value)


def _part_can_hold(shape: Shape, content: Mapping[str, Any]) -> bool:
    return all(can_hold(part, content[part.name]) for part in shape.parts if part.name in content)


# -- form to content ------------------------------------------------------------------------------------------------


def read_form(shapes: Sequence[Shape], posted: Posted, prefix: str) -> dict[str, Any]:
    """Give what was typed as content, ready to be validated; what was left empty is left out.

    Numbers and dates stay text: the kind reads them, and says what is wrong with them.
    """
    content = {}
    for shape in shapes:
        value = _read(shape, posted, name_control(prefix, shape))
        if value not in (None, "", [], {}):
            content[shape.name] = value
    return content


def _read(shape: Shape, posted: Posted, name: str) -> Any:
    if shape.control is Control.PART:
        return None if _is_blank(shape.parts, posted, name) else read_form(shape.parts, posted, name)
    if shape.control is Control.PARTS:
        return [read_form(shape.parts, posted, row) for row in _filled_rows(shape, posted, name)]
    values = posted.get(name, ())
    if shape.control in (Control.LINES, Control.REFS):
        lines = [line.strip(_BLANKS) for text in values for line in text.split("\n") if line.strip(_BLANKS)]
        return [_read_number(line) for line in lines] if shape.holds_numbers else lines
    if shape.control is Control.CHOICES:
        return [value for value in values if value]
    text = _first(values).replace("\r\n", "\n")
    if shape.control not in (Control.TEXT, Control.PARAGRAPH):
        text = text.strip(_BLANKS)
    if shape.control is Control.CHOICE and shape.options == ("true", "false") and text in shape.options:
        return text == "true"
    if shape.control is Control.MONEY:
        return _read_euro(text)
    if shape.control is Control.NUMBER:
        return _read_number(text)
    return text


def _read_number(text: str) -> str:
    """Give Dutch decimals with a point: a comma is never a mark of thousands here."""
    return text.replace(",", ".") if text.count(",") == 1 and "." not in text else text


def _first(values: Sequence[str]) -> str:
    return values[0] if values else ""


def _is_blank(shapes: Sequence[Shape], posted: Posted, prefix: str) -> bool:
    """Tell whether nothing was filled in but what stood there to begin with."""
    for shape in shapes:
        name = name_control(prefix, shape)
        if shape.control is Control.PART:
            if not _is_blank(shape.parts, posted, name):
                return False
        elif shape.control is Control.PARTS:
            if any(_filled_rows(shape, posted, name)):
                return False
        elif "\n".join(posted.get(name, ())).strip(_BLANKS) not in ("", shape.default):
            return False
    return True


def _row_numbers(posted: Posted, name: str) -> list[int]:
    start = f"{name}."
    texts = {key[len(start) :].partition(".")[0] for key in posted if key.startswith(start)}
    # Bounded, so that nobody makes the server count to a number that was typed.
    return sorted({int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 6})


def _filled_rows(shape: Shape, posted: Posted, name: str) -> Iterator[str]:
    for number in _row_numbers(posted, name):
        row = f"{name}.{number}"
        if not _is_blank(shape.parts, posted, row):
            yield row


# -- form to page ---------------------------------------------------------------------------------------------------


def lay_out(
    shapes: Sequence[Shape], posted: Posted, faults: Sequence[Fault], prefix: str, *, more: str = ""
) -> tuple[FormField, ...]:
    """Give the controls with what stands in them and what is wrong.

    Empty rows are left out and one is added at the end, two where `more` names the rows. The numbers of rows are those
    in the content that `read_form` gives, and so in the pointers of the faults.
    """
    return tuple(
        _lay_out(shape, posted, faults, name_control(prefix, shape), name_control(prefix, shape), more)
        for shape in shapes
    )


def _lay_out(shape: Shape, posted: Posted, faults: Sequence[Fault], given: str, name: str, more: str) -> FormField:
    """`given` is the name under which it was sent, `name` the one that it gets."""
    own = tuple(fault for fault in faults if _belongs(shape, fault.pointer, name))
    identifier = name.replace(".", "-")
    if shape.control is Control.PART:
        inner = tuple(_lay_out(p, posted, faults, f"{given}.{p.name}", f"{name}.{p.name}", more) for p in shape.parts)
        return FormField(shape, name, (), own, (inner,), identifier)
    if shape.control is Control.PARTS:
        sent = [*_filled_rows(shape, posted, given), *[""] * (2 if more == name else 1)]
        rows = tuple(
            tuple(
                _lay_out(p, posted, faults, f"{row or given + '.new'}.{p.name}", f"{name}.{at}.{p.name}", more)
                for p in shape.parts
            )
            for at, row in enumerate(sent)
        )
        return FormField(shape, name, (), own, rows, identifier)
    values: Sequence[str] = posted.get(given, [shape.default] if shape.default else [])
    if shape.control in (Control.LINES, Control.REFS):
        values = [line.rstrip("\r") for text in values for line in text.split("\n")]
    return FormField(shape, name, tuple(values), own, (), identifier)


def _belongs(shape: Shape, pointer: str, name: str) -> bool:
    """Tell whether a fault is shown here: of this control or a line in it, not of a field with its own control."""
    here = "/" + name.replace(".", "/")
    if shape.control in (Control.LINES, Control.REFS, Control.CHOICES):
        return pointer == here or pointer.startswith(here + "/")
    return pointer == here


def list_fields(fields: Sequence[FormField]) -> Iterator[FormField]:
    """Yield every control in the order of the page, those of parts included."""
    for item in fields:
        yield item
        for row in item.rows:
            yield from list_fields(row)
