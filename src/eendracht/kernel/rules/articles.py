"""Front end of the article-based law format (regelrecht law YAML, schema v0.5.0 to v0.8.0).

The format: `MinBZK/regelrecht`, `schema/v0.5.6/schema.json`; FOREACH is RFC-016, unknowns RFC-036, end dates RFC-019.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date
from typing import Any, Final, cast

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.article_parts import PartReader
from eendracht.kernel.rules.document import Faults, Mapping, Sequence, entries, items_of, read_document
from eendracht.kernel.rules.ir import Place
from eendracht.kernel.rules.values import as_date

SCHEMA: Final = re.compile(r"/v(\d+)\.(\d+)\.(\d+)/schema\.json$")
OLDEST: Final = (0, 5, 0)
NEWEST: Final = (0, 8, 0)

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


class _Reader(PartReader):
    def __init__(self, file: str, faults: Faults, document: Mapping) -> None:
        super().__init__(file, faults)
        self._document = document
        self.version = self._version()

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


def _constant_output(name: str, articles: tuple[ir.Article, ...]) -> Any:
    for article in articles:
        for action in article.actions:
            if action.output == name and isinstance(action.expression, ir.Constant):
                return action.expression.value
    return None
