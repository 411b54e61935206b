"""The adoption file: one page to print, and the facts behind it as data, written from a node's real configuration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import orjson
from jinja2 import DictLoader, PackageLoader
from markupsafe import Markup

from eendracht.kernel.adoption import Facts, read_facts
from eendracht.kernel.backup.archive import refuse_existing, staging
from eendracht.kernel.errors import StorageFailure
from eendracht.kernel.flows import NODE, Flow, Protection
from eendracht.kernel.instance import Instance
from eendracht.kernel.private import make_private_folder
from eendracht.kit.charts import Box, Line, draw_layers
from eendracht.kit.i18n import LANGUAGES, Language, words_of
from eendracht.kit.priorities import name_priority
from eendracht.kit.templating import Templates

PAGE: Final[Mapping[Language, str]] = {"nl": "adoptiedossier.html", "en": "adoption-file.html"}
FACTS: Final = "facts.json"
_RISING: Final[tuple[Protection, ...]] = ("local", "encrypted", "outside", "open")
"""Protections from the surest to the weakest."""


def render_adoption_file(facts: Facts, language: Language) -> str:
    """Give the page in a language: it loads nothing, and can be printed."""
    words = {language: words_of(language) for language in LANGUAGES}

    def draw(title: str, about: str, how: Mapping[str, str]) -> Markup:
        return _draw_flows(facts.flows, language, title, about, how)

    templates = Templates(
        DictLoader({}),
        words,
        lambda lang: {"name_priority": lambda code: name_priority(code, words[lang]), "draw": draw},
        {"adoption": PackageLoader("eendracht.kit", "adoption")},
    )
    return templates.render(language, f"adoption/{language}.html", facts=facts)


def write_adoption_file(instance: Instance, target: Path, language: Language) -> Facts:
    """Write the page and its facts into a new folder that only its owner may enter, whole or not at all.

    Raises Conflict where the folder exists, StorageFailure.
    """
    refuse_existing(target)
    facts = read_facts(instance)
    page = render_adoption_file(facts, language)
    with staging(target, "adoption") as stage:
        folder = stage / "file"
        make_private_folder(folder)
        try:
            (folder / PAGE[language]).write_text(page, "utf-8")
            (folder / FACTS).write_bytes(orjson.dumps(facts.as_dict(), option=orjson.OPT_INDENT_2))
            folder.rename(target)
        except OSError as error:
            raise StorageFailure(f"{target}: {error.strerror}; nothing was written") from error
    return facts


def _draw_flows(flows: tuple[Flow, ...], language: Language, title: str, about: str, how: Mapping[str, str]) -> Markup:
    """Draw what the node is set to do, or may do; a box tells the weakest protection of its flows."""
    drawn = [flow for flow in flows if flow.use != "unset"]
    ends = {end.code: end for flow in drawn for end in (flow.source, flow.target)}
    weakest = {
        code: max(
            (flow.protection for flow in drawn if code in (flow.source.code, flow.target.code)), key=_RISING.index
        )
        for code in ends
    }
    boxes = [
        Box(code, end.name[language], "" if end == NODE else how[weakest[code]], is_here=end == NODE)
        for code, end in ends.items()
    ]
    lines = dict.fromkeys((flow.source.code, flow.target.code) for flow in drawn)
    return draw_layers("flows", title, about, boxes, [Line(*line) for line in lines])
