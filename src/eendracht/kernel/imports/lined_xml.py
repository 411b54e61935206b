"""Reads a whole XML document of moderate size, with the line of every element, so that faults can point at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException, DTDForbidden
from defusedxml.ElementTree import DefusedXMLParser

from eendracht.kernel.imports.bounds import MAX_DEPTH, MAX_XML_ELEMENTS, refuse
from eendracht.kernel.imports.rows import join_place


@dataclass(slots=True)
class LinedElement:
    """An element without its namespace and text."""

    tag: str
    attributes: Mapping[str, str]
    line: int
    children: list[LinedElement] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The attribute `name`; empty where there is none."""
        return self.attributes.get("name", "").strip()


def parse_lined_xml(data: bytes, place: str) -> LinedElement:
    """Give the root element, or raise UnreadableFile.

    A bare document type passes; declarations, entities and external references are refused (OWASP XXE, billion
    laughs), as are more than 100 levels or 2 million elements.
    """
    builder = _ElementBuilder(place)
    parser: Any = DefusedXMLParser(target=builder)
    builder.parser = parser.parser
    parser.parser.StartDoctypeDeclHandler = _refuse_subset
    try:
        parser.feed(data)
        root: LinedElement = parser.close()
    except DefusedXmlException as error:
        raise refuse(
            place,
            "xml-entities",
            "Het bestand verklaart entiteiten of een DTD; die worden geweigerd",
            "The file declares entities or a DTD, which are refused",
            "Export it again without declarations.",
        ) from error
    except (ParseError, ValueError) as error:
        line, column = getattr(error, "position", (0, 0))
        raise refuse(
            join_place(place, f"regel {line}, teken {column + 1}"),
            "malformed-xml",
            "Dit is geen geldige XML",
            "This is not well-formed XML",
            "Export the file again; it may have been cut off.",
        ) from error
    return root


def _refuse_subset(name: str, system: str | None, public: str | None, has_subset: bool) -> None:
    if has_subset:
        raise DTDForbidden(name, system, public)


class _ElementBuilder:
    """Makes elements, within the bounds on depth and number."""

    def __init__(self, place: str) -> None:
        self._place, self._open, self._count = place, [LinedElement("", {}, 0)], 0
        self.parser: Any = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._count += 1
        if len(self._open) > MAX_DEPTH or self._count > MAX_XML_ELEMENTS:
            raise refuse(
                self._place,
                "too-deep" if len(self._open) > MAX_DEPTH else "too-large",
                "De XML is te diep genest of te groot",
                "The XML is nested too deep or too large",
                "No format that is read here needs that; check where the file comes from.",
            )
        element = LinedElement(tag.rpartition("}")[2], attributes, self.parser.CurrentLineNumber)
        self._open[-1].children.append(element)
        self._open.append(element)

    def end(self, tag: str) -> None:
        self._open.pop()

    def close(self) -> LinedElement:
        return self._open[0].children[0]
