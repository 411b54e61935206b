"""How deep a body is, before anything is made of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eendracht.kernel.errors import UsageFault
from eendracht.kit.body import DEEPEST, _depth, parse_object

TEXTS = st.text(alphabet='"\\{}[]a\n', max_size=8)
VALUES = st.recursive(TEXTS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3))


def count_depth(value: Any) -> int:
    """Count it on the value itself."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inside is None else 1 + max((count_depth(item) for item in inside), default=0)


@given(st.dictionaries(TEXTS, VALUES, max_size=3))
def test_depth_is_that_of_the_value_whatever_its_texts_hold(value: dict[str, Any]) -> None:
    for body in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        assert _depth(body.encode()) == count_depth(value)
        assert parse_object(body.encode()) == value


def test_what_is_too_deep_is_refused_and_a_long_text_is_not() -> None:
    def nest(times: int) -> bytes:
        return b'{"a":' * times + b"1" + b"}" * times

    assert parse_object(nest(DEEPEST))
    with pytest.raises(UsageFault):
        parse_object(nest(DEEPEST + 1))
    assert parse_object(json.dumps({"a": "[" * 1_000 + '\\"{'}).encode())
