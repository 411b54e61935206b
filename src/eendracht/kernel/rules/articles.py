"""Front end of the article-based law format (regelrecht law YAML, schema v0.5.0 to v0.8.0).

The format: `MinBZK/regelrecht`, `schema/v0.5.6/schema.json`; FOREACH is RFC-016, unknowns RFC-036, end dates RFC-019.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping as AnyMapping
from datetime import date
from typing import Any, Final, cast

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.document import Faults, Mapping, Sequence, entries, items_of, read_document
from eendracht.kernel.rules.expressions import parse_action, parse_value
from eendracht.kernel.rules.ir import Place
from eendracht.kernel.rules.values import as_date

SCHEMA: Final = re.compile(r"/v(\d+)\.(\d+)\.(\d+)/schema\.json$")
OLDEST: Final = (0, 5, 0)
NEWEST: Final = (0, 8, 0)

_KINDS: Final = frozenset(("string", "number", "boolean", "amount", "object", "array", "date"))
_UNITS: Final = frozenset(("euro", "eurocent", "ratio", "percentage", "years", "weeks", "months", "days"))
_CODES: Final = ("gemeente_code", "provincie_code", "waterschap_code")
_CODE: Final = re.compile(r"GM\d{4}|PV\d{2}|WS\d{4}")
_LAW_KEYS: Final = frozenset(
    (
        *("$schema", "$id", "uuid", "name", "publication_date", "valid_from", "valid_to", "regulatory_layer", "url"),
        *("bwb_id", "celex_nummer", "eli", "tractatenblad_id", "unts_nummer", "officiele_titel", "stcrt_id"),
        *("organisation", "legal_basis", "preamble", "articles", "procedure", "competent_authority", *_CODES),
    )
)


def parse_articles(data: bytes, file: str, faults: Faults, document: Mapping | None = None) -> ir.Regulation | None:
    """Read one law file; None with the reasons among the faults where it cannot be used.

    `document` is the file's content where the caller has read it already.
    """
    document = document if document is not None else read_document(data, file, faults)
    if document is None:
        return None
    return _Reader(file, faults, document).regulation(hashlib.sha256(data).hexdigest())


class _Reader:
    def __init__(self, file: str, faults: Faults, document: Mapping) -> None:
        self._file = file
        self._faults = faults
        self._document = document
        self.version = self._version()

    def _place(self, mapping: Mapping, key: str, path: str = "") -> Place:
        line = mapping.lines.get(key, mapping.line)
        return Place(self._file, line, f"{path}.{key}" if path else key)

    def _version(self) -> tuple[int, int, int]:
        found = SCHEMA.search(str(self._document.get("$schema", "")).strip())
        version = cast("tuple[int, int, int]", tuple(map(int, found.groups()))) if found else (0, 0, 0)
        if not OLDEST <= version <= NEWEST:
            self._faults.error(
                self._place(self._document, "$schema"),
                "unknown-law-schema",
                "Deze versie van het wetsformaat is onbekend",
                "This version of the law format is not known",
                "Point $schema at v0.5.0 to v0.8.0 of the format.",
            )
        return version

    def regulation(self, sha256: str) -> ir.Regulation | None:
        document = self._document
        name = str(document.get("$id") or "")
        if not name:
            self._missing(document, "$id")
        for key, _, place in entries(document, self._file, ""):
            if key not in _LAW_KEYS:
                self._unknown_key(place, key)
        layer = str(document.get("regulatory_layer") or "")
        if layer not in ir.LAYERS:
            self._faults.error(
                self._place(document, "regulatory_layer"),
                "unknown-layer",
                f"De regelingslaag '{layer}' bestaat niet",
                f"There is no regulatory layer '{layer}'",
                f"Choose one of {', '.join(ir.LAYERS)}.",
            )
        raw = document.get("articles")
        if not isinstance(raw, Sequence):
            self._missing(document, "articles")
            raw = Sequence()
            raw.lines = []
        articles = tuple(
            filter(None, (self._article(item, place) for item, place in items_of(raw, self._file, "articles")))
        )
        regulation = ir.Regulation(
            id=name,
            name=self._named(str(document.get("name") or name), articles),
            layer=layer,
            dialect="exact",
            schema_version=".".join(map(str, self.version)),
            place=Place(self._file, 1),
            sha256=sha256,
            articles=articles,
            valid_from=self._date("valid_from", articles),
            valid_to=self._date("valid_to", articles),
            publication_date=self._date("publication_date", articles),
            jurisdiction=self._jurisdiction(layer),
            bwb_id=str(document.get("bwb_id") or ""),
            url=str(document.get("url") or ""),
            competent_authority=self._authority(document.get("competent_authority"), articles),
        )
        if regulation.valid_from and regulation.valid_to and regulation.valid_to < regulation.valid_from:
            self._faults.error(
                self._place(document, "valid_to"),
                "empty-validity",
                "De regeling eindigt voordat zij begint",
                "The regulation ends before it begins",
                "valid_to is the last day in force.",
            )
        return regulation

    def _named(self, name: str, articles: tuple[ir.Article, ...]) -> str:
        """Follow a name such as `#wet_naam` to the output that gives it."""
        return str(_constant_output(name[1:], articles) or name[1:]) if name.startswith("#") else name

    def _authority(self, value: Any, articles: tuple[ir.Article, ...]) -> str:
        if isinstance(value, Mapping):
            return str(value.get("name") or "")
        return self._named(str(value), articles) if value else ""

    def _date(self, key: str, articles: tuple[ir.Article, ...]) -> date | None:
        value = self._document.get(key)
        if isinstance(value, str) and value.startswith("#"):
            value = _constant_output(value[1:], articles)
        found = as_date(value)
        if value is not None and found is None:
            self._faults.error(
                self._place(self._document, key),
                "malformed-date",
                f"'{value}' is geen datum",
                f"'{value}' is not a date",
                "Write YYYY-MM-DD.",
            )
        return found

    def _jurisdiction(self, layer: str) -> str:
        needed = {
            "GEMEENTELIJKE_VERORDENING": "gemeente_code",
            "PROVINCIALE_VERORDENING": "provincie_code",
            "WATERSCHAPS_VERORDENING": "waterschap_code",
        }.get(layer)
        codes = [key for key in _CODES if self._document.get(key)]
        if needed and needed not in codes:
            self._missing(self._document, needed)
        for key in codes:
            code = str(self._document[key])
            if not _CODE.fullmatch(code):
                self._faults.error(
                    self._place(self._document, key),
                    "malformed-jurisdiction",
                    f"'{code}' is geen code van een gebied",
                    f"'{code}' is not the code of an area",
                    "Write GM0599, PV28 or WS0155.",
                )
        return str(self._document[codes[0]]) if codes else ""

    def _missing(self, mapping: Mapping, key: str, path: str = "") -> None:
        self._faults.error(
            Place(self._file, mapping.line, path),
            "missing-key",
            f"De sleutel '{key}' ontbreekt",
            f"The key '{key}' is missing",
            f"Add {key}.",
        )

    def _unknown_key(self, place: Place, key: str) -> None:
        self._faults.warn(place, "unknown-key", f"De sleutel '{key}' is onbekend", f"The key '{key}' is not known")

    # --- One article ---

    def _article(self, raw: Any, place: Place) -> ir.Article | None:
        if not isinstance(raw, Mapping):
            self._wrong(place, "article", "a mapping")
            return None
        path = place.path
        if not raw.get("number"):
            self._missing(raw, "number", path)
        machine = raw.get("machine_readable")
        machine = machine if isinstance(machine, Mapping) else Mapping()
        execution = machine.get("execution")
        execution = execution if isinstance(execution, Mapping) else Mapping()
        base = f"{path}.machine_readable"
        run = f"{base}.execution"
        produces = execution.get("produces")
        produces = produces if isinstance(produces, Mapping) else {}
        authority = machine.get("competent_authority")
        return ir.Article(
            number=str(raw.get("number") or ""),
            text=str(raw.get("text") or ""),
            url=str(raw.get("url") or ""),
            place=place,
            parameters=self._fields(execution, "parameters", run),
            inputs=self._inputs(execution, run),
            outputs=self._fields(execution, "output", run),
            definitions=self._definitions(machine, base),
            actions=self._actions(execution, "actions", run),
            open_terms=self._open_terms(machine, base),
            implements=tuple(
                ir.Implementation(
                    self._text(item, "law", at),
                    self._text(item, "article", at),
                    self._text(item, "open_term", at),
                    str(item.get("gelet_op") or ""),
                    at,
                )
                for item, at in self._mappings(machine, "implements", base)
            ),
            hooks=tuple(self._hook(item, at) for item, at in self._mappings(machine, "hooks", base)),
            overrides=tuple(
                ir.Override(
                    self._text(item, "law", at), self._text(item, "article", at), self._text(item, "output", at), at
                )
                for item, at in self._mappings(machine, "overrides", base)
            ),
            untranslated=tuple(
                ir.Untranslated(
                    self._text(item, "construct", at),
                    self._text(item, "reason", at),
                    bool(item.get("accepted", False)),
                    at,
                )
                for item, at in self._mappings(machine, "untranslatables", base)
            ),
            legal_character=str(produces.get("legal_character") or ""),
            decision_type=str(produces.get("decision_type") or ""),
            competent_authority=str(authority.get("name") if isinstance(authority, Mapping) else authority or ""),
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


def read_basis(raw: Any) -> ir.LegalBasis | None:
    """Read a `legal_basis` element; None where there is none."""
    if not isinstance(raw, dict):
        return None
    known = ir.LegalBasis.__dataclass_fields__
    return ir.LegalBasis(**{key: str(value) for key, value in raw.items() if key in known and value is not None})


def plain(value: Any) -> Any:
    """Give a constant of the document without its lines."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def _constant_output(name: str, articles: tuple[ir.Article, ...]) -> Any:
    for article in articles:
        for action in article.actions:
            if action.output == name and isinstance(action.expression, ir.Constant):
                return action.expression.value
    return None
