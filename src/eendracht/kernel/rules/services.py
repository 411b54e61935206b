"""Front end of the service-based law format (poc-machine-law law YAML, schema v0.1.6 and v0.1.7).

The format: `MinBZK/poc-machine-law`, `schema/v0.1.7/schema.json`. A file is the version of a law that one body carries
out. It becomes a regulation in the lax dialect with one article, which holds everything.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date
from typing import Final, cast

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.document import Faults, Mapping, Sequence, entries, items_of, read_basis, read_document
from eendracht.kernel.rules.ir import Place
from eendracht.kernel.rules.service_expressions import (
    parse_requirements,
    parse_service_action,
    parse_service_value,
    plain_value,
)
from eendracht.kernel.rules.values import as_date

_SCHEMA: Final = re.compile(r"/v(\d+\.\d+\.\d+)/schema\.json$")
_LAYERS: Final = {"FORMELE_WET": "WET"}
_KINDS: Final = frozenset(("string", "number", "boolean", "amount", "object", "array", "date"))
_OTHER_KINDS: Final = {"time": "string", "enum": "any"}
_UNITS: Final = frozenset(("euro", "eurocent", "ratio", "percentage", "years", "months", "weeks", "days", "hours"))
_LAW_KEYS: Final = frozenset(
    (
        *("$id", "$schema", "schema_version", "uuid", "name", "law", "law_type", "legal_character", "decision_type"),
        *("discoverable", "requires_manual_approval", "valid_from", "service", "description", "references"),
        *("legal_basis", "properties", "requirements", "actions", "variables", "side_effects"),
    )
)
_PROPERTIES: Final = frozenset(("parameters", "sources", "input", "output", "definitions"))
_FIELD_KEYS: Final = frozenset(
    (
        *("name", "description", "type", "type_spec", "temporal", "legal_basis", "required", "citizen_relevance"),
        *("source_reference", "service_reference", "example", "sensitivity"),
    )
)
_TABLE_OPERATORS: Final = frozenset(("IN", "NOT_IN", "EQUALS", "NOT_EQUALS"))


def parse_service_law(data: bytes, file: str, faults: Faults) -> ir.Regulation | None:
    """Read one law file; None with the reasons among the faults where it cannot be used."""
    document = read_document(data, file, faults, version="1.1")
    if document is None:
        return None
    return _Reader(file, faults, document).regulation(hashlib.sha256(data).hexdigest())


class _Reader:
    def __init__(self, file: str, faults: Faults, document: Mapping) -> None:
        self._file = file
        self._faults = faults
        self._document = document

    # --- The law ---

    def regulation(self, sha256: str) -> ir.Regulation:
        document, top = self._document, Place(self._file, 1)
        self._check_keys(document, _LAW_KEYS, "")
        law, service = self._text(document, "law", top), self._text(document, "service", top)
        schema = _SCHEMA.search(str(document.get("$id") or document.get("$schema") or ""))
        basis = read_basis(document.get("legal_basis"))
        layer = str(document.get("law_type") or "")
        return ir.Regulation(
            id=law,
            name=str(document.get("name") or law),
            layer=_LAYERS.get(layer, layer),
            dialect="lax",
            schema_version=schema[1] if schema else str(document.get("schema_version") or ""),
            place=top,
            sha256=sha256,
            articles=(self._article(basis),),
            valid_from=self._valid_from(),
            service=service,
            bwb_id=basis.bwb_id if basis else "",
            url=basis.url if basis else "",
            competent_authority=service,
            description=str(document.get("description") or "").strip(),
            discoverable=str(document.get("discoverable") or ""),
        )

    def _article(self, basis: ir.LegalBasis | None) -> ir.Article:
        document = self._document
        properties = self._mapping(document, "properties", "")
        self._check_keys(properties, _PROPERTIES, "properties")
        actions = self._actions()
        requirements = document.get("requirements")
        at = Place(self._file, document.lines.get("requirements", 1), "requirements")
        return ir.Article(
            number=basis.article if basis else "",
            text=str(document.get("description") or "").strip(),
            url=basis.url if basis else "",
            place=Place(self._file, document.lines.get("properties", 1)),
            parameters=self._fields(properties, "parameters"),
            inputs=self._inputs(properties),
            outputs=self._fields(properties, "output"),
            definitions=self._definitions(properties),
            actions=actions,
            requirements=parse_requirements(requirements, at, self._faults),
            legal_character=str(document.get("legal_character") or ""),
            decision_type=str(document.get("decision_type") or ""),
            competent_authority=str(document.get("service") or ""),
            basis=basis,
        )

    def _valid_from(self) -> date | None:
        value = self._document.get("valid_from")
        found = as_date(value)
        if found is None:
            self._faults.error(
                Place(self._file, self._document.lines.get("valid_from", 1), "valid_from"),
                "malformed-date",
                f"'{value}' is geen datum" if value else "De sleutel 'valid_from' ontbreekt",
                f"'{value}' is not a date" if value else "The key 'valid_from' is missing",
                "Write valid_from as YYYY-MM-DD.",
            )
        return found

    def _actions(self) -> tuple[ir.Action, ...]:
        actions = []
        seen: set[str] = set()
        for item, place in self._items(self._document, "actions", ""):
            output = self._text(item, "output", place)
            if output in seen:
                self._faults.error(
                    place,
                    "duplicate-output",
                    f"De uitkomst '{output}' wordt twee keer berekend",
                    f"The output '{output}' is computed twice",
                    "Keep one action for each output.",
                )
            seen.add(output)
            expression = parse_service_action(item, place, self._faults)
            actions.append(ir.Action(output, expression, place, read_basis(item.get("legal_basis"))))
        return tuple(actions)

    def _definitions(self, properties: Mapping) -> dict[str, ir.Definition]:
        found: dict[str, ir.Definition] = {}
        raw = self._mapping(properties, "definitions", "properties")
        for name, value, place in entries(raw, self._file, "properties.definitions"):
            basis = None
            if isinstance(value, Mapping) and "value" in value:
                basis, value = read_basis(value.get("legal_basis")), value["value"]
            found[name] = ir.Definition(name, plain_value(value), place, basis=basis)
        return found

    # --- Fields ---

    def _fields(self, properties: Mapping, key: str) -> dict[str, ir.Field]:
        found: dict[str, ir.Field] = {}
        for item, place in self._items(properties, key, "properties"):
            field = self._field(item, place)
            if field.name in found:
                self._faults.error(
                    place,
                    "duplicate-output" if key == "output" else "duplicate-name",
                    f"'{field.name}' staat twee keer onder '{key}'",
                    f"'{field.name}' stands twice under '{key}'",
                    "Give each its own name.",
                )
            found[field.name] = field
        return found

    def _inputs(self, properties: Mapping) -> dict[str, ir.Input]:
        found: dict[str, ir.Input] = {}
        for key in ("input", "sources"):
            for item, place in self._items(properties, key, "properties"):
                field = self._field(item, place)
                if field.name in found:
                    self._faults.warn(
                        place,
                        "duplicate-name",
                        f"'{field.name}' staat er twee keer; de laatste geldt",
                        f"'{field.name}' stands twice; the last one holds",
                        "Give each its own name.",
                    )
                found[field.name] = ir.Input(field, self._source(item, place))
        return found

    def _field(self, item: Mapping, place: Place) -> ir.Field:
        self._check_keys(item, _FIELD_KEYS, place.path)
        spec = self._mapping(item, "type_spec", place.path)
        temporal = self._mapping(item, "temporal", place.path)
        return ir.Field(
            name=self._text(item, "name", place),
            kind=self._kind(item, place),
            place=place,
            unit=self._unit(spec, place),
            precision=cast("int | None", self._bound(spec, "precision", place)),
            minimum=self._bound(spec, "min", place),
            maximum=self._bound(spec, "max", place),
            required=bool(item.get("required", False)),
            description=str(item.get("description") or ""),
            temporal=ir.Temporal(
                str(temporal.get("type") or ""),
                str(temporal.get("period_type") or ""),
                str(temporal.get("reference") or ""),
            )
            if temporal
            else None,
            basis=read_basis(item.get("legal_basis")),
        )

    def _kind(self, item: Mapping, place: Place) -> ir.Kind:
        kind = str(item.get("type") or "")
        if kind not in _KINDS and kind not in _OTHER_KINDS:
            self._faults.error(
                Place(self._file, item.lines.get("type", item.line), f"{place.path}.type"),
                "unknown-type",
                f"Het type '{kind}' bestaat niet",
                f"There is no type '{kind}'",
                f"Choose one of {', '.join(sorted(_KINDS | frozenset(_OTHER_KINDS)))}.",
            )
        return cast("ir.Kind", kind if kind in _KINDS else _OTHER_KINDS.get(kind, "any"))

    def _unit(self, spec: Mapping, place: Place) -> ir.Unit:
        unit = str(spec.get("unit") or "")
        if unit and unit not in _UNITS:
            self._faults.warn(
                place, "unknown-unit", f"De eenheid '{unit}' is onbekend", f"The unit '{unit}' is not known"
            )
            return ""
        return cast("ir.Unit", unit)

    def _bound(self, spec: Mapping, key: str, place: Place) -> int | float | None:
        value = spec.get(key)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if value is not None and (not is_number or (key == "precision" and value != int(value))):
            self._wrong(Place(self._file, spec.lines[key], f"{place.path}.type_spec.{key}"), key, "a number")
            return None
        return int(value) if key == "precision" and value is not None else value

    # --- Sources ---

    def _source(self, item: Mapping, place: Place) -> ir.Source:
        if item.get("service_reference") is not None:
            return self._reference(item, Place(self._file, place.line, f"{place.path}.service_reference"))
        if item.get("source_reference") is not None:
            return self._table(item, Place(self._file, place.line, f"{place.path}.source_reference"))
        self._faults.warn(
            place,
            "no-source",
            "Dit gegeven heeft geen bron",
            "This input has no source",
            "Add source_reference or service_reference.",
        )
        return ir.ExternalSource()

    def _reference(self, item: Mapping, place: Place) -> ir.ArticleSource:
        raw = self._mapping(item, "service_reference", place.path.rpartition(".")[0])
        at = Place(self._file, raw.line or place.line, place.path)
        parameters: dict[str, ir.Expression] = {}
        for given, where in self._items(raw, "parameters", place.path):
            name = self._text(given, "name", where)
            parameters[name] = parse_service_value(given.get("reference"), where, self._faults)
        known = ("service", "law", "field", "parameters")
        return ir.ArticleSource(
            output=self._text(raw, "field", at),
            law=self._text(raw, "law", at),
            parameters=parameters,
            service=self._text(raw, "service", at),
            options={key: plain_value(value) for key, value in raw.items() if key not in known},
        )

    def _table(self, item: Mapping, place: Place) -> ir.TableSource:
        raw = self._mapping(item, "source_reference", place.path.rpartition(".")[0])
        fields = raw.get("fields")
        if fields is not None and not isinstance(fields, Sequence):
            self._wrong(Place(self._file, raw.lines["fields"], f"{place.path}.fields"), "fields", "a list")
            fields = None
        selections = tuple(self._selection(given, at) for given, at in self._items(raw, "select_on", place.path))
        aggregation = raw.get("aggregation")
        if isinstance(aggregation, Mapping):
            aggregation = next(
                (aggregation[key] for key in ("operation", "function", "type") if key in aggregation), ""
            )
        known = ("table", "source_type", "field", "fields", "select_on", "aggregation")
        columns = tuple(str(name) for name in fields) if fields else (str(raw["field"]),) if raw.get("field") else ()
        return ir.TableSource(
            table=str(raw.get("table") or ""),
            source_type=str(raw.get("source_type") or ""),
            columns=columns,
            is_record=bool(fields) or not columns,
            selections=selections,
            aggregation=str(aggregation or "").lower(),
            options={key: plain_value(value) for key, value in raw.items() if key not in known},
        )

    def _selection(self, given: Mapping, place: Place) -> ir.Selection:
        value, operator = given.get("value"), "EQUALS"
        at = Place(self._file, given.lines.get("value", given.line), f"{place.path}.value")
        if "value" not in given:
            self._missing(given, "value", place.path)
        if isinstance(value, Mapping) and str(value.get("operation")) in _TABLE_OPERATORS:
            operator = str(value["operation"])
            value = value.get("values", value.get("value"))
        return ir.Selection(self._text(given, "name", place), operator, parse_service_value(value, at, self._faults))

    # --- What is in the document ---

    def _check_keys(self, mapping: Mapping, known: frozenset[str], path: str) -> None:
        for key, _, place in entries(mapping, self._file, path):
            if key not in known:
                self._faults.warn(
                    place, "unknown-key", f"De sleutel '{key}' is onbekend", f"The key '{key}' is not known"
                )

    def _missing(self, mapping: Mapping, key: str, path: str) -> None:
        self._faults.error(
            Place(self._file, mapping.line or 1, path),
            "missing-key",
            f"De sleutel '{key}' ontbreekt",
            f"The key '{key}' is missing",
            f"Add {key}.",
        )

    def _wrong(self, place: Place, key: str, wanted: str) -> None:
        self._faults.error(
            place,
            "wrong-type",
            f"'{key}' heeft niet het juiste type",
            f"'{key}' must be {wanted}",
            "See the law format.",
        )

    def _text(self, mapping: Mapping, key: str, place: Place) -> str:
        value = mapping.get(key)
        if value is None or value == "":
            self._missing(mapping, key, place.path)
            return ""
        if isinstance(value, Mapping | Sequence):
            self._wrong(Place(self._file, mapping.lines[key], f"{place.path}.{key}"), key, "text")
            return ""
        return str(value)

    def _mapping(self, mapping: Mapping, key: str, path: str) -> Mapping:
        value = mapping.get(key)
        if isinstance(value, Mapping):
            return value
        if value is not None:
            where = f"{path}.{key}" if path else key
            self._wrong(Place(self._file, mapping.lines[key], where), key, "a mapping")
        empty = Mapping()
        empty.lines, empty.keys_read = {}, {}
        return empty

    def _items(self, mapping: Mapping, key: str, path: str) -> list[tuple[Mapping, Place]]:
        value = mapping.get(key)
        where = f"{path}.{key}" if path else key
        if value is None:
            return []
        if not isinstance(value, Sequence):
            self._wrong(Place(self._file, mapping.lines[key], where), key, "a list")
            return []
        found = []
        for item, place in items_of(value, self._file, where):
            if isinstance(item, Mapping):
                found.append((item, place))
            else:
                self._wrong(place, key, "a mapping")
        return found
