"""Whether a file is a bill of materials of CycloneDX 1.6 or 1.7 (JSON), before anything is read from it.

The strict schema of the standard is checked, with its formats, and every fault told; and that no object has a name
twice, which a schema never sees because a parser keeps the last. What a bill may say besides, but means nothing (double
bom-refs, dependencies on nothing), is for whoever reads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from eendracht.kernel.errors import Fault, UnreadableFile
from eendracht.kernel.imports.bounds import parse_json, refuse
from eendracht.kernel.imports.rows import join_place

VERSIONS: Final = ("1.6", "1.7")
MAX_FAULTS: Final = 100


def parse_bill(data: bytes, file: str) -> dict[str, Any]:
    """Give the document; raises UnreadableFile for other versions, and with every fault for an invalid one."""
    document = parse_json(data, file)
    version = document.get("specVersion") if isinstance(document, dict) else None
    if not isinstance(document, dict) or document.get("bomFormat") != "CycloneDX" or version not in VERSIONS:
        raise refuse(
            file,
            "unsupported-version",
            "Dit is geen CycloneDX 1.6 of 1.7",
            f"This is not CycloneDX 1.6 or 1.7 (specVersion {str(version)[:20]})",
            "Convert it with `cyclonedx convert --output-version v1_6`.",
        )
    text = data.decode("utf-8-sig")
    faults: list[Fault] = []
    for fault in (*_list_repeated(text, file), *_check_schema(text, str(version), file)):
        if len(faults) == MAX_FAULTS:
            break
        faults.append(fault)
    if faults:
        raise UnreadableFile(f"{file}: {len(faults)} fault(s) against CycloneDX {version}", faults=faults)
    return document


class _Object(dict[str, Any]):
    """A JSON object that remembers which names it had twice."""

    repeated: tuple[str, ...] = ()


def _build_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = _Object(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        found.repeated = tuple(sorted({name for name in names if names.count(name) > 1}))
    return found


def _list_repeated(text: str, file: str) -> Iterator[Fault]:
    stack: list[tuple[Any, str]] = [(json.loads(text, object_pairs_hook=_build_object), "")]
    while stack:
        value, pointer = stack.pop()
        if isinstance(value, _Object):
            for name in value.repeated:
                yield Fault(
                    join_place(file, f"{pointer}/{name}"[:300]),
                    "repeated-name",
                    f"'{name[:60]}' staat hier twee keer",
                    f"'{name[:60]}' stands here twice",
                    "Keep one of the two.",
                )
            stack += [(item, f"{pointer}/{name}") for name, item in value.items()]
        elif isinstance(value, list):
            stack += [(item, f"{pointer}/{index}") for index, item in enumerate(value)]


def _check_schema(text: str, version: str, file: str) -> Iterator[Fault]:
    # Imported here: the schemas take half a second to load and only this format needs them.
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    validator = JsonStrictValidator(SchemaVersion.V1_6 if version == "1.6" else SchemaVersion.V1_7)
    for error in validator.validate_str(text, all_errors=True) or ():
        path = "/".join(str(step) for step in getattr(error.data, "absolute_path", ()))
        message = str(getattr(error.data, "message", error.data))[:300]
        yield Fault(
            join_place(file, f"/{path}"[:300]),
            "schema",
            "Dit voldoet niet aan het CycloneDX-schema",
            f"This does not meet the CycloneDX schema: {message}",
            "Make the bill again with a current tool.",
        )
