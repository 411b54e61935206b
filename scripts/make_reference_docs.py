"""Write docs/reference/{settings,errors,commands,kinds,api,audit-events,rulebook-sources}.md from the code itself.

Run from the root of the repository: python -m scripts.make_reference_docs
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import typer
from scripts.reference.api import render_api
from scripts.reference.audit import render_audit
from scripts.reference.rulebook import render_rulebook
from scripts.reference.writing import code, first_line, table

import eendracht
from eendracht.bootstrap import WINGS
from eendracht.cli.app import app
from eendracht.config import ENVIRONMENT_PREFIX, FILE_NAME, Settings
from eendracht.kernel.errors import EendrachtError
from eendracht.kernel.kinds import Kind, shared_kinds

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
_NOTICE = "<!-- Made by scripts/make_reference_docs.py; a test fails when it differs from the code. -->"
_PHASES = {"run": "needed to run", "start": "needed to start", None: "reference only"}


def render_pages() -> dict[str, str]:
    """Give the text of each page by its file name."""
    pages = {"settings": _settings(), "errors": _errors(), "commands": _commands(), "kinds": _kinds()}
    pages |= {"api": render_api(), "audit-events": render_audit(), "rulebook-sources": render_rulebook()}
    return {f"{name}.md": "\n".join([_NOTICE, "", *lines]).rstrip() + "\n" for name, lines in pages.items()}


# -- settings ---------------------------------------------------------------------------------------------------------


def _settings() -> list[str]:
    rows = [
        (
            code(item.name),
            code(ENVIRONMENT_PREFIX + item.name.upper()),
            code(item.default) or "empty",
            item.metadata["meaning"],
        )
        for item in fields(Settings)
    ]
    return [
        "# Settings",
        "",
        f"Settings stand in `{FILE_NAME}` in the folder of the node; an environment variable goes before it. The",
        "folder itself is named by `--folder` or its variable. An unknown setting, or a value that cannot be used,",
        "stops every command with exit 2; all faults are named at once.",
        "",
        *table(("setting", "environment", "default", "meaning"), rows),
    ]


# -- errors -----------------------------------------------------------------------------------------------------------


def list_errors() -> list[type[EendrachtError]]:
    """Give every error class of the package, in order of code."""
    for module in pkgutil.walk_packages(eendracht.__path__, "eendracht."):
        if "migrations" not in module.name:
            importlib.import_module(module.name)
    return sorted(_subclasses(EendrachtError), key=lambda error: (error.code, error.__name__))


def _subclasses(error: type[EendrachtError]) -> Iterator[type[EendrachtError]]:
    yield error
    for inner in error.__subclasses__():
        if inner.__module__.startswith("eendracht."):
            yield from _subclasses(inner)


def _errors() -> list[str]:
    rows = [
        (code(e.code), str(e.status), str(e.exit_code), e.title_en, e.title_nl, first_line(e), e.default_hint)
        for e in list_errors()
    ]
    return [
        "# Errors",
        "",
        "Every error has a stable code. The API answers with `application/problem+json` and the status; a command",
        "prints title, faults and hint on standard error, and ends with the exit code:",
        "1 failed, 2 put wrongly, 3 denied.",
        "",
        *table(("code", "status", "exit", "title", "title in Dutch", "when", "next step"), rows),
    ]


# -- commands ---------------------------------------------------------------------------------------------------------


def walk_commands(command: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield the path and the command of every command that does something, those of the wings last."""
    if command is None:
        yield from walk_commands(typer.main.get_command(app))
        for wing in WINGS:
            for name, (_, load) in wing.command_groups.items():
                yield from walk_commands(typer.main.get_command(load()), (name,))
        return
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
    else:
        for name, one in inner.items():
            yield from walk_commands(one, (*path, name))


def _commands() -> list[str]:
    root = typer.main.get_command(app)
    lines = ["# Commands", "", "`eendracht [OPTIONS] COMMAND`, where the options are:", "", *_parameters(root), ""]
    lines += [
        "Exit codes: 0 done, 1 failed, 2 put wrongly, 3 denied. Every command takes `--json`; what is wrong goes to",
        "standard error.",
    ]
    for path, command in walk_commands():
        lines += ["", f"## eendracht {' '.join(path)}", "", inspect.cleandoc(command.help or "")]
        arguments = [_argument(p) for p in command.params if isinstance(p, click.Argument) or _is_argument(p)]
        lines += ["", f"`eendracht {' '.join([*path, '[OPTIONS]', *arguments])}`", "", *_parameters(command)]
    return lines


