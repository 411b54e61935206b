"""YAML with the line of everything, and what is refused: hostile, oversized or ambiguous files."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from fractions import Fraction
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from eendracht.kernel.errors import Fault
from eendracht.kernel.rules.document import MAXIMUM_BYTES, Faults, Mapping, entries, items_of, read_document


def read(text: str | bytes, **options: Any) -> tuple[Mapping | None, list[Fault]]:
    """Read a document; gives it and its faults."""
    faults = Faults("law.yaml")
    found = read_document(text.encode() if isinstance(text, str) else text, "law.yaml", faults, **options)
    return found, faults.errors


def value(text: str, **options: Any) -> Any:
    """Read one value."""
    found, faults = read(f"key: {text}", **options)
    assert found is not None and not faults, faults
    return found["key"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1),
        ("-0.25", Fraction(-1, 4)),
        ("1e3", 1000),
        ("1.0", 1),
        ("0x10", 16),
        ("0o17", 15),
        ("true", True),
        ("yes", "yes"),
        ("'1'", "1"),
        ('"true"', "true"),
        ("2025-01-01", "2025-01-01"),
        ("~", None),
        ("", None),
        ("''", ""),
        ("'null'", "null"),
        ("1.2.3", "1.2.3"),
        ("-", "-"),
        ("0.1", Fraction(1, 10)),
        ("0012", 12),
    ],
)
def test_scalars_follow_yaml_1_2_and_numbers_are_exact(text: str, expected: Any) -> None:
    found = value(text) if text != "-" else value("'-'")
    assert found == expected and type(found) is type(expected)


def test_yaml_1_1_and_leading_zeros_on_request() -> None:
    assert value("yes", version="1.1") is True
    assert value("0012", keeps_leading_zeros=True) == "0012"


def test_everything_knows_its_line() -> None:
    found, _ = read("a: 1\nb:\n  - x\n  -\n    c: 2\n    d: {e: 3}\n")
    assert found is not None
    assert [(key, str(place), place.path) for key, _, place in entries(found, "f", "")] == [
        ("a", "f:1", "a"),
        ("b", "f:2", "b"),
    ]
    items = list(items_of(found["b"], "f", "b"))
    assert [(str(place), place.path) for _, place in items] == [("f:3", "b[0]"), ("f:5", "b[1]")]
    assert items[1][0].lines == {"c": 5, "d": 6}
    assert items[1][0]["d"].line == 6


REFUSED = {
    "a duplicate key": (b"a: 1\nb: 2\na: 3", "duplicate-key", 3),
    "a duplicate key deep inside": (b"a:\n  - b: 1\n    b: 2", "duplicate-key", 3),
    "an empty key": (b"a: 1\n'': 2", "duplicate-key", 2),
    "a list as key": (b"a: 1\n? [x]\n: 2", "duplicate-key", 2),
    "code by a tag": (b"a: !!python/object/apply:os.system ['true']", "tag-in-law", 1),
    "a tag that changes a type": (b"a: 1\nb: !!str 42", "tag-in-law", 2),
    "a tag of one's own": (b"a:\n  - !thing {x: 1}", "tag-in-law", 2),
    "an alias": (b"a: &x 1\nb: *x", "alias-in-law", 2),
    "an alias to itself": (b"a: &x\n  b: *x", "alias-in-law", 2),
    "a merge key": (b"base: &x {a: 1}\nlaw:\n  <<: *x", "alias-in-law", 3),
    "two documents": (b"a: 1\n---\nb: 2", "several-documents", 2),
    "a NUL byte": (b"a: 1\nb: \0", "not-text", 2),
    "no UTF-8": (b"a: 1\nb: 2\nc: caf\xe9", "not-text", 3),
    "UTF-16": ("a: 1".encode("utf-16"), "not-text", 1),
    "a control character": (b"a: \x07", "unreadable-law", 1),
    "a broken quote": (b"a: 'x\nb: 2\n", "unreadable-law", 3),
    "a wrong indentation": (b"a: 1\n  b: 2", "unreadable-law", 2),
    "a list": (b"- a", "not-a-law", 1),
    "a text": (b"law", "not-a-law", 1),
    "nothing": (b"", "not-a-law", 1),
    "only a comment": (b"# law", "not-a-law", 1),
    "a number that fills the memory": (b"a: 1\nb: 1e999999999", "malformed-number", 2),
    "a number that is nearly nothing": (b"a: 1e-999999999", "malformed-number", 1),
    "a number of a thousand digits": (b"a: " + b"9" * 1000, "malformed-number", 1),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_says_where_and_why(name: str) -> None:
    data, code, line = REFUSED[name]
    _, faults = read(data)
    assert [(fault.code, fault.pointer.split(" ")[0]) for fault in faults] == [(code, f"law.yaml:{line}")]
    assert faults[0].hint and faults[0].nl


def test_faults_come_at_once_with_their_path() -> None:
    _, faults = read(b"a:\n  b: [1, {c: 1, c: 2}]\n  d: !x 1\n  b: 3")
    assert [(fault.pointer, fault.code) for fault in faults] == [
        ("law.yaml:2 › a.b[1].c", "duplicate-key"),
        ("law.yaml:3 › a.d", "tag-in-law"),
        ("law.yaml:4 › a.b", "duplicate-key"),
    ]


def test_an_anchor_that_nothing_refers_to_means_nothing() -> None:
    assert read("a: &x {b: 1}")[0] == {"a": {"b": 1}}


BOMBS = {
    "a billion laughs": b"a0: &a0 lol\n"
    + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 12)),
    "a hundred thousand aliases": b"a: &x 1\nb: [" + b"*x," * 100_000 + b"]",
    "a hundred thousand tags": b"a: [" + b"!x 1," * 100_000 + b"]",
    "a million brackets": b"a: " + b"[" * 1_000_000,
    "deep in block style": b"".join(b" " * n + b"a:\n" for n in range(2_000)),
    "deep in lists of one": b"a:\n" + b"- " * 100_000 + b"x",
    "four million items": b"a: [" + b"x," * 4_000_000 + b"]",
    "fifty megabytes": b"a: " + b"x" * 50_000_000,
    "a million duplicate keys": b"a: 1\n" * 1_000_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_soon(name: str) -> None:
    started = time.process_time()
    found, faults = read(BOMBS[name])
    assert time.process_time() - started < 5
    assert faults and len(faults) <= 52
    assert found is None or name == "a billion laughs"
    if name == "fifty megabytes":
        assert faults[0].code == "law-too-large" and str(MAXIMUM_BYTES // 1024**2) in faults[0].en


def test_a_bomb_takes_little_memory() -> None:
    program = (
        "import resource, sys\n"
        "from eendracht.kernel.rules.document import Faults, read_document\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "read_document(b'a: [' + b'[],' * 4_000_000 + b']', 'x', Faults('x'))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert int(done.stdout) < 300_000, "kilobytes"


TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_characters="\x7f\ufeff"), max_size=20)
KEYS = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
DOCUMENTS = st.dictionaries(
    KEYS,
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**30), 10**30) | TEXTS,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
        max_leaves=15,
    ),
    max_size=5,
)


@given(DOCUMENTS, st.booleans())
def test_a_document_comes_back_as_it_was_written(document: dict[str, Any], is_flow: bool) -> None:
    # PyYAML writes texts such as 1e3 without quotes, which YAML 1.2 reads as numbers: all texts are quoted here.
    text = yaml.dump(document, Dumper=_Quoting, default_flow_style=is_flow, allow_unicode=True)
    found, faults = read(text)
    assert not faults
    assert found == document


class _Quoting(yaml.SafeDumper):
    pass


_Quoting.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))
_Quoting.ignore_aliases = lambda *_: True  # type: ignore[method-assign, assignment]


@given(st.binary(max_size=200))
def test_reading_anything_never_raises(data: bytes) -> None:
    found, faults = read(data)
    assert found is not None or faults
