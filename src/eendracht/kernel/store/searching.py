"""Searching in words: ranked pages, counts per facet, and what may have been meant.

What the asker may not see takes no part in anything here: not in the rank of the rest, not in a count, not in a
suggestion. That is why the rank uses no statistics of the whole collection, as bm25 of FTS5 would.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, product
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.records import Level, Record
from eendracht.kernel.store.driver import Connection
from eendracht.kernel.store.index import Described, Reach, Term, TextIndex
from eendracht.kernel.store.reading import Page, Query, conditions

if TYPE_CHECKING:
    from eendracht.kernel.store.columns import Answers, ColumnKeeper, Positions
    from eendracht.kernel.store.sight import FacetTable

RANKED: Final = 1_000
"""How many answers are ranked; those beyond come newest first."""
MOST_SUGGESTIONS: Final = 5

_SATURATION = 1.2
_LENGTH_SHARE = 0.75
_WEIGHTS: Final = (8.0, 4.0, 1.0)
_OTHER_FORM = 0.7
_WHOLE_NAME = 100.0
_MOST_COMBINATIONS = 50


@dataclass(frozen=True, slots=True)
class Facets:
    """How many records answer, in all and per value of each facet; values that nobody has are left out."""

    total: int
    kind: dict[str, int]
    owner: dict[str, int]
    source: dict[str, int]
    lifecycle: dict[str, int]
    level: dict[str, int]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What may have been meant: another text to search for, or a kind to list; it leads to something visible."""

    text: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The answer to a question in words."""

    page: Page
    facets: Facets
    suggestions: tuple[Suggestion, ...]
    """Only where nothing was found for the text as it was typed."""
    jump: Record | None
    """The record that the text names by ref or uid; the page then holds that one alone."""
    corrected: str = ""
    """The text to which page and facets belong where nothing was found for the text as it was typed."""


@dataclass(frozen=True, slots=True)
class _Answered:
    terms: tuple[Term, ...]
    answers: Answers
    table: FacetTable


@dataclass(frozen=True)
class Searching:
    """One asker's search on one day, over one connection; page and counts share what was found."""

    connection: Connection
    text: TextIndex
    columns: ColumnKeeper
    asker: Principal
    day: str
    _answered: dict[Query, _Answered] = field(default_factory=dict)

    # -- pages ----------------------------------------------------------------------------------------------------

    def list_positions(self, query: Query) -> tuple[list[int], str]:
        """Give the positions of one page, best first, and what continues it.

        `after` counts the answers of the pages before, so a write in between can shift the next page. Raises
        InvalidInput for an `after` that no page gave.
        """
        start = _read_offset(query.after)
        end = start + query.limit
        with self.connection.reading():
            answered = self._answer(query)
            terms, answers = answered.terms, answered.answers
            total = len(answers.positions)
            first = None
            if total > RANKED:
                # Where all are ranked, it does not matter which of them come first.
                first = self._match(terms, Reach.NAMED)
            newest = answers.order(first)
            page = self._rank(terms, newest[:RANKED].tolist(), end)[start:] if start < RANKED else []
            page += newest[max(start, RANKED) : end].tolist()
        return page, str(end) if total > end else ""

    def _answer(self, query: Query) -> _Answered:
        """Find everything that answers; call it first within `connection.reading()`."""
        asked = replace(query, after="", limit=0)
        known = self._answered.get(asked)
        if known is None:
            columns = self.columns.follow(self.connection)
            terms = self.text.parse(self.connection, query.text)
            found = self._match(terms, Reach.ANYWHERE) if terms else None
            table = self.columns.look(self.connection, columns)
            seen = table.narrow(table.see(self.asker), _wanted(query))
            if query.text and not terms:
                # A text without a word in it finds nothing; no text finds everything.
                seen[:] = False
            known = self._answered[asked] = _Answered(terms, columns.select(self.day, seen, found), table)
        return known

    def _match(self, terms: Sequence[Term], reach: Reach) -> Positions:
        from eendracht.kernel.store.columns import query_positions

        matching, expression = self.text.match(terms, reach)
        return query_positions(self.connection, matching, (expression,))

    def _rank(self, terms: Sequence[Term], found: Sequence[int], count: int) -> list[int]:
        """Give the best `count` of what was found, best first, and by ref what is equally good."""
        scores = score_documents(terms, self.text.describe(self.connection, found))
        best = sorted(scores.values(), reverse=True)[:count]
        # Names are looked up of those that can be on the page only.
        chosen = [rv for rv, score in scores.items() if score >= best[-1]] if best else []
        rows = self.connection.query(
            f"SELECT s.rv, s.ref FROM segment s WHERE {self.connection.among('s.rv')}"
            " AND s.valid_from <= ? AND s.valid_until > ?",
            (self.connection.bind_list(chosen), self.day, self.day),
        )
        return [rv for _, _, rv in sorted((-scores[rv], ref, rv) for rv, ref in rows)][:count]

    # -- counts ---------------------------------------------------------------------------------------------------

    def count_facets(self, query: Query) -> Facets:
        """Count the answers per kind, owner, source, lifecycle and level; `after` and `limit` do not matter."""
        with self.connection.reading():
            answered = self._answer(query)
        kind, owner, source, lifecycle, level = answered.table.count(answered.answers.numbers)
        lifecycle.pop("", None)
        levels = {Level(number).name.lower(): count for number, count in level.items()}
        return Facets(len(answered.answers.positions), kind, owner, source, lifecycle, levels)

    # -- suggestions ----------------------------------------------------------------------------------------------

    def list_suggestions(self, query: Query, kinds: Iterable[str]) -> tuple[Suggestion, ...]:
        """Give what may have been meant by a text that found nothing, and the kinds of which it may be the name."""
        terms = self.text.parse(self.connection, query.text)
        texts = islice(self._list_texts(terms, query), MOST_SUGGESTIONS)
        return (*(Suggestion(text=text) for text in texts), *self._list_kinds(terms, query, kinds))

    def _list_texts(self, terms: Sequence[Term], query: Query) -> Iterator[str]:
        choices = [self._list_choices(term) for term in terms]
        if all(choice == [term.word] for choice, term in zip(choices, terms, strict=True)):
            # Every word is known, but not together: offer what is left without one of them.
            words = [term.word for term in terms]
            attempts = [words[:i] + words[i + 1 :] for i in range(len(words))] if len(words) > 1 else []
        else:
            attempts = [list(words) for words in islice(product(*filter(None, choices)), _MOST_COMBINATIONS)]
        for words in attempts:
            if words and self._is_visible([_exactly(word) for word in words], query):
                yield " ".join(words)

    def _list_choices(self, term: Term) -> list[str]:
        """Give the word where it is known to the asker, else the visible words that may have been meant."""
        anything = Query()
        if self._is_visible([term], anything):
            return [term.word]
        corrections = self.text.correct(self.connection, term.word)
        visible = (word for word in corrections if self._is_visible([_exactly(word)], anything))
        return list(islice(visible, MOST_SUGGESTIONS))

    def _is_visible(self, terms: Sequence[Term], query: Query) -> bool:
        matching, expression = self.text.match(terms, Reach.ANYWHERE)
        sql, parameters = self._conditions(query)
        rows = self.connection.query(
            # CROSS JOIN keeps the order of the loops: words first, until one of them may be seen.
            f"SELECT 1 FROM ({matching}) t CROSS JOIN segment s WHERE s.rv = t.rv AND {sql} LIMIT 1",
            (expression, *parameters),
        )
        return bool(rows)

    def _conditions(self, query: Query) -> tuple[str, list[Any]]:
        sql, parameters = conditions(replace(query, kind="", after=""), self.asker, self.day)
        if query.kind:
            return f"{sql} AND s.kind = ?", [*parameters, query.kind]
        return sql, parameters

    def _list_kinds(self, terms: Sequence[Term], query: Query, kinds: Iterable[str]) -> Iterator[Suggestion]:
        typed = "-".join(term.word for term in terms)
        known = sorted(kinds)
        near = [typed] if typed in known else self.text.nearest(typed, known)
        for kind in near:
            sql, parameters = self._conditions(replace(query, kind=kind))
            if self.connection.query(f"SELECT 1 FROM segment s WHERE {sql} LIMIT 1", parameters):
                yield Suggestion(kind=kind)


