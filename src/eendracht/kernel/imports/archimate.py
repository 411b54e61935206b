"""Reads and writes ArchiMate Model Exchange files (3.x): elements become rows, relationships become mentions.

What has no place (views, organisations of folders, other relationships) is counted in `Reading.ignored`. The table of
types stands in `archimate.yaml`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

import yaml

from eendracht.kernel.errors import Fault
from eendracht.kernel.imports.bounds import refuse, walk_xml
from eendracht.kernel.imports.collector import Collector
from eendracht.kernel.imports.persons import clean_value, is_person_name
from eendracht.kernel.imports.rows import Mention, Reading, SourceRow, join_place

_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_XML: Final = "{http://www.w3.org/XML/1998/namespace}"
_LANGUAGES: Final = ("nl", "en", "")
_KIND_PROPERTY: Final = "Eendracht kind"
_REF_PROPERTY: Final = "Eendracht ref"


@cache
def load_types() -> Mapping[str, Any]:
    """Give the table of element and relationship types."""
    table: dict[str, Any] = yaml.safe_load(files(__package__).joinpath("archimate.yaml").read_text("utf-8"))
    return table


@dataclass(slots=True)
class _Item:
    identifier: str
    type: str
    name: str = ""
    documentation: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    """Value by identifier of the property definition, which may follow later in the file."""
    source: str = ""
    target: str = ""


@dataclass(slots=True)
class _Model:
    name: str = ""
    elements: dict[str, _Item] = field(default_factory=dict)
    relationships: list[_Item] = field(default_factory=list)
    definitions: dict[str, str] = field(default_factory=dict)


def read_archimate(path: Path) -> Reading:
    """Give the rows of a model; the identifier of an element is its key.

    Raises UnreadableFile for XML that is malformed, hostile or of another format.
    """
    collector = Collector()
    model = _parse(path, collector)
    rows = _Conversion(model, path.name, collector).run()
    return Reading(
        "archimate",
        tuple(rows),
        collector.faults,
        left_out=collector.left_out,
        ignored=collector.ignored,
        notes=collector.notes,
        unverified=True,
    )


def _parse(path: Path, collector: Collector) -> _Model:
    model = _Model()
    root: Element | None = None
    for event, element in walk_xml(path):
        space, _, tag = element.tag.rpartition("}")
        if root is None:
            root = element
            if not space.lstrip("{").startswith("http://www.opengroup.org/xsd/archimate/3") or tag != "model":
                raise refuse(
                    path.name,
                    "not-archimate",
                    "Dit is geen ArchiMate-uitwisselbestand (3.x)",
                    "This is no ArchiMate Model Exchange file (3.x)",
                    "Export from the modelling tool as 'Open Exchange XML'; an .archimate file is Archi's own format.",
                )
        if event == "start":
            continue
        if tag == "element":
            item = _item(element)
            if item.identifier in model.elements:
                collector.add_fault(_double(path.name, item.identifier))
            else:
                model.elements[item.identifier] = item
        elif tag == "relationship":
            model.relationships.append(_item(element))
        elif tag == "propertyDefinition":
            model.definitions[element.get("identifier", "")] = _text(element, "name")
        elif tag == "view":
            collector.ignore(path.name, "view")
        if tag in ("element", "relationship", "propertyDefinition", "view"):
            element.clear()
    return model


def _double(file: str, identifier: str) -> Fault:
    return Fault(
        join_place(file, f"element {identifier[:60]}"),
        "duplicate-key",
        "Deze identifier komt vaker voor; de eerste telt",
        "This identifier occurs more than once; the first counts",
        "An identifier must be unique in the model.",
    )


def _item(element: Element) -> _Item:
    kind = element.get(f"{_XSI}type", "").rpartition(":")[2]
    item = _Item(
        element.get("identifier", ""),
        kind,
        _text(element, "name"),
        _text(element, "documentation"),
        source=element.get("source", ""),
        target=element.get("target", ""),
    )
    for entry in _children(element, "properties"):
        for single in _children(entry, "property"):
            item.properties[single.get("propertyDefinitionRef", "")] = _text(single, "value")
    return item


def _children(element: Element, tag: str) -> Iterator[Element]:
    return (child for child in element if child.tag.rpartition("}")[2] == tag)


def _text(element: Element, tag: str) -> str:
    texts = {child.get(f"{_XML}lang", "")[:2]: (child.text or "").strip() for child in _children(element, tag)}
    return next((texts[language] for language in _LANGUAGES if language in texts), next(iter(texts.values()), ""))


class _Conversion:
    """A parsed model on its way to rows."""

    def __init__(self, model: _Model, file: str, collector: Collector) -> None:
        self._model, self._file, self._collector = model, file, collector
        self._types = load_types()
        self._kinds: dict[str, str] = {}
        self._mentions: dict[str, list[Mention]] = {}

    def run(self) -> list[SourceRow]:
        """Give a row per element that has a kind, and per flow between applications."""
        for identifier, item in self._model.elements.items():
            kind = self._kind_of(item)
            if kind:
                self._kinds[identifier] = kind
            else:
                self._collector.ignore(self._file, item.type or "element")
        flows = [row for item in self._model.relationships if (row := self._place_relationship(item)) is not None]
        rows = (self._row(identifier, kind) for identifier, kind in self._kinds.items())
        return [*(row for row in rows if row is not None), *flows]

    def _properties(self, item: _Item) -> dict[str, str]:
        return {self._model.definitions.get(ref, ref): value for ref, value in item.properties.items()}

    def _kind_of(self, item: _Item) -> str:
        properties = self._properties(item)
        for rule in self._types["kindByProperty"]:
            if properties.get(rule["property"], "").casefold() == rule["value"].casefold():
                return str(rule["kind"])
        return str(self._types["elements"].get(item.type, {}).get("kind", ""))

    def _place_relationship(self, item: _Item) -> SourceRow | None:
        source, target = self._kinds.get(item.source), self._kinds.get(item.target)
        flows = self._types["flows"]
        if source is None or target is None:
            self._report_ends(item)
        elif item.type == flows["type"] and source == target == flows["between"]:
            return self._flow(item)
        else:
            for rule in self._types["relationships"]:
                if rule["type"] == item.type and source in rule["from"] and target in rule["to"]:
                    holder, other = (
                        (item.target, item.source) if rule["holder"] == "target" else (item.source, item.target)
                    )
                    mention = Mention(rule["field"], self._kinds[other], key=other)
                    self._mentions.setdefault(holder, []).append(mention)
                    return None
            self._collector.ignore(self._file, f"{item.type} {source} → {target}")
        return None

    def _report_ends(self, item: _Item) -> None:
        ends = [end for end in (item.source, item.target) if end not in self._model.elements]
        relationships = {other.identifier for other in self._model.relationships}
        if any(end not in relationships for end in ends):
            self._collector.add_fault(
                Fault(
                    join_place(self._file, f"relationship {item.identifier[:60]}"),
                    "dangling-relationship",
                    "Deze relatie verwijst naar een element dat er niet is",
                    "This relationship refers to an element that is not there",
                    "Export the whole model.",
                ),
                self._file,
            )
        else:
            self._collector.ignore(self._file, f"{item.type} (einde zonder soort)")

    def _flow(self, item: _Item) -> SourceRow:
        ends = [self._model.elements[end].name for end in (item.source, item.target)]
        spec = self._clean({"name": item.name or " → ".join(ends)[:300], "description": item.documentation})
        mentions = (
            Mention("source", "application", key=item.source),
            Mention("target", "application", key=item.target),
        )
        place = join_place(self._file, f"relationship {item.identifier}")
        return SourceRow(str(self._types["flows"]["kind"]), item.identifier, spec, mentions, place)

    def _row(self, identifier: str, kind: str) -> SourceRow | None:
        item = self._model.elements[identifier]
        place = join_place(self._file, f"element {identifier}")
        if not item.name:
            self._collector.add_fault(
                Fault(place, "missing-name", "Dit element heeft geen naam", "This element has no name", "Name it.")
            )
            return None
        if kind in ("organisation", "supplier", "role") and is_person_name(item.name):
            self._collector.leave_out(self._file, item.type, "person-row")
            return None
        fixed = self._types["elements"].get(item.type, {}).get("spec", {}) if kind == "component" else {}
        spec = self._clean({"name": item.name[:300], "description": item.documentation[:10_000], **fixed})
        facts: dict[str, Any] = {"archimateType": item.type}
        properties, taken, _ = clean_value(self._properties(item))
        for reason, count in taken.items():
            self._collector.leave_out(self._file, "properties", reason, count)
        if properties:
            facts["properties"] = properties
        mentions = tuple(dict.fromkeys(self._mentions.get(identifier, ())))
        return SourceRow(kind, identifier, spec, mentions, place, facts=facts)

    def _clean(self, spec: dict[str, Any]) -> dict[str, Any]:
        cleaned, taken, dropped = clean_value({name: value for name, value in spec.items() if value})
        for reason, count in taken.items():
            self._collector.leave_out(self._file, "documentation", reason, count)
        if dropped:
            self._collector.leave_out(self._file, "documentation", "bsn", len(dropped))
        return dict(cleaned)


def write_archimate(records: Iterable[Mapping[str, Any]], name: str) -> bytes:
    """Print records as an ArchiMate Model Exchange file.

    A record is plain data with `ref` and `spec`. Kinds and relations that ArchiMate has no place for are left out; the
    ref travels as a property. Reading the file back gives the same kinds, names and relations.
    """
    chosen = {str(record["ref"]): record["spec"] for record in records}
    types = load_types()
    space = types["namespace"]
    register_namespace("", space)
    register_namespace("xsi", _XSI.strip("{}"))
    root = Element(f"{{{space}}}model", {"identifier": "id-model", f"{_XSI}schemaLocation": types["schemaLocation"]})
    _add_text(root, space, "name", name)
    elements = Element(f"{{{space}}}elements")
    relationships = Element(f"{{{space}}}relationships")
    written = {ref for ref, spec in chosen.items() if _add_element(elements, space, ref, spec)}
    for ref, spec in chosen.items():
        for kind, source, target in _links(ref, spec):
            if source in written and target in written:
                identity = _identify(f"{kind} {source} {target}" + (ref if kind == "Flow" else ""))
                attributes = {"identifier": identity, "source": _identify(source), "target": _identify(target)}
                link = SubElement(relationships, f"{{{space}}}relationship", attributes | {f"{_XSI}type": kind})
                if kind == "Flow":
                    _add_text(link, space, "name", spec["name"])
    root.extend(part for part in (elements, relationships) if len(part))
    definitions = SubElement(root, f"{{{space}}}propertyDefinitions")
    for identity, title in (("pd-ref", _REF_PROPERTY), ("pd-kind", _KIND_PROPERTY)):
        definition = SubElement(
            definitions, f"{{{space}}}propertyDefinition", {"identifier": identity, "type": "string"}
        )
        SubElement(definition, f"{{{space}}}name").text = title
    indent(root)
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def _identify(ref: str) -> str:
    """Give an xs:ID for a ref, the same every time."""
    return f"id-{hashlib.sha256(ref.encode()).hexdigest()[:32]}"


def _add_text(parent: Element, space: str, tag: str, text: str) -> None:
    child = SubElement(parent, f"{{{space}}}{tag}", {f"{_XML}lang": "nl"})
    child.text = "".join(sign for sign in text if sign >= " " or sign in "\n\t")


def _add_element(parent: Element, space: str, ref: str, spec: Mapping[str, Any]) -> bool:
    kind = ref.partition(":")[0]
    wanted = {"supplier": "organisation", "reference-component": "application"}.get(kind, kind)
    fitting = [name for name, entry in load_types()["elements"].items() if entry["kind"] == wanted]
    if not fitting:
        return False
    exact = [name for name in fitting if load_types()["elements"][name].get("spec", {}).get("type") == spec.get("type")]
    attributes = {"identifier": _identify(ref), f"{_XSI}type": (exact or fitting)[0]}
    element = SubElement(parent, f"{{{space}}}element", attributes)
    _add_text(element, space, "name", spec["name"])
    if spec.get("description"):
        _add_text(element, space, "documentation", spec["description"])
    properties = SubElement(element, f"{{{space}}}properties")
    for identity, value in (("pd-ref", ref), ("pd-kind", kind)):
        entry = SubElement(properties, f"{{{space}}}property", {"propertyDefinitionRef": identity})
        _add_text(entry, space, "value", value)
    return True


def _links(ref: str, spec: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield type, source and target of each relationship that a spec gives rise to."""
    kind = ref.partition(":")[0]
    flows = load_types()["flows"]
    if kind == flows["kind"]:
        yield flows["type"], spec["source"], spec["target"]
        return
    for name, value in spec.items():
        others = value if isinstance(value, list | tuple) else [value]
        for other in others:
            if not isinstance(other, str) or ":" not in other:
                continue
            rule = _rule_for(name, kind, other.partition(":")[0])
            if rule is not None:
                yield (rule["type"], ref, other) if rule["holder"] == "source" else (rule["type"], other, ref)


def _rule_for(name: str, holder: str, other: str) -> Mapping[str, Any] | None:
    for rule in load_types()["relationships"]:
        mine, theirs = ("from", "to") if rule["holder"] == "source" else ("to", "from")
        if rule["field"] == name and holder in rule[mine] and other in rule[theirs]:
            found: Mapping[str, Any] = rule
            return found
    return None
