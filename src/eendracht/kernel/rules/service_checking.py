"""Checks service-based laws together: references to laws and outputs that are not there, and outputs that go round."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.document import Faults
from eendracht.kernel.rules.service_expressions import names_in

if TYPE_CHECKING:
    from eendracht.kernel.rules.library import Library

_Step = tuple[str, str, str]
"""Law, service and output."""


def check_service_laws(library: Library, faults: Faults) -> None:
    """Add what is wrong: a cycle of outputs refuses the laws, a reference to nothing is a warning.

    A law that is absent fails when a rule needs it; a folder may hold a part of the laws.
    """
    graph: dict[_Step, dict[_Step, ir.Place]] = {}
    for law in library:
        if law.dialect == "lax":
            for action in law.articles[0].actions:
                steps = graph.setdefault((law.id, law.service, action.output), {})
                steps.update(_steps_of(law, action.output))
            _check_references(library, law, faults)
    _report_cycles(graph, faults)


def _check_references(library: Library, law: ir.Regulation, faults: Faults) -> None:
    for item in law.articles[0].inputs.values():
        source = item.source
        if not isinstance(source, ir.ArticleSource):
            continue
        versions = library.versions(source.law, source.service)
        if not versions:
            faults.warn(
                item.field.place,
                "missing-law",
                f"De wet '{source.law}' van {source.service} is er niet",
                f"Law '{source.law}' of {source.service} is not there",
                "Load the folder that holds it.",
            )
        elif not any(version.article_of(source.output) for version in versions):
            faults.warn(
                item.field.place,
                "missing-output",
                f"'{source.law}' van {source.service} heeft geen uitkomst '{source.output}'; dit geeft null",
                f"'{source.law}' of {source.service} has no output '{source.output}'; this gives null",
                "Refer to an output of that law.",
            )


def _steps_of(law: ir.Regulation, output: str) -> dict[_Step, ir.Place]:
    """Give what an output needs directly: outputs of this law, and of others through its inputs."""
    article = law.articles[0]
    actions = {action.output: action for action in article.actions}
    found: dict[_Step, ir.Place] = {}
    todo = names_in(actions[output].expression, with_bodies=False)
    if article.requirements is not None:
        todo |= names_in(article.requirements, with_bodies=False)
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        if name in seen or name in article.definitions or name in article.parameters:
            continue
        seen.add(name)
        item = article.inputs.get(name)
        if item is not None and isinstance(item.source, ir.ArticleSource):
            found[item.source.law, item.source.service, item.source.output] = item.field.place
            for given in item.source.parameters.values():
                todo |= names_in(given)
        elif item is not None and isinstance(item.source, ir.TableSource):
            for selection in item.source.selections:
                todo |= names_in(selection.value)
        elif item is None and name in actions:
            found[law.id, law.service, name] = actions[output].place
    return found


def _report_cycles(graph: dict[_Step, dict[_Step, ir.Place]], faults: Faults) -> None:
    done: set[_Step] = set()
    for start in graph:
        chain: list[_Step] = []
        stack = [(start, iter(graph[start].items()))] if start not in done else []
        chain += [start] if stack else []
        while stack:
            here, steps = stack[-1]
            step = next(steps, None)
            if step is None:
                done.add(here)
                stack.pop()
                chain.pop()
                continue
            after, place = step
            if after in chain:
                names = " → ".join(f"{law}#{output}" for law, _, output in [*chain[chain.index(after) :], after])
                faults.error(
                    place,
                    "reference-cycle",
                    f"Deze uitkomsten hangen van elkaar af: {names}",
                    f"These outputs depend on each other: {names}",
                    "Break the cycle of references.",
                )
            elif after in graph and after not in done:
                stack.append((after, iter(graph[after].items())))
                chain.append(after)
