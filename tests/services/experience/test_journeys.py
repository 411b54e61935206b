"""Counts of journeys against a list that is counted by hand, and intervals against those that were published."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median_low

import pytest

from eendracht.kernel.clock import FixedClock
from eendracht.services.experience.journeys import Share, compare_change, rank_journeys
from eendracht.services.experience.measures import SECONDS, Count, Measures
from eendracht.services.experience.passages import Passage, begin_passage, derive_key, open_passage

NOON = datetime(2026, 11, 2, 11, tzinfo=UTC)
KEY = derive_key("secret of the node")
GM, OTHER = "organisation:gm0344", "organisation:gm0363"


class TestIntervals:
    """Newcombe, Statistics in Medicine 17 (1998): single proportions (857-872, table I), differences (873-890, II)."""

    @pytest.mark.parametrize(
        ("part", "whole", "low", "high"),
        [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
    )
    def test_of_a_share_are_those_of_wilson(self, part: int, whole: int, low: float, high: float) -> None:
        assert Share(part, whole).interval == pytest.approx((low, high), abs=0.00006)

    @pytest.mark.parametrize(
        ("after", "before", "low", "high"),
        [((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090)],
    )
    def test_of_a_difference_are_those_of_newcombe(
        self, after: tuple[int, int], before: tuple[int, int], low: float, high: float
    ) -> None:
        day = date(2026, 11, 10)
        counts = [
            Count(at, "aow", GM, False, name, "", 0, count)
            for at, (done, begun) in ((day - timedelta(days=1), before), (day, after))
            for name, count in (("completed", done), ("begun", begun))
        ]
        found = compare_change(counts, day, day + timedelta(days=1))
        assert found.difference[1:] == pytest.approx((low, high), abs=0.00006)
        assert found.judgement == "better"


def test_a_change_among_few_is_not_judged() -> None:
    day = date(2026, 11, 10)
    counts = [Count(day, "aow", GM, False, "begun", "", 0, 9), Count(day, "aow", GM, False, "completed", "", 0, 9)]
    assert compare_change(counts, day, day + timedelta(days=1)).judgement == "too-few"


class TestPassages:
    def test_come_back_as_they_were_sealed(self) -> None:
        passage = begin_passage("aow", GM, NOON, is_assisted=True).at_step("woonsituatie").asking("inkomen", "huur")
        assert open_passage(passage.seal(KEY), KEY) == passage

    def test_that_were_changed_or_made_up_count_for_nothing(self) -> None:
        text = begin_passage("aow", GM, NOON).seal(KEY)
        for forged in (text[:-4] + "AAAA", "x", "", "é", "A" * 20_000, begin_passage("aow", GM, NOON).seal(b"other")):
            assert open_passage(forged, KEY) is None

    def test_know_a_question_that_is_asked_again(self) -> None:
        passage = begin_passage("aow", GM, NOON).asking("inkomen").asking("inkomen", "huur")
        assert (passage.asked, passage.asked_twice) == (("inkomen", "huur"), 1)

    def test_carry_no_free_text(self) -> None:
        for text in ("Jan de Vries", "a b", "", "1" * 300):
            with pytest.raises(ValueError, match="codes"):
                begin_passage("aow", GM, NOON).at_step(text)


class TestCounts:
    def test_equal_those_of_every_passage_counted_by_hand(self, tmp_path: Path) -> None:
        """600 made-up passages of 5 steps; seed 8."""
        rng, clock = random.Random(8), FixedClock(NOON)
        measures = Measures(tmp_path / "measures.db", clock)
        told: dict[tuple[str, str], list[tuple[int, bool, int, int]]] = {}
        for _ in range(600):
            journey, organisation = rng.choice(["aow", "paspoort"]), rng.choice([GM, OTHER])
            clock.moment = NOON
            passage = begin_passage(journey, organisation, NOON, is_assisted=rng.random() < 0.2)
            stops_at = rng.choice([0, 1, 2, 3, 4, 5, 5, 5])
            seconds = rng.randrange(1, 5_000)
            self.walk(measures, passage, stops_at, clock, seconds)
            told.setdefault((journey, organisation), []).append((stops_at, passage.is_assisted, seconds, 5))
        views = rank_journeys(measures.list_counts(NOON.date(), NOON.date() + timedelta(days=1)))
        assert {(view.journey, view.organisation) for view in views} == set(told)
        assert [view.lost for view in views] == sorted((view.lost for view in views), reverse=True)
        for view in views:
            passages = told[view.journey, view.organisation]
            done = [seconds for stops_at, _, seconds, _ in passages if stops_at == 5]
            assert (view.begun, view.completed) == (len(passages), Share(len(done), len(passages)))
            assert view.assisted == sum(assisted for _, assisted, _, _ in passages)
            assert view.median_seconds is not None and view.mean_questions == 5
            low, high = view.median_seconds
            assert low < median_low(done) <= (high or max(done)) and (high in SECONDS or high is None)
            for step in view.steps:
                number = int(step.step.removeprefix("step-"))
                reached = [stops_at for stops_at, _, _, _ in passages if stops_at >= number]
                assert step.reached == len(reached)
                assert step.dropped.part == sum(stops_at == number for stops_at in reached)

    def walk(self, measures: Measures, passage: Passage, stops_at: int, clock: FixedClock, seconds: int) -> None:
        measures.note_begin(passage)
        for number in range(5):
            passage = passage.at_step(f"step-{number}").asking(f"fact-{number}")
            measures.note_step(passage)
            measures.note_step(passage)  # The page is loaded again: it counts once.
            if number == stops_at:
                return
            measures.note_answer(passage)
        clock.moment = NOON + timedelta(seconds=seconds)
        measures.note_end(passage)

    def test_of_other_organisations_are_left_out(self, tmp_path: Path) -> None:
        measures = Measures(tmp_path / "measures.db", FixedClock(NOON))
        for organisation in (GM, OTHER):
            measures.note_begin(begin_passage("aow", organisation, NOON))
        counts = measures.list_counts(NOON.date(), NOON.date() + timedelta(days=1), [GM])
        assert [count.organisation for count in counts] == [GM]

    def test_are_there_after_the_process_died(self, tmp_path: Path) -> None:
        Measures(tmp_path / "measures.db", FixedClock(NOON)).note_begin(begin_passage("aow", GM, NOON))
        again = Measures(tmp_path / "measures.db", FixedClock(NOON))
        assert [count.count for count in again.list_counts(NOON.date(), NOON.date() + timedelta(days=1))] == [1]

    def test_hold_no_moment_and_no_passage(self, tmp_path: Path) -> None:
        passage = begin_passage("aow", GM, NOON)
        measures = Measures(tmp_path / "measures.db", FixedClock(NOON))
        measures.note_begin(passage)
        measures.close()
        content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert passage.number.encode() not in content and b"11:00" not in content
        assert str(passage.began).encode() not in content

    def test_of_effort_tell_few_from_many(self, tmp_path: Path) -> None:
        measures = Measures(tmp_path / "measures.db", FixedClock(NOON))
        for number in range(12):
            passage = begin_passage("aow" if number < 9 else "paspoort", GM, NOON)
            measures.note_effort(passage, 2 + number % 2)
            measures.note_effort(passage, 7)  # A second score of one passage does not count.
        views = {view.journey: view for view in rank_journeys(measures.list_counts(date(2026, 11, 2), date.max))}
        assert views["aow"].effort is None and views["aow"].efforts == 9
        with pytest.raises(ValueError, match="1 to 7"):
            measures.note_effort(begin_passage("aow", GM, NOON), 8)
