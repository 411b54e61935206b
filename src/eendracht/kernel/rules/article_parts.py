"""Reads the parts of an article of the article-based law format: fields, inputs, definitions, actions, open terms."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from typing import Any, Final, cast

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.document import Faults, Mapping, Sequence, entries, items_of, plain, read_basis
from eendracht.kernel.rules.expressions import parse_action, parse_value
from eendracht.kernel.rules.ir import Place

_KINDS: Final = frozenset(("string", "number", "boolean", "amount", "object", "array", "date"))
_UNITS: Final = frozenset(("euro", "eurocent", "ratio", "percentage", "years", "weeks", "months", "days"))


class PartReader:
    """Reads parts of one file, with every fault that it meets."""

    def __init__(self, file: str, faults: Faults) -> None:
        self._file = file
        self._faults = faults
        self.version = (0, 0, 0)

    def _place(self, mapping: Mapping, key: str, path: str = "") -> Place:
        line = mapping.lines.get(key, mapping.line)
        return Place(self._file, line, f"{path}.{key}" if path else key)

    def _missing(self, mapping: Mapping, key: str, path: str = "") -> None:
        self._faults.error(
            Place(self._file, mapping.line, path),
            "missing-key",
            f"De sleutel '{key}' ontbreekt",
            f"The key '{key}' is missing",
            f"Add {key}.",
        )

    def _mappings(self, mapping: Mapping, key: str, path: str) -> list[tuple[Mapping, Place]]:
        raw = mapping.get(key)
        if raw is None:
            return []
        if not isinstance(raw, Sequence):
            self._wrong(self._place(mapping, key, path), key, "a list")
            return []
        found = []
        for item, place in items_of(raw, self._file, f"{path}.{key}"):
            if isinstance(item, Mapping):
                found.append((item, place))
            else:
                self._wrong(place, key, "a mapping")
        return found

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
        if value is None or isinstance(value, Mapping | Sequence):
            self._missing(mapping, key, place.path)
            return ""
        return str(value)

    def _fields(self, execution: Mapping, key: str, path: str) -> dict[str, ir.Field]:
        found: dict[str, ir.Field] = {}
        for item, place in self._mappings(execution, key, path):
            field = self._field(item, place)
            self._once(found, field.name, place)
            found[field.name] = field
        return found

    def _once(self, known: AnyMapping[str, Any], name: str, place: Place) -> None:
        if name in known:
            self._faults.error(
                place,
                "duplicate-name",
                f"'{name}' staat twee keer in dit artikel",
                f"'{name}' stands twice in this article",
                "Give each its own name.",
            )

    def _field(self, item: Mapping, place: Place) -> ir.Field:
        kind = str(item.get("type") or "")
        if kind not in _KINDS:
            self._faults.error(
                self._place(item, "type", place.path),
                "unknown-type",
                f"Het type '{kind}' bestaat niet",
                f"There is no type '{kind}'",
                f"Choose one of {', '.join(sorted(_KINDS))}.",
            )
            kind = "any"
        spec = item.get("type_spec")
        spec = spec if isinstance(spec, Mapping) else Mapping()
        temporal = item.get("temporal")
        return ir.Field(
            name=self._text(item, "name", place),
            kind=cast("ir.Kind", kind),
            place=place,
            unit=self._unit(spec, place),
            precision=spec.get("precision"),
            minimum=spec.get("min"),
            maximum=spec.get("max"),
            required=bool(item.get("required", False)),
            nullable=bool(item.get("nullable", True)),
            description=str(item.get("description") or ""),
            temporal=ir.Temporal(
                str(temporal.get("type") or ""),
                str(temporal.get("period_type") or ""),
                str(temporal.get("reference") or ""),
            )
            if isinstance(temporal, Mapping)
            else None,
            basis=read_basis(item.get("legal_basis")),
        )

    def _unit(self, spec: Mapping, place: Place) -> ir.Unit:
        unit = str(spec.get("unit") or "")
        if unit and unit not in _UNITS:
            self._faults.error(
                place,
                "unknown-unit",
                f"De eenheid '{unit}' bestaat niet",
                f"There is no unit '{unit}'",
                f"Choose one of {', '.join(sorted(_UNITS))}.",
            )
            return ""
        return cast("ir.Unit", unit)

    def _inputs(self, execution: Mapping, path: str) -> dict[str, ir.Input]:
        found: dict[str, ir.Input] = {}
        for item, place in self._mappings(execution, "input", path):
            field = self._field(item, place)
            self._once(found, field.name, place)
            found[field.name] = ir.Input(field, self._source(item, place))
        return found

    def _source(self, item: Mapping, place: Place) -> ir.Source:
        raw = item.get("source")
        if raw is None and "source" not in item:
            self._missing(item, "source", place.path)
        raw = raw if isinstance(raw, Mapping) else Mapping()
        if not raw.get("regulation") and not raw.get("output"):
            return ir.ExternalSource()
        parameters = raw.get("parameters")
        parsed: dict[str, ir.Expression] = {}
        if isinstance(parameters, Mapping):
            for key, value, at in entries(parameters, self._file, f"{place.path}.source.parameters"):
                parsed[key] = parse_value(value, at, self._faults, self.version)
        return ir.ArticleSource(
            output=str(raw.get("output") or item.get("name") or ""),
            law=str(raw.get("regulation") or ""),
            parameters=parsed,
        )

    def _definitions(self, machine: Mapping, path: str) -> dict[str, ir.Definition]:
        raw = machine.get("definitions")
        found: dict[str, ir.Definition] = {}
        if not isinstance(raw, Mapping):
            return found
        for name, value, place in entries(raw, self._file, f"{path}.definitions"):
            if isinstance(value, Mapping) and "value" in value:
                spec = value.get("type_spec")
                kind = str(value.get("type") or "any")
                found[name] = ir.Definition(
                    name,
                    plain(value["value"]),
                    place,
                    cast("ir.Kind", kind if kind in _KINDS else "any"),
                    self._unit(spec if isinstance(spec, Mapping) else Mapping(), place),
                    str(value.get("source") or ""),
                    str(value.get("grade") or ""),
                    read_basis(value.get("legal_basis")),
                )
            else:
                found[name] = ir.Definition(name, plain(value), place)
        return found

    def _actions(self, mapping: Mapping, key: str, path: str) -> tuple[ir.Action, ...]:
        actions = []
        seen: set[str] = set()
        for item, place in self._mappings(mapping, key, path):
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
            expression = parse_action(item, place, self._faults, self.version)
            actions.append(ir.Action(output, expression, place, read_basis(item.get("legal_basis"))))
        return tuple(actions)

    def _open_terms(self, machine: Mapping, path: str) -> dict[str, ir.OpenTerm]:
        found: dict[str, ir.OpenTerm] = {}
        for item, place in self._mappings(machine, "open_terms", path):
            name = self._text(item, "id", place)
            kind = str(item.get("type") or "any")
            default = item.get("default")
            found[name] = ir.OpenTerm(
                name,
                cast("ir.Kind", kind if kind in _KINDS else "any"),
                place,
                bool(item.get("required", True)),
                str(item.get("delegated_to") or ""),
                str(item.get("delegation_type") or ""),
                self._actions(default, "actions", f"{place.path}.default") if isinstance(default, Mapping) else (),
            )
        return found

    def _hook(self, item: Mapping, place: Place) -> ir.Hook:
        applies = item.get("applies_to")
        applies = applies if isinstance(applies, Mapping) else Mapping()
        point = self._text(item, "hook_point", place)
        if point not in ("pre_actions", "post_actions"):
            self._wrong(place, "hook_point", "pre_actions or post_actions")
            point = "post_actions"
        return ir.Hook(
            cast("Any", point),
            self._text(applies, "legal_character", place) if applies else "",
            place,
            str(applies.get("decision_type") or ""),
            str(applies.get("stage") or "BESLUIT"),
        )
