"""The decisions that imports left: each is asked in words, and read as the kernel takes it."""

from __future__ import annotations

from typing import Any

import pytest

from eendracht.kernel.errors import NotFound
from eendracht.kernel.review import Review
from eendracht.kit.i18n import words_of
from eendracht.web.decision_view import find_review, read_answer, view_decisions


def review(code: str, key: str = "k", **details: Any) -> Review:
    """Give a decision."""
    said = {"nl": "Wat is dit?", "en": "What is this?"}
    return Review("gm0344/lijst", "mapping", key, code, 1, said, "lijst.csv", {**said, **details})


def test_values_are_chosen_one_by_one_in_words() -> None:
    asked = review("unknown-value", column="Soort", setting="values", choices=["saas", "true"], values=["Wolk", "A=B"])
    (decision,) = view_decisions([asked], words_of("nl"))
    assert [choice.label for choice in decision.choices] == ["Wolk", "A=B"]
    assert decision.choices[0].options == [("", "(weglaten)"), ("saas", "SaaS"), ("true", "ja")]
    assert read_answer(asked, {"answer.0": ["saas"], "answer.1": [""]}) == "Wolk=saas; A=B="
    assert read_answer(asked, {}) == "Wolk=; A=B="


def test_a_setting_is_chosen_from_sentences() -> None:
    asked = review("ambiguous-dates", column="Dag", setting="dates", choices=["day-first", "month-first"], values=[])
    (decision,) = view_decisions([asked], words_of("en"))
    assert decision.choices[0].options[0] == ("day-first", "the day stands first")
    assert read_answer(asked, {"answer": ["day-first"]}) == "day-first"


def test_two_names_are_the_same_or_different_and_anything_else_is_a_text() -> None:
    same, other = review("same-as", "1"), review("odd", "2")
    decisions = view_decisions([same, other], words_of("en"))
    assert decisions[0].is_same_as and not decisions[0].choices
    assert not decisions[1].is_same_as and decisions[1].choices[0].options == ()
    assert find_review([same, other], decisions[1].id) is other
    with pytest.raises(NotFound):
        find_review([same], decisions[1].id)
    assert read_answer(same, {"answer": [" same "]}) == "same"
