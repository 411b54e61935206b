"""Bring the catalogues of translations up to date with the texts of the source and the kinds of the registry.

A text that only a wing shows stands in the catalogue of that wing, any other in that of the frame.

    python scripts/update_translations.py [--check]

With --check nothing is written: it fails, and says which, where a text is new, gone, without a translation, or fuzzy.
"""

from __future__ import annotations

import ast
import io
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po
from pydantic import BaseModel

from eendracht.bootstrap import WINGS, registry
from eendracht.kernel.records import Envelope
from eendracht.kit.i18n import LOCALE_FOLDER, read_catalogue

SOURCE = Path(__file__).parents[1] / "src" / "eendracht"
# English is the language of the source itself.
TRANSLATED = ("nl",)
METHODS = [("**/kit/components/**.html", "jinja2"), ("**/templates/**.html", "jinja2"), ("**.py", "python")]
IMPORTS = ("kernel/imports/**/*.py", "kernel/reconcile.py", "kernel/intake.py", "web/edit_view.py")
"""Where hints come from that a page shows beside what is wrong."""
HINTS = {"Fault": 4, "refuse": 4, "Unfit": 2, "Ambiguous": 2}
"""Which argument of a call is a hint."""
KEYWORDS = {"_": None, "gettext_noop": None, "gettext": None, "ngettext": (1, 2)}


def _new_catalogue() -> Catalog:
    return Catalog(project="Eendracht", charset="utf-8", fuzzy=False)


def split_by_wing(texts: Catalog) -> dict[Path, Catalog]:
    """Give the texts for each folder of words: the frame's, and that of each wing."""
    parts = {LOCALE_FOLDER: _new_catalogue()}
    folders = {wing.name: wing.locale_folder for wing in WINGS if wing.locale_folder}
    parts |= {folder: _new_catalogue() for folder in folders.values()}
    frame_codes = collect_codes("")
    owner = {code: wing.name for wing in WINGS for code in collect_codes(wing.name) if code not in frame_codes}
    for message in texts:
        if not message.id:
            continue
        rooms = {file.partition("/")[0] for file, _ in message.locations}
        code = message.id if isinstance(message.id, str) else message.id[0]
        rooms |= {owner.get((message.context or "", code), "")} if not message.locations else set()
        room = rooms.pop() if len(rooms) == 1 else ""
        catalogue = parts[folders.get(room, LOCALE_FOLDER)]
        catalogue.add(message.id, locations=message.locations, flags=message.flags, context=message.context)
    return parts


def collect_texts() -> Catalog:
    """Give every text that the source shows, and every kind, field and code of the registry."""
    catalogue = _new_catalogue()
    found = extract_from_dir(SOURCE, METHODS, {"**.html": {"newstyle_gettext": "true", "silent": "false"}}, KEYWORDS)
    for file, _, text, comments, context in sorted(found, key=lambda item: (item[0], item[1])):
        # Places of lines would change with every edit of a file.
        catalogue.add(text, locations=[(file, None)], auto_comments=comments, context=context)
    for file, hint in collect_hints():
        catalogue.add(hint, locations=[(file, None)], context="hint")
    for context, code in collect_codes():
        catalogue.add((code, code) if context == "kind" else code, context=context)
    return catalogue


def collect_hints() -> list[tuple[str, str]]:
    """Give file and text of every hint about a row or a field; those that are put together stay English."""
    found = []
    for path in sorted(path for pattern in IMPORTS for path in SOURCE.glob(pattern)):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            at = HINTS.get(node.func.id, 0) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else 0
            if at and isinstance(node, ast.Call) and len(node.args) > at and isinstance(node.args[at], ast.Constant):
                found.append((path.relative_to(SOURCE).as_posix(), str(ast.literal_eval(node.args[at]))))
    return sorted(found)


def collect_codes(wing: str | None = None) -> list[tuple[str, str]]:
    """Give context and code of everything that a record can name: kinds, fields, values of fixed lists.

    With `wing` only those of the kinds that it brings; an empty name means the frame.
    """
    found: set[tuple[str, str]] = set()
    if not wing:
        found |= set(_codes_of(Envelope, set()))
    for kind in registry():
        if wing is not None and kind.wing != wing:
            continue
        found.add(("kind", kind.name))
        found |= set(_codes_of(kind.model, set()))
    return sorted(found)


def _codes_of(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[tuple[str, str]]:
    if model in seen:
        return
    seen.add(model)
    for name, described in model.model_fields.items():
        yield "field", described.alias or name
        yield from _codes_in(described.annotation, seen)


def _codes_in(annotation: Any, seen: set[type[BaseModel]]) -> Iterator[tuple[str, str]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from _codes_of(annotation, seen)
    elif str(get_origin(annotation)) == "typing.Literal":
        yield from (("value", str(code)) for code in get_args(annotation))
    else:
        for part in get_args(annotation):
            if not isinstance(part, str):
                yield from _codes_in(part, seen)


def update(language: str, path: Path, texts: Catalog) -> tuple[str, list[str]]:
    """Give the catalogue of a language with exactly these texts, and what is wrong with it."""
    old = read_catalogue(path) if path.is_file() else Catalog(locale=language)
    fresh = Catalog(locale=language, project="Eendracht", charset="utf-8", fuzzy=False, header_comment="")
    faults = []
    for message in texts:
        if not message.id:
            continue
        known = old.get(message.id if isinstance(message.id, str) else message.id[0], context=message.context)
        if known is None:
            faults.append(f"{language}: new: {message.id}")
        elif known.fuzzy:
            faults.append(f"{language}: fuzzy: {message.id}")
        elif not (known.string and all(known.string)):
            faults.append(f"{language}: no translation: {message.context or ''} {message.id}")
        fresh.add(
            message.id,
            known.string if known else "",
            locations=message.locations,
            flags=message.flags - {"fuzzy"},
            context=message.context,
        )
    gone = {(m.context, m.id) for m in old if m.id} - {(m.context, m.id) for m in texts if m.id}
    faults += [f"{language}: gone: {context or ''} {text}" for context, text in sorted(gone, key=str)]
    file = io.BytesIO()
    write_po(file, fresh, width=110, no_location=False, omit_header=True, include_lineno=False)
    header = f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Language: {language}\\n"\n'
    header += '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    return header + file.getvalue().decode(), faults


def main() -> int:
    """Write or check every catalogue."""
    parts = split_by_wing(collect_texts())
    wrong = []
    for language, folder in itertools.product(TRANSLATED, parts):
        path = folder / language / "LC_MESSAGES" / "messages.po"
        content, faults = update(language, path, parts[folder])
        wrong += faults
        if "--check" in sys.argv:
            if not path.is_file() or path.read_text("utf-8") != content:
                wrong.append(f"{language}: {path.relative_to(SOURCE)} is not what this script writes")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")
    print("\n".join(wrong) or "Every text has its translation")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
