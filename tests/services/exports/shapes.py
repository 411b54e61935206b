"""The SHACL shapes of a profile held against a graph, by two validators that know nothing of each other."""

from __future__ import annotations

from pathlib import Path

import pyshacl
import rdflib
import shacl


def find_violations(graph: bytes, shapes: Path, syntax: str = "turtle") -> list[str]:
    """Give what a graph breaks, as the fast validator finds it."""
    report = shacl.Shapes.from_file(str(shapes)).validate_text(graph.decode(), format=syntax)
    return [f"{item.focus_node} {item.path} {item.component} {item.value}" for item in report.results]


def conforms_to_oracle(graph: bytes, shapes: Path, syntax: str = "turtle") -> bool:
    """Tell whether pySHACL finds nothing either."""
    data = rdflib.Graph().parse(data=graph, format=syntax)
    conforms, _, _ = pyshacl.validate(data, shacl_graph=rdflib.Graph().parse(shapes))
    return bool(conforms)
