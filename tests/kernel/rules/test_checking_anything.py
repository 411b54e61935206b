"""Checks on any regulations at all: they never raise, and take little time."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.checking import check_library
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.operations import ARTICLE_OPERATIONS
from tests.kernel.rules.law_files import (
    article,
    law,
    operation,
    write,
)


def test_many_articles_and_deep_rules_are_checked_in_time(tmp_path: Path) -> None:
    body = "definitions: {{d{0}: 1}}\nexecution: {{actions: [{{output: x{0}, value: $d{1}}}]}}"
    wide = law("".join(article(body.format(n, (n * 7) % 3000), str(n)) for n in range(3000)), "wide")
    deep = "$d"
    for _ in range(90):
        deep = operation("ADD", "1", deep)
    files = {
        "wide": wide,
        "deep": law(article(f"definitions: {{d: 1}}\nexecution:\n  actions:\n    - output: x\n      value: {deep}")),
    }
    started = time.process_time()
    assert len(Library.load([write(tmp_path, files)]).regulations) == 2
    assert time.process_time() - started < 10


PLACE = ir.Place("x.yaml", 1)
NAMES = st.sampled_from(["x", "y", "z", "bsn", "list", "item", "norm", "referencedate", "nowhere"])
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.sampled_from(["", "text", "2020-01-01"]), st.just([1, "a"]), st.just({})
)
LEAVES = st.one_of(
    st.builds(lambda value: ir.Constant(PLACE, None, value), VALUES),
    st.builds(
        lambda name, path: ir.Reference(PLACE, None, name, path), NAMES, st.sampled_from([(), ("year",), ("a",)])
    ),
)


def _operations(inner: st.SearchStrategy[ir.Expression]) -> st.SearchStrategy[ir.Expression]:
    options = st.fixed_dictionaries(
        {}, optional={"as": NAMES, "combine": st.sampled_from([None, "ADD", "OR"]), "precision": st.just(0)}
    )
    named = st.dictionaries(st.sampled_from(["default", "filter", "years", "body"]), inner, max_size=2)
    names = st.sampled_from([*sorted(ARTICLE_OPERATIONS), "NOT_EQUALS", "COALESCE", "SUBTRACT_DATE", "STATIC", "?"])
    operands = st.lists(inner, max_size=4).map(tuple)
    return st.builds(lambda *parts: ir.Operation(PLACE, None, *parts), names, operands, named, options)


EXPRESSIONS = st.recursive(LEAVES, _operations, max_leaves=12)
KINDS: Any = st.sampled_from(["number", "amount", "boolean", "string", "date", "array", "object", "any"])
UNITS: Any = st.sampled_from(["", "euro", "eurocent", "ratio", "percentage", "years"])


def _field(name: str, kind: Any, unit: Any) -> ir.Field:
    return ir.Field(name, kind, PLACE, unit, required=kind == "string", nullable=unit == "")


@st.composite
def regulations(draw: st.DrawFn) -> ir.Regulation:
    """Draw a regulation that may refer to anything."""

    def article_with(number: str) -> ir.Article:
        source = ir.ArticleSource(draw(NAMES), draw(st.sampled_from(["", "a", "b", "c"])), {"bsn": draw(EXPRESSIONS)})
        return ir.Article(
            number,
            "",
            "",
            PLACE,
            parameters={"bsn": _field("bsn", "string", "")},
            inputs={name: ir.Input(_field(name, draw(KINDS), draw(UNITS)), source) for name in draw(st.sets(NAMES))},
            outputs={name: _field(name, draw(KINDS), draw(UNITS)) for name in draw(st.sets(NAMES, max_size=2))},
            actions=tuple(ir.Action(name, draw(EXPRESSIONS), PLACE) for name in draw(st.lists(NAMES, max_size=3))),
            open_terms={"norm": ir.OpenTerm("norm", draw(KINDS), PLACE, draw(st.booleans()))},
            implements=(ir.Implementation(draw(st.sampled_from("abc")), "1", "norm", "", PLACE),),
            overrides=(ir.Override(draw(st.sampled_from("abc")), "1", draw(NAMES), PLACE),),
            legal_character=draw(st.sampled_from(["", "BESCHIKKING"])),
        )

    return ir.Regulation(
        id=draw(st.sampled_from("ab")),
        name="",
        layer=draw(st.sampled_from(["WET", "", "AMVB"])),
        dialect=draw(st.sampled_from(["exact", "lax"])),
        schema_version="0.8.0",
        place=PLACE,
        sha256="",
        articles=tuple(article_with(str(number)) for number in range(draw(st.integers(0, 3)))),
        valid_from=draw(st.none() | st.dates()),
        valid_to=draw(st.none() | st.dates()),
        jurisdiction=draw(st.sampled_from(["", "GM0001", "PV20"])),
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(regulations(), max_size=5))
def test_checks_never_raise(found: list[ir.Regulation]) -> None:
    faults = check_library(Library(found))
    assert all(fault.pointer and fault.code and fault.nl and fault.en for fault in [*faults.errors, *faults.warnings])
