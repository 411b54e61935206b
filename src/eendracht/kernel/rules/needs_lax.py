"""Which facts are missing for a law of the service-based format: the tables that its chain of laws reads.

That format takes a missing fact for null, so that only a required one stops a run. What is listed is every table column
that no register of the case has, over all laws that the outputs may reach; those that a run waits for come first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.evaluation import evaluate
from eendracht.kernel.rules.facts import Case
from eendracht.kernel.rules.failures import RuleFailure
from eendracht.kernel.rules.library import Library, NoSuchRule
from eendracht.kernel.rules.needs import Need, Needs, described
from eendracht.kernel.rules.questions import Asked, domain_of


def needs_lax(library: Library, law: ir.Regulation, outputs: Sequence[str], case: Case) -> Needs:
    """Give the facts that no register of the case has, the required ones first."""
    found: dict[tuple[str, str], list[tuple[Asked, str]]] = {}
    for asked, table in _tables(library, law, tuple(outputs), case, set()):
        found.setdefault((table, asked.field.name), []).append((asked, table))
    waiting = _waiting(library, law, outputs, case)
    items = [_need(places, waiting, at) for at, places in enumerate(found.values())]
    facts = tuple(need for _, need in sorted(items, key=lambda pair: pair[0]))
    return Needs(facts, {}, Fraction(len(facts)), False)


def _need(places: list[tuple[Asked, str]], waiting: frozenset[str], at: int) -> tuple[tuple[bool, bool, int], Need]:
    (asked, table), is_now = places[0], any(item.field.name in waiting for item, _ in places)
    domain = domain_of([asked for asked, _ in places])
    more = {
        "choices": domain.choices,
        "takes_other": bool(domain.choices) and asked.field.kind != "boolean",
        "register": table,
        "is_sure": is_now and asked.field.required,
        "is_now": is_now,
    }
    need = described([asked for asked, _ in places], asked.field.name, asked.law.id, more)
    return ((not is_now, not asked.field.required, at), need)


def _waiting(library: Library, law: ir.Regulation, outputs: Sequence[str], case: Case) -> frozenset[str]:
    """Give the facts for want of which a run ends now."""
    try:
        found = evaluate(library, law.id, outputs, case, service=law.service)
    except RuleFailure:
        return frozenset()
    return frozenset(fact.name for fact in found.missing)


def _tables(
    library: Library, law: ir.Regulation, outputs: tuple[str, ...], case: Case, seen: set[tuple[str, str, str]]
) -> Iterator[tuple[Asked, str]]:
    """Yield each input from a table that the case lacks, of what the outputs mention and the requirements."""
    article = law.articles[0]
    names = _mentioned(article, outputs)
    for name, item in article.inputs.items():
        source = item.source
        if name not in names or (law.id, law.service, name) in seen:
            continue
        seen.add((law.id, law.service, name))
        if isinstance(source, ir.ArticleSource):
            try:
                other = library.select(source.law, case.on, case.parameters, source.service).regulation
            except NoSuchRule:
                continue
            yield from _tables(library, other, (source.output,), case, seen)
        elif isinstance(source, ir.TableSource) and not _is_there(source, law, case):
            yield Asked(law, article, item.field, len(seen)), " ".join(filter(None, (law.service, source.table)))


def _is_there(source: ir.TableSource, law: ir.Regulation, case: Case) -> bool:
    return any(
        register.name == source.table and register.service in (law.service, source.source_type, "")
        for register in case.registers
    )


def _mentioned(article: ir.Article, outputs: tuple[str, ...]) -> set[str]:
    """Give every name that the outputs and the requirements need, directly or through other names."""
    actions = {action.output: action.expression for action in article.actions}
    todo = [actions[name] for name in outputs or tuple(actions) if name in actions]
    todo += [article.requirements] if article.requirements is not None else []
    found: set[str] = set()
    while todo:
        for name in _names(todo.pop()):
            if name in found:
                continue
            found.add(name)
            todo += [actions[name]] if name in actions else []
            source = article.inputs[name].source if name in article.inputs else None
            if isinstance(source, ir.ArticleSource):
                todo += source.parameters.values()
            elif isinstance(source, ir.TableSource):
                todo += [selection.value for selection in source.selections]
    return found


def _names(node: ir.Expression) -> Iterator[str]:
    if isinstance(node, ir.Reference):
        yield node.name
    elif isinstance(node, ir.Operation):
        for part in (*node.operands, *node.named.values()):
            yield from _names(part)