def _is_argument(parameter: click.Parameter) -> bool:
    return parameter.param_type_name == "argument"


def _argument(parameter: click.Parameter) -> str:
    name = str(parameter.name).upper()
    return name if parameter.required else f"[{name}]"


def _parameters(command: Any) -> list[str]:
    rows = []
    for parameter in command.params:
        name = _argument(parameter) if _is_argument(parameter) else ", ".join(parameter.opts)
        # What stands between square brackets is no link.
        meaning = (getattr(parameter, "help", None) or "").replace("[", "\\[")
        default = parameter.default
        shown = "" if callable(default) or default in (None, "", False) else code(getattr(default, "value", default))
        rows.append((code(name), meaning, "required" if parameter.required else shown))
    return table(("parameter", "meaning", "default"), rows)


# -- kinds ------------------------------------------------------------------------------------------------------------


def _kinds() -> list[str]:
    kinds = sorted(shared_kinds(), key=lambda kind: kind.name)
    lines = [
        "# Kinds of records",
        "",
        "The shared kinds, which every wing may refer to. A ref is `kind:authority/name`; a field with * is required.",
        "A relation says what the holder needs of its",
        "target: *needed to run* (it stops with it), *needed to start*, or *reference only*. Members of a requirement",
        "group take the phase of their group.",
        "",
        ", ".join(f"[{kind.name}](#{kind.name})" for kind in kinds) + ".",
    ]
    for kind in kinds:
        lines += ["", f"## {kind.name}", "", f"{first_line(kind.model)} Version {kind.version}.", ""]
        lines += [f"For programs: [JSON Schema](schemas/{kind.name}.json).", ""]
        lines += table(("field", "type", "meaning"), list(_fields(kind)))
    return lines


def _fields(kind: Kind) -> Iterator[tuple[str, str, str]]:
    schema = kind.json_schema()
    definitions = schema.get("$defs", {})
    relations = {path.field: path.relation for path in kind.relations}
    required = set(schema.get("required", ()))
    yield from _properties(schema, definitions, relations, required, "")


def _properties(
    schema: dict[str, Any], definitions: dict[str, Any], relations: dict[str, Any], required: set[str], prefix: str
) -> Iterator[tuple[str, str, str]]:
    for name, shape in schema["properties"].items():
        field = prefix + name
        relation = relations.get(field)
        meaning = shape.get("description", "")
        if relation is not None:
            targets = ", ".join(relation.targets) or "anything"
            phase = "" if "requirementGroups" in field else f" ({_PHASES[relation.phase]})"
            meaning = f"{meaning} → {targets}{phase}".strip()
        star = " *" if name in required else ""
        yield code(field) + star, _type(shape, definitions, relation is not None), meaning
        inner = _find_part(shape)
        if inner:
            part = definitions[inner]
            yield from _properties(part, definitions, relations, set(part.get("required", ())), field + ".")


def _find_part(shape: dict[str, Any]) -> str:
    for option in (shape, *shape.get("anyOf", ())):
        target = option.get("$ref") or option.get("items", {}).get("$ref")
        if target:
            return str(target.rpartition("/")[2])
    return ""


def _type(shape: dict[str, Any], definitions: dict[str, Any], is_ref: bool) -> str:
    options = [option for option in shape.get("anyOf", [shape]) if option.get("type") != "null"]
    first = options[0]
    if first.get("type") == "array":
        return f"list of {_type(first['items'], definitions, is_ref)}"
    if "$ref" in first:
        return "object"
    if "enum" in first:
        return " ".join(code(value) for value in first["enum"])
    if is_ref:
        return "ref"
    kinds = {option.get("type", "") for option in [*options, *(o for x in options for o in x.get("anyOf", ()))]}
    if "number" in kinds:
        return "decimal"
    return {"date": "date", "": str(first.get("type", "text"))}.get(first.get("format", ""), "text").replace(
        "string", "text"
    )


def main() -> None:
    """Write every page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in render_pages().items():
        (FOLDER / name).write_text(text, "utf-8")
        print(f"{FOLDER.relative_to(FOLDER.parents[1]) / name}: {len(text.splitlines())} lines")


if __name__ == "__main__":
    main()
