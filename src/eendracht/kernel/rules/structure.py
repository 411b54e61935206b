"""Regulations as a graph: where each output is computed, what it is computed from, and which versions meet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.outline import ArticleOutline, InputLine, Outline, OutputLine
from eendracht.kernel.rules.versions import Span, overlap

if TYPE_CHECKING:
    from eendracht.kernel.rules.library import Library

Node = tuple[int, int, str]
"""An output: the position of its regulation, of its article, and its name."""


class Structure:
    """The outlines of a library with what connects them."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.position = {id(regulation): at for at, regulation in enumerate(library.regulations)}
        self._outputs: dict[int, dict[str, tuple[ArticleOutline, OutputLine]]] = {}
        self._articles: dict[int, dict[str, list[ArticleOutline]]] = {}
        self._spans: dict[int, Span] = {}
        self._lines: dict[int, dict[tuple[int, str], tuple[ArticleOutline, OutputLine]]] = {}

    def outline_of(self, regulation: ir.Regulation) -> Outline:
        """Give the outline of a regulation of the library."""
        return self.library.outlines[self.position[id(regulation)]]

    def outputs_of(self, regulation: ir.Regulation) -> dict[str, tuple[ArticleOutline, OutputLine]]:
        """Give the outputs of a regulation with the first article that computes each."""
        at = self.position[id(regulation)]
        found = self._outputs.get(at)
        if found is None:
            found = self._outputs[at] = {}
            for article in self.library.outlines[at].articles:
                for output in article.outputs:
                    found.setdefault(output.name, (article, output))
        return found

    def articles_of(self, regulation: ir.Regulation) -> dict[str, list[ArticleOutline]]:
        """Give the articles of a regulation by number."""
        at = self.position[id(regulation)]
        found = self._articles.get(at)
        if found is None:
            found = self._articles[at] = defaultdict(list)
            for article in self.library.outlines[at].articles:
                found[article.number].append(article)
        return found

    def span(self, regulation: ir.Regulation) -> Span:
        """Give the days on which a version is in force."""
        at = self.position[id(regulation)]
        found = self._spans.get(at)
        if found is None:
            found = self._spans[at] = self.library.span(regulation)
        return found

    def meet(self, first: ir.Regulation, second: ir.Regulation) -> bool:
        """Whether two versions are in force on a common day."""
        return first is second or overlap(self.span(first), self.span(second))

    # --- The graph ---

    def nodes(self) -> Iterator[Node]:
        """Yield every output that is computed from something."""
        for at, outline in enumerate(self.library.outlines):
            for article in outline.articles:
                for output in article.outputs:
                    if output.outputs or output.inputs or output.terms:
                        yield at, article.position, output.name

    def output(self, node: Node) -> tuple[ir.Regulation, ArticleOutline, OutputLine]:
        """Give what a node stands for."""
        at, position, name = node
        return self.library.regulations[at], *self._lines_of(at)[position, name]

    def _lines_of(self, at: int) -> dict[tuple[int, str], tuple[ArticleOutline, OutputLine]]:
        lines = self._lines.get(at)
        if lines is None:
            articles = self.library.outlines[at].articles
            lines = {(item.position, output.name): (item, output) for item in articles for output in item.outputs}
            self._lines[at] = lines
        return lines

    def uses(self, node: Node) -> list[Node]:
        """Give the outputs that an output is computed from, in every version that can hold together with it."""
        regulation, article, output = self.output(node)
        at, position, _ = node
        lines = self._lines_of(at)
        found: dict[Node, None] = {(at, position, name): None for name in output.outputs if (position, name) in lines}
        inputs = dict.fromkeys(output.inputs)
        for name in output.terms:
            term = next(item for item in article.terms if item.name == name)
            inputs |= dict.fromkeys(term.inputs)
            for other, filling in self.library.fillings(regulation.id, article.number, name):
                if self.meet(regulation, other) and any(item.name == name for item in filling.outputs):
                    found[self.position[id(other)], filling.position, name] = None
        for line in article.inputs:
            if line.name in inputs:
                found |= dict.fromkeys(self._targets(regulation, line))
        return list(found)

    def _targets(self, regulation: ir.Regulation, line: InputLine) -> Iterator[Node]:
        is_own = line.law in ("", regulation.id) and line.service in ("", regulation.service)
        for other in [regulation] if is_own else self.library.versions(line.law, line.service):
            place = self.outputs_of(other).get(line.output)
            if place and self.meet(regulation, other):
                yield self.position[id(other)], place[0].position, line.output
