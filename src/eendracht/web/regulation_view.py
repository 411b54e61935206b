"""One regulation on a page: the text of each article beside its rule, and how it hangs together with the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from eendracht.kernel.errors import Fault
from eendracht.kernel.rules import ir
from eendracht.kernel.rules.catalogue import Entry, Mention, list_fillings, list_mentions
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.values import from_plain
from eendracht.kit.i18n import Words
from eendracht.kit.rules import print_value
from eendracht.web.rule_words import GRADES, Phrase, RuleWriter, kind_of, label_of


@dataclass(frozen=True, slots=True)
class DefinitionRow:
    """A figure that the law gives: its value as printed, where it comes from and how sure that source is."""

    label: str
    value: str
    source: str
    grade: str
    url: str


@dataclass(frozen=True, slots=True)
class InputRow:
    """Something that goes in: what it is, and where it comes from; `law` is set where another article gives it."""

    label: str
    kind: str
    about: str
    origin: str
    law: str = ""
    law_name: str = ""


@dataclass(frozen=True, slots=True)
class OutputRow:
    """Something that comes out, and how."""

    name: str
    label: str
    kind: str
    about: str
    rules: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class TermRow:
    """A term that the article leaves open: who may fill it and who does."""

    label: str
    kind: str
    delegated_to: str
    is_required: bool
    default: tuple[Phrase, ...]
    fillings: Sequence[Mention]


@dataclass(frozen=True, slots=True)
class ArticleView:
    """One article."""

    article: ir.Article
    definitions: Sequence[DefinitionRow]
    inputs: Sequence[InputRow]
    outputs: Sequence[OutputRow]
    terms: Sequence[TermRow]
    requirements: Phrase | None

    @property
    def has_rule(self) -> bool:
        """Whether there is anything to show beside the text."""
        return bool(self.definitions or self.inputs or self.outputs or self.terms or self.requirements)


@dataclass(frozen=True, slots=True)
class RegulationView:
    """One version of a regulation."""

    entry: Entry
    law: ir.Regulation
    articles: Sequence[ArticleView]
    mentions: Sequence[Mention]
    warnings: Sequence[Fault]
    is_in_force: bool

    @property
    def can_be_tried(self) -> bool:
        """Whether there is an output to ask for."""
        return any(item.outputs for item in self.articles)


def view_regulation(library: Library, entry: Entry, law: ir.Regulation, day: date, words: Words) -> RegulationView:
    """Give a version with everything that its page shows."""
    return RegulationView(
        entry,
        law,
        [_view_article(library, law, article, words) for article in law.articles],
        list_mentions(library, law),
        [fault for fault in library.warnings if fault.pointer.partition(":")[0] == law.place.file],
        entry.in_force_on(day) is law,
    )


def _view_article(library: Library, law: ir.Regulation, article: ir.Article, words: Words) -> ArticleView:
    writer = RuleWriter(article, words)
    return ArticleView(
        article,
        [_definition(item, words) for item in article.definitions.values()],
        [*_parameters(article, words), *(_input(library, item, words) for item in article.inputs.values())],
        _outputs(article, writer, words),
        [_term(library, law, article, term, writer) for term in article.open_terms.values()],
        writer.write(article.requirements) if article.requirements else None,
    )


def _definition(item: ir.Definition, words: Words) -> DefinitionRow:
    value = item.value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    printed = print_value(from_plain(value), item.unit if is_number or isinstance(value, list) else "", words.language)
    grade = GRADES[item.grade][words.language] if item.grade in GRADES else item.grade
    basis = item.basis
    # The sign of the euro stays with its amount at the end of a line.
    printed = printed.replace("€ ", "€\u00a0")
    return DefinitionRow(label_of(item.name), printed, item.source, grade, basis.url if basis else "")


def _parameters(article: ir.Article, words: Words) -> list[InputRow]:
    origin = words.gettext("given with the case")
    return [
        InputRow(label_of(name), kind_of(field, words), field.description, origin)
        for name, field in article.parameters.items()
    ]


def _input(library: Library, item: ir.Input, words: Words) -> InputRow:
    label, kind, about = label_of(item.field.name), kind_of(item.field, words), item.field.description
    source = item.source
    if isinstance(source, ir.ArticleSource):
        output = label_of(source.output)
        if not source.law:
            return InputRow(label, kind, about, words.gettext("from this law: %(output)s", output=output))
        versions = library.versions(source.law, source.service) or library.versions(source.law)
        name = versions[-1].name if versions else label_of(source.law)
        return InputRow(label, kind, about, output, source.law if versions else "", name)
    if isinstance(source, ir.TableSource):
        return InputRow(label, kind, about, words.gettext("a register: %(table)s", table=label_of(source.table)))
    return InputRow(label, kind, about, words.gettext("a register, or the person concerned"))


def _outputs(article: ir.Article, writer: RuleWriter, words: Words) -> list[OutputRow]:
    rules: dict[str, list[Phrase]] = {name: [] for name in article.outputs} if article.is_executable else {}
    for action in article.actions:
        field = article.outputs.get(action.output)
        rules.setdefault(action.output, []).append(writer.write(action.expression, field.unit if field else ""))
    rows = []
    for name, phrases in rules.items():
        field = article.outputs.get(name)
        kind, about = (kind_of(field, words), field.description) if field else ("", "")
        rows.append(OutputRow(name, label_of(name), kind, about, tuple(phrases)))
    return rows


def _term(library: Library, law: ir.Regulation, article: ir.Article, term: ir.OpenTerm, writer: RuleWriter) -> TermRow:
    return TermRow(
        label_of(term.name),
        term.kind,
        label_of(term.delegated_to),
        term.required,
        tuple(writer.write(action.expression) for action in term.default),
        list_fillings(library, law, article, term.name),
    )
