"""Every law file keeps the promises of the rulebook: its schema, its place, and a source for every figure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from eendracht.kernel.rules import Library
from eendracht.rulebook import rulebook_folder

FILES = sorted(rulebook_folder().rglob("*.yaml"))
DOCUMENTATION = Path(__file__).parents[2] / "docs" / "reference" / "rulebook-sources.md"
GRADES = ("official", "secondary", "derived")
HARMLESS = {0, 1, 2, 3, 4, 7, 10, 18, 21, 20, 19, 17, 16, 15}
"""Counts, quarters and ages that may stand in a rule; every other number is a definition with its source."""


def name_of(file: Path) -> str:
    return file.relative_to(rulebook_folder()).as_posix()


def read(file: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return document


def sections(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for article in read(file)["articles"]:
        yield article["number"], article.get("machine_readable", {})


def test_all_files_load_as_one_library(rulebook: Library) -> None:
    assert len(rulebook.regulations) == len(FILES) > 40
    assert not rulebook.warnings


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_file_stands_where_its_law_and_date_say(file: Path) -> None:
    document = read(file)
    layer = document["regulatory_layer"].lower()
    area = [document["gemeente_code"].lower()] if "gemeente_code" in document else []
    place = "/".join([layer, *area, document["$id"], f"{document['valid_from']}.yaml"])
    assert name_of(file) == place


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_file_fits_the_schema_of_the_format(file: Path, shared: Callable[..., Path]) -> None:
    if "/v0.5.6/" not in read(file)["$schema"]:
        pytest.skip("FOREACH came after the schema that is at hand")
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    schema = json.loads(
        shared("reference", "services", "regelrecht", "schema", "schema-v0.5.6.json").read_text(encoding="utf-8")
    )
    faults = [
        f"{list(fault.path)}: {fault.message}" for fault in jsonschema.Draft7Validator(schema).iter_errors(read(file))
    ]
    assert not faults


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_every_figure_has_its_basis_source_and_grade(file: Path) -> None:
    for number, section in sections(file):
        for name, definition in section.get("definitions", {}).items():
            where = f"article {number}, {name}"
            assert definition.get("grade") in GRADES, where
            assert definition.get("source"), where
            basis = definition.get("legal_basis", {})
            assert basis.get("law") and basis.get("article") and basis.get("explanation"), where
            if not isinstance(definition["value"], list):
                assert definition.get("type"), where


def constants(node: Any) -> Iterator[float]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key != "precision":
                yield from constants(value)
    elif isinstance(node, list):
        for value in node:
            yield from constants(value)
    elif isinstance(node, int | float) and not isinstance(node, bool):
        yield node


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_no_figure_hides_in_a_rule(file: Path) -> None:
    for number, section in sections(file):
        hidden = set(constants(section.get("execution", {}).get("actions", []))) - HARMLESS
        assert not hidden, f"article {number}"


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_an_article_has_a_short_summary_and_an_address(file: Path) -> None:
    for article in read(file)["articles"]:
        assert 20 <= len(article["text"]) <= 400
        assert article["url"].startswith("https://")


def test_each_article_needs_only_articles_that_do_not_need_it(rulebook: Library) -> None:
    """A law as columns is one table for each article: then articles may not go round in a circle either."""
    needs: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for law in rulebook.laws():
        for regulation in rulebook.versions(law):
            for article in regulation.articles:
                found = needs.setdefault((law, article.number), set())
                for item in article.inputs.values():
                    output = getattr(item.source, "output", "")
                    if not output:
                        continue
                    other = getattr(item.source, "law", "") or law
                    target = rulebook.versions(other)[-1].article_of(output)
                    assert target is not None, f"{law} {article.number}: {other}#{output}"
                    found.add((other, target.number))
    done: set[tuple[str, str]] = set()

    def visit(at: tuple[str, str], path: tuple[tuple[str, str], ...]) -> None:
        assert at not in path, " > ".join(f"{law}:{number}" for law, number in (*path, at))
        if at not in done:
            for after in needs.get(at, ()):
                visit(after, (*path, at))
            done.add(at)

    for at in needs:
        visit(at, ())


def test_the_page_of_sources_lists_every_figure() -> None:
    page = DOCUMENTATION.read_text(encoding="utf-8")
    for file in FILES:
        document = read(file)
        section = page.split(f"\n## `{document['$id']}`")[1].split("\n## ")[0] if has_figures(file) else ""
        for _, machine in sections(file):
            for name, definition in machine.get("definitions", {}).items():
                lines = [line for line in section.splitlines() if f"| `{name}` |" in line]
                assert any(document["valid_from"] in line and definition["grade"] in line for line in lines), name


def has_figures(file: Path) -> bool:
    return any(machine.get("definitions") for _, machine in sections(file))


def test_no_sentence_of_the_given_laws_is_copied(shared: Callable[..., Path]) -> None:
    theirs: set[str] = set()
    for folder in ("regelrecht/corpus", "poc-machine-law/laws"):
        for file in shared("reference", "services", *folder.split("/")).rglob("*.yaml"):
            theirs |= set(runs_of_words(file.read_text(encoding="utf-8")))
    for file in FILES:
        for article in read(file)["articles"]:
            assert not theirs & set(runs_of_words(article["text"])), f"{name_of(file)}: {article['number']}"


def runs_of_words(text: str, length: int = 12) -> Iterator[str]:
    words = re.findall(r"\w+", text.lower())
    for at in range(len(words) - length + 1):
        yield " ".join(words[at : at + length])
