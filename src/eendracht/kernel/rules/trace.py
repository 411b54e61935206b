"""What an evaluation did, step by step: a tree, in the shape of the execution trace schema v1 (RFC-039) and as text."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.values import to_plain

NodeType = Literal[
    "resolve",
    "operation",
    "action",
    "requirement",
    "cross_law_reference",
    "article",
    "cached",
    "open_term_resolution",
    "hook_resolution",
    "override_resolution",
]
ResolveKind = Literal[
    "",
    "URI",
    "PARAMETER",
    "DEFINITION",
    "OUTPUT",
    "INPUT",
    "LOCAL",
    "CONTEXT",
    "RESOLVED_INPUT",
    "DATA_SOURCE",
    "OPEN_TERM",
    "OPEN_TERM_SILENT",
    "HOOK",
    "OVERRIDE",
]

_UNITS_OF_TRACE = frozenset(("euro", "eurocent", "ratio", "percentage", "years", "weeks", "months", "days"))


@dataclass(slots=True)
class Node:
    """One step: what was resolved, computed or fired, with its result and the steps below it."""

    type: NodeType
    name: str
    result: Any = None
    kind: ResolveKind = ""
    message: str = ""
    provider: str = ""
    law: ir.Regulation | None = None
    article: ir.Article | None = None
    field: ir.Field | None = None
    place: ir.Place | None = None
    basis: ir.LegalBasis | None = None
    children: list[Node] = dataclasses.field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """Yield this step and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def as_dict(self, node_id: str = "n") -> dict[str, Any]:
        """Give the step and all below it in the shape of trace schema v1; ids count the children from 1."""
        found: dict[str, Any] = {"node_type": self.type, "name": self.name, "node_id": node_id}
        found["result"] = to_plain(self.result)
        if self.kind:
            found["resolve_type"] = self.kind
            found["source"] = {"kind": self.kind, **({"provider": self.provider} if self.provider else {})}
        if self.message:
            found["message"] = self.message
        if anchor := self._anchor():
            found["anchor"] = anchor
        if self.basis and (basis := _basis(self.basis)):
            found["legal_basis"] = basis
        if self.place and self.place.path:
            found["yaml_path"] = self.place.path
        if self.law is not None:
            article = f"/{self.article.number}" if self.article else ""
            found["uri"] = f"regelrecht://{self.law.id}{article}#{self.name.rpartition('#')[2]}"
        if self.field is not None and self.field.unit in _UNITS_OF_TRACE:
            spec: dict[str, Any] = {"unit": self.field.unit}
            if self.field.precision is not None:
                spec["precision"] = int(self.field.precision)
            found["type_spec"] = spec
        if self.children:
            found["children"] = [
                child.as_dict(f"{node_id}{'' if node_id == 'n' else '.'}{at}")
                for at, child in enumerate(self.children, start=1)
            ]
        return found

    def _anchor(self) -> dict[str, str]:
        if self.law is None:
            return {}
        found = {"law_id": self.law.id, "law": self.law.name}
        if self.law.bwb_id:
            found["bwb_id"] = self.law.bwb_id
        if self.law.valid_from:
            found["valid_from"] = self.law.valid_from.isoformat()
        if self.article is not None:
            found["article"] = self.article.number
            if self.article.url:
                found["url"] = self.article.url
        return found


def trace_document(root: Node) -> dict[str, Any]:
    """Give a whole trace as trace schema v1 has it."""
    return {"trace_version": 1, "root": root.as_dict()}


def render_trace(root: Node) -> str:
    """Print a trace as a tree of lines, each with what it is and what it gave."""
    lines = [_line(root)]
    _render(root.children, "", lines)
    return "\n".join(lines)


def _render(nodes: list[Node], indent: str, lines: list[str]) -> None:
    for at, node in enumerate(nodes):
        is_last = at == len(nodes) - 1
        lines.append(f"{indent}{'└──' if is_last else '├──'}{_line(node)}")
        _render(node.children, indent + ("    " if is_last else "│   "), lines)


def _line(node: Node) -> str:
    if node.message:
        return node.message
    value = render_value(node.result)
    if node.type == "resolve":
        return f"Resolving from {node.kind}: ${node.name.upper()} = {value}"
    if node.type == "operation":
        return f"Compute {node.name}(...) = {value}"
    if node.type == "action":
        return f"Computing {node.name} = {value}"
    if node.type == "cross_law_reference":
        return f"Reference: {node.name} = {value}"
    if node.type == "cached":
        return f"Cached: {node.name}: {value}"
    if node.type == "requirement":
        return f"Requirements: {value}"
    return f"{node.name} = {value}" if node.result is not None else node.name


def render_value(value: Any) -> str:
    """Print a value for a person who reads a trace."""
    plain = to_plain(value)
    return f"'{plain}'" if isinstance(value, str) else str(plain)


def _basis(basis: ir.LegalBasis) -> dict[str, str]:
    return {name: value for name in ir.LegalBasis.__dataclass_fields__ if (value := getattr(basis, name))}