def _exactly(word: str) -> Term:
    """Give the term for one word alone: a form that only hidden records have must not be suggested."""
    return Term(word, (word,), is_prefix=False)


def _read_offset(after: str) -> int:
    if after and not (after.isascii() and after.isdigit() and len(after) < 10):
        raise InvalidInput(
            "This page does not exist",
            faults=[
                Fault(
                    "/after",
                    "malformed-cursor",
                    "Dit is geen vervolg van een pagina met zoekresultaten",
                    "This does not continue a page of search results",
                    "Use the value of `after` that the page before gave.",
                )
            ],
        )
    return int(after or 0)


def score_documents(terms: Sequence[Term], documents: Mapping[int, Described]) -> dict[int, float]:
    """Score the answers to a question against each other; more is better.

    BM25F (Robertson, Zaragoza, Taylor 2004) with k1 = 1.2, b = 0.75 and weights 8 for the name, 4 for other labels and
    codes, 1 for the rest. Every answer holds every term, so rarity plays no part, and lengths are compared among
    these answers only. The word as it was typed counts in full, another form of it for 0.7. An answer whose name is
    the question comes first.
    """
    sums = [sum(column) for column in zip(*(found.lengths for found in documents.values()), strict=True)] or [0] * 3
    shares = [_LENGTH_SHARE / max(1.0, total / len(documents)) for total in sums] if documents else []
    asked = f" {' '.join(term.word for term in terms)} "
    looked_for = [
        (f" {term.word} ", [f" {form} " for form in term.forms[1:]] + [f" {term.word}"] * term.is_prefix)
        for term in terms
    ]
    return {
        rv: _score(looked_for, found, shares) + (_WHOLE_NAME if asked == found.name else 0.0)
        for rv, found in documents.items()
    }


def _score(looked_for: Sequence[tuple[str, Sequence[str]]], found: Described, shares: Sequence[float]) -> float:
    # Runs a thousand times for each search: what can be worked out once for all words is.
    weights = [
        weight / (1.0 - _LENGTH_SHARE + share * length)
        for weight, share, length in zip(_WEIGHTS, shares, found.lengths, strict=True)
    ]
    score = 0.0
    for word, others in looked_for:
        frequency = 0.0
        for part, weight in zip(found[:3], weights, strict=True):
            if word in part:
                frequency += weight
            elif others and any(other in part for other in others):
                frequency += weight * _OTHER_FORM
        score += frequency / (_SATURATION + frequency)
    return score


def count_record(record: Record) -> Facets:
    """Give the counts of an answer that is one record alone."""
    lifecycle = str(record.data["spec"].get("lifecycle", ""))
    return Facets(
        1,
        {record.kind: 1},
        {record.owner: 1},
        {record.data["source"]["type"]: 1},
        {lifecycle: 1} if lifecycle else {},
        {record.data["confidentiality"]["level"]: 1},
    )


def _wanted(query: Query) -> tuple[Any, ...]:
    """Give the value that each column must have; None asks nothing."""
    return (query.kind or None, query.owner or None, query.source or None, query.lifecycle or None, query.level)
