"""Law files for tests, written as YAML; `# here` marks the line at which a fault is expected."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent, indent

import pytest

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.rules.library import Library

MARK = "# here"
CORPUS = Path(__file__).parents[4] / "shared" / "reference" / "services" / "regelrecht" / "corpus"
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the given law files are not here")


def law(articles: str, identity: str = "test_law", /, **head: str) -> str:
    """Give a law file with these articles; `head` is what stands above them."""
    top = {"$id": identity, "regulatory_layer": "WET", "valid_from": "2020-01-01"} | head
    lines = ["$schema: https://example.org/schema/v0.8.0/schema.json", *(f"{key}: '{top[key]}'" for key in top)]
    return "\n".join([*lines, "articles:", indent(dedent(articles).strip("\n"), "  "), ""])


def article(body: str, number: str = "1") -> str:
    """Give one article with this `machine_readable` part."""
    head = f"- number: '{number}'\n  text: ''\n  machine_readable:\n"
    return head + indent(dedent(body).strip("\n"), "    ") + "\n"


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write law files, `.yaml` added to each name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


def errors_of(folder: Path, files: Mapping[str, str | bytes]) -> list[Fault]:
    """Give the faults for which a library of these files is refused."""
    with pytest.raises(InvalidInput) as caught:
        Library.load([write(folder, files)])
    return list(caught.value.faults)


def place_of_mark(files: Mapping[str, str | bytes]) -> str:
    """Give file and line of the mark."""
    for name, text in files.items():
        lines = (text if isinstance(text, str) else text.decode()).splitlines()
        for at, line in enumerate(lines, 1):
            if MARK in line:
                return f"{name}.yaml:{at}"
    raise AssertionError("no line is marked")
