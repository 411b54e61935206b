"""Measuring the door: what counts, which lines are bad, and that the test split is the one that was set."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from eendracht.kernel.errors import InvalidInput
from eendracht.services.door.evaluation import Question, measure, read_questions
from eendracht.services.door.finder import open_reference_door

HERE = Path(__file__).parent


def test_every_bad_line_is_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "vragen.jsonl"
    lines = [
        '{"q": "paspoort", "upl": ["paspoort"], "more": 1}',
        "{",
        "[]",
        '{"q": " ", "upl": "x"}',
        '{"q": "a", "upl": ["?"]}',
    ]
    file.write_text("\n\n".join(lines))
    with pytest.raises(InvalidInput) as caught:
        read_questions(file)
    places = [fault.pointer.partition(" › ")[2] for fault in caught.value.faults]
    assert places == ["line 3", "line 5", "line 7 › q", "line 7 › upl", "line 9 › upl"]
    file.write_text("")
    with pytest.raises(InvalidInput):
        read_questions(file)


def test_a_refusal_in_scope_is_a_miss() -> None:
    door = open_reference_door()
    questions = [
        Question("paspoort", ("paspoort",)),
        Question("xqzv wrtk plmf", ("paspoort",)),
        Question("asdfghjkl", ()),
        Question("paspoort", ()),
    ]
    found = measure(door, questions)
    assert (found.top_1, found.top_5, found.abstained, found.n) == (0.5, 0.5, 0.5, 4)
    assert set(found.as_dict()) == {"top_1", "top_5", "abstained", "p95_ms", "n"}
    assert measure(door, questions[:1]).abstained is None


def test_the_test_split_is_the_one_that_was_set() -> None:
    said = (HERE / "utterances_test.sha256").read_text().split()[0]
    assert sha256((HERE / "utterances_test.jsonl").read_bytes()).hexdigest() == said


def test_the_tune_split_comes_out_as_it_was_fitted() -> None:
    found = measure(open_reference_door(), read_questions(HERE / "utterances_tune.jsonl"))
    print(json.dumps(found.as_dict()))
    assert found.top_1 is not None and found.top_1 >= 0.78
    assert found.top_5 is not None and found.top_5 >= 0.9
    assert found.abstained is not None and found.abstained >= 0.9
