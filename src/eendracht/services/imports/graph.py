"""A graph from an RDF file, as a reader of services looks at it: bounded, and nothing fetched from elsewhere."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from eendracht.kernel.errors import UnreadableFile
from eendracht.kernel.imports.bounds import json_depth, read_bytes, refuse, walk_xml
from eendracht.services.terms import RDF

MOST_TRIPLES: Final = 2_000_000
MAX_RDF_BYTES: Final = 100_000_000
_MAX_JSON_DEPTH: Final = 100
BASE: Final = "https://file.invalid/"
"""Stands for the place of the file, where addresses in it are relative."""
_XML: Final = re.compile(rb"\s*(?:<\?xml|<!|<[A-Za-z][\w.-]*:RDF[\s>]|<RDF[\s>])")
_LANGUAGES: Final = ("nl", "en", "")


class Graph:
    """The triples of a file by subject; values are addresses or texts with a language."""

    def __init__(self, triples: Iterable[Any], file: str) -> None:
        """Take triples of pyoxigraph; raises UnreadableFile with line and column where the file has a fault."""
        self._by_subject: dict[Any, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        try:
            for count, triple in enumerate(triples):
                if count == MOST_TRIPLES:
                    raise refuse(
                        file,
                        "too-large",
                        f"Het bestand heeft meer dan {MOST_TRIPLES:,} uitspraken",
                        f"The file holds more than {MOST_TRIPLES:,} statements",
                        "Split the export.",
                    )
                self._by_subject[triple.subject][triple.predicate.value].append(triple.object)
        except SyntaxError as error:
            raise _malformed(error, file) from error

    def subjects_of(self, *types: str) -> list[Any]:
        """Give the subjects that have one of these types, by their address."""
        found = [node for node, said in self._by_subject.items() if self._types(said) & set(types)]
        return sorted(found, key=str)

    def _types(self, said: dict[str, list[Any]]) -> set[str]:
        return {str(value.value) for value in said.get(RDF + "type", ())}

    def predicates(self, node: Any) -> dict[str, int]:
        """Give how often each predicate stands at a subject."""
        return {name: len(values) for name, values in self._by_subject.get(node, {}).items()}

    def values(self, node: Any, *predicates: str) -> list[Any]:
        """Give the values of the first of these predicates that a subject has."""
        said = self._by_subject.get(node, {})
        return next((list(said[name]) for name in predicates if said.get(name)), [])

    def texts(self, node: Any, *predicates: str) -> list[str]:
        """Give the texts of the first of these predicates in one language: Dutch, else English, else any."""
        found: dict[str, list[str]] = defaultdict(list)
        for value in self.values(node, *predicates):
            language = (getattr(value, "language", None) or "")[:2]
            found[language].append(str(value.value).strip())
        chosen = next((code for code in _LANGUAGES if found.get(code)), next(iter(sorted(found)), ""))
        return sorted(found.get(chosen, []))

    def text(self, node: Any, *predicates: str) -> str:
        """Give the first such text, empty where there is none."""
        return next(iter(self.texts(node, *predicates)), "")

    def text_in(self, node: Any, language: str, *predicates: str) -> str:
        """Give the text in one language, empty where there is none."""
        for value in self.values(node, *predicates):
            if (getattr(value, "language", None) or "")[:2] == language:
                return str(value.value).strip()
        return ""


def read_graph(path: Path) -> Graph:
    """Read Turtle, N-Triples, RDF/XML or JSON-LD; what it is shows by the content.

    Raises UnreadableFile for a file that is malformed, hostile or too large, and for JSON-LD whose context stands
    elsewhere: nothing is fetched.
    """
    from pyoxigraph import RdfFormat, parse

    data = read_bytes(path, MAX_RDF_BYTES)
    data = data.removeprefix(b"\xef\xbb\xbf")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = _from_utf16(data, path.name)
    if _XML.match(data):
        # The parser of RDF expands entities; this one refuses them, and bounds the depth.
        for _ in walk_xml(path):
            pass
        found = RdfFormat.RDF_XML
    elif data.lstrip()[:1] in (b"{", b"["):
        _check_depth(data, path.name)
        found = RdfFormat.JSON_LD
    else:
        found = RdfFormat.TURTLE
    return Graph(parse(data, format=found, base_iri=BASE), path.name)


def is_rdf(head: bytes) -> bool:
    """Tell whether the beginning of a file looks like RDF in one of its syntaxes."""
    if _XML.match(head):
        return re.search(rb"<(?:[\w.-]+:)?RDF[\s>]", head) is not None
    if head.lstrip()[:1] in (b"{", b"["):
        return b'"@context"' in head or b'"@id"' in head or b'"@graph"' in head
    return (
        re.search(rb"(?im)^\s*(?:@prefix|@base|prefix|base)\s|^\s*(?:<[^>\s]+>|_:\w+)\s+<[^>\s]+>\s", head) is not None
    )


def _from_utf16(data: bytes, file: str) -> bytes:
    try:
        return data.decode("utf-16").encode()
    except UnicodeError as error:
        raise refuse(
            file,
            "undecodable",
            "Dit bestand past niet bij zijn codering (UTF-16)",
            "This file does not fit its encoding (UTF-16)",
            "Save it as UTF-8.",
        ) from error


def _check_depth(data: bytes, file: str) -> None:
    if (depth := json_depth(data)) > _MAX_JSON_DEPTH:
        raise refuse(
            file,
            "too-deep",
            f"De JSON is {depth} lagen diep; {_MAX_JSON_DEPTH} mag",
            f"The JSON is nested {depth} deep; {_MAX_JSON_DEPTH} is allowed",
            "No description of services needs that; check where the file comes from.",
        )


def _malformed(error: SyntaxError, file: str) -> UnreadableFile:
    said = str(error.msg or "")
    if "LoadDocumentCallback" in said or "remote context" in said:
        return refuse(
            file,
            "remote-context",
            "De JSON-LD verwijst naar een context die elders staat; die wordt niet opgehaald",
            "The JSON-LD refers to a context that stands elsewhere, which is not fetched",
            "Put the context itself into the file under @context, or export it as Turtle.",
        )
    line = getattr(error, "lineno", None)
    place = f"{file} › regel {line}, teken {getattr(error, 'offset', None) or 1}" if line else file
    if "UTF-8" in said:
        return refuse(
            place,
            "undecodable",
            "Dit teken past niet bij UTF-8, waarin RDF geschreven wordt",
            "This character does not fit UTF-8, in which RDF is written",
            "Save the file as UTF-8.",
        )
    return refuse(
        place,
        "malformed-rdf",
        "Dit is geen geldige RDF",
        f"This is not valid RDF ({said.partition(': ')[2][:200] or said[:200]})",
        "Correct this place, or export the file again.",
    )
